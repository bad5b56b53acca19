"""`mine align` on documents made of the example corpus' translations."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import polars as pl
import pyarrow.parquet as pq
import pytest
from click import ClickException
from lxml import etree

from bitseam.pipelines.align.commands import align as command
from bitseam.schemas import tables
from bitseam.schemas.errors import BitseamError

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "lb-de"
LB_DE = ("--src", "lb", "--tgt", "de")
SIZE = 8  # sentences of a document
_BEAD = re.compile(r"\[([0-9, ]*)\]:\[([0-9, ]*)\]:(-?[0-9.]+)")


@pytest.fixture(scope="module")
def documents() -> list[tuple[list[str], list[str]]]:
    """Documents and their translations, of the sentences of the gold list."""
    gold = pl.read_csv(EXAMPLE / "gold.tsv", separator="\t", quote_char=None)
    right = gold.filter(pl.col("kind") == "translation")
    rows = [*right.select("src_text", "tgt_text").iter_rows()][: 6 * SIZE]
    parts = [rows[at : at + SIZE] for at in range(0, len(rows), SIZE)]
    return [([src for src, _ in part], [tgt for _, tgt in part]) for part in parts]


@pytest.fixture
def folders(documents, tmp_path) -> tuple[Path, Path]:
    """The documents as two folders of text files; their names say nothing."""
    for name, side in (("ours", 0), ("theirs", 1)):
        (tmp_path / name).mkdir()
        for i, document in enumerate(documents):
            number = i if side == 0 else (i * 5 + 2) % 6  # another order
            path = tmp_path / name / f"{'xy'[side]}{number}.txt"
            path.write_text("\n".join(document[side]) + "\n", "utf-8")
    return tmp_path / "ours", tmp_path / "theirs"


def write(path: Path, lines: list[str]) -> Path:
    path.write_text("".join(f"{line}\n" for line in lines), "utf-8")
    return path


def beads(text: str) -> list[tuple[list[int], list[int]]]:
    found = [_BEAD.fullmatch(line) for line in text.splitlines()]
    assert all(found), text
    return [tuple(json.loads(f"[{part}]") for part in match.groups()[:2]) for match in found]


class Done(NamedTuple):
    """What a command printed and logged."""

    stdout: str
    told: str


@pytest.fixture
def align(capfd, caplog) -> Callable[..., Done]:
    """Run the command in this process, where the models are loaded once."""
    caplog.set_level(logging.INFO, "bitseam")

    def run(*arguments: object, languages: tuple[str, ...] = LB_DE) -> Done:
        caplog.clear()
        command.main([*map(str, arguments), *languages], standalone_mode=False)
        return Done(capfd.readouterr().out, caplog.text)

    return run


def test_lines_are_aligned_and_nothing_else_is_printed(mine, documents, tmp_path) -> None:
    src, tgt = documents[0]
    ours, theirs = write(tmp_path / "a.txt", src), write(tmp_path / "b.txt", tgt)
    done = mine("align", ours, theirs, *LB_DE, "--sentences")
    assert beads(done.stdout) == [([i], [i]) for i in range(SIZE)]
    assert (done.returncode, done.stderr) == (0, "")


def test_a_hyphen_is_standard_output(mine, documents, tmp_path) -> None:
    src, tgt = documents[0]
    ours, theirs = write(tmp_path / "a.txt", src), write(tmp_path / "b.txt", tgt)
    done = mine("align", ours, theirs, *LB_DE, "--sentences", "--output", "-", cwd=tmp_path)
    assert beads(done.stdout) == [([i], [i]) for i in range(SIZE)]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.txt", "b.txt"]
    done = mine("align", ours, theirs, *LB_DE, "--format", "parquet", "--output", "-", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")


def test_a_name_that_tells_no_format_is_told(align, documents, tmp_path) -> None:
    src, tgt = documents[0]
    ours, theirs = write(tmp_path / "a.txt", src), write(tmp_path / "b.txt", tgt)
    told = align(ours, theirs, "--output", tmp_path / "x.doc").told
    assert "x.doc: its name tells no format: written as tsv" in told
    assert "its name" not in align(ours, theirs, "--output", tmp_path / "x.tsv").told


def test_a_text_in_no_language_is_called_so(align, documents, tmp_path) -> None:
    ours = write(tmp_path / "a.txt", documents[0][0])
    theirs = write(tmp_path / "b.txt", [f"{n} {n * 7919} {n * 31}" for n in range(9)])
    told = align(ours, theirs, "--sentences").told
    assert "und_" not in told
    assert "b.txt is in no language the identifier knows, as " in told


def test_a_users_mistake_ends_in_one_line_and_exit_code_2(mine, documents, tmp_path) -> None:
    ours = write(tmp_path / "a.txt", documents[0][0])
    done = mine("align", ours, tmp_path / "none.txt", *LB_DE)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("mine: no input matches")
    assert done.stderr.count("\n") == 1


def test_merged_lost_and_blank_lines_keep_their_numbers(align, documents, tmp_path) -> None:
    src, tgt = documents[1]
    merged = [tgt[0], f"{tgt[1]} {tgt[2]}", "", *tgt[3:], ""]
    ours, theirs = write(tmp_path / "a.txt", src), write(tmp_path / "b.txt", merged)
    found = beads(align(ours, theirs, "--sentences").stdout)
    assert ([1, 2], [1]) in found
    assert ([], [2]) in found
    assert ([], [8]) in found
    assert ([7], [7]) in found
    for side, count in enumerate((len(src), len(merged))):
        assert [i for bead in found for i in bead[side]] == [*range(count)]


def test_text_is_segmented_and_offsets_lead_back_to_it(align, documents, tmp_path) -> None:
    texts = [" ".join(side[:3]) + "\n\n" + " ".join(side[3:]) for side in documents[2]]
    for name, text in zip(("a.txt", "b.txt"), texts, strict=True):
        (tmp_path / name).write_text(text, "utf-8")
    output = tmp_path / "out.parquet"
    align(tmp_path / "a.txt", tmp_path / "b.txt", "--output", output)
    schema = pq.read_schema(output)
    assert schema.equals(tables.ALIGNMENTS)
    assert schema.metadata[b"bitseam.table"] == b"alignments"
    assert b"encoder:static@" in schema.metadata[b"bitseam.signature"]
    rows = pl.read_parquet(output)
    assert rows["src_text"].drop_nulls().str.join(" ").item() == " ".join(documents[2][0])
    for side, text in zip(("src", "tgt"), texts, strict=True):
        for start, end, said in rows.select(f"{side}_start", f"{side}_end", f"{side}_text").rows():
            assert (start is None) == (end is None) == (said is None)
            assert said is None or " ".join(text[start:end].split()) == said
    assert rows["doc_score"].is_null().all()


def test_documents_of_two_folders_find_each_other_by_content(align, folders, tmp_path) -> None:
    output = tmp_path / "out.parquet"
    done = align(*folders, "--sentences", "--output", output)
    assert "6 pairs by content" in done.told
    found = pl.read_parquet(output).select("src_doc", "tgt_doc").unique(maintain_order=True)
    assert found.rows() == [(f"x{i}.txt", f"y{(i * 5 + 2) % 6}.txt") for i in range(6)]


def test_documents_without_a_translation_stay_alone(align, folders) -> None:
    for path in (folders[0] / "x0.txt", folders[1] / "y0.txt"):
        path.unlink()
    done = align(*folders, "--sentences")
    places = [line for line in done.stdout.splitlines() if line.startswith("# ")]
    assert places == [f"# x{i}.txt\ty{(i * 5 + 2) % 6}.txt" for i in (1, 3, 4, 5)]


def named_folders(documents, tmp_path: Path, numbers: dict[str, tuple[int, ...]]) -> list[Path]:
    """Write documents with these numbers as talk0.lb.txt, ... and talk0.de.txt, ..."""
    for side, (name, chosen) in enumerate(numbers.items()):
        (tmp_path / name).mkdir()
        for i, number in enumerate(chosen):
            write(tmp_path / name / f"talk{i}.{name}.txt", documents[number][side])
    return [tmp_path / name for name in numbers]


def test_names_pair_what_does_not_agree_in_content(align, documents, tmp_path) -> None:
    folders = named_folders(documents, tmp_path, {"lb": (0, 1, 2), "de": (3, 4, 2)})
    output = tmp_path / "out.parquet"
    done = align(*folders, "--sentences", "--output", output)
    assert "0 by name alone" not in done.told
    found = pl.read_parquet(output)
    assert found["evidence"].to_list() == [["name"]] * len(found)
    assert found.select("src_doc", "tgt_doc").unique(maintain_order=True).rows() == [
        (f"talk{i}.lb.txt", f"talk{i}.de.txt") for i in range(3)
    ]


def test_content_wins_over_names(align, documents, tmp_path) -> None:
    folders = named_folders(documents, tmp_path, {"lb": (0, 1, 2), "de": (1, 2, 0)})
    rows = align(*folders).stdout.splitlines()[1:]
    pairs = dict.fromkeys(tuple(row.split("\t")[:2]) for row in rows)
    assert [*pairs] == [
        ("talk0.lb.txt", "talk2.de.txt"),
        ("talk1.lb.txt", "talk0.de.txt"),
        ("talk2.lb.txt", "talk1.de.txt"),
    ]


def test_rows_of_json_lines_are_documents(align, documents, tmp_path) -> None:
    for side, name in enumerate(("a.jsonl", "b.jsonl")):
        rows = [{"id": i + 10 * side, "text": " ".join(d[side])} for i, d in enumerate(documents)]
        (tmp_path / name).write_text("\n".join([*map(json.dumps, rows), "{broken"]), "utf-8")
    done = align(tmp_path / "a.jsonl", tmp_path / "b.jsonl", "--format", "vecalign")
    places = [line for line in done.stdout.splitlines() if line.startswith("# ")]
    assert places == [f"# a.jsonl#{i}\tb.jsonl#{i + 10}" for i in range(6)]
    assert done.told.count("malformed_row") == 2


def test_tsv_escapes_what_would_break_a_row(align, documents, tmp_path) -> None:
    src, tgt = documents[3]
    ours = write(tmp_path / "a.txt", [src[0] + " C:\\new", *src[1:]])
    theirs = write(tmp_path / "b.txt", [tgt[0] + ' "C:\\new"', *tgt[1:]])
    done = align(ours, theirs, "--sentences", "--format", "tsv")
    header, *rows = [line.split("\t") for line in done.stdout.splitlines()]
    assert header[:3] == ["src_doc", "tgt_doc", "type"]
    assert {len(row) for row in rows} == {len(header)}
    assert rows[0][2:5] == ["1-1", "0", "0"]
    assert rows[0][-2].endswith(r"C:\\new")
    assert rows[0][-1].endswith(r'"C:\\new"')


def test_tmx_has_the_beads_with_both_sides(align, documents, tmp_path) -> None:
    src, tgt = documents[4]
    ours, theirs = write(tmp_path / "a.txt", src), write(tmp_path / "b.txt", [*tgt, ""])
    output = tmp_path / "out.tmx"
    align(ours, theirs, "--sentences", "--output", output)
    memory = etree.parse(output)
    assert memory.find("header").get("srclang") == "lb"
    assert segments(memory) == [list(pair) for pair in zip(src, tgt, strict=True)]


def segments(memory: etree._ElementTree) -> list[list[str | None]]:
    return [[segment.text for segment in unit.iter("seg")] for unit in memory.iter("tu")]


def test_blank_lines_are_no_units_of_a_memory(align, documents, tmp_path) -> None:
    src, tgt = ([*side[:4], "", *side[4:]] for side in documents[4])
    ours, theirs = write(tmp_path / "a.txt", src), write(tmp_path / "b.txt", tgt)
    output = tmp_path / "out.tmx"
    align(ours, theirs, "--sentences", "--output", output)
    found = segments(etree.parse(output))
    assert found == [list(pair) for pair in zip(*documents[4], strict=True)]


def test_a_document_without_text_stays_alone_and_is_told(align, folders, tmp_path) -> None:
    (folders[0] / "z.txt").write_text("\n", "utf-8")
    write(folders[1] / "z.txt", ["\u200b"])
    done = align(*folders, "--sentences", "--output", tmp_path / "out.parquet")
    assert "z.txt: no text in it (empty): left out" in done.told
    assert "6 pairs by content, 0 by name alone" in done.told


def test_a_language_that_the_encoder_does_not_know_is_told(align, documents, tmp_path) -> None:
    ours = write(tmp_path / "a.txt", ["今天城里天气很好。", "明天会下雨。"])
    theirs = write(tmp_path / "b.txt", documents[0][1])
    done = align(ours, theirs, languages=("--src", "zh", "--tgt", "de"))
    assert "cmn_Hans" in done.told


def test_the_same_command_gives_the_same_bytes(align, folders, tmp_path) -> None:
    outputs = [tmp_path / "one.parquet", tmp_path / "two.parquet"]
    for output in outputs:
        align(*folders, "--output", output)
    assert outputs[0].read_bytes() == outputs[1].read_bytes()


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("EMPTY", "DE", *LB_DE), "holds no text"),
        (("BLANK", "DE", *LB_DE), "holds no text"),
        (("UNSEEN", "DE", *LB_DE, "--sentences"), "holds no text"),
        (("LATIN1", "DE", *LB_DE), "UTF-8"),
        (("DAMAGED", "DE", *LB_DE), "truncated"),
        (("no.txt", "DE", *LB_DE), "no input matches 'no.txt'"),
        (("LB", "LB", *LB_DE), "on both sides"),
        (("LB", "LINK", *LB_DE), "on both sides"),
        (("DE", "LB", *LB_DE), "exchanged"),
        (("LB", "DE", "--src", "lb", "--tgt", "ltz"), "both ltz_Latn"),
        (("LB", "DE", "--src", "xx", "--tgt", "de"), "unknown language"),
        (("LB", "DE", "--src", "lb", "--tgt", "und"), "no language"),
        (("LB", "DE", "--src", "lb"), "tgt"),
        (("LB", "DE", *LB_DE, "--format", "parquet"), "--output"),
        (("LB", "DE", *LB_DE, "--format", "pdf"), "pdf"),
        (("LB", "DE", *LB_DE, "--output", "."), "is a folder"),
        (("LB", "DE", *LB_DE, "--output", "./lb.txt"), "would replace an input"),
        (("LB", "DE", *LB_DE, "--output", "out.parquet.gz"), "compressed in itself"),
        (("LB", "DE", *LB_DE, "--encoder", "nonesuch"), "nonesuch"),
        (("PICTURE", "DE", *LB_DE), "unknown extension"),
    ],
)
def test_a_mistake_is_refused_and_told(
    align, documents, tmp_path, monkeypatch, arguments, told
) -> None:
    monkeypatch.chdir(tmp_path)
    write(tmp_path / "lb.txt", documents[0][0])
    write(tmp_path / "de.txt", documents[0][1])
    (tmp_path / "link.txt").symlink_to("lb.txt")
    (tmp_path / "empty.txt").write_bytes(b"")
    (tmp_path / "blank.txt").write_bytes(b"\n \n")
    write(tmp_path / "unseen.txt", ["\u200b", "\u200b"])
    (tmp_path / "latin1.txt").write_bytes("Den Dag ass schéin.\n".encode("latin1"))
    (tmp_path / "damaged.txt.gz").write_bytes(b"\x1f\x8b\x08\x00\x00")
    (tmp_path / "picture.png").write_bytes(b"\x89PNG")
    names = {path.name.split(".")[0].upper(): path.name for path in tmp_path.iterdir()}
    with pytest.raises((BitseamError, ClickException), match=re.escape(told)):
        align(*(names.get(item, item) for item in arguments), languages=())


def test_a_failed_run_leaves_the_output_as_it_was(align, documents, tmp_path) -> None:
    output = write(tmp_path / "out.tsv", ["kept"])
    ours = write(tmp_path / "a.txt", documents[0][0])
    (tmp_path / "b.txt").write_bytes(b"\xff\n")
    with pytest.raises(BitseamError, match="UTF-8"):
        align(ours, tmp_path / "b.txt", "--output", output)
    assert output.read_text() == "kept\n"
    assert {path.name for path in tmp_path.iterdir()} == {"a.txt", "b.txt", "out.tsv"}


def test_another_language_is_told(align, documents, tmp_path) -> None:
    ours = write(tmp_path / "a.txt", documents[0][1])
    theirs = write(tmp_path / "b.txt", documents[0][0])
    done = align(ours, theirs, "--sentences", languages=("--src", "fr", "--tgt", "lb"))
    assert "is in deu_Latn" in done.told


def test_a_sentence_of_which_a_part_is_missing_is_aligned_and_marked(tmp_path) -> None:
    src = write(tmp_path / "a.lb", ["De Mëller schléift.", "D'Bréck ass \ufffc Meter laang."])
    tgt = write(tmp_path / "a.de", ["Der Müller schläft.", "Die Brücke ist zwölf Meter lang."])
    out = tmp_path / "out.tsv"
    command.main(
        [*LB_DE, str(src), str(tgt), "--output", str(out), "--format", "tsv"],
        standalone_mode=False,
    )
    text = out.read_text("utf-8")
    assert "\ufffc D'Bréck ass Meter laang." in text
    assert "Der Müller schläft." in text
