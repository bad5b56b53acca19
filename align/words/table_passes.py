"""Compiled passes over the table of word pairs: its prior, its totals, its weights."""

from __future__ import annotations

import numpy as np
from numba import njit

from bitseam.align.words.model import FREE, UNIT

_HALF = np.uint64(32)
_LOW = np.uint64(0xFFFFFFFF)


# numba compiles these; mypy cannot see through its decorator.
@njit(cache=True, nogil=True)
def similarities(keys, src, tgt, out):  # type: ignore[no-untyped-def]  # pragma: no cover
    """Write the squared positive cosines of the word pairs, of unit vectors `(vocabulary, d)`."""
    for at in range(len(keys)):
        if keys[at] != FREE:
            a, b = src[np.int64(keys[at] >> _HALF)], tgt[np.int64(keys[at] & _LOW)]
            cosine = np.float32(0)
            for d in range(len(a)):
                cosine += a[d] * b[d]
            cosine = max(cosine, np.float32(0))
            out[at] = cosine * cosine


@njit(cache=True, nogil=True)
def add_up(keys, counts, totals):  # type: ignore[no-untyped-def]  # pragma: no cover
    """Add the counts of the word pairs to the totals of their source and of their target words."""
    for at in range(len(keys)):
        if keys[at] != FREE:
            totals[0][np.int64(keys[at] >> _HALF)] += counts[at]
            totals[1][np.int64(keys[at] & _LOW)] += counts[at]


@njit(cache=True, nogil=True)
def exp_digamma(counts, out):  # type: ignore[no-untyped-def]  # pragma: no cover
    """Write exp(digamma(x)) of every count, 0 of none.

    By the recurrence up to 6, then by the asymptotic series.
    """
    for i in range(len(counts)):
        x, shift = counts[i] / UNIT, 0.0
        if x <= 0:
            out[i] = 0
            continue
        while x < 6:
            shift += 1 / x
            x += 1
        square = 1 / (x * x)
        series = square * (1 / 12 - square * (1 / 120 - square * (1 / 252 - square / 240)))
        out[i] = np.exp(np.log(x) - 0.5 / x - series - shift)
