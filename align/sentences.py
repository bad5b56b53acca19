"""Sentence alignment: the best monotone sequence of m-n beads of two documents.

A coarse-to-fine search (`band`) finds the cells that a good path may cross; dynamic programming
over the overlaps' vectors (Thompson & Koehn 2019, D19-1136) finds the best beads among them
(`beads`). What a bead scores is in `bead_model`: the similarity of its sides, the words they share
(`word_keys`), and the clauses that its ends cut off from what they translate (`cuts`). Time and
memory grow with the longer document.

Documents without vectors are aligned by lengths (Gale & Church 1993) and words. A second alignment
takes what a first one taught: the words that translate each other (`lexicon_keys`), and where its
path lay.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from bitseam.align.alignment import Alignment
from bitseam.align.overlaps import Overlaps

if TYPE_CHECKING:
    from bitseam.align.band import Band
    from bitseam.align.similarity import View


@dataclass(frozen=True, slots=True)
class AlignOptions:
    """How documents are aligned.

    :ivar largest: most sentences in a bead, both sides together.
    :ivar by_words: every word that both sides have counts, however frequent; see `lexicon_keys`.
    """

    largest: int = 8
    by_words: bool = False

    def __post_init__(self) -> None:
        if not 2 <= self.largest <= 16:
            raise ValueError(f"largest bead: expected 2 to 16 sentences, got {self.largest}")


_DEFAULT = AlignOptions()
_ENDS_LESS_STARTS = np.array([-1, 1, -1, 1], np.int32)

# Of a short document its own sentences say little of how much was translated: it counts as if
# these sentences were in it, and so many of them paired.
_PRIOR_SENTENCES, _PRIOR_PAIRED = 8, 6
# An alignment that pairs nearly all may have had no reason to leave a sentence out.
_MOST_PAIRED = 0.95


def align_sentences(
    src: Overlaps, tgt: Overlaps, options: AlignOptions = _DEFAULT, near: Alignment | None = None
) -> Alignment:
    """Align two documents; what has no counterpart in order comes out unaligned.

    :param near: an alignment of the same documents, near which the best one is sought.

    Swapping two documents that differ gives the same beads with their sides swapped. The result is
    the same for any number of threads.

    :raises ValueError: the documents' vectors differ in dimension.
    :raises BitseamError: a vector holds NaN or infinite values.
    """
    if src.vectors.shape[2] != tgt.vectors.shape[2]:
        raise ValueError(
            "expected vectors of one dimension, "
            f"got {src.vectors.shape[2]} and {tgt.vectors.shape[2]}"
        )
    # Between equally good paths a search must choose; always in the same order of the sides, so
    # that the choice does not depend on which document is called the source.
    if _comes_first(tgt, src):
        return _align(tgt, src, options, near and near.swapped()).swapped()
    return _align(src, tgt, options, near)


def _comes_first(side: Overlaps, other: Overlaps) -> bool:
    if len(side) != len(other):
        return len(side) < len(other)
    contents = zip(_contents(side), _contents(other), strict=True)
    return next((ours < theirs for ours, theirs in contents if ours != theirs), False)


def _contents(side: Overlaps) -> Iterator[bytes]:
    """Yield what two documents may differ in, the smallest first."""
    yield side.lengths[:1].tobytes()
    for part in (*side.words, side.vectors[:1], side.clauses):
        yield part.tobytes()


def _align(
    src: Overlaps, tgt: Overlaps, options: AlignOptions, near: Alignment | None
) -> Alignment:
    from bitseam.align.bead_model import bead_costs, bead_model
    from bitseam.align.beads import best_beads
    from bitseam.align.similarity import centre
    from bitseam.align.word_keys import LEAST_SENTENCES_A_WORD, SENTENCES_A_WORD, shared_words

    views = centre(src), centre(tgt)
    band, share, ratios = _search_space((src, tgt), views, near)
    model = bead_model(src.layers, tgt.layers, options.largest, share, by_words=options.by_words)
    often = LEAST_SENTENCES_A_WORD if options.by_words else SENTENCES_A_WORD
    words = shared_words(src.words, tgt.words, len(src), len(tgt), often)
    ranges, scores = max(
        (best_beads(*views, words, band, model, ratio) for ratio in ratios),
        key=lambda found: found[1].sum(dtype=np.float64),
    )
    return Alignment(
        src=ranges[:, :2].copy(),
        tgt=ranges[:, 2:].copy(),
        cost=bead_costs(ranges @ _ENDS_LESS_STARTS, scores),
        cosine=_cosines(src, tgt, ranges),
    )


def _search_space(
    sides: tuple[Overlaps, Overlaps], views: tuple[View, View], near: Alignment | None
) -> tuple[Band, float, list[float]]:
    """Return the cells to search, the share of sentences with a counterpart, and length ratios."""
    from bitseam.align.band import search_band
    from bitseam.align.length_band import COVERAGE, band_around, length_band
    from bitseam.align.similarity import document_ratio, length_ratios

    n, m = map(len, sides)
    if near is not None:
        band = band_around(np.concatenate([near.src, near.tgt], axis=1), n, m)
        return band, _share_paired(near), [document_ratio(*views)]
    if not sides[0].vectors.shape[2]:
        return length_band(*sides), COVERAGE, [document_ratio(*views)]
    band = search_band(views[0].sentences, views[1].sentences)
    return band, coverage(band, n, m), length_ratios(*views, band.pairs)


def _share_paired(alignment: Alignment) -> float:
    """Return the share of both documents' sentences that stand in beads of two sides."""
    sizes = np.diff(alignment.src)[:, 0], np.diff(alignment.tgt)[:, 0]
    both = (sizes[0] > 0) & (sizes[1] > 0)
    paired = sum(int(size[both].sum()) for size in sizes)
    total = sum(int(size.sum()) for size in sizes)
    return min((paired + _PRIOR_PAIRED) / (total + _PRIOR_SENTENCES), _MOST_PAIRED)


def coverage(band: Band, n: int, m: int) -> float:
    """Return about which share of two documents' `n` and `m` sentences has a counterpart."""
    return (2 * len(band.pairs) + _PRIOR_PAIRED) / (n + m + _PRIOR_SENTENCES)


def _cosines(src: Overlaps, tgt: Overlaps, ranges: NDArray[np.int32]) -> NDArray[np.float32]:
    first, end, tgt_first, tgt_end = ranges.T
    cosines = np.full(len(ranges), np.nan, np.float32)
    if not src.vectors.shape[2]:
        return cosines
    both = np.flatnonzero((end > first) & (tgt_end > tgt_first))
    x = src.vectors[(end - first)[both] - 1, first[both]]
    y = tgt.vectors[(tgt_end - tgt_first)[both] - 1, tgt_first[both]]
    cosines[both] = np.einsum("bd,bd->b", x, y)
    return cosines
