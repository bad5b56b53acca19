"""`mine evalset noisy`: copies of sets in every layout, with gold as it was."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from bitseam.mining.benchmark.noise import NoiseOptions, add_noise
from bitseam.pipelines.evaluate.mining_sets import read_mining_sets

GOLD = Path(__file__).resolve().parents[2] / "examples" / "lb-de" / "gold.tsv"
PAIRS = [row.split("\t")[:2] for row in GOLD.read_text("utf-8").splitlines()[1:31]]
SRC, TGT = (list(side) for side in zip(*PAIRS, strict=True))


@pytest.fixture
def run(mine_here):
    return partial(mine_here, "evalset", "noisy")


def noisy(texts: list[str], language: str, **options) -> list[str]:
    return add_noise(pa.array(texts), language, NoiseOptions(**options)).texts.to_pylist()


def files_of(folder: Path) -> dict[str, bytes]:
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): path.read_bytes() for path in paths}


@pytest.fixture
def bucc(tmp_path: Path) -> Path:
    folder = tmp_path / "bucc"
    folder.mkdir()
    for code, texts in (("lb", SRC), ("de", TGT)):
        lines = [f"{code}-{i:03}\t{text}\n" for i, text in enumerate(texts)]
        (folder / f"lb-de.test.{code}").write_text("".join(lines), "utf-8")
    gold = [f"lb-{i:03}\tde-{i:03}\n" for i in range(20)]
    (folder / "lb-de.test.gold").write_text("".join(gold))
    return folder / "lb-de.test"


@pytest.fixture
def built(tmp_path: Path) -> Path:
    """A folder with the tables of a set of `mine evalset`, retrieval and mining in one."""
    folder = tmp_path / "set"
    manifest = {"kind": "mining", "src": "ltz_Latn", "tgt": "deu_Latn", "content": "0123"}
    both = {"sentence1": SRC, "sentence2": TGT, "margin": [1.5] * len(SRC)}
    lists = {"sentence1": [SRC], "sentence2": [TGT], "gold": [[[1, 1], [2, 2]]]}
    tables = {
        "data/test": both,
        "gold/test": both,
        "source/test": {"id": [f"lb-{i}" for i in range(len(SRC))], "text": SRC},
        "target/test": {"id": [f"de-{i}" for i in range(len(TGT))], "text": TGT},
        "mteb/test": lists,
    }
    for name, columns in tables.items():
        path = folder / f"{name}.parquet"
        path.parent.mkdir(parents=True, exist_ok=True)
        pq.write_table(pa.table(columns).replace_schema_metadata({"bitseam.version": "1"}), path)
    (folder / "test").mkdir()
    (folder / "test" / "ltz_Latn.txt").write_text("\n".join(SRC) + "\n", "utf-8")
    (folder / "test" / "deu_Latn.txt").write_text("\n".join(TGT) + "\n", "utf-8")
    (folder / "manifest.json").write_text(json.dumps(manifest))
    (folder / "README.md").write_text("# A set\n")
    return folder


def test_a_set_in_bucc_layout_keeps_ids_and_gold(run, bucc, tmp_path) -> None:
    done = run(bucc, "--ocr", 0.1, "--historical", 1, "--output", tmp_path / "out")
    assert done.code == 0, done.err
    before, after = (read_mining_sets([str(its)])[0] for its in (bucc, tmp_path / "out"))
    assert [its.tolist() for its in before.gold] == [its.tolist() for its in after.gold]
    texts = [side.to_pylist() for side in after.texts]
    assert texts[0] == noisy(SRC, "ltz_Latn", ocr=0.1, historical=1)
    assert texts[1] == noisy(TGT, "deu_Latn", ocr=0.1, historical=1)
    assert (
        files_of(tmp_path / "out")["lb-de.test.gold"] == bucc.with_suffix(".test.gold").read_bytes()
    )
    assert "src ltz_Latn: historical 1.0000 of the words with an older spelling" in done.out
    assert "of the characters, asked 0.1" in done.out


@pytest.mark.parametrize(("side", "touched"), [("src", SRC), ("tgt", TGT)])
def test_one_side_alone_can_suffer(run, built, tmp_path, side, touched) -> None:
    done = run(built, "--side", side, "--case", 1, "--output", tmp_path / "out")
    assert done.code == 0, done.err
    found = pl.read_parquet(tmp_path / "out" / "data" / "test.parquet")
    for name, texts in (("sentence1", SRC), ("sentence2", TGT)):
        expected = [text.lower() for text in texts] if texts is touched else texts
        assert found[name].to_list() == expected


def test_every_file_of_a_set_has_the_same_noise(run, built, tmp_path) -> None:
    options = ("--ocr", 0.05, "--diacritics", 0.5, "--seed", 9)
    done = run(built, *options, "--output", tmp_path / "out")
    assert done.code == 0, done.err
    out = tmp_path / "out"
    src = noisy(SRC, "ltz_Latn", ocr=0.05, diacritics=0.5, seed=9)
    tgt = noisy(TGT, "deu_Latn", ocr=0.05, diacritics=0.5, seed=9)
    for name in ("data", "gold"):
        rows = pl.read_parquet(out / name / "test.parquet")
        assert (rows["sentence1"].to_list(), rows["sentence2"].to_list()) == (src, tgt)
        assert rows["margin"].to_list() == [1.5] * len(SRC)
    for name, texts in (("source", src), ("target", tgt)):
        assert pl.read_parquet(out / name / "test.parquet")["text"].to_list() == texts
    (row,) = pl.read_parquet(out / "mteb" / "test.parquet").to_dicts()
    assert row == {"sentence1": src, "sentence2": tgt, "gold": [[1, 1], [2, 2]]}
    for name, texts in (("ltz_Latn", src), ("deu_Latn", tgt)):
        assert (out / "test" / f"{name}.txt").read_text("utf-8").splitlines() == texts
    for name in ("data", "mteb"):
        paths = [folder / name / "test.parquet" for folder in (built, out)]
        assert pq.read_schema(paths[0]).equals(pq.read_schema(paths[1]), check_metadata=True)


def test_a_noisy_set_says_what_it_is(run, built, tmp_path) -> None:
    assert run(built, "--ocr", 0.2, "--fraktur", "--output", tmp_path / "out").code == 0
    told = json.loads((tmp_path / "out" / "noise.json").read_text())
    assert told["asked"] == {"ocr": 0.2}
    assert told["realised"]["src"]["ocr"] == pytest.approx(0.2, rel=0.05)
    assert (told["seed"], told["fraktur"]) == (1, True)
    manifest = json.loads((tmp_path / "out" / "manifest.json").read_text())
    assert manifest["noise"] == told
    assert manifest["content"] != "0123"
    assert "## Noise" in (tmp_path / "out" / "README.md").read_text()


def test_rate_zero_copies_every_byte(run, built, tmp_path) -> None:
    strange = built / "test" / "ltz_Latn.txt"
    strange.write_bytes(b"\xff no UTF-8\r\nno end of line")
    done = run(built, "--ocr", 0, "--output", tmp_path / "out")
    assert (done.code, done.out) == (0, "no noise: a copy\n"), done.err
    assert files_of(tmp_path / "out") == files_of(built)


def test_the_same_command_gives_the_same_bytes(run, built, tmp_path) -> None:
    for name in ("one", "two"):
        assert run(built, "--ocr", 0.1, "--case", 0.3, "--output", tmp_path / name).code == 0
    assert files_of(tmp_path / "one") == files_of(tmp_path / "two")


def test_plain_text_line_by_line(run, tmp_path) -> None:
    (tmp_path / "deu.txt").write_bytes("Die Tür.\r\n\r\nDas Tal".encode())
    done = run(tmp_path / "deu.txt", "--historical", 1, "--output", tmp_path / "out")
    assert done.code == 0, done.err
    assert (tmp_path / "out" / "deu.txt").read_text("utf-8") == "Die Thür.\n\nDas Thal\n"
    (tmp_path / "text.txt").write_text("L'ÉTÉ\n", "utf-8")
    done = run(tmp_path / "text.txt", "--diacritics", 1, "--case", 1, "--output", tmp_path / "more")
    assert (tmp_path / "more" / "text.txt").read_text() == "l'ete\n"


def test_lines_that_are_no_rows_stay(run, bucc, tmp_path) -> None:
    with bucc.with_suffix(".test.lb").open("a") as file:
        file.write("NO TAB\nlb-999\tEE SATZ\tMAT TAB\n")
    assert run(bucc, "--case", 1, "--output", tmp_path / "out").code == 0
    last = (tmp_path / "out" / "lb-de.test.lb").read_text("utf-8").splitlines()[-2:]
    assert last == ["NO TAB", "lb-999\tee satz\tmat tab"]


def test_a_rate_that_the_texts_cannot_reach_is_told(run, tmp_path, caplog) -> None:
    (tmp_path / "text.txt").write_text("!? " * 200 + "\n")
    with caplog.at_level("WARNING", logger="bitseam"):
        done = run(tmp_path / "text.txt", "--ocr", 0.9, "--output", tmp_path / "out")
    assert done.code == 0, done.err
    assert "there are too few places to change" in caplog.text


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("no/such",), "no such set"),
        (("PLAIN", "--ocr", "1.5"), "--ocr"),
        (("PLAIN", "--historical", "0.5"), "no older spellings of und_Zyyy are known"),
        (("PLAIN", "--ocr", "0.5", "--side", "tgt"), "no texts of tgt found"),
        (("PLAIN", "--historical", "1", "--src", "pt"), "no older spellings of por_Latn"),
        (("PLAIN", "--historical", "1", "--src", "qq"), "unknown language 'qq'"),
        (("FOLDER", "--ocr", "0.5"), "--src and --tgt"),
        (("SETS", "--ocr", "0.5"), "several languages, de-en, lb-de: name one"),
        (("BROKEN", "--ocr", "0.5"), "no such file"),
        (("PLAIN", "--ocr", "0.5", "--output", "."), "a folder with something in it"),
    ],
)
def test_a_users_mistake_ends_in_one_line_and_exit_code_2(
    run, tmp_path, monkeypatch, arguments, told
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("PLAIN").write_text("Ein Satz.\n")
    for name in ("FOLDER/deu.txt", "FOLDER/ltz.txt", "SETS/lb-de.gold", "SETS/de-en.gold"):
        Path(name).parent.mkdir(exist_ok=True)
        Path(name).write_text("Ein Satz.\n")
    Path("BROKEN.gold").write_text("")
    Path("de-lb.gold").write_text("")
    arguments = tuple("de-lb" if its == "BROKEN" else its for its in arguments)
    output = () if "--output" in arguments else ("--output", "out")
    done = run(*arguments, *output)
    assert done.code == 2, done.err
    assert told in " ".join(done.err.split())
    assert not Path("out").exists()


def test_damaged_parquet_is_an_error_without_a_traceback(run, tmp_path) -> None:
    (tmp_path / "set.parquet").write_bytes(b"PAR1 but no more")
    done = run(tmp_path / "set.parquet", "--ocr", 0.5, "--output", tmp_path / "out")
    assert done.code == 1
    assert "cannot be read as Parquet" in done.err
    assert not (tmp_path / "out").exists()
