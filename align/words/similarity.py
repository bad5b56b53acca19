"""Word links from vectors alone, nothing trained: SimAlign's argmax and itermax, and softmax.

Jalili Sabet et al. 2020 (argmax, itermax); Dou & Neubig 2021 (softmax with a threshold). The
vectors are those of words in their sentences, or of single words.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from bitseam.align.words.links import Links, concatenate
from bitseam.align.words.model import MAX_WORDS
from bitseam.align.words.windows import Side, join, overlapping
from bitseam.schemas.choices import WORD_METHODS, WordMethod

_DISTORTION = np.float32(0.5)  # off the diagonal: (1 - 0.5 d^2) of the cosine; parts equal words
_ROUNDS = 2  # of itermax, as published
_DISCOUNT = np.float32(0.9)  # of words that have a link already, as published
_TEMPERATURE = np.float32(0.1)  # of unit vectors: their cosines leave a plain softmax nearly flat
_LEAST_SHARE = np.float32(0.1)
_LEAST_COSINE = np.float32(1e-6)

_PAIRS_A_TASK = 4096

_ITERMAX, _SOFTMAX = (WORD_METHODS.index(name) for name in ("itermax", "softmax"))


class Vectors(NamedTuple):
    """Unit vectors of the words of n sentences: word `w` has the vector `rows[ids[w]]`.

    :ivar rows: `(r, d)` float32; a row of zeros resembles nothing.
    :ivar ids: `(w,)` int32.
    :ivar bounds: `(n + 1,)` int64, where the words of each sentence begin.
    """

    rows: NDArray[np.float32]
    ids: NDArray[np.int32]
    bounds: NDArray[np.int64]


def links_by_similarity(src: Vectors, tgt: Vectors, method: WordMethod = "argmax") -> Links:
    """Return the links of the pairs of `src[i]` and `tgt[i]`; mirrored with the sides swapped.

    `argmax`: words that are each other's most similar. `itermax`: then again between the words
    that are left, so that one word may have two links. `softmax`: words that take a tenth of each
    other's similarity. A link's probability is its cosine, with softmax the geometric mean of the
    shares. Longer pairs are linked in windows of 512 words.

    :raises ValueError: the sides differ in length, or `method` needs training.
    """
    if len(src.bounds) != len(tgt.bounds) or method == "statistical":
        raise ValueError(
            f"{len(src.bounds) - 1} and {len(tgt.bounds) - 1} sentences, method {method!r}: "
            "expected as many on both sides, and argmax, itermax or softmax"
        )
    sides = Side(src.ids, src.bounds), Side(tgt.ids, tgt.bounds)
    windows = overlapping(*sides)
    src, tgt = Vectors(src.rows, *windows.src), Vectors(tgt.rows, *windows.tgt)
    n = len(windows.pair)
    parts = [
        _link_task(src, tgt, start, min(start + _PAIRS_A_TASK, n), method)
        for start in range(0, n, _PAIRS_A_TASK)
    ]
    return join(concatenate(parts), windows, *sides)


def _link_task(src: Vectors, tgt: Vectors, first: int, last: int, method: WordMethod) -> Links:
    src_bounds, tgt_bounds = src.bounds[first : last + 1], tgt.bounds[first : last + 1]
    most = int(
        np.minimum(np.diff(src_bounds), MAX_WORDS) @ np.minimum(np.diff(tgt_bounds), MAX_WORDS)
    )
    counts = np.zeros(last - first + 1, np.int64)
    places = np.empty(most, np.int32), np.empty(most, np.int32)
    probabilities = np.empty(most, np.float32)
    sides = src._replace(bounds=src_bounds), tgt._replace(bounds=tgt_bounds)
    n = _link(*sides, WORD_METHODS.index(method), counts[1:], places, probabilities)
    return Links(
        np.cumsum(counts), places[0][:n].copy(), places[1][:n].copy(), probabilities[:n].copy()
    )


# numba compiles these; mypy cannot see through its decorator.
@njit(cache=True, nogil=True)
def _link(src, tgt, method, counts, links, probabilities):  # type: ignore[no-untyped-def]  # pragma: no cover
    at = 0
    for p in range(len(counts)):
        a = src.ids[src.bounds[p] : min(src.bounds[p + 1], src.bounds[p] + MAX_WORDS)]
        b = tgt.ids[tgt.bounds[p] : min(tgt.bounds[p + 1], tgt.bounds[p] + MAX_WORDS)]
        n, m = len(a), len(b)
        if n == 0 or m == 0:
            continue
        cosines = _cosines(src.rows, a, tgt.rows, b)
        if method == _SOFTMAX:
            scores = _shares(cosines)
            found = scores > _LEAST_SHARE
        else:
            scores = cosines
            found = _mutual(cosines, _ROUNDS if method == _ITERMAX else 1)
        begin = at
        for i in range(n):
            for j in range(m):
                if found[i, j]:
                    links[0][at], links[1][at] = i, j
                    probabilities[at] = min(max(scores[i, j], np.float32(0)), np.float32(1))
                    at += 1
        counts[p] = at - begin
    return at


@njit(cache=True, nogil=True)
def _cosines(src, src_ids, tgt, tgt_ids):  # type: ignore[no-untyped-def]  # pragma: no cover
    n, m = len(src_ids), len(tgt_ids)
    cosines = np.empty((n, m), np.float32)
    for i in range(n):
        for j in range(m):
            total = np.float32(0)
            for d in range(src.shape[1]):
                total += src[src_ids[i], d] * tgt[tgt_ids[j], d]
            apart = np.float32(i + 1) / (n + 1) - np.float32(j + 1) / (m + 1)
            cosines[i, j] = total * (np.float32(1) - _DISTORTION * np.float32(apart * apart))
    return cosines


@njit(cache=True, nogil=True)
def _mutual(cosines, rounds):  # type: ignore[no-untyped-def]  # pragma: no cover
    """Mark the cells that are the greatest of their row and of their column, round by round.

    After a round a word with a link counts less, and two words with links count nothing together.
    """
    n, m = cosines.shape
    found = np.zeros((n, m), np.bool_)
    src_done, tgt_done = np.zeros(n, np.bool_), np.zeros(m, np.bool_)
    scores = cosines.copy()
    for _ in range(rounds):
        row_best, column_best = np.zeros(n, np.float32), np.zeros(m, np.float32)
        for i in range(n):
            for j in range(m):
                if src_done[i] and tgt_done[j]:
                    scores[i, j] = 0
                elif src_done[i] or tgt_done[j]:
                    scores[i, j] = cosines[i, j] * _DISCOUNT
                row_best[i] = max(row_best[i], scores[i, j])
                column_best[j] = max(column_best[j], scores[i, j])
        for i in range(n):
            for j in range(m):
                best = scores[i, j] == row_best[i] and scores[i, j] == column_best[j]
                if best and scores[i, j] > _LEAST_COSINE:
                    found[i, j] = src_done[i] = tgt_done[j] = True
    return found


@njit(cache=True, nogil=True)
def _shares(cosines):  # type: ignore[no-untyped-def]  # pragma: no cover
    """The geometric mean of the softmax over the row and of that over the column."""
    n, m = cosines.shape
    powers = np.exp(cosines / _TEMPERATURE)
    rows, columns = np.zeros(n, np.float32), np.zeros(m, np.float32)
    for i in range(n):
        for j in range(m):
            rows[i] += powers[i, j]
            columns[j] += powers[i, j]
    for i in range(n):
        for j in range(m):
            powers[i, j] = 0 if cosines[i, j] == 0 else powers[i, j] / np.sqrt(rows[i] * columns[j])
    return powers
