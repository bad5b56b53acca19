"""Columns of texts, a block at a time: an Arrow array of strings holds two gigabytes at most."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import polars as pl
import pyarrow as pa
from numpy.typing import NDArray

from bitseam.lid.clean import clean

_BLOCK = 1 << 18  # texts


def blocks(texts: pl.Series) -> Iterator[pa.StringArray]:
    """Yield the texts as Arrow arrays, in order; none of them null."""
    for at in range(0, len(texts), _BLOCK):
        yield texts[at : at + _BLOCK].to_arrow().cast(pa.string())


def by_block(function: Callable[[pa.StringArray], NDArray[Any]], texts: pl.Series) -> NDArray[Any]:
    """Return what `function` makes of all texts, `(n,)`; it is asked about a block at a time."""
    return np.concatenate([function(block) for block in blocks(texts)] or [np.empty(0, np.int64)])


def cleaned(texts: pl.Series) -> pl.Series:
    """Return the texts as `bitseam.lid.clean` has them; of a null an empty one."""
    parts = [
        pl.Series(clean(block).texts, dtype=pl.String) for block in blocks(texts.fill_null(""))
    ]
    return pl.concat([pl.Series([], dtype=pl.String), *parts]).alias(texts.name)
