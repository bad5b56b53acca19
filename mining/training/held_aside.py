"""Rows held aside from training, and how well an encoder finds their translations."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import combinations
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import xxhash

from bitseam.lid.clean import clean
from bitseam.lid.identity import text_keys
from bitseam.mining.evaluate.ranks import gold_ranks
from bitseam.mining.evaluate.retrieval import precision_at
from bitseam.mining.evaluate.statistics import score
from bitseam.mining.training.parallel_rows import ParallelRows

MOST_ROWS = 2000  # of all sources together: more would cost time and tell little

Encode = Callable[[pa.Array], npt.NDArray[np.float32]]


class Accuracy(NamedTuple):
    """How often the nearest neighbour of a text is its translation, or equal to it.

    Of texts equally near each counts for its share.
    """

    pair: str  # the names of two columns: `lb-de`
    rows: int
    forward: float
    backward: float

    @property
    def mean(self) -> float:
        """Of both directions."""
        return (self.forward + self.backward) / 2


def hold_aside(
    sources: Sequence[ParallelRows], share: float
) -> tuple[list[ParallelRows], list[ParallelRows]]:
    """Return the rows to train on, and those held aside: `share` of all, `MOST_ROWS` at most.

    The hash of a row's first text decides: the same data are always parted alike, wherever its rows
    stand. No text held aside is left among the rows to train on.
    """
    hashes = [_hashes(source.table) for source in sources]
    together = np.sort(np.concatenate(hashes))
    count = min(MOST_ROWS, round(share * len(together)))
    bound = together[count - 1] if count else 0.0
    held = [
        replace(source, table=source.table.filter(pa.array(its <= bound)), repeat=1)
        for source, its in zip(sources, hashes, strict=True)
    ]
    return without_texts_of(sources, held), held


def without_texts_of(
    sources: Sequence[ParallelRows], held: Sequence[ParallelRows]
) -> list[ParallelRows]:
    """Return the sources without the rows that have a text in common with `held`."""
    columns = [column for rows in held for column in rows.table.columns]
    texts = np.unique(np.concatenate([text_keys(its.drop_null()) for its in columns]))
    kept = []
    for source in sources:
        known = np.zeros(source.table.num_rows, bool)
        for column in source.table.columns:
            known |= np.isin(text_keys(column), texts) & column.is_valid().to_numpy()
        kept.append(replace(source, table=source.table.filter(pa.array(~known))))
    return kept


def accuracies(held: Sequence[ParallelRows], encode: Encode) -> list[Accuracy]:
    """Return the accuracy of each pair of columns that has two rows or more, in their order."""
    return [
        nearest_neighbour_accuracy(pair, encode(source), encode(target), source, target)
        for pair, source, target in _pairs(held)
    ]


def nearest_neighbour_accuracy(
    pair: str,
    source: npt.NDArray[np.float32],
    target: npt.NDArray[np.float32],
    source_texts: pa.Array,
    target_texts: pa.Array,
) -> Accuracy:
    """Return the accuracy of row-aligned unit vectors, `(n, d)` each, of the texts given."""
    forward, backward = (
        score(precision_at(gold_ranks(*its), 1))
        for its in ((source, target, target_texts), (target, source, source_texts))
    )
    return Accuracy(pair, len(source), forward, backward)


def mean_accuracy(measured: Sequence[Accuracy]) -> float:
    """Return the mean over pairs of columns and directions."""
    return float(np.mean([accuracy.mean for accuracy in measured]))


def _hashes(table: pa.Table) -> npt.NDArray[np.float64]:
    """The hash of each row's first text, from 0 to 1, `(rows,)`."""
    first = pc.coalesce(*(column.cast(pa.large_string()) for column in table.columns))
    first = clean(first.fill_null("").cast(pa.string())).texts.cast(pa.binary())
    hashes = [xxhash.xxh3_64_intdigest(text) for text in first.to_pylist()]
    return np.array(hashes, np.float64) / 2.0**64


def _pairs(held: Sequence[ParallelRows]) -> Iterator[tuple[str, pa.Array, pa.Array]]:
    """Yield the rows of all sources that have both texts, for each pair of column names."""
    found: dict[tuple[str, str], list[pa.Table]] = {}
    for rows in held:
        for pair in combinations(rows.table.column_names, 2):
            both = rows.table.select(list(pair)).drop_null()
            swapped = pair[::-1]
            place = swapped if swapped in found else pair
            found.setdefault(place, []).append(both.select(list(place)))
    for (source, target), tables in found.items():
        table = pa.concat_tables(tables).combine_chunks()
        if table.num_rows > 1:
            first, second = (column.combine_chunks() for column in table.columns)
            yield f"{source}-{target}", first, second
