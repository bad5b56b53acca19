"""One set of links from the choices of both directions."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from bitseam.align.words.links import Links
from bitseam.align.words.model import MAX_WORDS
from bitseam.schemas.choices import SYMMETRISATIONS, Symmetrisation

NONE = -1  # the place of a word without a counterpart

_GROW, _UNION = (SYMMETRISATIONS.index(name) for name in ("grow-diag-final-and", "union"))


class Choices(NamedTuple):
    """The best counterpart of every word of one side.

    :ivar bounds: `(n + 1,)` int64, where the words of each sentence begin.
    :ivar places: `(w,)` int32, the place in the sentence of the other side, or `NONE`.
    :ivar probabilities: `(w,)` float32.
    """

    bounds: NDArray[np.int64]
    places: NDArray[np.int32]
    probabilities: NDArray[np.float32]


def symmetrise(src: Choices, tgt: Choices, method: Symmetrisation = "grow-diag-final-and") -> Links:
    """Return the links of all pairs; the same with the sides swapped, mirrored.

    `grow-diag-final-and` (Koehn et al. 2003) starts from the links of both directions. It adds
    those of one that touch a link, also diagonally, and link a word that had none; in the end
    those between two words without any. Each round adds all it can at once, so that the result
    does not depend on an order of words.
    """
    most = int((src.places != NONE).sum() + (tgt.places != NONE).sum())
    counts = np.zeros(len(src.bounds), np.int64)
    places = np.empty(most, np.int32), np.empty(most, np.int32)
    probabilities = np.empty(most, np.float32)
    n = _symmetrise(src, tgt, SYMMETRISATIONS.index(method), counts[1:], places, probabilities)
    return Links(np.cumsum(counts), places[0][:n], places[1][:n], probabilities[:n])


# numba compiles these; mypy cannot see through its decorator.
@njit(cache=True, nogil=True)
def _mark(links, by_src, by_tgt, places, probabilities):  # type: ignore[no-untyped-def]  # pragma: no cover
    """Mark the cells that the source (target) words chose."""
    n, m = by_src.shape
    src_places, tgt_places = places
    for i in range(n):
        if src_places[i] != NONE:
            by_src[i, src_places[i]] = True
            links[i, src_places[i]] = probabilities[0][i]
    for j in range(m):
        if tgt_places[j] != NONE:
            by_tgt[tgt_places[j], j] = True
            links[tgt_places[j], j] = probabilities[1][j]


@njit(cache=True, nogil=True)
def _touches(links, i, j):  # type: ignore[no-untyped-def]  # pragma: no cover
    n, m = links.shape
    for k in range(max(i - 1, 0), min(i + 2, n)):
        for q in range(max(j - 1, 0), min(j + 2, m)):
            if links[k, q]:
                return True
    return False


@njit(cache=True, nogil=True)
def _linked(links):  # type: ignore[no-untyped-def]  # pragma: no cover
    """Which words of either side have a link."""
    n, m = links.shape
    src, tgt = np.zeros(n, np.bool_), np.zeros(m, np.bool_)
    for i in range(n):
        for j in range(m):
            if links[i, j]:
                src[i] = tgt[j] = True
    return src, tgt


@njit(cache=True, nogil=True)
def _grow(links, union):  # type: ignore[no-untyped-def]  # pragma: no cover
    """Turn the intersection `links` into grow-diag-final-and."""
    n, m = links.shape
    growing = True
    while growing:
        growing = False
        before = links.copy()
        src, tgt = _linked(before)
        for i in range(n):
            for j in range(m):
                wanted = union[i, j] and not before[i, j] and not (src[i] and tgt[j])
                if wanted and _touches(before, i, j):
                    links[i, j] = growing = True
    src, tgt = _linked(links)
    for i in range(n):
        for j in range(m):
            if union[i, j] and not src[i] and not tgt[j]:
                links[i, j] = True


@njit(cache=True, nogil=True)
def _symmetrise(src, tgt, method, counts, places, probabilities):  # type: ignore[no-untyped-def]  # pragma: no cover
    at = 0
    for p in range(len(counts)):
        first, second = src.bounds[p], tgt.bounds[p]
        a = slice(first, min(src.bounds[p + 1], first + MAX_WORDS))
        b = slice(second, min(tgt.bounds[p + 1], second + MAX_WORDS))
        shape = (a.stop - a.start, b.stop - b.start)
        chances = np.zeros(shape, np.float32)
        by_src, by_tgt = np.zeros(shape, np.bool_), np.zeros(shape, np.bool_)
        chosen = (src.places[a], tgt.places[b])
        _mark(chances, by_src, by_tgt, chosen, (src.probabilities[a], tgt.probabilities[b]))
        links = by_src | by_tgt if method == _UNION else by_src & by_tgt
        if method == _GROW:
            _grow(links, by_src | by_tgt)
        begin = at
        for i in range(shape[0]):
            for j in range(shape[1]):
                if links[i, j]:
                    places[0][at], places[1][at], probabilities[at] = i, j, chances[i, j]
                    at += 1
        counts[p] = at - begin
    return at
