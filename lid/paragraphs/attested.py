"""The words of documents, counted: which of two readings of a broken word a document knows."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from numba import njit

from bitseam.lid.hashing import FNV_OFFSET, FNV_PRIME
from bitseam.lid.paragraphs.classes import HYPHEN, MARK
from bitseam.lid.paragraphs.lines import Integers

Hashes = npt.NDArray[np.uint64]

_HYPHEN_MINUS = 0x2D  # stands for all hyphens


class Breaks(NamedTuple):
    """n breaks that only wrap, in order; every column `(n,)`."""

    text: Integers
    left: Integers  # the code point before the break
    right: Integers  # the first one behind it


class Known(NamedTuple):
    """How often each document holds what may have been broken, apart from the breaks; `(n,)`."""

    joined: Integers  # as one word
    hyphened: Integers  # as two with a hyphen between them
    apart: Integers  # both parts as words by themselves: the rarer of the two
    word: Hashes  # of the joined word: the same for the same word of a document


def count_known(
    points: npt.NDArray[np.uint32],
    kinds: npt.NDArray[np.uint8],
    bounds: npt.NDArray[np.int64],
    breaks: Breaks,
) -> Known:
    """Count the readings of the words at `breaks`; `points` are those of lower-cased texts."""
    most = int(np.sum(kinds[1:] != kinds[:-1])) + len(bounds) + 1
    found = np.zeros(2 * most, np.uint64)
    parts = np.zeros((len(breaks.text), 4), np.uint64)
    n = _hash_words(points, kinds, bounds, breaks.left, breaks.right, found)
    _hash_parts(points, kinds, bounds, (breaks.text, breaks.left, breaks.right), parts)
    words, counts = np.unique(found[:n], return_counts=True)
    joined, hyphened, left, right = (_count(words, counts, column) for column in parts.T)
    return Known(joined, hyphened, np.minimum(left, right), parts[:, 0])


def _count(words: Hashes, counts: Integers, wanted: Hashes) -> Integers:
    if not len(words):
        return np.zeros(len(wanted), np.int64)
    place = np.minimum(np.searchsorted(words, wanted), len(words) - 1)
    return np.where(words[place] == wanted, counts[place], 0)


_compiled: Any = njit(cache=True, nogil=True)


@_compiled
def _hash(points, start, end, state):  # type: ignore[no-untyped-def]
    for k in range(start, end):
        state = (state ^ np.uint64(points[k])) * FNV_PRIME
    return state


@_compiled
def _seed(row):  # type: ignore[no-untyped-def]
    return (FNV_OFFSET ^ np.uint64(row)) * FNV_PRIME


@_compiled
def _hash_words(points, kinds, bounds, left, right, found):  # type: ignore[no-untyped-def]
    """Hash each run of letters, and two with a hyphen between, but those beside a break."""
    n = at = 0
    for row in range(len(bounds) - 1):
        k, end = bounds[row], bounds[row + 1]
        before = -1  # where the run before the hyphen before this one begins
        while k < end:
            if kinds[k] > MARK:
                k += 1
                continue
            stop = k
            while stop < end and kinds[stop] <= MARK:
                stop += 1
            while at < len(right) and right[at] < k:
                at += 1
            broken = at < len(right) and (right[at] == k or stop <= left[at] + 1 <= stop + 1)
            if not broken:
                found[n] = _hash(points, k, stop, _seed(row))
                n += 1
                if before >= 0:
                    state = _hash(points, before, k - 1, _seed(row)) ^ np.uint64(_HYPHEN_MINUS)
                    found[n] = _hash(points, k, stop, state * FNV_PRIME)
                    n += 1
            hyphen = not broken and stop + 1 < end and kinds[stop] == HYPHEN
            before = k if hyphen and kinds[stop + 1] <= MARK else -1
            k = stop
    return n


@_compiled
def _hash_parts(points, kinds, bounds, breaks, parts):  # type: ignore[no-untyped-def]
    """Hash what stands around each break: joined, with a hyphen, the left, the right."""
    texts, lefts, rights = breaks
    for i in range(len(lefts)):
        row = texts[i]
        stop = lefts[i] + (kinds[lefts[i]] != HYPHEN)
        start = stop
        while start > bounds[row] and kinds[start - 1] <= MARK:
            start -= 1
        end = rights[i]
        while end < bounds[row + 1] and kinds[end] <= MARK:
            end += 1
        left = _hash(points, start, stop, _seed(row))
        parts[i, 0] = _hash(points, rights[i], end, left)
        hyphened = (left ^ np.uint64(_HYPHEN_MINUS)) * FNV_PRIME
        parts[i, 1] = _hash(points, rights[i], end, hyphened)
        parts[i, 2] = left
        parts[i, 3] = _hash(points, rights[i], end, _seed(row))
