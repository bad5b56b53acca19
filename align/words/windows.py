"""Long sentence pairs as pairs of windows: work and memory grow with their length, not its square.

Both sides are cut at the same shares of their lengths. For training the windows touch; for links
they overlap, and each link is taken from the window in whose middle part it lies.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from bitseam.align.words.links import Links
from bitseam.align.words.model import MAX_WORDS

_MARGIN = MAX_WORDS // 4  # words before and after the middle part of a window


class Side(NamedTuple):
    """The words of one side of n pairs: those of pair `i` are `ids[bounds[i] : bounds[i + 1]]`."""

    ids: NDArray[np.int32]
    bounds: NDArray[np.int64]  # (n + 1,)


class Windows(NamedTuple):
    """Pairs of windows, each as a pair, and where they come from.

    :ivar pair: `(w,)` the pair of each window. :ivar number: `(w,)` which of its windows it is.
    :ivar starts: for either side `(w,)` at which word of its sentence it begins.
    """

    src: Side
    tgt: Side
    pair: NDArray[np.int64]
    number: NDArray[np.int64]
    starts: tuple[NDArray[np.int64], NDArray[np.int64]]


def count_long(src: NDArray[np.int64], tgt: NDArray[np.int64]) -> int:
    """Return how many pairs are longer than one window, from the bounds `(n + 1,)` of both."""
    return int((_longest(src, tgt) > MAX_WORDS).sum())


def touching(
    src: NDArray[np.int64], tgt: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the bounds of both sides where long pairs are parted into windows that touch."""
    counts = np.maximum(-(-_longest(src, tgt) // MAX_WORDS), 1)
    pair, number = _numbered(counts)
    cut = [_cut(bounds, pair, number, counts[pair]) for bounds in (src, tgt)]
    src_cut, tgt_cut = (
        np.append(its, bounds[-1]) for its, bounds in zip(cut, (src, tgt), strict=True)
    )
    return src_cut, tgt_cut


def overlapping(src: Side, tgt: Side) -> Windows:
    """Return all pairs as windows of `MAX_WORDS` words at most; a short pair is one window."""
    longest = _longest(src.bounds, tgt.bounds)
    counts = np.where(longest > MAX_WORDS, -(-longest // (MAX_WORDS - 2 * _MARGIN)), 1)
    pair, number = _numbered(counts)
    sides, starts = [], []
    for its in (src, tgt):
        begin, end = its.bounds[pair], its.bounds[pair + 1]
        first = _cut(its.bounds, pair, number, counts[pair])
        last = _cut(its.bounds, pair, number + 1, counts[pair])
        first, last = np.maximum(first - _MARGIN, begin), np.minimum(last + _MARGIN, end)
        first, last = (np.where(counts[pair] > 1, a, b) for a, b in ((first, begin), (last, end)))
        sides.append(_take(its.ids, first, last))
        starts.append(first - begin)
    return Windows(sides[0], sides[1], pair, number, (starts[0], starts[1]))


def join(links: Links, windows: Windows, src: Side, tgt: Side) -> Links:
    """Return the links of the pairs of `src` and `tgt` from those of their windows."""
    n = len(src.bounds) - 1
    if len(windows.pair) == n:
        return links
    window = np.repeat(np.arange(len(windows.pair)), np.diff(links.bounds))
    pair = windows.pair[window]
    i, j = links.src + windows.starts[0][window], links.tgt + windows.starts[1][window]
    lengths = np.diff(src.bounds)[pair], np.diff(tgt.bounds)[pair]
    share = ((i + 0.5) / lengths[0] + (j + 0.5) / lengths[1]) / 2
    middle = (share * np.bincount(windows.pair, minlength=n)[pair]).astype(np.int64)
    kept = np.flatnonzero(middle == windows.number[window])
    kept = kept[np.lexsort((j[kept], i[kept], pair[kept]))]
    return Links(
        np.concatenate([[0], np.cumsum(np.bincount(pair[kept], minlength=n))]),
        i[kept].astype(np.int32),
        j[kept].astype(np.int32),
        links.probabilities[kept],
    )


def _longest(src: NDArray[np.int64], tgt: NDArray[np.int64]) -> NDArray[np.int64]:
    return np.maximum(np.diff(src), np.diff(tgt))


def _numbered(counts: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the pair of each window, and its number in the pair."""
    pair = np.repeat(np.arange(len(counts)), counts)
    return pair, np.arange(len(pair)) - np.repeat(np.cumsum(counts) - counts, counts)


def _cut(
    bounds: NDArray[np.int64],
    pair: NDArray[np.int64],
    number: NDArray[np.int64],
    counts: NDArray[np.int64],
) -> NDArray[np.int64]:
    """Return where the windows with these numbers begin."""
    return bounds[pair] + np.diff(bounds)[pair] * number // counts


def _take(ids: NDArray[np.int32], first: NDArray[np.int64], last: NDArray[np.int64]) -> Side:
    bounds = np.concatenate([[0], np.cumsum(last - first)])
    if np.array_equal(first[1:], last[:-1]):  # as they lie
        return Side(ids[first[0] : last[-1]] if len(first) else ids[:0], bounds)
    places = np.arange(bounds[-1]) + np.repeat(first - bounds[:-1], last - first)
    return Side(ids[places], bounds)
