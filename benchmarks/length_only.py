"""Gale & Church 1993 (J93-1004): sentence alignment by lengths in characters alone."""

from __future__ import annotations

import math

import numpy as np
from numba import njit

from bitseam.align.evaluate import Bead

# Sentences on both sides and the prior probability of such beads, table 5 of the paper.
_SIZES = np.array([(1, 1), (1, 0), (0, 1), (2, 1), (1, 2), (2, 2)])
_PRIORS = -np.log(np.array([0.89, 0.0099 / 2, 0.0099 / 2, 0.089 / 2, 0.089 / 2, 0.011]))
_VARIANCE = 6.8  # of the characters that a source character becomes
_REACH = 400  # sentences on both sides of the diagonal of lengths


def align_by_lengths(src: list[str], tgt: list[str]) -> list[Bead]:
    """Return the beads of lowest cost."""
    lengths = [np.array([len(text) for text in side], np.float64) for side in (src, tgt)]
    ends = [np.concatenate([[0], np.cumsum(side)]) for side in lengths]
    ratio = ends[1][-1] / max(ends[0][-1], 1)
    middle = np.searchsorted(ends[1], ends[0] * ratio)
    steps = _search(*ends, ratio, middle, _SIZES, _PRIORS)
    beads: list[Bead] = []
    i, j = len(src), len(tgt)
    while i or j:
        a, b = _SIZES[steps[i, j - middle[i] + _REACH]]
        beads.append((tuple(range(i - a, i)), tuple(range(j - b, j))))
        i, j = i - a, j - b
    return beads[::-1]


@njit(cache=True)
def _search(x, y, ratio, middle, sizes, priors):  # type: ignore[no-untyped-def]
    n, m = len(x) - 1, len(y) - 1
    width = 2 * _REACH + 1
    best, steps = np.full((n + 1, width), np.inf), np.zeros((n + 1, width), np.int8)
    for i in range(n + 1):
        for k in range(width):
            j = middle[i] + k - _REACH
            if j < 0 or j > m:
                continue
            if i == 0 and j == 0:
                best[i, k] = 0.0
                continue
            for t in range(len(sizes)):
                before, under = i - sizes[t, 0], j - sizes[t, 1]
                if before < 0 or under < 0:
                    continue
                place = under - middle[before] + _REACH
                if place < 0 or place >= width or best[before, place] == np.inf:
                    continue
                cost = best[before, place] + priors[t]
                cost += _mismatch(x[i] - x[before], y[j] - y[under], ratio)
                if cost < best[i, k]:
                    best[i, k], steps[i, k] = cost, t
    return steps


@njit(cache=True)
def _mismatch(x, y, ratio):  # type: ignore[no-untyped-def]
    """Return the negative log probability that lengths differ so much, or more."""
    mean = (x + y / ratio) / 2
    if mean == 0:
        return 0.0
    deviation = abs(y - x * ratio) / math.sqrt(mean * _VARIANCE)
    return -math.log(max(math.erfc(deviation / math.sqrt(2)), 1e-30))
