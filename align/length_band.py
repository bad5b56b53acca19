"""Search bands without vectors: by lengths and words from coarse to fine, and around a known path.

Neighbouring sentences are pooled by fours until the documents are short enough for a full search.
Lengths add up, so that those of pooled sentences say where in the other document a place is, as
long as most of both was translated; words in common say it where that is not so.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from bitseam.align.band import NO_PAIRS, Band
from bitseam.align.bead_model import bead_model
from bitseam.align.beads import best_beads
from bitseam.align.overlaps import Overlaps
from bitseam.align.similarity import centre, document_ratio
from bitseam.align.word_keys import LEAST_SENTENCES_A_WORD, shared_words

COVERAGE = 0.9  # a share of sentences with a counterpart to begin with
_POOLED = 4
_FULL = 500  # sentences of the longer document up to which every cell is searched
_RADIUS = 64  # cells on both sides of a path that are searched again
_LARGEST = 4  # pooled sentences in a bead
_LAYERS = _LARGEST - 1


def length_band(src: Overlaps, tgt: Overlaps) -> Band:
    """Return the cells that a good path may cross by the lengths and words of two documents."""
    n, m = len(src), len(tgt)
    if max(n, m) <= _FULL:
        return Band(np.zeros(n + 1, np.int64), np.full(n + 1, m + 1, np.int64), NO_PAIRS)
    pooled = _pool(src), _pool(tgt)
    band = length_band(*pooled)
    model = bead_model(_LAYERS, _LAYERS, _LARGEST, COVERAGE, by_words=True)
    ours, theirs = pooled
    words = shared_words(ours.words, theirs.words, len(ours), len(theirs), LEAST_SENTENCES_A_WORD)
    views = centre(ours), centre(theirs)
    ranges, _ = best_beads(*views, words, band, model, document_ratio(*views))
    return band_around(ranges, n, m, scale=_POOLED)


def band_around(ranges: NDArray[np.int32], n: int, m: int, *, scale: int = 1) -> Band:
    """Return the cells near a path through documents of `n` and `m` sentences.

    :param ranges: `(b, 4)` its beads, half-open, source first; :param scale: sentences in one of
        theirs.
    """
    first, end, tgt_first, tgt_end = ranges.astype(np.int64).T
    lows = np.full(end[-1] + 1, tgt_end[-1])
    highs = np.zeros(end[-1] + 1, np.int64)
    for rows in (first, end):
        np.minimum.at(lows, rows, tgt_first)
        np.maximum.at(highs, rows, tgt_end)
    lows = np.minimum.accumulate(lows[::-1])[::-1]  # rows within a bead have those of its ends
    highs = np.maximum.accumulate(highs)
    rows = np.arange(n + 1)
    lows = np.maximum(scale * lows[rows // scale] - _RADIUS, 0)
    highs = (
        np.minimum(scale * highs[np.minimum(-(-rows // scale), len(highs) - 1)] + _RADIUS, m) + 1
    )
    return Band(lows, highs, NO_PAIRS)


def _pool(side: Overlaps) -> Overlaps:
    """Return a document whose sentences are `_POOLED` each, without vectors."""
    starts = np.arange(0, len(side), _POOLED)
    sums = np.add.reduceat(side.lengths[0], starts)
    ends = np.concatenate([[0], np.cumsum(sums)])
    n = len(sums)
    lengths = np.zeros((_LAYERS, n), np.int32)
    for layer in range(min(_LAYERS, n)):
        lengths[layer, : n - layer] = ends[layer + 1 :] - ends[: n - layer]
    words = side.words
    if len(words.bounds) > 1:
        words = words._replace(bounds=words.bounds[np.append(starts, len(side))])
    return Overlaps.without_vectors(lengths, words)
