"""moses, tsv and jsonl: what is read back is what was mined."""

from __future__ import annotations

import json
import re
import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bitseam.pipelines.exporters import export_pairs
from bitseam.schemas import tables

MakeRun = Callable[..., Path]
MakeTable = Callable[..., pa.Table]

BREAKERS = st.sampled_from(list('\\\t\n\r"\x0b\x1e\x85\u2028 nrt'))
TEXT = st.text(st.characters(exclude_categories=["Cs"]) | BREAKERS, max_size=12)
MARGIN = st.floats(width=32, allow_nan=False, allow_infinity=False)
PAIRS = st.lists(st.tuples(MARGIN, TEXT, TEXT), max_size=8)


Export = Callable[[str, list[tuple[float, str, str]]], dict[str, bytes]]


@pytest.fixture(scope="session")
def exported(make_run: MakeRun, pairs_table: MakeTable) -> Export:
    """A function that exports rows of margin and texts and returns the files."""

    def export(name: str, rows: list[tuple[float, str, str]]) -> dict[str, bytes]:
        texts = [(src, tgt) for _, src, tgt in rows]
        run = make_run(pairs_table(texts, [margin for margin, _, _ in rows]))
        with tempfile.TemporaryDirectory() as folder:
            export_pairs(run, name, Path(folder) / "out")
            return {path.name: path.read_bytes() for path in Path(folder).iterdir()}

    return export


def read_tsv(data: bytes) -> list[list[str]]:
    """Read what the tsv exporter documents: rows end in a newline, four escapes, no quoting."""
    meaning = {r"\\": "\\", r"\t": "\t", r"\n": "\n", r"\r": "\r"}
    *lines, rest = data.decode().split("\n")
    assert rest == "", "the last row does not end in a newline"
    return [
        [re.sub(r"\\[\\tnr]", lambda found: meaning[found[0]], cell) for cell in line.split("\t")]
        for line in lines
    ]


@settings(max_examples=60)
@given(rows=PAIRS)
def test_tsv_survives_any_text(exported: Export, rows: list[tuple[float, str, str]]) -> None:
    found = read_tsv(exported("tsv", rows)["out"])
    assert [(np.float32(margin), src, tgt) for margin, src, tgt in found] == rows


def test_tsv_rows_are_those_of_wikimatrix(exported: Export) -> None:
    rows = [(1.1, "Moien \"Welt\" 'a'", "Hallo, „Welt“"), (1.0453216, "a\tb", "C:\\new\r\n")]
    expected = (
        "1.1\tMoien \"Welt\" 'a'\tHallo, „Welt“\n"
        "1.0453216\ta\\tb\tC:\\\\new\\r\\n\n"
    )  # fmt: skip
    assert exported("tsv", rows) == {"out": expected.encode()}


@settings(max_examples=60)
@given(rows=PAIRS)
def test_moses_files_are_line_aligned_for_every_reader(
    exported: Export, rows: list[tuple[float, str, str]]
) -> None:
    files = exported("moses", rows)
    assert sorted(files) == ["out.de", "out.lb"]
    for name, side in (("out.lb", 1), ("out.de", 2)):
        text = files[name].decode()
        lines = text.splitlines()  # splits at every line end that Unicode knows
        assert text.count("\n") == len(lines) == len(rows)
        assert [line.split() for line in lines] == [row[side].split() for row in rows]


def test_moses_leaves_text_without_line_ends_alone(exported: Export) -> None:
    files = exported("moses", [(1.0, ' "a"\t\\n ', "x\r\ny\u2028z")])
    assert files == {"out.lb": b' "a"\t\\n \n', "out.de": b"x y z\n"}


@pytest.mark.parametrize(
    ("languages", "names"),
    [
        (("ltz_Latn", "eng_Latn"), ["corpus.v1.en", "corpus.v1.lb"]),
        (("srp_Latn", "srp_Cyrl"), ["corpus.v1.sr-Cyrl", "corpus.v1.sr-Latn"]),
    ],
)
def test_moses_names_end_in_the_language(
    languages: tuple[str, str],
    names: list[str],
    make_run: MakeRun,
    pairs_table: MakeTable,
    tmp_path: Path,
) -> None:
    run = make_run(pairs_table([("a", "b")], languages=languages))
    export_pairs(run, "moses", tmp_path / "corpus.v1")
    assert sorted(path.name for path in tmp_path.iterdir()) == names


@settings(max_examples=60)
@given(rows=PAIRS)
def test_jsonl_survives_any_text_and_float(
    exported: Export, rows: list[tuple[float, str, str]]
) -> None:
    lines = exported("jsonl", rows)["out"].split(b"\n")
    found = [json.loads(line) for line in lines[:-1]]
    assert lines[-1] == b""
    assert [(np.float32(row["margin"]), row["src_text"], row["tgt_text"]) for row in found] == rows


def test_jsonl_keeps_columns_in_order_ids_exact_and_floats_short(exported: Export) -> None:
    line = exported("jsonl", [(1.1, "a", "b")])["out"].decode()
    assert list(json.loads(line)) == tables.PAIRS.names
    assert json.loads(line)["src_id"] == -(2**62)
    assert '"margin":1.1,"cosine":0.7,' in line


@pytest.mark.parametrize("name", ["tsv", "jsonl"])
def test_rows_keep_the_order_of_the_files(
    name: str, make_run: MakeRun, pairs_table: MakeTable, tmp_path: Path
) -> None:
    texts = [(f"s{row}", f"t{row}") for row in range(20_000)]  # more than one batch
    margins = [3 - row / 10_000 for row in range(20_000)]
    table = pairs_table(texts, margins)
    run = make_run(table.slice(0, 9_000), table.slice(9_000))
    assert export_pairs(run, name, tmp_path / "out") == 20_000
    found = re.findall(r"\bs(\d+)\b", (tmp_path / "out").read_text("utf-8"))
    assert [int(number) for number in found] == list(range(20_000))
