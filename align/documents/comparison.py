"""Whether two documents share sentences: the check that makes document matching precise.

Vectors of whole documents bring texts on one subject together. Translations are those that agree
sentence by sentence.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

_CELLS = 1 << 22  # cosines at a time: 16 MB


@dataclass(frozen=True, slots=True)
class Side:
    """The sentences of one document.

    :ivar vectors: `(n, d)` float32 of unit norm.
    :ivar weights: `(n,)` float32, as of `sentence_weights`.
    :ivar means: `(n,)` float32, the mean cosine with the k nearest of a sample of the other
        collection's sentences, positive.
    """

    vectors: NDArray[np.float32]
    weights: NDArray[np.float32]
    means: NDArray[np.float32]

    def __len__(self) -> int:
        return len(self.vectors)


def compare_sentences(src: Side, tgt: Side) -> float:
    """Return how much two documents agree, 0 for not at all.

    Of the sentences that are each other's best by ratio margin (Artetxe & Schwenk 2019, P19-1309),
    what the margins exceed 1, averaged over all sentences by weight: 0.3 where most are translated,
    0.1 where a third is.
    """
    total = float(src.weights.sum(dtype=np.float64) + tgt.weights.sum(dtype=np.float64))
    if not len(src) or not len(tgt) or not total:
        return 0.0
    best, back = _best_margins(src, tgt)
    rows = np.flatnonzero(back[best] == np.arange(len(src)))
    columns = best[rows]
    # Once more, in one order of summation: a BLAS library's depends on its threads.
    products = src.vectors[rows] * tgt.vectors[columns]
    cosines = products.sum(axis=1, dtype=np.float64)
    margins = cosines / ((src.means[rows].astype(np.float64) + tgt.means[columns]) / 2)
    weights = src.weights[rows].astype(np.float64) + tgt.weights[columns]
    return float(weights @ np.maximum(margins - 1, 0) / total)


def _best_margins(src: Side, tgt: Side) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return each source's best target `(n,)` and each target's best source `(m,)`."""
    best = np.empty(len(src), np.int64)
    back = np.zeros(len(tgt), np.int64)
    highest = np.full(len(tgt), -np.inf, np.float32)
    step = max(1, _CELLS // len(tgt))
    for at in range(0, len(src), step):
        part = slice(at, at + step)
        means = (src.means[part, None] + tgt.means) / 2
        margins = src.vectors[part] @ tgt.vectors.T / means
        best[part] = margins.argmax(axis=1)
        rows = margins.argmax(axis=0)
        values = margins[rows, np.arange(len(tgt))]
        higher = values > highest
        back[higher], highest[higher] = rows[higher] + at, values[higher]
    return best, back
