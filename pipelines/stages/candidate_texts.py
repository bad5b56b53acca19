"""The texts of the sentences that a search ran over, in the order of its rows."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from bitseam.pipelines.parquet import read_batches
from bitseam.schemas.errors import BitseamError


def load_texts(sentences: list[Path], ids: NDArray[np.int64]) -> pa.Array:
    """Return the text of each sentence of `ids`, `(n,)` ascending; of its first occurrence.

    :param sentences: the files of the `sentences` table, in order.
    :raises BitseamError: one is in none of the files.
    """
    found = np.zeros(len(ids), bool)
    rows: list[NDArray[np.int64]] = []
    texts: list[pa.Array] = []
    for path in sentences:
        for batch in read_batches(path, ["sentence_id", "text"]):
            place, where = _first_of_each(batch["sentence_id"].to_numpy(), ids, found)
            found[place] = True
            rows.append(place)
            texts.append(batch["text"].take(pa.array(where)).cast(pa.large_string()))
    if not found.all():
        raise BitseamError(
            f"{int((~found).sum())} of {len(ids)} sentences that have neighbours are not in "
            f"{sentences[0].parent if sentences else 'the sentences table'}: "
            "repeat the run with --no-resume"
        )
    order = np.argsort(np.concatenate([np.zeros(0, np.int64), *rows]))
    return pa.chunked_array(texts, pa.large_string()).combine_chunks().take(pa.array(order))


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
