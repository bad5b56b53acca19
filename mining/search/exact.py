"""Exact inner products and the lists they rank: what decides every answer.

The approximate scores of a tile only choose which products are computed. A product is summed here
in one fixed order, in float64, of float32 factors whose products float64 holds exactly; then it is
rounded to float32. So the answer does not depend on tiles, threads or the precision of the search.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from bitseam.mining.search.prefetch import prefetch

_LANES = 64  # partial sums: a fixed order of summation that compilers can still vectorise
_GROUP = 64
_HALVINGS = 10  # of a range of scores, to find the best few
_LINE, _FETCHED = 16, 256  # entries of a cache line, and of a row that are asked for ahead


@njit(nogil=True, cache=True)
def inner_product(a, i, b, j, lanes):  # type: ignore[no-untyped-def]  # pragma: no cover
    """Return the product of rows i and j of float32 `(n, d)`; `lanes` is float64 scratch `(64,)`.

    The whole sides are handed over: a view of a row would be counted atomically by every thread.
    """
    d = a.shape[1]
    lanes[:] = 0.0
    whole = d // _LANES * _LANES
    for start in range(0, whole, _LANES):
        for lane in range(_LANES):
            lanes[lane] += np.float64(a[i, start + lane]) * np.float64(b[j, start + lane])
    for at in range(whole, d):
        lanes[at - whole] += np.float64(a[i, at]) * np.float64(b[j, at])
    half = _LANES // 2
    while half:
        for lane in range(half):
            lanes[lane] += lanes[lane + half]
        half //= 2
    return np.float32(lanes[0])


@njit(nogil=True, cache=True)
def _insert(ids, cosines, row, new_id, cosine):  # type: ignore[no-untyped-def]  # pragma: no cover
    """Put an entry in its place of list `row` of `(n, k)`, best first, equal ones by lower id."""
    k = ids.shape[1]
    at = k
    while at and (
        ids[row, at - 1] < 0
        or cosine > cosines[row, at - 1]
        or (cosine == cosines[row, at - 1] and new_id < ids[row, at - 1])
    ):
        at -= 1
        if at + 1 < k:
            ids[row, at + 1], cosines[row, at + 1] = ids[row, at], cosines[row, at]
    if at < k:
        ids[row, at], cosines[row, at] = new_id, cosine


@njit(nogil=True, cache=True)
def _lower_bound(values, row, count, k):  # type: ignore[no-untyped-def]  # pragma: no cover
    """Return a bar at or above which lie at least k of the first `count` values, hardly more."""
    low, high = values[row, 0], values[row, 0]
    for q in range(1, count):
        low, high = min(low, values[row, q]), max(high, values[row, q])
    for _ in range(_HALVINGS):
        middle = (low + high) * np.float32(0.5)
        above = np.int32(0)
        for q in range(count):
            above += np.int32(values[row, q] >= middle)
        if above < k:
            high = middle
        else:
            low = middle
    return low


@njit(nogil=True, cache=True)
def _fetch_row(array, row):  # type: ignore[no-untyped-def]  # pragma: no cover
    """Bring the beginning of a row nearer; the processor itself sees to the rest of a long one."""
    for column in range(0, min(_FETCHED, array.shape[1]), _LINE):
        prefetch(array, row, column)  # type: ignore[call-arg]


@njit(nogil=True, cache=True)
def rank_candidates(  # type: ignore[no-untyped-def]  # pragma: no cover
    lists, errors, queries, query_order, database, database_order, first_id, start, stop, out
):
    """Rank the candidates of the lists `start` to `stop` by exact products into `out`.

    The candidates of the k best scores go first: few of the others can reach the k-th then. List
    r belongs to `queries[query_order[r]]`; `out` is (ids, cosines, lost), see `PartialNeighbours`.
    """
    ids, cosines, lost = out
    values, places, counts, _, thresholds, _ = lists
    k = cosines.shape[1]
    lanes = np.empty(_LANES, np.float64)
    wanted = np.empty(values.shape[1], np.int32)
    for r in range(start, stop):
        count = counts[r]
        query = query_order[r]
        bar = _lower_bound(values, r, count, k)
        for best in (True, False):
            found = 0
            for q in range(count):
                score = values[r, q]
                wanted[found] = q
                beaten = score + errors[r] < cosines[query, k - 1]
                found += (score >= bar) == best and not beaten
            for t in range(found):
                if t + 1 < found:
                    _fetch_row(database, database_order[places[r, wanted[t + 1]]])
                q = wanted[t]
                if values[r, q] + errors[r] < cosines[query, k - 1]:
                    continue
                place = database_order[places[r, q]]
                cosine = inner_product(queries, query, database, place, lanes)
                _insert(ids, cosines, query, first_id + place, cosine)
        lost[query] = thresholds[r] + errors[r]


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
                    cosine = inner_product(queries, i, database, place, lanes)
                    if cosine >= floors[i]:
                        _insert(ids, cosines, i, first + place, cosine)
                        bar = max(floors[i], cosines[i, -1]) - errors[i]
