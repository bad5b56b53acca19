"""Moses: two line-aligned plain text files, `PREFIX.lb` and `PREFIX.de`."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from bitseam.pipelines.exporters.pairs import Pairs
from bitseam.pipelines.exporters.sinks import STANDARD_OUTPUT, open_sink, refuse_folder
from bitseam.schemas.errors import UserError

# Whatever some tool takes for the end of a line; Python's `str.splitlines` knows them all.
_LINE_ENDS = r"[\n\r\x0b\x0c\x1c-\x1e\x85\u2028\u2029]+"


def export(pairs: Pairs, output: Path) -> int:
    """Write the texts, one a line, best pair first; a line end within a text becomes a space."""
    refuse_folder(output)
    if output == STANDARD_OUTPUT:
        raise UserError("--output -: moses writes two files: expected the name they have in common")
    src, tgt = (output.with_name(f"{output.name}.{code}") for code in pairs.codes)
    with open_sink(src) as src_file, open_sink(tgt) as tgt_file:
        for frame in pairs.frames("src_text", "tgt_text"):
            src_file.write(_lines(frame, "src_text"))
            tgt_file.write(_lines(frame, "tgt_text"))
    return pairs.rows


def _lines(frame: pl.DataFrame, column: str) -> bytes:
    text = frame.select(pl.col(column).str.replace_all(_LINE_ENDS, " "))
    return text.write_csv(include_header=False, quote_style="never").encode()
