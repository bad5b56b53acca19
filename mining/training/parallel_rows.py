"""Rows of parallel text: one column a language or version, a null for no translation."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import ceil

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

NO_TEXT = -1


@dataclass(frozen=True, slots=True)
class ParallelRows:
    """One source of training data: a table of string columns, seen `repeat` times an epoch.

    Of a `repeat` with a fraction the fraction is a share of the rows, drawn anew for each epoch.
    """

    name: str
    table: pa.Table
    repeat: float = 1


@dataclass(frozen=True, slots=True)
class IndexedRows:
    """The rows of one source as indices into the unique texts of all sources.

    `texts` is `(rows, columns)`, `NO_TEXT` where a row has none; `weights` `(columns,)` says how
    readily a column is drawn.
    """

    texts: npt.NDArray[np.int32]
    weights: npt.NDArray[np.float64]
    repeat: float


def index_rows(
    sources: list[ParallelRows], column_weights: Mapping[str, float]
) -> tuple[pa.LargeStringArray, list[IndexedRows]]:
    """Return the unique texts of all sources, and each source's rows of two texts or more."""
    columns = [
        column.cast(pa.large_string()).combine_chunks()
        for source in sources
        for column in source.table.columns
    ]
    encoded = pa.chunked_array(columns, pa.large_string()).combine_chunks().dictionary_encode()
    indices = pc.fill_null(encoded.indices, NO_TEXT).to_numpy(zero_copy_only=False)
    indexed, start = [], 0
    for source in sources:
        height, width = source.table.num_rows, source.table.num_columns
        texts = indices[start : start + height * width].reshape(width, height).T
        start += height * width
        weights = [column_weights.get(name, 1.0) for name in source.table.column_names]
        full_enough = (texts != NO_TEXT).sum(axis=1) > 1
        indexed.append(
            IndexedRows(
                np.ascontiguousarray(texts[full_enough], dtype=np.int32),
                np.array(weights, dtype=np.float64),
                source.repeat,
            )
        )
    return encoded.dictionary, indexed


def draw_batches(
    sources: list[IndexedRows], batch_size: int, rng: np.random.Generator
) -> Iterator[npt.NDArray[np.int32]]:
    """Yield one epoch of batches of pairs of text indices, `(n, 2)`, in random order.

    A batch comes from one source, so that its other targets are hard to tell from the right one.
    """
    plan = []
    for source in sources:
        pairs = draw_pairs(source.texts[_order(source, rng)], source.weights, rng)
        plan += [pairs[i : i + batch_size] for i in range(0, len(pairs), batch_size)]
    for i in rng.permutation(len(plan)):
        batch = without_repetition(plan[i])
        if len(batch) > 1:
            yield batch


def _order(source: IndexedRows, rng: np.random.Generator) -> npt.NDArray[np.int64]:
    """The rows of one epoch, in random order, each as often as the source is to be seen."""
    count = len(source.texts)
    orders = [rng.permutation(count) for _ in range(ceil(source.repeat))]
    return np.concatenate(orders)[: round(source.repeat * count)]


def draw_pairs(
    texts: npt.NDArray[np.int32], weights: npt.NDArray[np.float64], rng: np.random.Generator
) -> npt.NDArray[np.int32]:
    """Draw two different columns of each row by `weights`, `(rows, 2)`.

    Weighted draws without replacement are the smallest of exponential variates divided by the
    weights (Efraimidis & Spirakis 2006).
    """
    keys = rng.exponential(size=texts.shape) / weights
    keys[texts == NO_TEXT] = np.inf
    first_two = np.argsort(keys, axis=1, kind="stable")[:, :2]
    return np.take_along_axis(texts, first_two, axis=1)


def without_repetition(pairs: npt.NDArray[np.int32]) -> npt.NDArray[np.int32]:
    """Keep the first pair of each text, and none of a text with itself.

    A text that stood twice in a batch would be taught to be unlike itself.
    """
    pairs = pairs[pairs[:, 0] != pairs[:, 1]]
    seen: set[int] = set()
    keep = []
    for i, (a, b) in enumerate(pairs.tolist()):
        if a not in seen and b not in seen:
            keep.append(i)
            seen.update((a, b))
    return pairs[keep]
