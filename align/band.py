"""The search band: which cells of two documents' grid a good path may cross.

Neighbouring sentences are pooled two by two until the documents are short enough for a full
search. Each level's path, widened by all paths nearly as good, bounds the search of the next
finer level (FastDTW, Salvador & Chan 2007, as in Thompson & Koehn 2019). A path collects the
similarity of the sentences it pairs above what unrelated sentences have; leaving one out is free.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

_FULL = 400  # sentences of the longer document up to which every cell is searched
_RADIUS = 3  # cells added on both sides of a band when it is refined
_SLACK = 0.8  # how much similarity a path may collect less than the best and still widen the band
_WIDEST = 64  # cells such a path may lie off the best one
_NOISE_SAMPLE = 96  # sentences of each document, evenly spread, that show unrelated similarity
_NOISE_DEVIATIONS = 2.0


class Band(NamedTuple):
    """The cells (i, j) with `lows[i] <= j < highs[i]`; i and j count the sentences passed.

    :ivar lows: `(n + 1,)` int64, not decreasing, :ivar highs: `(n + 1,)` int64, not decreasing.
    :ivar pairs: `(p, 2)` int32 sentences that the best path pairs.
    """

    lows: NDArray[np.int64]
    highs: NDArray[np.int64]
    pairs: NDArray[np.int32]


NO_PAIRS = np.empty((0, 2), np.int32)


def search_band(src: NDArray[np.float32], tgt: NDArray[np.float32]) -> Band:
    """Return the band of two documents from their unit sentence vectors, `(n, d)`, `(m, d)`."""
    levels = [(src, tgt)]
    while max(map(len, levels[-1])) > _FULL:
        levels.append((_pool(levels[-1][0]), _pool(levels[-1][1])))
    x, y = levels.pop()
    full = Band(np.zeros(len(x) + 1, np.int64), np.full(len(x) + 1, len(y) + 1), NO_PAIRS)
    band = _narrow(x, y, full)
    for x, y in reversed(levels):
        band = _narrow(x, y, _finer(band, len(x), len(y)))
    return _widen(band, len(tgt))


def _pool(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the unit sums of the rows two by two; an odd last row stays alone."""
    pooled = vectors[::2].copy()
    pooled[: len(vectors) // 2] += vectors[1::2]
    norms = np.sqrt(np.einsum("nd,nd->n", pooled, pooled))
    pooled /= np.maximum(norms, np.float32(1e-6))[:, None]
    return pooled


def _finer(band: Band, n: int, m: int) -> Band:
    """Return the band of the next finer level, with `n` and `m` sentences."""
    rows = np.arange(n + 1)
    lows = 2 * band.lows[rows // 2]
    highs = 2 * band.highs[(rows + 1) // 2]
    return _widen(Band(lows, highs, band.pairs), m)


def _widen(band: Band, m: int) -> Band:
    lows = np.maximum(band.lows - _RADIUS, 0)
    highs = np.minimum(band.highs + _RADIUS, m + 1)
    return Band(lows, highs, band.pairs)


def _narrow(x: NDArray[np.float32], y: NDArray[np.float32], band: Band) -> Band:
    """Return the cells of good paths within a band."""
    noise = np.float32(_noise_level(_spread(x), _spread(y)))
    starts = np.concatenate([[0], np.cumsum(band.highs - band.lows)])
    before, gains = _forward(x, y, band.lows, band.highs, starts, noise)
    after = _backward(gains, band.lows, band.highs, starts, len(y))
    path, pairs = _best_path(after, gains, band.lows, band.highs, starts)
    cells = band.lows, band.highs, starts
    lows, highs = _good_cells(before, after, path, *cells, np.float32(_SLACK), _WIDEST)
    return Band(lows, highs, pairs)


def _spread(rows: NDArray[np.float32]) -> NDArray[np.float32]:
    places = np.linspace(0, len(rows) - 1, min(len(rows), _NOISE_SAMPLE)).astype(np.int64)
    return rows[places]


def _noise_level(x: NDArray[np.float32], y: NDArray[np.float32]) -> float:
    """Return a similarity that few unrelated sentences reach."""
    if not len(x) or not len(y):
        return 0.0
    similarities = np.einsum("nd,md->nm", x, y).astype(np.float64)
    return float(similarities.mean() + _NOISE_DEVIATIONS * similarities.std())


# numba compiles these; mypy cannot see through its decorator.
@njit(nogil=True, cache=True, fastmath={"reassoc", "contract"})
def _dot(x, y):  # type: ignore[no-untyped-def]  # pragma: no cover
    total = np.float32(0)
    for k in range(len(x)):
        total += x[k] * y[k]
    return total


@njit(nogil=True, cache=True)
def _forward(x, y, lows, highs, starts, noise):  # type: ignore[no-untyped-def]  # pragma: no cover
    """Return the best sum of a path up to each cell, and the gain of the pair before each cell."""
    best = np.full(starts[-1], -np.inf, np.float32)
    gains = np.full(starts[-1], -np.inf, np.float32)
    for i in range(len(lows)):
        for j in range(lows[i], highs[i]):
            at = starts[i] + j - lows[i]
            value = np.float32(0) if i == 0 and j == 0 else np.float32(-np.inf)
            if j > lows[i]:
                value = max(value, best[at - 1])
            if i > 0:
                above = starts[i - 1] + j - lows[i - 1]
                if j < highs[i - 1]:
                    value = max(value, best[above])
                if j > lows[i - 1] and j <= highs[i - 1]:
                    gains[at] = _dot(x[i - 1], y[j - 1]) - noise
                    value = max(value, best[above - 1] + gains[at])
            best[at] = value
    return best, gains


@njit(nogil=True, cache=True)
def _backward(gains, lows, highs, starts, m):  # type: ignore[no-untyped-def]  # pragma: no cover
    """Return the best sum of a path from each cell to the end."""
    best = np.full(starts[-1], -np.inf, np.float32)
    n = len(lows) - 1
    for i in range(n, -1, -1):
        for j in range(highs[i] - 1, lows[i] - 1, -1):
            at = starts[i] + j - lows[i]
            value = np.float32(0) if i == n and j == m else np.float32(-np.inf)
            if j + 1 < highs[i]:
                value = max(value, best[at + 1])
            if i < n:
                below = starts[i + 1] + j - lows[i + 1]
                if j >= lows[i + 1]:
                    value = max(value, best[below])
                if j + 1 >= lows[i + 1] and j + 1 < highs[i + 1]:
                    value = max(value, best[below + 1] + gains[below + 1])
            best[at] = value
    return best


@njit(nogil=True, cache=True)
def _best_path(after, gains, lows, highs, starts):  # type: ignore[no-untyped-def]  # pragma: no cover
    """Return the first and last cell of the best path in each row, `(n + 1, 2)`, and its pairs."""
    n = len(lows) - 1
    path, pairs = np.empty((n + 1, 2), np.int64), np.empty((n, 2), np.int32)
    count, i, j = 0, 0, np.int64(0)
    path[0, 0] = 0
    while i < n or j + 1 < highs[n]:
        here = after[starts[i] + j - lows[i]]
        if i < n and lows[i + 1] <= j + 1 < highs[i + 1]:
            below = starts[i + 1] + j + 1 - lows[i + 1]
            if after[below] + gains[below] >= here:
                pairs[count] = i, j
                count += 1
                path[i, 1] = j
                i, j = i + 1, j + 1
                path[i, 0] = j
                continue
        if i < n and j >= lows[i + 1] and after[starts[i + 1] + j - lows[i + 1]] >= here:
            path[i, 1] = j
            i += 1
            path[i, 0] = j
        else:
            j += 1
    path[n, 1] = j
    return path, pairs[:count]


@njit(nogil=True, cache=True)
def _good_cells(before, after, path, lows, highs, starts, slack, widest):  # type: ignore[no-untyped-def]  # pragma: no cover
    """Return for each row the bounds of the cells on paths nearly as good as the best."""
    n = len(path) - 1
    bar = after[0] - slack
    new_lows, new_highs = path[:, 0].copy(), path[:, 1] + 1
    for i in range(n + 1):
        first, last = path[i]
        for k in range(max(lows[i], first - widest), min(highs[i], last + 1 + widest)):
            at = starts[i] + k - lows[i]
            if before[at] + after[at] >= bar:
                new_lows[i], new_highs[i] = min(new_lows[i], k), max(new_highs[i], k + 1)
    for i in range(1, n + 1):
        new_highs[i] = max(new_highs[i], new_highs[i - 1])
    for i in range(n - 1, -1, -1):
        new_lows[i] = min(new_lows[i], new_lows[i + 1])
    return new_lows, new_highs
