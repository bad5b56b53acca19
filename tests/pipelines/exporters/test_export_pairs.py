"""What holds for every format: counts, order, determinism, atomic writing, refusals."""

from __future__ import annotations

import bz2
import gzip
import json
import lzma
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import zstandard

from bitseam.pipelines.exporters import FORMATS, export_pairs
from bitseam.schemas.errors import BitseamError, UserError

MakeRun = Callable[..., Path]
MakeTable = Callable[..., pa.Table]

SENTENCES = [("Moien.", "Guten Tag."), ("Äddi.", "Auf Wiedersehen.")]


def contents(folder: Path) -> dict[str, bytes]:
    files = (path for path in sorted(folder.rglob("*")) if path.is_file())
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


@pytest.mark.parametrize("name", FORMATS)
def test_every_row_is_counted_and_the_same_bytes_come_twice(
    name: str, nasty_run: Path, nasty_texts: list[tuple[str, str]], tmp_path: Path
) -> None:
    for attempt in ("first", "second"):
        assert export_pairs(nasty_run, name, tmp_path / attempt / "out") == len(nasty_texts)
    first = contents(tmp_path / "first")
    assert first == contents(tmp_path / "second")
    assert all(first.values()), "an empty file was written"
    assert not any(file.endswith(".part") for file in first)


@pytest.mark.parametrize("name", ["moses", "tsv", "tmx", "jsonl"])
def test_a_run_without_a_single_pair_is_exported(
    name: str, make_run: MakeRun, pairs_table: MakeTable, tmp_path: Path
) -> None:
    assert export_pairs(make_run(pairs_table([])), name, tmp_path / "out") == 0
    assert contents(tmp_path)


@pytest.mark.parametrize("name", FORMATS)
def test_a_damaged_file_leaves_no_output(
    name: str, make_run: MakeRun, pairs_table: MakeTable, tmp_path: Path
) -> None:
    run = make_run(pairs_table([(f"{row}", f"{row * row}") for row in range(3000)]))
    path = next((run / "pairs").iterdir())
    whole = path.read_bytes()
    path.write_bytes(whole[:4] + b"\xff" * (len(whole) // 2) + whole[4 + len(whole) // 2 :])
    with pytest.raises(BitseamError, match="cannot be read as Parquet"):
        export_pairs(run, name, tmp_path / "out")
    assert contents(tmp_path) == {}


@pytest.mark.parametrize(
    ("suffix", "decompress"),
    [
        (".gz", gzip.decompress),
        (".bz2", bz2.decompress),
        (".xz", lzma.decompress),
        (".zst", lambda data: zstandard.ZstdDecompressor().decompressobj().decompress(data)),
    ],
)
@pytest.mark.parametrize("name", ["tsv", "jsonl", "tmx"])
def test_the_name_chooses_the_compression(
    name: str, suffix: str, decompress: Callable[[bytes], bytes], nasty_run: Path, tmp_path: Path
) -> None:
    plain, packed = tmp_path / "out", tmp_path / f"out{suffix}"
    export_pairs(nasty_run, name, plain)
    export_pairs(nasty_run, name, packed)
    once = packed.read_bytes()
    assert decompress(once) == plain.read_bytes() != once
    export_pairs(nasty_run, name, packed)
    assert packed.read_bytes() == once


def test_a_gzip_header_has_neither_time_nor_name(nasty_run: Path, tmp_path: Path) -> None:
    export_pairs(nasty_run, "tsv", tmp_path / "out.tsv.gz")
    flags, *time = (tmp_path / "out.tsv.gz").read_bytes()[3:8]
    assert (flags, time) == (0, [0, 0, 0, 0])


def test_a_file_is_replaced_but_a_folder_is_not(nasty_run: Path, tmp_path: Path) -> None:
    (tmp_path / "out.tsv").write_text("old")
    export_pairs(nasty_run, "tsv", tmp_path / "out.tsv")
    assert (tmp_path / "out.tsv").read_text("utf-8") != "old"
    for name in ("tsv", "tmx", "jsonl", "moses"):
        with pytest.raises(UserError, match="is a folder"):
            export_pairs(nasty_run, name, tmp_path)


@pytest.mark.parametrize("format_", ["tsv", "jsonl", "tmx"])
def test_a_hyphen_is_standard_output(mine, nasty_run: Path, tmp_path: Path, format_: str) -> None:
    export_pairs(nasty_run, format_, tmp_path / "file")
    done = mine("export", nasty_run, "--format", format_, "--output", "-", cwd=tmp_path)
    assert done.returncode == 0
    assert done.stdout == (tmp_path / "file").read_text("utf-8")  # with the same line ends
    assert not (tmp_path / "-").exists()


@pytest.mark.parametrize("format_", ["moses", "huggingface"])
def test_what_is_several_files_does_not_go_to_standard_output(
    mine, nasty_run: Path, tmp_path: Path, format_: str
) -> None:
    done = mine("export", nasty_run, "--format", format_, "--output", "-", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert "--output -" in done.stderr
    assert not list(tmp_path.iterdir())


def test_an_unknown_format_is_refused_with_the_known_ones(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"'csv'.*moses, tsv, tmx, jsonl, huggingface"):
        export_pairs(tmp_path, "csv", tmp_path / "out")


def test_a_folder_without_pairs_is_refused_with_what_it_holds(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="is no folder"):
        export_pairs(tmp_path / "absent", "tsv", tmp_path / "out")
    with pytest.raises(UserError, match="holds nothing, but no pairs"):
        export_pairs(tmp_path, "tsv", tmp_path / "out")
    for stage in ("embeddings", "sentences"):
        (tmp_path / stage).mkdir()
    with pytest.raises(UserError, match=r"holds embeddings, sentences, but no pairs: run .*mine"):
        export_pairs(tmp_path, "tsv", tmp_path / "out")


@pytest.mark.parametrize(
    ("metadata", "message"),
    [
        ({"bitseam.version": "2"}, "table version 2, this Bitseam reads up to 1: upgrade"),
        ({"bitseam.version": "new"}, "table version new"),
        ({"bitseam.table": "sentences"}, "is a table of sentences: expected pairs"),
        ({"bitseam.table": ""}, "is no table of Bitseam: expected pairs"),
    ],
)
def test_a_table_this_version_cannot_read_is_refused(
    metadata: dict[str, str],
    message: str,
    make_run: MakeRun,
    pairs_table: MakeTable,
    tmp_path: Path,
) -> None:
    run = make_run(pairs_table(SENTENCES, metadata=metadata))
    with pytest.raises(UserError, match=message):
        export_pairs(run, "tsv", tmp_path / "out")


def test_missing_columns_and_a_missing_signature_are_named(
    make_run: MakeRun, pairs_table: MakeTable, tmp_path: Path
) -> None:
    table = pairs_table(SENTENCES).drop_columns(["margin"])
    metadata = {k: v for k, v in table.schema.metadata.items() if k != b"bitseam.signature"}
    with pytest.raises(UserError, match="lacks margin, the signature"):
        export_pairs(make_run(table.replace_schema_metadata(metadata)), "tsv", tmp_path / "out")


def test_files_of_two_runs_are_refused(
    make_run: MakeRun, pairs_table: MakeTable, tmp_path: Path
) -> None:
    other = {"bitseam.signature": "bitseam:0.1.0|k:16"}
    run = make_run(pairs_table(SENTENCES), pairs_table(SENTENCES, metadata=other))
    with pytest.raises(UserError, match="differ in columns or signature"):
        export_pairs(run, "tsv", tmp_path / "out")


def test_a_file_missing_from_a_committed_stage_is_noticed(
    make_run: MakeRun, pairs_table: MakeTable, tmp_path: Path
) -> None:
    run = make_run(pairs_table(SENTENCES), pairs_table(SENTENCES))
    files = [
        {"name": path.name, "bytes": path.stat().st_size} for path in (run / "pairs").iterdir()
    ]
    (run / "pairs" / ".manifest.json").write_text(json.dumps({"files": files}))
    assert export_pairs(run, "tsv", tmp_path / "out") == 4
    (run / "pairs" / "pairs-00001.parquet").unlink()
    with pytest.raises(UserError, match="not those of its manifest"):
        export_pairs(run, "tsv", tmp_path / "out")


def test_pairs_of_several_languages_are_refused_where_names_depend_on_them(
    make_run: MakeRun, pairs_table: MakeTable, tmp_path: Path
) -> None:
    run = make_run(
        pairs_table(SENTENCES), pairs_table(SENTENCES, languages=("ltz_Latn", "fra_Latn"))
    )
    for name in ("moses", "tmx", "huggingface"):
        with pytest.raises(UserError, match="ltz_Latn-deu_Latn, ltz_Latn-fra_Latn"):
            export_pairs(run, name, tmp_path / "out")


def test_no_pairs_and_no_manifest_leave_the_languages_unknown(
    make_run: MakeRun, pairs_table: MakeTable, tmp_path: Path
) -> None:
    run = make_run(pairs_table([]))
    (run / "manifest.json").unlink()
    with pytest.raises(UserError, match="names its languages"):
        export_pairs(run, "moses", tmp_path / "out")
    assert export_pairs(run, "jsonl", tmp_path / "out") == 0


def test_a_column_added_later_is_kept(
    make_run: MakeRun, pairs_table: MakeTable, tmp_path: Path
) -> None:
    table = pairs_table(SENTENCES)
    table = table.append_column("domain_score", pa.array([0.9, 0.8], pa.float32()))
    run = make_run(table)
    export_pairs(run, "jsonl", tmp_path / "out.jsonl")
    rows = [json.loads(line) for line in (tmp_path / "out.jsonl").open(encoding="utf-8")]
    assert [row["domain_score"] for row in rows] == [0.9, 0.8]
    export_pairs(run, "huggingface", tmp_path / "out")
    assert "domain_score" in pq.read_schema(next((tmp_path / "out" / "data").iterdir())).names
    assert "| `domain_score` | float |" in (tmp_path / "out" / "README.md").read_text("utf-8")


def test_naming_the_formats_imports_nothing_heavy() -> None:
    code = (
        "import sys, bitseam.pipelines.exporters as e; assert e.FORMATS;"
        "print(sorted({'pyarrow', 'polars', 'lxml', 'numpy'} & sys.modules.keys()))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
