r"""TSV as WikiMatrix and stopes write it: `margin<TAB>src<TAB>tgt`, best first, no header.

A row ends in `\n`, and nothing is quoted: a quote is a character like any other. Only what would
break a row is escaped, and the backslash that marks it: `\t`, `\n`, `\r` and `\\`, which
PostgreSQL's COPY reads as they stand. Cleaned text holds none of the first three, so that a
reader who does not undo escapes sees a difference only where a text has a backslash.
"""

from __future__ import annotations

from pathlib import Path

import polars as pl

from bitseam.pipelines.exporters.pairs import Pairs
from bitseam.pipelines.exporters.sinks import open_sink

ESCAPES = {"\\": r"\\", "\t": r"\t", "\n": r"\n", "\r": r"\r"}


def export(pairs: Pairs, output: Path) -> int:
    """Write one row a pair; margins in the fewest digits that give the same float32."""
    with open_sink(output) as file:
        for frame in pairs.frames("margin", "src_text", "tgt_text"):
            rows = frame.select("margin", pl.col("src_text", "tgt_text").str.replace_many(ESCAPES))
            table = rows.write_csv(include_header=False, separator="\t", quote_style="never")
            file.write(table.encode())
    return pairs.rows
