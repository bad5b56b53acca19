"""Neighbours that an index proposes, ranked by their exact cosines."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from bitseam.mining.approximate.index import (
    MOST_ON_GPU,
    Index,
    Vectors,
    build_index,
    faiss_threads,
    is_on_gpu,
    set_nprobe,
    to_gpu,
)
from bitseam.mining.approximate.spec import IndexSpec
from bitseam.mining.knn import Neighbours
from bitseam.mining.search.candidates import CandidateLists
from bitseam.mining.search.exact import rank_candidates
from bitseam.mining.search.partial import PartialNeighbours
from bitseam.schemas.errors import BitseamError


def approximate_neighbours(
    queries: Vectors,
    database: Vectors,
    k: int,
    spec: IndexSpec,
    *,
    threads: int | None = None,
    device: str = "cpu",
) -> Neighbours:
    """Find about the `k` rows of `database` `(m, d)` nearest to each of `queries` `(n, d)`.

    Both hold unit rows. What is found has its exact cosine; `recall.count_found` tells how much
    that is. Other numbers of threads give the same bytes.

    :param device: "cuda" searches by faiss on a GPU.
    :raises UserError: the database cannot make such an index, or there is no such device.
    """
    with faiss_threads(threads):
        if not len(database):
            return _nothing(len(queries))
        index = build_index(database, spec)
        if device != "cpu":
            index = to_gpu(index)
        return search_index(index, queries, database, k, spec)


def search_index(
    index: Index, queries: Vectors, database: Vectors, k: int, spec: IndexSpec
) -> Neighbours:
    """Find about the `k` nearest rows of `database` `(m, d)`, which is what `index` holds.

    Where the lists looked at hold fewer than k vectors, more of them are looked at.

    :raises BitseamError: a vector is not finite.
    """
    width = min(k, len(database))
    if not len(queries) or not width:
        return _nothing(len(queries))
    found = PartialNeighbours.empty(len(queries), width)
    todo, nprobe = np.arange(len(queries)), spec.nprobe
    while len(todo):
        part = np.ascontiguousarray(queries[todo])
        set_nprobe(index, nprobe)
        candidates = min(4 * width + 32, MOST_ON_GPU if is_on_gpu(index) else index.ntotal)
        _, rows = index.search(part, min(candidates, index.ntotal))
        ranked = _rank(part, database, rows, width)
        found.put(todo, ranked)
        todo = todo[ranked.ids[:, -1] < 0]
        if len(todo) and nprobe >= spec.lists:
            raise BitseamError("found NaN or infinite values among the vectors: encode them anew")
        nprobe = min(4 * nprobe, spec.lists)
    return Neighbours(found.ids, found.cosines)


def _rank(
    queries: Vectors, database: Vectors, proposed: NDArray[np.int64], width: int
) -> PartialNeighbours:
    """Rank proposed rows `(n, c)`, in which a -1 follows the last."""
    n = len(queries)
    rows, places = np.unique(proposed, return_inverse=True)
    counts = (proposed >= 0).sum(axis=1).astype(np.int32)
    unknown = np.full(n, np.inf, np.float32)  # how far off an index' own products are
    lists = CandidateLists(
        np.zeros(proposed.shape, np.float32),
        places.reshape(proposed.shape).astype(np.int32),
        counts,
        counts,
        unknown,
        proposed.shape[1],
    )
    found = PartialNeighbours.empty(n, width)
    out = (found.ids, found.cosines, found.lost)
    rank_candidates(lists, unknown, queries, np.arange(n), database, rows, 0, 0, n, out)
    return found


def _nothing(n: int) -> Neighbours:
    return Neighbours(np.empty((n, 0), np.int64), np.empty((n, 0), np.float32))
