"""Annotations carried from source sentences to their translations along word links."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from bitseam.align.words.links import Links
from bitseam.lid.words import Words


class Spans(NamedTuple):
    """Stretches of characters in sentences: `texts[pairs[k]][starts[k] : ends[k]]`."""

    pairs: NDArray[np.int64]
    starts: NDArray[np.int32]
    ends: NDArray[np.int32]


class Projection(NamedTuple):
    """What became of the annotations.

    :ivar spans: those that have a counterpart, on the target side.
    :ivar origins: which source span each comes from, ascending.
    :ivar linked: the share of the source span's words that have a link.
    :ivar dense: the share of the target span's words that are linked to the source span; low where
        the links are scattered and the span covers foreign words between them.
    """

    spans: Spans
    origins: NDArray[np.int64]
    linked: NDArray[np.float32]
    dense: NDArray[np.float32]


def project(spans: Spans, links: Links, src: Words, tgt: Words) -> Projection:
    """Return for each span of the source side the shortest one around all words linked to it.

    A word belongs to a span that shares a character with it. A span whose words have no link has
    no counterpart.
    """
    n = len(spans.pairs)
    starts, ends = np.zeros(n, np.int32), np.zeros(n, np.int32)
    linked, dense = np.zeros(n, np.float32), np.zeros(n, np.float32)
    _project(spans, links, src[1:4], tgt[1:4], starts, ends, linked, dense)
    found = np.flatnonzero(linked)
    return Projection(
        Spans(spans.pairs[found], starts[found], ends[found]), found, linked[found], dense[found]
    )


# numba compiles this; mypy cannot see through its decorator.
@njit(cache=True, nogil=True)
def _project(  # type: ignore[no-untyped-def]  # pragma: no cover
    spans, links, src, tgt, starts, ends, linked, dense
):
    (src_bounds, src_starts, src_ends), (tgt_bounds, tgt_starts, tgt_ends) = src, tgt
    for k in range(len(starts)):
        p = spans.pairs[k]
        words = src_bounds[p + 1] - src_bounds[p]
        inside = np.zeros(words, np.bool_)
        for w in range(words):
            at = src_bounds[p] + w
            inside[w] = src_ends[at] > spans.starts[k] and src_starts[at] < spans.ends[k]
        has_link = np.zeros(words, np.bool_)
        reached = np.zeros(tgt_bounds[p + 1] - tgt_bounds[p], np.bool_)
        for at in range(links.bounds[p], links.bounds[p + 1]):
            if inside[links.src[at]]:
                has_link[links.src[at]] = reached[links.tgt[at]] = True
        targets = np.flatnonzero(reached)
        if len(targets):
            first, last = targets[0], targets[-1]
            starts[k], ends[k] = tgt_starts[tgt_bounds[p] + first], tgt_ends[tgt_bounds[p] + last]
            linked[k] = has_link.sum() / inside.sum()
            dense[k] = len(targets) / (last - first + 1)
