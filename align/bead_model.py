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
    :ivar gain: similarity above that of the best bead with one sentence less. A sentence that
        changes nothing does not belong.
    :ivar beside: the highest similarity of one side with the sentence next to the other side. It
        is high where that sentence does belong.
    :ivar mismatch: of the lengths.
    :ivar alone: of a sentence without counterpart.
    :ivar alone_by_odds: the same, for each unit of the log odds that a sentence of these
        documents has none.
    """

    similarity: float = 11.21
    similarity_by_size: float = 2.21
    gain: float = 4.82
    beside: float = -2.43
    mismatch: float = -0.69
    alone: float = -0.41
    alone_by_odds: float = 0.55


_WEIGHTS = Weights()
_BIASES = {
    (1, 1): 2.47,
    (1, 2): 1.47,
    (1, 3): 1.39,
    (1, 4): 1.54,
    (2, 2): 1.07,
    (2, 3): 0.70,
}
_LEAST_COVERAGE = 0.02
_BIAS_ONE_TO_MANY = 0.87
_BIAS_OTHER = -1.07


class BeadModel(NamedTuple):
    """The beads to choose from.

    :ivar sizes: `(t, 2)` int64 sentences on both sides.
    :ivar biases: `(t,)` float64 score of each size.
    :ivar places: `(s, s)` int64 row in `sizes` of each size, -1 for those that are not.
    :ivar alone: score of a sentence without counterpart.
    """

    sizes: NDArray[np.int64]
    biases: NDArray[np.float64]
    places: NDArray[np.int64]
    weights: Weights
    alone: float


def bead_model(src_layers: int, tgt_layers: int, largest: int, coverage: float) -> BeadModel:
    """Return the beads of up to `largest` sentences, both sides together.

    :param coverage: about which share of the two documents' sentences has a counterpart, 0 to 1.
    """
    sizes = [
        (a, b)
        for a in range(1, src_layers + 1)
        for b in range(1, tgt_layers + 1)
        if a + b <= largest
    ]
    places = np.full((largest + 1, largest + 1), -1, np.int64)
    coverage = min(max(coverage, _LEAST_COVERAGE), 1 - _LEAST_COVERAGE)
    for place, size in enumerate(sizes):
        places[size] = place
    return BeadModel(
        np.array(sizes, np.int64).reshape(-1, 2),
        np.array([_bias(min(size), max(size)) for size in sizes], np.float64),
        places,
        _WEIGHTS,
        _WEIGHTS.alone + _WEIGHTS.alone_by_odds * math.log((1 - coverage) / coverage),
    )


def _bias(fewer: int, more: int) -> float:
    return _BIASES.get((fewer, more), _BIAS_ONE_TO_MANY if fewer == 1 else _BIAS_OTHER)


def bead_costs(sentences: NDArray[np.int32], scores: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the costs `(b,)` of beads of so many `sentences` `(b,)`, both sides together.

    A pair of sentences of one meaning (similarity 1) costs 0, and a bead as much as its score stays
    below theirs: all alignments hold the same sentences, so the lowest cost is the highest score.
    """
    best = np.float32((_BIASES[1, 1] + _WEIGHTS.similarity) / 2)
    return sentences.astype(np.float32) * best - scores
