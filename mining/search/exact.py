"""Exact inner products and the lists they rank: what decides every answer.

The approximate scores of a tile only choose which products are computed. A product is summed here
in one fixed order, in float64, of float32 factors whose products float64 holds exactly; then it is
rounded to float32. So the answer does not depend on tiles, threads or the precision of the search.
"""

from __future__ import annotations

import numpy as np
from numba import njit

_LANES = 64  # partial sums: a fixed order of summation that compilers can still vectorise
_GROUP = 64


@njit(nogil=True, cache=True)
def inner_product(a, b, lanes):  # type: ignore[no-untyped-def]  # pragma: no cover
    """Return the product of two float32 vectors `(d,)`; `lanes` is float64 scratch `(64,)`."""
    lanes[:] = 0.0
    whole = len(a) // _LANES * _LANES
    for start in range(0, whole, _LANES):
        left, right = a[start : start + _LANES], b[start : start + _LANES]
        for j in range(_LANES):
            lanes[j] += np.float64(left[j]) * np.float64(right[j])
    for j in range(whole, len(a)):
        lanes[j - whole] += np.float64(a[j]) * np.float64(b[j])
    half = _LANES // 2
    while half:
        for j in range(half):
            lanes[j] += lanes[j + half]
        half //= 2
    return np.float32(lanes[0])


@njit(nogil=True, cache=True)
def _insert(ids, cosines, new_id, cosine):  # type: ignore[no-untyped-def]  # pragma: no cover
    """Put an entry in its place of a list `(k,)`, best first, equal cosines by lower id."""
    at = len(ids)
    while at and (
        ids[at - 1] < 0
        or cosine > cosines[at - 1]
        or (cosine == cosines[at - 1] and new_id < ids[at - 1])
    ):
        at -= 1
        if at + 1 < len(ids):
            ids[at + 1], cosines[at + 1] = ids[at], cosines[at]
    if at < len(ids):
        ids[at], cosines[at] = new_id, cosine


@njit(nogil=True, cache=True)
def rank_candidates(  # type: ignore[no-untyped-def]  # pragma: no cover
    lists, errors, queries, query_order, database, database_order, first_id, start, stop, out
):
    """Rank the candidates of the lists `start` to `stop` by exact products into `out`.

    Candidates are taken by falling score until none can reach the k-th any more. List r belongs
    to `queries[query_order[r]]`; `out` is (ids, cosines, lost), see `PartialNeighbours`.
    """
    ids, cosines, lost = out
    lanes = np.empty(_LANES, np.float64)
    for r in range(start, stop):
        count = lists.counts[r]
        query = query_order[r]
        for q in np.argsort(-lists.values[r, :count]):
            if lists.values[r, q] + errors[r] < cosines[query, -1]:
                break
            place = database_order[lists.places[r, q]]
            cosine = inner_product(queries[query], database[place], lanes)
            _insert(ids[query], cosines[query], first_id + place, cosine)
        lost[query] = lists.thresholds[r] + errors[r]


@njit(nogil=True, cache=True)
def sweep_tile(  # type: ignore[no-untyped-def]  # pragma: no cover
    tile, x_scales, y_scales, errors, floors, queries, database, order, first, out
):
    """Rank every column of `tile` `(b, c)` that may be among the nearest of a row into `out`.

    Complete whatever the scores: only what provably stays below the row's `floors` or its k-th
    entry is passed over. Column j is `database[order[j]]` with id `first + order[j]`.
    """
    ids, cosines = out
    lanes = np.empty(_LANES, np.float64)
    height, width = tile.shape
    for i in range(height):
        bar = max(floors[i], cosines[i, -1]) - errors[i]
        for start in range(0, width, _GROUP):
            stop = min(start + _GROUP, width)
            scores, scales = tile[i, start:stop], y_scales[start:stop]
            found = np.int32(0)
            for j in range(stop - start):
                found |= np.int32(np.float32(scores[j]) * x_scales[i] * scales[j] >= bar)
            if found == 0:
                continue
            for j in range(stop - start):
                if np.float32(scores[j]) * x_scales[i] * scales[j] >= bar:
                    place = order[start + j]
                    cosine = inner_product(queries[i], database[place], lanes)
                    if cosine >= floors[i]:
                        _insert(ids[i], cosines[i], first + place, cosine)
                        bar = max(floors[i], cosines[i, -1]) - errors[i]
