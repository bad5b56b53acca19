"""`mine lid` as its users run it: exact rows, any input, evaluation, training."""

from __future__ import annotations

import bz2
import gzip
import json
import lzma
import select
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import orjson
import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from bitseam.lid.identifiers import Identifier, load_identifier
from bitseam.lid.identify import identify
from bitseam.pipelines.lid import lines
from bitseam.pipelines.lid.identify import FORMATS
from bitseam.pipelines.lid.lines import LineBatches

MINE = Path(sys.executable).with_name("mine")
WORDS = {"moien": "ltz_Latn", "hallo": "deu_Latn", "你好": "cmn_Hani"}
# A word that the model knows scores exp(5) / (exp(5) + 2).
ROWS = "ltz_Latn\t0.987\tmoien\tmoien, \x85\u2028\r!\nund_Zyyy\t0.000\t\ndeu_Latn\t0.987\thallo\n"
LINES = "moien\tmoien, \x85\u2028\r!\n\r\nhallo\r\n"


@pytest.fixture(scope="module")
def model(write_fasttext, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_fasttext(tmp_path_factory.mktemp("model") / "tiny.bin", WORDS)


def run(*arguments: object, given: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [MINE, "lid", *map(str, arguments)], input=given, capture_output=True, check=False
    )


# ---------------------------------------------------------------------------------------- identify


def test_rows_are_language_score_and_the_line_as_it_stood(model: Path) -> None:
    done = run("identify", "--lid-model", model, given=LINES.encode())
    assert (done.stdout.decode(), done.stderr) == (ROWS, b"")


def test_jsonl_says_the_same(model: Path) -> None:
    done = run("identify", "--lid-model", model, "--format", "jsonl", given=LINES.encode())
    rows = [row.split("\t", 2) for row in ROWS.removesuffix("\n").split("\n")]
    expected = [{"lang": a, "lang_score": float(b), "text": c} for a, b, c in rows]
    assert [json.loads(row) for row in done.stdout.decode().removesuffix("\n").split("\n")] == (
        expected
    )
    assert done.stdout.startswith(b'{"lang":"ltz_Latn","lang_score":0.987,"text":"moien\\tmoien, ')


@pytest.mark.parametrize(
    ("ending", "compress"),
    [
        ("", bytes),
        (".txt", bytes),
        (".gz", gzip.compress),
        (".bz2", bz2.compress),
        (".xz", lzma.compress),
        (".zst", zstandard.compress),
    ],
)
def test_files_are_read_one_after_the_other_compressed_or_not(
    model: Path, tmp_path: Path, ending: str, compress
) -> None:
    file = tmp_path / f"lines{ending}"
    file.write_bytes(compress(LINES.encode()))
    done = run("identify", file, "-", file, "--lid-model", model, given="你好".encode())
    assert done.stdout.decode() == f"{ROWS}cmn_Hani\t0.987\t你好\n{ROWS}"


def test_below_the_least_score_a_line_is_undetermined(model: Path) -> None:
    done = run("identify", "--lid-model", model, "--min-score", "0.99", given=b"moien")
    assert done.stdout == b"und_Zyyy\t0.987\tmoien\n"


def test_the_bundled_model_is_the_default() -> None:
    done = run("identify", given="Ech hunn dat gëschter net méi fäerdeg kritt.\n12:30\n".encode())
    assert [row.split(b"\t")[0] for row in done.stdout.splitlines()] == [b"ltz_Latn", b"und_Zyyy"]


def test_nothing_in_nothing_out(model: Path) -> None:
    done = run("identify", "--lid-model", model)
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")


def test_bytes_that_are_no_utf8_are_replaced_and_counted(model: Path) -> None:
    done = run("identify", "--lid-model", model, given=b"moien \xff\nhallo\n\xc3\n")
    assert done.returncode == 0
    assert done.stdout.decode() == (
        "ltz_Latn\t0.987\tmoien \ufffd\ndeu_Latn\t0.987\thallo\nund_Zyyy\t0.000\t\ufffd\n"
    )
    assert done.stderr == b"standard input: lines with bytes that are no UTF-8: 2\n"


@pytest.mark.parametrize("ending", [b"", b"\n", b"\nhallo"])
def test_a_line_without_end_is_cut_and_counted(model: Path, ending: bytes) -> None:
    limit = lines.MAX_LINE_BYTES
    done = run("identify", "--lid-model", model, given=b"moien " + b"!" * 3 * limit + ending)
    rows = done.stdout.splitlines()
    assert rows[0] == b"ltz_Latn\t0.987\tmoien " + b"!" * (limit - 6)
    assert rows[1:] == [b"deu_Latn\t0.987\thallo"] * ending.count(b"hallo")
    assert done.stderr == f"standard input: lines cut after {limit} bytes: 1\n".encode()


def test_the_rows_before_a_damage_are_written(model: Path, tmp_path: Path) -> None:
    file = tmp_path / "cut.gz"
    text = "".join(f"moien {i}\n" for i in range(20_000)).encode()
    file.write_bytes(gzip.compress(text)[:-2000])
    done = run("identify", file, "--lid-model", model)
    assert done.returncode == 1
    assert done.stdout.startswith(b"ltz_Latn\t0.987\tmoien 0\nltz_Latn\t0.987\tmoien 1\n")
    assert done.stdout.endswith(b"\n")
    assert done.stderr.count(b"\n") == 1
    assert b"truncated" in done.stderr


def test_a_line_that_trickles_in_is_answered_at_once(model: Path) -> None:
    command = [MINE, "lid", "identify", "--lid-model", model]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin
        assert process.stdout
        for word, row in (("moien", b"ltz_Latn"), ("hallo", b"deu_Latn")):
            process.stdin.write(f"{word}\n".encode())
            process.stdin.flush()
            assert select.select([process.stdout], [], [], 30)[0], "no row while the pipe is open"
            assert process.stdout.readline().startswith(row)
        process.stdin.close()


def test_a_reader_that_leaves_is_no_error(model: Path, tmp_path: Path) -> None:
    (tmp_path / "many.txt").write_bytes(b"moien\n" * 300_000)
    pipe = f"set -o pipefail; {MINE} lid identify many.txt --lid-model {model} | head -n 1"
    done = subprocess.run(["bash", "-c", pipe], cwd=tmp_path, capture_output=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, b"ltz_Latn\t0.987\tmoien\n", b"")


@pytest.fixture(scope="module")
def tiny(model: Path) -> Identifier:
    return load_identifier(str(model))


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    yield tmp_path_factory.mktemp("lines") / "lines"


TEXTS = st.text(st.characters(codec="utf-8") | st.sampled_from("\n\r\t\0\x85\u2028\ufeff"))


@given(text=TEXTS)
def test_every_line_is_one_row_whatever_is_in_it(text: str, tiny: Identifier, file: Path) -> None:
    given_lines = f"first\n{text}".replace("\r\n", "\n").removesuffix("\n").split("\n")
    file.write_bytes(f"first\n{text}".encode())
    rows = {
        format_: b"".join(make(identify(t, tiny), t) for t in LineBatches(str(file))).decode()
        for format_, make in FORMATS.items()
    }
    tsv = [row.split("\t", 2) for row in rows["tsv"].removesuffix("\n").split("\n")]
    assert [row[2] for row in tsv] == given_lines
    json_rows = [orjson.loads(row) for row in rows["jsonl"].removesuffix("\n").split("\n")]
    assert [row["text"] for row in json_rows] == given_lines
    assert [f"{row['lang_score']:.3f}" for row in json_rows] == [row[1] for row in tsv]


# An escape would begin another character set, as ISO-2022-JP's do, and show nothing itself.
PLAIN_BYTES = st.binary().filter(lambda data: b"\x1b" not in data)


@given(data=PLAIN_BYTES, batch=st.integers(1, 40), limit=st.integers(1, 40))
def test_batches_do_not_change_the_lines(data: bytes, batch: int, limit: int, file: Path) -> None:
    file.write_bytes(b"first\n" + data)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(lines, "MAX_LINE_BYTES", limit)
        whole = [text for texts in LineBatches(str(file)) for text in texts.to_pylist()]
        patch.setattr(lines, "BATCH_BYTES", batch)
        parts = [text for texts in LineBatches(str(file)) for text in texts.to_pylist()]
    assert parts == whole
    assert len(whole) == 1 + data.count(b"\n") + (not data.endswith(b"\n") and data != b"")


# ---------------------------------------------------------------------------------------- evaluate

LABELLED = """\
lb\tmoien
__label__de hallo
zh-TW\t你好
de\tmoien\tmit Tab
und\t123
eu\thallo
no label
klingonisch\thallo
lb\t \n"""


def test_evaluation_counts_unknown_languages_and_bad_lines_apart(
    model: Path, tmp_path: Path
) -> None:
    file = tmp_path / "labelled.tsv"
    file.write_text(LABELLED, "utf-8")
    done = run("evaluate", file, "--lid-model", model, "--format", "json")
    assert done.returncode == 0, done.stderr
    figures = json.loads(done.stdout)["models"][0]
    assert figures["lines"] == 5
    assert figures["micro_f1"] == pytest.approx(4 / 5)
    assert figures["languages"]["ltz_Latn"]["precision"] == 0.5
    assert figures["languages"]["cmn_Hant"]["recall"] == 1  # the model's cmn_Hani
    assert figures["languages"]["und_Zyyy"]["f1"] == 1
    assert figures["confusions"] == [{"gold": "deu_Latn", "predicted": "ltz_Latn", "lines": 1}]
    assert sum(row["answers"] for row in figures["reliability"]) == 4
    assert figures["unknown_languages"] == {"eus_Latn": 1}
    assert figures["unknown_languages_called"] == {"deu_Latn": 1}
    assert done.stderr.decode().splitlines() == [
        f"{file}: malformed_row: lines left out: 1 (the first is line 7)",
        f"{file}: unknown_language: lines left out: 1 (the first is line 8 'klingonisch')",
        f"{file}: empty: lines left out: 1 (the first is line 9 'lb')",
    ]


def test_models_are_compared_on_the_lines_that_all_of_them_know(
    model: Path, write_fasttext, tmp_path: Path
) -> None:
    other = write_fasttext(tmp_path / "other.bin", {"hallo": "deu_Latn", "moien": "lim_Latn"})
    for language, text in (("ltz_Latn", "moien\n"), ("deu_Latn", "hallo\nmoien\n")):
        (tmp_path / "flores").mkdir(exist_ok=True)
        (tmp_path / "flores" / f"{language}.devtest").write_text(text, "utf-8")
    report = tmp_path / "report.txt"
    models = ("--lid-model", model, "--lid-model", other)
    done = run("evaluate", tmp_path / "flores", *models, "--output", report)
    assert (done.returncode, done.stdout) == (0, b""), done.stderr
    shown = report.read_text("utf-8")
    assert shown.startswith("2 lines in languages that every model knows\n")
    for part in (
        "tiny.bin   ",
        "other.bin   ",
        "deu_Latn   ltz_Latn           1\n",
        "deu_Latn   lim_Latn           1\n",
        "1 lines in 1 languages that other.bin does not know:\n  ltz_Latn\n",
    ):
        assert part in shown


# ------------------------------------------------------------------------------- train, and errors


def test_a_trained_model_identifies_what_it_was_trained_on(tmp_path: Path) -> None:
    file, model = tmp_path / "labelled.tsv", tmp_path / "model.safetensors"
    numbered = [
        (f"lb\tMoien, et si {i} Leit do.", f"de\tGuten Tag, es sind {i} da.") for i in range(300)
    ]
    file.write_text("\n".join(line for pair in numbered for line in pair), "utf-8")
    small = ("--epochs", 1, "--dimension", 8, "--buckets", 2000, "--seed", 1)
    done = run("train", file, "--output", model, *small)
    assert done.returncode == 0, done.stderr
    assert b"3 languages from 600 lines" in done.stderr  # with und_Zyyy
    again = run("train", file, "--output", tmp_path / "again.safetensors", *small)
    assert again.returncode == 0
    assert (tmp_path / "again.safetensors").read_bytes() == model.read_bytes()

    given_lines = b"Et si 5000 Leit do.\nEs sind 5000 da.\n"
    done = run("identify", "--lid-model", model, given=given_lines)
    assert [row.split(b"\t")[0] for row in done.stdout.splitlines()] == [b"ltz_Latn", b"deu_Latn"]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("identify", "no/such/file"), "no such file"),
        (("identify", "."), "is a folder"),
        (("identify", "--format", "csv"), "csv"),
        (("identify", "--min-score", "2"), "--min-score"),
        (("identify", "--lid-model", "no.bin"), "no.bin"),
        (("identify", "--depth"), "--depth"),
        (("evaluate",), "FILE"),
        (("evaluate", "no/such/file"), "no such file"),
        (("evaluate", "PLAIN"), "no labelled line"),
        (("evaluate", "UNKNOWN"), "no line is in a language that every model"),
        (("train", "PLAIN"), "--output"),
        (("train", "PLAIN", "--output", "no/such/folder/m.safetensors"), "no folder"),
        (("train", "PLAIN", "--output", "m.safetensors"), "no labelled line"),
        (("train", "UNKNOWN", "--output", "m.safetensors", "--epochs", "0"), "--epochs"),
        (("train", "UNKNOWN", "--output", "m.safetensors"), "expected two or more"),
        (("guess",), "guess"),
    ],
)
def test_a_users_mistake_ends_in_one_line_and_exit_code_2(
    mine, tmp_path: Path, arguments: tuple[str, ...], told: str
) -> None:
    (tmp_path / "PLAIN").write_text("no label\n", "utf-8")
    (tmp_path / "UNKNOWN").write_text("tlh\tHab SoSlI' Quch!\n", "utf-8")
    done = mine("lid", *arguments, cwd=tmp_path)
    assert done.returncode == 2, done.stderr
    assert told in done.stderr
    assert "Traceback" not in done.stderr
    complaints = [line for line in done.stderr.splitlines() if line.startswith(("mine:", "Error:"))]
    assert len(complaints) == 1


def test_help_answers_at_once(mine) -> None:
    seconds = []
    for _ in range(3):
        began = time.monotonic()
        assert mine("lid", "identify", "--help").returncode == 0
        seconds.append(time.monotonic() - began)
    assert min(seconds) < 0.5
