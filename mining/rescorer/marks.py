"""Punctuation that translations share, whichever signs a language writes it with."""

from __future__ import annotations

import numpy as np
import polars as pl
import pyarrow as pa
from numpy.typing import NDArray

# No commas, dashes or apostrophes: languages differ in where they set them. A mark within a number
# belongs to the number.
_KINDS = (
    r"[.。।։…]+(?:\D|$)",
    r"[?？؟]",
    r"[!！]",
    r"[:：](?:\D|$)",
    r"[;；؛]",
    r"[\"“”„‟«»‹›「」『』]",
    r"[()（）\[\]［］]",
    r"[%％٪]",
)


def marks_apart(
    src_texts: pa.Array, tgt_texts: pa.Array, src: NDArray[np.int64], tgt: NDArray[np.int64]
) -> NDArray[np.int32]:
    """Return how many marks of the pairs `(src, tgt)` have no partner of their kind, `(c,)`."""
    apart = np.zeros(len(src), np.int32)
    for kind in _KINDS:
        apart += np.abs(_counts(src_texts, kind)[src] - _counts(tgt_texts, kind)[tgt])
    return apart


def _counts(texts: pa.Array, kind: str) -> NDArray[np.int32]:
    counts = pl.Series(texts, dtype=pl.String).str.count_matches(kind).fill_null(0)
    return np.array(counts, np.int32)
