"""A pile as one long file a side: `mine` finds in it what it finds in its documents."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from bitseam.pipelines.job import mine
from bitseam.pipelines.options import MineOptions
from bitseam.pipelines.readers import ReadOptions, find_inputs, read_documents

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "lb-de"
SIDES = {"lb": EXAMPLE / "lbwiki.xml", "de": EXAMPLE / "dewiki.jsonl"}


def texts_of(path: Path) -> list[str]:
    [file] = find_inputs([str(path)])
    batches = read_documents(file, ReadOptions())
    return [text for batch in batches for text in batch.documents["text"].to_pylist()]


def pairs(inputs: list[Path], output: Path) -> pl.DataFrame:
    mine(MineOptions(src="lb", tgt="de", output=output, inputs=tuple(map(str, inputs))))
    return pl.read_parquet(output / "pairs" / "*.parquet", columns=["src_text", "tgt_text"])


def test_one_long_file_a_side_gives_what_its_documents_give(tmp_path: Path) -> None:
    for side, path in SIDES.items():
        texts = texts_of(path)
        assert len(texts) >= 41
        (tmp_path / f"all.{side}.txt").write_text("\n\n".join(texts), "utf-8")
    apart = pairs([*SIDES.values()], tmp_path / "apart")
    long = pairs([tmp_path / f"all.{side}.txt" for side in SIDES], tmp_path / "long")
    both = apart.join(long, on=["src_text", "tgt_text"], how="semi")
    assert both.height >= 0.98 * apart.height
    assert long.height <= 1.02 * apart.height
