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


# numba compiles these; mypy cannot see through its decorator. Each array taken out of a tuple, or
# handed to a function that is compiled into this one, is counted atomically by every thread: hence
# the loose arrays, and an append that is written out twice.
@njit(nogil=True, cache=True)
def scan_tile(  # type: ignore[no-untyped-def]  # pragma: no cover
    tile, x_scales, y_scales, rows, columns, first_row, first_column, r_share, c_share
):
    """Append the promising scores of `tile` `(b, c)` to the lists of its rows and columns.

    Score (i, j) is `tile[i, j] * x_scales[i] * y_scales[j]`. The shares say how much of all
    columns (for the rows) and of all rows (for the columns) has been seen once this tile has.
    """
    height, width = tile.shape
    r_values, r_places, r_counts, r_limits, r_bars, keep = rows
    c_values, c_places, c_counts, c_limits, c_bars, _ = columns
    for i in range(height):
        row = first_row + i
        scale = x_scales[row]
        for start in range(0, width, _GROUP):
            at = first_column + start
            if start + _GROUP <= width:
                scores, scales = tile[i, start : start + _GROUP], y_scales[at : at + _GROUP]
                if not _any_above(scores, scale, scales, r_bars[row], c_bars[at : at + _GROUP]):
                    continue
            for j in range(start, min(start + _GROUP, width)):
                column = first_column + j
                score = np.float32(tile[i, j]) * scale * y_scales[column]
                if score > r_bars[row]:
                    count = r_counts[row]
                    r_values[row, count], r_places[row, count] = score, column
                    r_counts[row] = count + 1
                    if count + 1 >= r_limits[row]:
                        _cut(row, r_share, r_values, r_places, r_counts, r_limits, r_bars, keep)
                if score > c_bars[column]:
                    count = c_counts[column]
                    c_values[column, count], c_places[column, count] = score, row
                    c_counts[column] = count + 1
                    if count + 1 >= c_limits[column]:
                        _cut(column, c_share, c_values, c_places, c_counts, c_limits, c_bars, keep)


@njit(nogil=True, cache=True)
def _any_above(scores, scale, scales, bar, bars):  # type: ignore[no-untyped-def]  # pragma: no cover
    found = np.int32(0)
    for j in range(_GROUP):
        found |= np.int32(np.float32(scores[j]) * scale * scales[j] > min(bar, bars[j]))
    return found != 0


@njit(nogil=True, cache=True)
def _cut(  # type: ignore[no-untyped-def]  # pragma: no cover
    row, share, values, places, counts, limits, thresholds, keep
):
    """Keep about the best `_wanted` entries of a list and raise its threshold."""
    kept = counts[row]
    wanted = _wanted(keep, share)
    if kept > wanted:
        bar, ties = _bar(values, row, kept, wanted)
        kept = _move_best(values, places, row, kept, bar, ties)
        thresholds[row] = bar
    counts[row] = kept
    limits[row] = min(values.shape[1], max(kept + max(kept, 16), wanted + 16))


@njit(nogil=True, cache=True)
def _wanted(keep, share):  # type: ignore[no-untyped-def]  # pragma: no cover
    """Return about how many entries a list is to keep when a share of all has been seen.

    The rows come shuffled: of the `keep` best of all, a share seen so far holds so many, give or
    take three standard deviations. Keeping no more makes the threshold tight from the beginning;
    where chance has it otherwise the certificate fails and the row is searched again.
    """
    expected = share * keep
    return min(keep, int(expected + 3 * np.sqrt(expected)) + 4)


@njit(nogil=True, cache=True)
def _bar(values, row, count, wanted):  # type: ignore[no-untyped-def]  # pragma: no cover
    """Return (bar, ties): `wanted` to 1.25 `wanted` values exceed the bar and ties is 0, or
    fewer do because of equal values at the bar, of which some fill up to `ties` entries.
    """
    low, high = values[row, 0], values[row, 0]
    for q in range(1, count):
        low, high = min(low, values[row, q]), max(high, values[row, q])
    if _count_above(values, row, count, low) < wanted:
        return low, wanted
    while True:
        middle = np.float32(low + (high - low) * np.float32(0.5))
        if not low < middle < high:
            return high, wanted  # neighbouring floats: all values between them equal `high`
        above = _count_above(values, row, count, middle)
        if above < wanted:
            high = middle
        else:
            low = middle
            if above <= wanted + wanted // 4:
                return low, 0


@njit(nogil=True, cache=True)
def _count_above(values, row, count, bar):  # type: ignore[no-untyped-def]  # pragma: no cover
    above = np.int32(0)
    for q in range(count):
        above += np.int32(values[row, q] > bar)
    return above


@njit(nogil=True, cache=True)
def _move_best(  # type: ignore[no-untyped-def]  # pragma: no cover
    values, places, row, count, bar, ties
):
    """Move the entries above the bar to the front, then up to `ties` with those at it.

    Every entry changes places with the first that stays behind, kept or not: no branch to guess.
    """
    kept = 0
    for above in (True, False):
        for q in range(kept, count if above or kept < ties else kept):
            value, place = values[row, q], places[row, q]
            values[row, q] = values[row, kept]
            places[row, q] = places[row, kept]
            values[row, kept] = value
            places[row, kept] = place
            kept += value > bar if above else (value == bar and kept < ties)
    return kept
