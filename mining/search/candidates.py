"""Candidate lists of a fused search: the best approximate scores of every row and every column.

A tile of scores is read once for both directions. A score is kept where it exceeds the threshold
of its row or of its column; few do after the first tiles, so most groups of scores cost one
vectorised comparison. A full list is cut down by bisection, which raises its threshold: nothing
above the threshold was ever dropped, and that is what the certificate of completeness rests on.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

_GROUP = 64  # scores compared at once: four AVX-512 registers
_START = 32  # entries of a new list before its first cut


class CandidateLists(NamedTuple):
    """Unordered candidates of `n` rows.

    :ivar values: `(n, c)` float32 approximate scores; the first `counts[i]` of row i are valid.
    :ivar places: `(n, c)` int32 place of the candidate on the other side.
    :ivar counts: `(n,)` int32 entries in use.
    :ivar limits: `(n,)` int32 entries at which the list is cut.
    :ivar thresholds: `(n,)` float32; every dropped candidate scored at most this.
    :ivar keep: candidates kept by a cut at the end of the search.
    """

    values: NDArray[np.float32]
    places: NDArray[np.int32]
    counts: NDArray[np.int32]
    limits: NDArray[np.int32]
    thresholds: NDArray[np.float32]
    keep: int


def list_capacity(keep: int) -> int:
    """Return the entries allocated to a list that keeps `keep`."""
    return 2 * keep + _START


def new_lists(n: int, keep: int, threshold: float = -np.inf) -> CandidateLists:
    """Return `n` empty lists of scores above a threshold."""
    capacity = list_capacity(keep)
    return CandidateLists(
        np.empty((n, capacity), np.float32),
        np.empty((n, capacity), np.int32),
        np.zeros(n, np.int32),
        np.full(n, _START, np.int32),
        np.full(n, threshold, np.float32),
        keep,
    )


# numba compiles these; mypy cannot see through its decorator.
@njit(nogil=True, cache=True)
def scan_tile(  # type: ignore[no-untyped-def]  # pragma: no cover
    tile, x_scales, y_scales, rows, columns, first_row, first_column, row_share, column_share
):
    """Append the promising scores of `tile` `(b, c)` to the lists of its rows and columns.

    Score (i, j) is `tile[i, j] * x_scales[i] * y_scales[j]`. The shares say how much of all
    columns (for the rows) and of all rows (for the columns) has been seen once this tile has.
    """
    height, width = tile.shape
    for i in range(height):
        row = first_row + i
        scale = x_scales[row]
        for start in range(0, width, _GROUP):
            at = first_column + start
            at = first_column + start
            if start + _GROUP <= width:
                bar = rows.thresholds[row]
                scores, scales = tile[i, start : start + _GROUP], y_scales[at : at + _GROUP]
                bars = columns.thresholds[at : at + _GROUP]
                found = np.int32(0)
                for j in range(_GROUP):
                    found |= np.int32(np.float32(scores[j]) * scale * scales[j] > min(bar, bars[j]))
                if found == 0:
                    continue
            for j in range(start, min(start + _GROUP, width)):
                column = first_column + j
                score = np.float32(tile[i, j]) * scale * y_scales[column]
                if score > rows.thresholds[row]:
                    _append(rows, row, score, column, row_share)
                if score > columns.thresholds[column]:
                    _append(columns, column, score, row, column_share)


@njit(nogil=True, cache=True)
def _append(lists, row, value, place, share):  # type: ignore[no-untyped-def]  # pragma: no cover
    count = lists.counts[row]
    lists.values[row, count] = value
    lists.places[row, count] = place
    count += 1
    lists.counts[row] = count
    if count >= lists.limits[row]:
        _cut(lists, row, count, share)


@njit(nogil=True, cache=True)
def _cut(lists, row, count, share):  # type: ignore[no-untyped-def]  # pragma: no cover
    """Keep about the best `wanted` entries of a list and raise its threshold.

    The rows come shuffled: of the `keep` best of all, a share seen so far holds so many, give or
    take three standard deviations. Keeping no more makes the threshold tight from the beginning;
    where chance has it otherwise the certificate fails and the row is searched again.
    """
    expected = share * lists.keep
    wanted = min(lists.keep, int(expected + 3 * np.sqrt(expected)) + 4)
    kept = count
    if count > wanted:
        values = lists.values[row, :count]
        bar, ties = _bar(values, wanted)
        kept = 0
        for above in (True, False):  # ties at the bar fill what room those above it leave
            for q in range(kept, count):
                value = values[q]
                if value > bar if above else (value == bar and kept < ties):
                    place = lists.places[row, q]
                    values[q] = values[kept]
                    lists.places[row, q] = lists.places[row, kept]
                    values[kept] = value
                    lists.places[row, kept] = place
                    kept += 1
        lists.thresholds[row] = bar
    lists.counts[row] = kept
    lists.limits[row] = min(lists.values.shape[1], max(kept + max(kept, 16), wanted + 16))


@njit(nogil=True, cache=True)
def _bar(values, wanted):  # type: ignore[no-untyped-def]  # pragma: no cover
    """Return (bar, ties): `wanted` to 1.25 `wanted` values exceed the bar and ties is 0, or
    fewer do because of equal values at the bar, of which some fill up to `ties` entries.
    """
    low, high = values[0], values[0]
    for value in values:
        low, high = min(low, value), max(high, value)
    if _count_above(values, low) < wanted:
        return low, wanted
    while True:
        middle = np.float32(low + (high - low) * np.float32(0.5))
        if not low < middle < high:
            return high, wanted  # neighbouring floats: all values between them equal `high`
        above = _count_above(values, middle)
        if above < wanted:
            high = middle
        else:
            low = middle
            if above <= wanted + wanted // 4:
                return low, 0


@njit(nogil=True, cache=True)
def _count_above(values, bar):  # type: ignore[no-untyped-def]  # pragma: no cover
    above = np.int32(0)
    for value in values:
        above += np.int32(value > bar)
    return above
