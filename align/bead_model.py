"""What a bead scores: a log-linear model of few weights, the same for all languages and encoders.

The score of an alignment is the sum over its beads; its exponential is proportional to the
probability of the alignment. The weights maximise that of the gold alignments of development
documents, as in a conditional random field: `benchmarks/fit_bead_model.py` makes them.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray


class Weights(NamedTuple):
    """What the features of a bead add to its score.

    :ivar similarity: of the two sides.
    :ivar similarity_by_size: the same, for each sentence more than two.
    :ivar mismatch: of the lengths.
    :ivar words: of the weights of the words that both sides have; see `word_keys`.
    :ivar cut: of what its two ends cut apart; see `cuts`.
    :ivar alone: of a sentence without counterpart.
    :ivar alone_by_odds: the same, for each unit of the log odds that a sentence of these
        documents has none.
    :ivar alone_if_short: the same, for a sentence of no length; half of it at ten characters.
        What a scanner makes of the edge of a page is short.
    :ivar words_by_chance: how much less each shared word counts in a larger bead, whose sides
        share more of them by chance: times the mean logarithm of the sentences on either side.
    """

    similarity: float = 8.65
    similarity_by_size: float = 1.07
    mismatch: float = -0.62
    words: float = 0.29
    cut: float = -5.96
    alone: float = -0.86
    alone_by_odds: float = 0.57
    alone_if_short: float = 3.35
    words_by_chance: float = 0.0


_WEIGHTS = Weights()
# Where the words of both sides are translated they are many, and chance is not to be neglected.
_WITH_LEXICON = _WEIGHTS._replace(words_by_chance=1.0)
_BIASES = {
    (1, 1): 2.16,
    (1, 2): 1.02,
    (1, 3): 0.94,
    (1, 4): 1.38,
    (2, 2): 0.27,
    (2, 3): -0.50,
}
_LEAST_COVERAGE = 0.02
_SHORT = np.float32(10)
_BIAS_ONE_TO_MANY = 1.52
_BIAS_OTHER = -1.99


class BeadModel(NamedTuple):
    """The beads to choose from.

    :ivar sizes: `(t, 2)` int64 sentences on both sides.
    :ivar biases: `(t,)` float64 score of each size.
    :ivar alone: score of a long sentence without counterpart.
    """

    sizes: NDArray[np.int64]
    biases: NDArray[np.float64]
    weights: Weights
    alone: float


def bead_model(
    src_layers: int, tgt_layers: int, largest: int, coverage: float, *, by_words: bool = False
) -> BeadModel:
    """Return the beads of up to `largest` sentences, both sides together.

    :param coverage: about which share of the two documents' sentences has a counterpart, 0 to 1.
    :param by_words: whether every word that both sides have is looked at; see `lexicon_keys`.
    """
    sizes = [
        (a, b)
        for a in range(1, src_layers + 1)
        for b in range(1, tgt_layers + 1)
        if a + b <= largest
    ]
    weights = _WITH_LEXICON if by_words else _WEIGHTS
    coverage = min(max(coverage, _LEAST_COVERAGE), 1 - _LEAST_COVERAGE)
    return BeadModel(
        np.array(sizes, np.int64).reshape(-1, 2),
        np.array([_bias(min(size), max(size)) for size in sizes], np.float64),
        weights,
        weights.alone + weights.alone_by_odds * math.log((1 - coverage) / coverage),
    )


def _bias(fewer: int, more: int) -> float:
    return _BIASES.get((fewer, more), _BIAS_ONE_TO_MANY if fewer == 1 else _BIAS_OTHER)


def shortness(lengths: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return how short sentences `(n,)` of so many characters are, from 1 for empty ones to 0."""
    return _SHORT / (_SHORT + lengths)


def bead_costs(sentences: NDArray[np.int32], scores: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the costs `(b,)` of beads of so many `sentences` `(b,)`, both sides together.

    A pair of sentences of one meaning (similarity 1) without words in common costs 0, and a bead as
    much as its score stays below theirs; it may be above. All alignments hold the same sentences,
    so the lowest cost is the highest score.
    """
    best = np.float32((_BIASES[1, 1] + _WEIGHTS.similarity) / 2)
    return sentences.astype(np.float32) * best - scores
