"""The texts of the sentences that a search ran over, in the order of its rows."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from bitseam.pipelines.parquet import read_batches
from bitseam.schemas.errors import BitseamError


def load_texts(sentences: list[Path], *sides: NDArray[np.int64]) -> tuple[pa.Array, ...]:
    """Return the text of each sentence of each side, `(n,)` ids ascending, from one reading.

    A sentence that occurs again has the text of its first occurrence.

    :param sentences: the files of the `sentences` table, in order.
    :raises BitseamError: one is in none of the files.
    """
    gathered = [_Side(ids) for ids in sides]
    for path in sentences:
        for batch in read_batches(path, ["sentence_id", "text"]):
            for side in gathered:
                side.add(batch)
    return tuple(side.in_order(sentences) for side in gathered)


class _Side:
    """The texts of one side's sentences, as they are met."""

    def __init__(self, ids: NDArray[np.int64]) -> None:
        self._ids = ids
        self._found = np.zeros(len(ids), bool)
        self._rows = [np.zeros(0, np.int64)]
        self._texts: list[pa.Array] = []

    def add(self, batch: pa.RecordBatch) -> None:
        place, where = _first_of_each(batch["sentence_id"].to_numpy(), self._ids, self._found)
        self._found[place] = True
        self._rows.append(place)
        self._texts.append(batch["text"].take(pa.array(where)).cast(pa.large_string()))

    def in_order(self, sentences: list[Path]) -> pa.Array:
        if not self._found.all():
            raise BitseamError(
                f"{int((~self._found).sum())} of {len(self._ids)} sentences that have neighbours "
                f"are not in {sentences[0].parent if sentences else 'the sentences table'}: "
                "repeat the run with --no-resume"
            )
        order = pa.array(np.argsort(np.concatenate(self._rows)))
        return pa.chunked_array(self._texts, pa.large_string()).combine_chunks().take(order)


def _first_of_each(
    batch: NDArray[np.int64], ids: NDArray[np.int64], found: NDArray[np.bool_]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return which of `ids` a batch has for the first time, and where in it, `(b,)` each."""
    place = np.searchsorted(ids, batch)
    inside = place < len(ids)
    inside[inside] = ids[place[inside]] == batch[inside]
    where = np.flatnonzero(inside)
    where = where[~found[place[where]]]
    new, first = np.unique(place[where], return_index=True)
    return new, where[first]
