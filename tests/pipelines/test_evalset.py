"""`mine evalset retrieval` and `mining` as their users run them: sets, files, checks, mistakes."""

from __future__ import annotations

import json
import random
from pathlib import Path

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from rapidfuzz.distance import Levenshtein
from rapidfuzz.process import cdist

from bitseam.mining.encoders import load_encoder
from bitseam.schemas import tables

GOLD = Path(__file__).resolve().parents[2] / "examples" / "lb-de" / "gold.tsv"
SPLITS = ("dev", "test")
SIDES = (("source", 1), ("target", 2))


@pytest.fixture
def run(mine_here):
    return mine_here


@pytest.fixture(scope="module")
def mined(mine, example_arguments, tmp_path_factory) -> Path:
    """The example corpus, mined: pairs with margins, documents and their sentences."""
    folder = tmp_path_factory.mktemp("mined") / "lb-de"
    done = mine(*example_arguments, "--output", folder, "-q")
    assert done.returncode == 0, done.stderr
    return folder


NOUNS = ("Haus", "Wald", "Brunnen", "Garten", "Turm", "Markt", "Hafen", "Keller", "Acker")
VERBS = ("steht", "wartet", "leuchtet", "wächst", "verschwindet", "brennt", "erwacht")
PLACES = ("am Fluss", "hinter der Mauer", "im Nebel", "vor dem Tor", "bei den Felsen")
WHEN = ("seit gestern", "im Winter", "jeden Abend", "ohne Grund", "nach dem Regen")


def sentences(count: int, seed: int) -> list[str]:
    """Different sentences, no two of them near: each has two names of its own."""
    chance = random.Random(seed)

    def name() -> str:
        return "".join(chance.choices("abdefghiklmnoprstuvw", k=14)).title()

    return [
        f"{name()}: {chance.choice(WHEN)} {chance.choice(VERBS)} {chance.choice(PLACES)} "
        f"{chance.choice(NOUNS)} {name()}."
        for _ in range(count)
    ]


@pytest.fixture
def bitext(tmp_path) -> Path:
    """Sixty pairs of twelve documents a side; document i of one is that of the other."""
    rows = zip(sentences(60, 1), sentences(60, 2), strict=True)
    lines = [f"{a}\t{b}\tlb{i % 12}\tde{i % 12}\t{1 + i / 100}" for i, (a, b) in enumerate(rows)]
    path = tmp_path / "aligned.tsv"
    header = "src_text\ttgt_text\tsrc_doc\ttgt_doc\tmargin"
    path.write_text("\n".join([header, *lines]) + "\n", "utf-8")
    return path


LANGUAGES = ("--src", "lb", "--tgt", "de")


@pytest.fixture
def monolingual(tmp_path) -> tuple[object, ...]:
    for code, seed in (("lb", 3), ("de", 4)):
        (tmp_path / f"mono.{code}").write_text("\n".join(sentences(900, seed)) + "\n", "utf-8")
    return ("--src-mono", tmp_path / "mono.lb", "--tgt-mono", tmp_path / "mono.de")


def bytes_of(folder: Path) -> dict[str, bytes]:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


def rows_of(folder: Path, table: str) -> pl.DataFrame:
    parts = [(split, folder / table / f"{split}.parquet") for split in SPLITS]
    return pl.concat(
        pl.read_parquet(path).with_columns(split=pl.lit(split))
        for split, path in parts
        if path.exists()
    )


def rejects_of(folder: Path) -> dict[str, list[str]]:
    rows = pl.read_parquet(folder / "rejects.parquet")
    return {reason: its["text"].to_list() for (reason,), its in rows.group_by("reason")}


# ------------------------------------------------------------------------------------ a mining set


@pytest.mark.parametrize(("share", "sentences_a_split"), [(0.07, 429), (0.5, 60), (1, 30)])
def test_gold_is_hidden_in_the_share_asked_for(
    run, bitext, monolingual, tmp_path, share, sentences_a_split
) -> None:
    output = tmp_path / "set"
    done = run(
        *("evalset", "mining", bitext, *LANGUAGES, *monolingual),
        *("--gold-share", share, "--output", output),
    )
    assert done.code == 0, done.err
    assert f"dev: 30 pairs among {sentences_a_split} src and {sentences_a_split} tgt" in done.out
    gold = rows_of(output, "gold")
    assert gold["split"].to_list().count("test") == 30
    for side, number in SIDES:
        rows = rows_of(output, side)
        assert len(rows) == 2 * sentences_a_split
        assert rows["text"].is_unique().all()
        named = rows.filter(origin="gold").select("split", "id", "text").sort("text")
        ids = gold.select("split", id=("src_id", "tgt_id")[number - 1], text=f"sentence{number}")
        assert named.equals(ids.sort("text"))


def test_all_forms_hold_the_same_and_the_order_tells_nothing(
    run, bitext, monolingual, tmp_path
) -> None:
    output = tmp_path / "set"
    assert run("evalset", "mining", bitext, *LANGUAGES, *monolingual, "--output", output).code == 0
    for split in SPLITS:
        (row,) = pl.read_parquet(output / "mteb" / f"{split}.parquet").to_dicts()
        pairs = pl.read_parquet(output / "gold" / f"{split}.parquet")
        ids = []
        for code, (side, number) in zip(("lb", "de"), SIDES, strict=True):
            rows = pl.read_parquet(output / side / f"{split}.parquet")
            lines = (output / f"lb-de.{split}.{code}").read_text("utf-8").splitlines()
            assert [tuple(line.split("\t")) for line in lines] == rows.select("id", "text").rows()
            assert row[f"sentence{number}"] == rows["text"].to_list()
            assert rows["id"].is_sorted()
            places = [i for i, its in enumerate(rows["origin"]) if its == "gold"]
            assert places != [*range(30)]
            assert 0.3 < sum(places) / len(places) / len(rows) < 0.7
            ids.append(dict(zip(rows["id"], rows["text"], strict=True)))
        gold = (output / f"lb-de.{split}.gold").read_text("utf-8").split()
        assert [*zip(gold[::2], gold[1::2], strict=True)] == pairs.select("src_id", "tgt_id").rows()
        texts = [(ids[0][a], ids[1][b]) for a, b in pairs.select("src_id", "tgt_id").rows()]
        assert texts == pairs.select("sentence1", "sentence2").rows()
        numbered = [(row["sentence1"][a - 1], row["sentence2"][b - 1]) for a, b in row["gold"]]
        assert numbered == texts
    for name, schema in (("source", tables.EVALSET_SENTENCES), ("gold", tables.EVALSET_PAIRS)):
        found = pl.read_parquet_metadata(output / name / "test.parquet")
        assert found["bitseam.table"] == schema.metadata[b"bitseam.table"].decode()


@pytest.fixture
def mined_set(run, mined, tmp_path) -> Path:
    output = tmp_path / "mined-set"
    done = run("evalset", "mining", mined, "--gold-share", 0.5, "--output", output)
    assert done.code == 0, done.err
    return output


def test_no_document_is_in_two_splits(mined_set) -> None:
    documents = {
        split: {
            doc
            for side, _ in SIDES
            for doc in rows_of(mined_set, side).filter(split=split)["doc_id"].drop_nulls()
        }
        for split in SPLITS
    }
    assert all(len(found) > 3 for found in documents.values())
    assert not documents["dev"] & documents["test"]


def test_hard_distractors_are_of_the_documents_of_gold(mined_set) -> None:
    for side, _ in SIDES:
        rows = rows_of(mined_set, side)
        for split in SPLITS:
            here = rows.filter(split=split)
            with_gold = {*here.filter(origin="gold")["doc_id"]}
            hard, elsewhere = (here.filter(origin=its) for its in ("document", "elsewhere"))
            assert len(hard) > 5
            assert {*hard["doc_id"]} <= with_gold
            assert not {*elsewhere["doc_id"]} & with_gold


def test_the_example_can_be_mined_and_dev_chooses_the_threshold(run, mined_set) -> None:
    sets = (mined_set / "lb-de.test", "--dev", mined_set / "lb-de.dev")
    done = run("evaluate", "mining", *sets, "--output", mined_set / "figures")
    assert done.code == 0, done.err
    figures = json.loads((mined_set / "figures" / "figures.json").read_text("utf-8"))["figures"]
    values = {figure["metric"]: figure["value"] for figure in figures}
    assert values["recall"] > 0.9
    assert values["precision"] > 0.9
    assert "best on lb-de.dev" in done.out


def near_copies(texts: list[str]) -> list[str]:
    """Three kinds that must not be distractors: misprinted, in other case, in another order."""
    misprinted = [text[:20] + "xy" + text[22:] for text in texts[:5]]
    shouted = [text.upper().replace(":", ";") for text in texts[5:10]]
    exchanged = [" ".join([*text.split()[4:], *text.split()[:4]]) for text in texts[10:15]]
    return misprinted + shouted + exchanged


def test_no_distractor_is_nearly_gold(run, bitext, monolingual, tmp_path) -> None:
    gold = {code: sentences(60, seed) for code, seed in (("lb", 1), ("de", 2))}
    for code, texts in gold.items():
        with (tmp_path / f"mono.{code}").open("a", encoding="utf-8") as file:
            file.writelines(f"{line}\n" for line in near_copies(texts))
    output = tmp_path / "set"
    done = run(
        *("evalset", "mining", bitext, *LANGUAGES, *monolingual, "--output", output),
        *("--dev-share", 0, "--gold-share", 60 / 960),
    )
    assert done.code == 0, done.err
    for side, _ in SIDES:
        rows = pl.read_parquet(output / side / "test.parquet")
        assert len(rows) == 960  # all that are left were needed
        others = rows.filter(pl.col("origin") != "gold")["text"].str.to_lowercase().to_list()
        mine = rows.filter(origin="gold")["text"].str.to_lowercase().to_list()
        similar = cdist(others, mine, scorer=Levenshtein.normalized_similarity)
        assert similar.max() < 0.85
        encoder = load_encoder("static")
        assert (encoder.encode(others) @ encoder.encode(mine).T).max() < 0.85
    dropped = pl.read_parquet(output / "rejects.parquet").filter(what="sentence")
    assert {*dropped["text"]} == {
        copy for texts in gold.values() for copy in near_copies(texts)[:5] + near_copies(texts)[10:]
    }
    assert dropped["detail"].str.contains(r"^(edit similarity|cosine) [01]\.\d+ to gold: ").all()
    assert dropped["detail"].str.starts_with("cosine").sum() == 10


def test_no_distractor_is_a_copy_of_one_on_the_other_side(run, bitext, tmp_path) -> None:
    shared = sentences(100, 11)
    for code, seed in (("lb", 3), ("de", 4)):
        lines = [*shared, *sentences(200, seed)]
        (tmp_path / f"mono.{code}").write_text("\n".join(lines) + "\n", "utf-8")
    mono = ("--src-mono", tmp_path / "mono.lb", "--tgt-mono", tmp_path / "mono.de")
    output = tmp_path / "set"
    options = (*LANGUAGES, *mono, "--gold-share", 0.3, "--dev-share", 0, "--output", output)
    assert run("evalset", "mining", bitext, *options).code == 0
    source, target = (rows_of(output, side)["text"] for side, _ in SIDES)
    assert source.is_in(shared).sum() > 10
    assert not target.is_in(shared).any()
    manifest = json.loads((output / "manifest.json").read_text("utf-8"))
    assert manifest["candidates"]["tgt"]["copies of the other side"] == 100


def test_of_a_pair_that_was_not_drawn_one_sentence_may_be_a_distractor(run, bitext, tmp_path):
    output = tmp_path / "set"
    options = ("--pairs", 10, "--gold-share", 0.5, "--dev-share", 0, "--output", output)
    done = run("evalset", "mining", bitext, *LANGUAGES, *options)
    assert done.code == 0, done.err
    source, target = (rows_of(output, side).filter(pl.col("origin") != "gold") for side, _ in SIDES)
    pairs = dict(zip(sentences(60, 1), sentences(60, 2), strict=True))
    assert {*source["text"]} <= {*pairs}
    assert not {pairs[text] for text in source["text"]} & {*target["text"]}
    assert {*source["origin"]} == {*target["origin"]} == {"document", "elsewhere"}


def test_no_distractor_is_a_translation_of_what_is_nearly_gold(run, tmp_path) -> None:
    src, tgt = sentences(40, 1), sentences(80, 2)
    src += [text.replace(".", "x.") for text in src]  # with translations of their own
    rows = zip(src, tgt, [2] * 40 + [1] * 40, strict=True)
    lines = "".join(f"{a}\t{b}\t{margin}\n" for a, b, margin in rows)
    (tmp_path / "pairs.tsv").write_text("src_text\ttgt_text\tmargin\n" + lines, "utf-8")
    output = tmp_path / "set"
    options = (*LANGUAGES, "--pairs", 10, "--gold-share", 0.5, "--dev-share", 0, "--output", output)
    done = run("evalset", "mining", tmp_path / "pairs.tsv", *options)
    assert done.code == 0, done.err
    source_of = dict(zip(tgt, src, strict=True))
    rows = rows_of(output, "target")
    gold = {source_of[text][:30] for text in rows.filter(origin="gold")["text"]}
    others = {source_of[text][:30] for text in rows.filter(pl.col("origin") != "gold")["text"]}
    assert len(gold) == 10
    assert len(others) > 5
    assert not gold & others


def test_distractors_are_split_as_gold_is(run, tmp_path) -> None:
    rows = zip(sentences(40, 1), sentences(40, 2), strict=True)
    lines = "".join(f"{a}\t{b}\t{'ab'[i >= 30]}\n" for i, (a, b) in enumerate(rows))
    (tmp_path / "pairs.tsv").write_text("lb\tde\tarticle\n" + lines, "utf-8")
    for code, seed in (("lb", 3), ("de", 4)):
        (tmp_path / f"mono.{code}").write_text("\n".join(sentences(250, seed)), "utf-8")
    mono = ("--src-mono", tmp_path / "mono.lb", "--tgt-mono", tmp_path / "mono.de")
    options = ("--documents", "article", "--gold-share", 0.16, "--output", tmp_path / "set")
    done = run("evalset", "mining", tmp_path / "pairs.tsv", *mono, *options)
    assert done.code == 0, done.err
    assert "dev: 30 pairs among 188 src" in done.out


def test_monolingual_text_that_is_not_there_is_told(run, bitext, mined, tmp_path) -> None:
    for path, message in (
        (tmp_path / "nothing.txt", "no such file"),
        (tmp_path, "is a folder without a table of sentences"),
    ):
        options = ("--src-mono", path, "--output", tmp_path / "set")
        done = run("evalset", "mining", bitext, *LANGUAGES, *options)
        assert done.code == 2
        assert message in done.err


def test_a_damaged_table_of_sentences_is_told(run, bitext, tmp_path) -> None:
    (tmp_path / "run" / "sentences").mkdir(parents=True)
    part = tmp_path / "run" / "sentences" / "0.parquet"
    for spoil in (
        lambda: part.write_bytes(b"xx"),
        lambda: pl.DataFrame({"x": 1}).write_parquet(part),
    ):
        spoil()
        options = ("--src-mono", tmp_path / "run", "--output", tmp_path / "set")
        done = run("evalset", "mining", bitext, *LANGUAGES, *options)
        assert done.code == 1
        assert "run/sentences cannot be read: " in done.err


def test_a_mined_folder_gives_monolingual_text(run, bitext, mined, tmp_path) -> None:
    mono = ("--src-mono", mined, "--tgt-mono", mined)
    output = tmp_path / "set"
    options = (*LANGUAGES, *mono, "--gold-share", 0.4, "--dev-share", 0.2, "--output", output)
    done = run("evalset", "mining", bitext, *options)
    assert done.code == 0, done.err
    rows = rows_of(output, "source").filter(pl.col("origin") == "elsewhere")
    assert rows["doc_id"].str.starts_with("lbwiki.xml#").all()


def test_too_few_distractors_are_an_error_that_says_what_is_possible(
    run, bitext, monolingual, tmp_path
) -> None:
    arguments = (
        "evalset",
        "mining",
        bitext,
        *LANGUAGES,
        *monolingual,
        "--output",
        tmp_path / "set",
    )
    done = run(*arguments, "--gold-share", 0.01)
    assert done.code == 2
    assert "too few distractors for a gold share of 0.01: the " in done.err
    assert "needs 2,970 beside 30 gold sentences, found 4" in done.err
    assert not (tmp_path / "set").exists()
    advice = done.err.split()[-1]
    assert 0.06 < float(advice) < 0.07
    assert run(*arguments, "--gold-share", advice).code == 0


def test_sentences_that_are_aligned_with_nothing_are_hard_distractors(run, tmp_path) -> None:
    rows = [*zip(sentences(20, 1), sentences(20, 2), strict=True)]
    rows += [(text, "") for text in sentences(20, 3)] + [("", text) for text in sentences(20, 4)]
    lines = [f"{a}\t{b}\tlb{i % 4}\tde{i % 4}" for i, (a, b) in enumerate(rows)]
    path = tmp_path / "beads.tsv"
    path.write_text("\n".join(["src_text\ttgt_text\tsrc_doc\ttgt_doc", *lines]) + "\n", "utf-8")
    output = tmp_path / "set"
    done = run("evalset", "mining", path, *LANGUAGES, "--gold-share", 0.5, "--output", output)
    assert done.code == 0, done.err
    for side, _ in SIDES:
        assert rows_of(output, side)["origin"].value_counts().sort("origin").rows() == [
            ("document", 20),
            ("gold", 20),
        ]


# --------------------------------------------------------------------------------- a retrieval set


def test_aligned_lists_have_no_sentence_twice(run, tmp_path) -> None:
    src, tgt = sentences(30, 1), sentences(30, 2)
    src[7], tgt[9], src[11] = src[3].upper(), tgt[4].replace(".", "!"), tgt[11]
    path = tmp_path / "pairs.tsv"
    rows = zip(src, tgt, strict=True)
    path.write_text("lb\tde\n" + "".join(f"{a}\t{b}\n" for a, b in rows), "utf-8")
    output = tmp_path / "set"
    assert run("evalset", "retrieval", path, "--output", output).code == 0
    lists = {
        name: [
            line
            for split in SPLITS
            for line in (output / split / f"{name}.txt").read_text("utf-8").splitlines()
        ]
        for name in ("ltz_Latn", "deu_Latn")
    }
    assert len(lists["ltz_Latn"]) == 27
    pairs = [*zip(*lists.values(), strict=True)]
    assert {*pairs} <= {*zip(src, tgt, strict=True)}
    for side in lists.values():
        assert len({"".join(filter(str.isalnum, text.lower())) for text in side}) == 27
    dropped = rejects_of(output)
    assert dropped["copy_of_source"] == [f"{src[11]}\t{tgt[11]}"]
    assert len(dropped["near_duplicate"]) == 2
    assert pairs == rows_of(output, "data").select("sentence1", "sentence2").rows()


def test_retrieval_is_measured_on_it(run, mined, tmp_path) -> None:
    output = tmp_path / "set"
    done = run("evalset", "retrieval", mined, "--pairs", 40, "--output", output)
    assert done.code == 0, done.err
    done = run("evaluate", "retrieval", output / "test", "--output", tmp_path / "figures")
    assert done.code == 0, done.err
    figures = json.loads((tmp_path / "figures" / "figures.json").read_text("utf-8"))["figures"]
    accuracy = [its["value"] for its in figures if its["metric"] == "accuracy"]
    assert len(accuracy) == 3
    assert min(accuracy) > 0.9


# --------------------------------------------------------------------------------- what they share


@pytest.mark.parametrize("extension", ["parquet", "tsv", "tmx"])
def test_what_align_writes_is_a_bitext(run, tmp_path, extension) -> None:
    rows = [line.split("\t")[:2] for line in GOLD.read_text("utf-8").splitlines()[1:31]]
    for code, side in zip(("lb", "de"), zip(*rows, strict=True), strict=True):
        (tmp_path / f"text.{code}").write_text("\n".join(side) + "\n", "utf-8")
    beads = tmp_path / f"beads.{extension}"
    texts = (tmp_path / "text.lb", tmp_path / "text.de")
    assert run("align", *texts, *LANGUAGES, "--sentences", "--output", beads).code == 0
    languages = () if extension == "tmx" else LANGUAGES
    output = tmp_path / "set"
    one_split = ("--dev-share", 0, "--output", output)
    done = run("evalset", "retrieval", beads, *languages, *one_split)
    assert done.code == 0, done.err
    found = rows_of(output, "data")
    assert {*found.select("sentence1", "sentence2").rows()} == {*map(tuple, rows)}
    assert {*found["src_doc"]} == {"text.lb"}


@pytest.mark.parametrize("kind", ["retrieval", "mining"])
def test_the_same_bytes_whatever_the_order_of_the_input(
    run, bitext, monolingual, tmp_path, kind
) -> None:
    more = monolingual if kind == "mining" else ()

    def build(name: str) -> dict[str, bytes]:
        output = tmp_path / name / "set"
        done = run("evalset", kind, bitext, *LANGUAGES, *more, "--output", output)
        assert done.code == 0, done.err
        return bytes_of(output)

    first = build("a")
    assert build("b") == first
    for path in (bitext, tmp_path / "mono.lb", tmp_path / "mono.de"):
        head, *rows = path.read_text("utf-8").splitlines()
        random.Random(9).shuffle(rows)
        path.write_text("\n".join([head, *rows]) + "\n", "utf-8")
    assert build("c") == first


@pytest.mark.parametrize("extension", ["jsonl", "parquet"])
def test_scores_and_documents_are_read_in_every_form(run, bitext, tmp_path, extension) -> None:
    table = pl.read_csv(bitext, separator="\t", quote_char=None)
    path = tmp_path / f"pairs.{extension}"
    getattr(table, "write_ndjson" if extension == "jsonl" else "write_parquet")(path)
    rows = []
    for data, name in ((bitext, "a"), (path, "b")):
        options = ("--min-margin", 1.2, "--output", tmp_path / name)
        assert run("evalset", "retrieval", data, *LANGUAGES, *options).code == 0
        rows.append(rows_of(tmp_path / name, "data"))
    assert rows[0].equals(rows[1])
    assert len(rows[0]) == 40


def test_another_seed_draws_another_set(run, bitext, tmp_path) -> None:
    drawn = []
    for seed in (1, 2):
        output = tmp_path / str(seed)
        options = ("--pairs", 20, "--seed", seed, "--output", output)
        assert run("evalset", "retrieval", bitext, *LANGUAGES, *options).code == 0
        drawn.append({*rows_of(output, "data")["sentence1"]})
    assert len(drawn[0]) == len(drawn[1]) == 20
    assert drawn[0] != drawn[1]


def test_one_column_may_name_the_documents_of_both_sides(run, tmp_path) -> None:
    rows = zip(range(40), sentences(40, 1), sentences(40, 2), strict=True)
    lines = "".join(f"{i % 5}\t{a}\t{b}\n" for i, a, b in rows)
    (tmp_path / "pairs.tsv").write_text(f"article\tlb\tde\n{lines}", "utf-8")
    options = ("--documents", "article", "--output", tmp_path / "set")
    assert run("evalset", "retrieval", tmp_path / "pairs.tsv", *options).code == 0
    rows = rows_of(tmp_path / "set", "data")
    assert rows["src_doc"].equals(rows["tgt_doc"])
    splits = rows.group_by("src_doc").agg(pl.col("split").n_unique(), pl.len()).sort("src_doc")
    assert splits.rows() == [(str(i), 1, 8) for i in range(5)]


def test_fewer_pairs_than_were_asked_for_are_told(run, bitext, tmp_path, caplog) -> None:
    options = ("--pairs", 1000, "--output", tmp_path / "set")
    assert run("evalset", "retrieval", bitext, *LANGUAGES, *options).code == 0
    assert "1,000 pairs were asked for, 60 are left" in caplog.text


def test_columns_that_are_not_what_they_are_named_are_told(run, tmp_path) -> None:
    columns = {"lb": sentences(9, 1), "de": sentences(9, 2)}
    for more in ({"src_doc": [["a"]] * 9}, {"precision": [b"x"] * 9}):
        pl.DataFrame(columns | more).write_parquet(tmp_path / "a.parquet")
        done = run("evalset", "retrieval", tmp_path / "a.parquet", "--output", tmp_path / "set")
        assert done.code == 2
        assert "documents must be text, scores numbers" in done.err
    twice = pa.Table.from_arrays(
        [pa.array(its) for its in [*columns.values()] * 2], ["lb", "de"] * 2
    )
    pq.write_table(twice, tmp_path / "a.parquet")
    done = run("evalset", "retrieval", tmp_path / "a.parquet", "--output", tmp_path / "set")
    assert done.code == 2
    assert "two columns are named 'lb'" in done.err


def test_of_what_was_read_nothing_is_uncounted(run, bitext, tmp_path) -> None:
    output = tmp_path / "set"
    options = ("--min-margin", 1.1, "--pairs", 20, "--output", output)
    assert run("evalset", "retrieval", bitext, *LANGUAGES, *options).code == 0
    counts = json.loads((output / "manifest.json").read_text("utf-8"))["pairs"]
    assert counts["read"] == 60
    assert counts["not drawn"] == 30
    assert counts["gold"] == counts["gold of known documents"] == 20
    assert sum(counts.values()) == 2 * 60 + 20


def test_splits_of_unknown_documents_are_no_secret(run, tmp_path, caplog) -> None:
    rows = zip(sentences(20, 1), sentences(20, 2), strict=True)
    (tmp_path / "pairs.tsv").write_text("lb\tde\n" + "".join(f"{a}\t{b}\n" for a, b in rows))
    done = run("evalset", "retrieval", tmp_path / "pairs.tsv", "--output", tmp_path / "set")
    assert done.code == 0, done.err
    assert "a document may be in both splits: 20 of 20 pairs do not tell theirs" in caplog.text
    assert "| gold of known documents | 0 |" in (tmp_path / "set" / "README.md").read_text("utf-8")


def test_pairs_below_a_bound_are_left_out_and_listed(run, bitext, tmp_path) -> None:
    output = tmp_path / "set"
    bound = ("--min-margin", 1.25, "--output", output)
    assert run("evalset", "retrieval", bitext, *LANGUAGES, *bound).code == 0
    rows = rows_of(output, "data")
    assert len(rows) == 35
    assert rows["margin"].min() == pytest.approx(1.25)
    assert len(rejects_of(output)["below_threshold"]) == 25
    refused = run(
        *("evalset", "retrieval", bitext, *LANGUAGES),
        *("--min-precision", 0.9, "--output", tmp_path / "other"),
    )
    assert refused.code == 2
    assert "has no column 'precision'" in refused.err


def test_a_score_that_is_no_number_is_none(run, tmp_path) -> None:
    src, tgt = sentences(30, 1), sentences(30, 2)
    src[1] = src[0]  # of two pairs of a sentence the one whose margin is known stays
    rows = zip(src, tgt, ["nan", 1.5, *[1] * 28], strict=True)
    lines = "".join(f"{a}\t{b}\t{margin}\n" for a, b, margin in rows)
    (tmp_path / "pairs.tsv").write_text("src_text\ttgt_text\tmargin\n" + lines, "utf-8")
    for name, options in (("a", ()), ("b", ("--min-margin", 0.5))):
        options = (*LANGUAGES, *options, "--output", tmp_path / name)
        assert run("evalset", "retrieval", tmp_path / "pairs.tsv", *options).code == 0
        assert {*rows_of(tmp_path / name, "data")["sentence2"]} == {*tgt[1:]}
    (dropped,) = pl.read_parquet(tmp_path / "b" / "rejects.parquet")["detail"]
    assert dropped == "margin not known, at least 0.5 asked for"


@pytest.mark.parametrize(
    "option", ["gold-share", "dev-share", "hard-share", "cosine", "edit-similarity", "min-margin"]
)
@pytest.mark.parametrize("value", ["nan", "1e-400x"])
def test_what_is_no_number_is_told(run, bitext, tmp_path, option, value) -> None:
    options = (f"--{option}", value, "--output", tmp_path / "set")
    done = run("evalset", "mining", bitext, *LANGUAGES, *options)
    assert done.code == 2
    assert f"Invalid value for '--{option}': '{value}' is not a" in done.err


def test_the_folder_one_stands_in_can_become_the_set(run, bitext, tmp_path, monkeypatch) -> None:
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    assert run("evalset", "retrieval", bitext, *LANGUAGES, "--output", ".").code == 0
    manifest = json.loads((tmp_path / "here" / "manifest.json").read_text("utf-8"))
    assert manifest["name"] == "here"


def test_what_leaks_is_dropped_listed_and_counted(run, bitext, tmp_path) -> None:
    src, tgt = sentences(60, 1), sentences(60, 2)
    (tmp_path / "train.txt").write_text(
        "\n".join([*sentences(300, 8), src[0].upper(), src[1].replace(" ", " sou ", 1)]), "utf-8"
    )
    test_set = tmp_path / "flores"
    test_set.mkdir()
    (test_set / "ltz_Latn.devtest").write_text("\n".join(sentences(50, 9)), "utf-8")
    (test_set / "data.jsonl").write_text(
        json.dumps({"translation": {"de": tgt[2]}}) + "\n", "utf-8"
    )
    output = tmp_path / "set"
    done = run(
        *("evalset", "retrieval", bitext, *LANGUAGES, "--output", output),
        *("--against", f"train={tmp_path / 'train.txt'}", "--against", f"flores={test_set}"),
    )
    assert done.code == 0, done.err
    gold = {*rows_of(output, "data")["sentence1"]}
    manifest = json.loads((output / "manifest.json").read_text("utf-8"))
    columns = ("against", "texts", "src_exact", "src_near", "tgt_exact", "tgt_near", "pairs")
    assert [tuple(counts[name] for name in columns) for counts in manifest["leaks"]] == [
        ("train", 302, 1, 1, 0, 0, 2),
        ("flores", 51, 0, 0, 1, 0, 1),
    ]
    assert gold == {*src[3:]}
    leaked = pl.read_parquet(output / "rejects.parquet").filter(reason="leaked")
    assert {text.split("\t")[0] for text in leaked["text"]} == {*src[:3]}
    assert any(its.startswith("target in flores, exact: ") for its in leaked["detail"])
    card = (output / "README.md").read_text("utf-8")
    assert "| flores | 51 | 0 | 0 | 1 | 0 | 1 |" in card


def test_data_without_text_cannot_vouch_for_a_set(run, bitext, tmp_path) -> None:
    (tmp_path / "train.txt").write_text("\n\n")
    options = ("--against", f"train={tmp_path / 'train.txt'}", "--output", tmp_path / "set")
    done = run("evalset", "retrieval", bitext, *LANGUAGES, *options)
    assert done.code == 2
    assert "--against train: no text in it" in done.err


def test_as_many_pairs_are_drawn_as_were_asked_for_though_most_leak(run, bitext, tmp_path) -> None:
    (tmp_path / "train.txt").write_text("\n".join(sentences(60, 1)[:50]) + "\n", "utf-8")
    output = tmp_path / "set"
    options = ("--pairs", 8, "--against", tmp_path / "train.txt", "--output", output)
    assert run("evalset", "retrieval", bitext, *LANGUAGES, *options).code == 0
    rows = rows_of(output, "data")
    assert len(rows) == 8
    assert {*rows["sentence1"]} <= {*sentences(60, 1)[50:]}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["{bitext}"], "does not tell its language: name it with --src"),
        (["{bitext}", "--src", "und", "--tgt", "de"], "does not tell its language"),
        (["{bitext}", "--src", "lb", "--tgt", "ltz"], "both sides are ltz_Latn"),
        (["{nothing}", *LANGUAGES], "no parallel text at"),
        (["{bitext}", *LANGUAGES, "--documents", "page"], "no column 'page' (--documents)"),
        (["{bitext}", *LANGUAGES, "--min-margin", "9"], "no pair is left of 60 (below_threshold:"),
        (["{bitext}", *LANGUAGES, "--against", "x={nothing}"], "no such file"),
        (["{bitext}", *LANGUAGES, "--against", "{bitext}"], "no pair is left of 60 (leaked: 60)"),
        (["{bitext}", *LANGUAGES, "--pairs", "1"], "too few for two splits; give --dev-share 0"),
    ],
)
def test_mistakes_are_told(run, bitext, tmp_path, arguments, message) -> None:
    places = {"bitext": bitext, "nothing": tmp_path / "nothing"}
    given = [its.format(**places) for its in arguments]
    done = run("evalset", "retrieval", *given, "--output", tmp_path / "set")
    assert done.code == 2
    assert message in done.err
    assert not [path for path in tmp_path.iterdir() if "set" in path.name]


def test_a_folder_with_something_in_it_is_left_alone(run, bitext, tmp_path) -> None:
    (tmp_path / "set").mkdir()
    (tmp_path / "set" / "mine.txt").write_text("mine")
    done = run("evalset", "retrieval", bitext, *LANGUAGES, "--output", tmp_path / "set")
    assert done.code == 2
    assert "name a new folder" in done.err
    assert bytes_of(tmp_path / "set") == {"mine.txt": b"mine"}
