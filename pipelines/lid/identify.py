"""Lines in, the same lines with their languages out: a row a line, in the order of the input."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Callable, Sequence

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.compute as pc

from bitseam.lid.identifiers import Identifier
from bitseam.lid.identify import Identified, identify
from bitseam.pipelines.lid.lines import STANDARD_INPUT, LineBatches

THOUSANDTHS = pa.array([f"{i / 1000:.3f}" for i in range(1001)])


def identify_lines(
    paths: Sequence[str], identifier: Identifier, format_: str, min_score: float
) -> None:
    """Write a row for every line of the files (`-` and none: standard input) to standard output.

    Every batch is flushed. Ends quietly when nobody reads on, as in `| head`.

    :raises UserError: there is no such file.
    :raises BitseamError: a file cannot be read on; the rows of the lines before it are written.
    """
    rows = FORMATS[format_]
    try:
        for lines in map(LineBatches, paths or [STANDARD_INPUT]):
            try:
                for texts in lines:
                    sys.stdout.buffer.write(rows(identify(texts, identifier, min_score), texts))
                    sys.stdout.buffer.flush()
            finally:
                lines.warn()
    except BrokenPipeError:
        # Python flushes standard output once more at its exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def tsv_rows(identified: Identified, texts: pa.StringArray) -> memoryview:
    r"""Return `ltz_Latn\t0.987\ttext\n` for each text; tabs in it stay, it is the last column."""
    scores = THOUSANDTHS.take(pa.array(_thousandths(identified.scores)))
    lines = pc.binary_join_element_wise(texts, "", "\n")
    rows = pc.binary_join_element_wise(identified.languages, scores, lines, "\t")
    return memoryview(rows.buffers()[2])[: pc.sum(pc.binary_length(rows)).as_py()]


def jsonl_rows(identified: Identified, texts: pa.StringArray) -> memoryview:
    """Return an object with `lang`, `lang_score` and `text` for each text."""
    columns = {
        "lang": pl.Series(identified.languages),
        "lang_score": _thousandths(identified.scores) / 1000,
        "text": pl.Series(texts),
    }
    rows = io.BytesIO()
    pl.DataFrame(columns).write_ndjson(rows)
    return rows.getbuffer()


FORMATS: dict[str, Callable[[Identified, pa.StringArray], memoryview]] = {
    "tsv": tsv_rows,
    "jsonl": jsonl_rows,
}


def _thousandths(scores: np.ndarray) -> np.ndarray:
    return np.rint(scores.astype(np.float64) * 1000).astype(np.int64)
