"""Mined pairs against gold: precision, recall, F1, thresholds, the precision-recall curve.

The unit of a bootstrap is a source sentence, with all pairs that it is in.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from bitseam.mining.evaluate.bootstrap import SEED
from bitseam.mining.evaluate.statistics import Floats, Ratio, Rows

GROUPS = 5_000  # of source sentences at most, for the interval of an area
STEPS = 200  # of a curve at most, for the same


@dataclass(frozen=True)
class JudgedPairs:
    """Pairs of p scores over u source sentences, best margin first, ties by (source, target).

    :ivar unit: `(p,)` int64 source sentence of each pair, 0 to u - 1.
    :ivar margin: `(p,)` float64, :ivar right: `(p,)` whether the pair is gold.
    :ivar gold: `(u,)` int64 how many gold pairs each source sentence has, found or not.
    """

    unit: Rows
    margin: Floats
    right: NDArray[np.bool_]
    gold: Rows

    def __len__(self) -> int:
        return len(self.unit)


class Curve(NamedTuple):
    """Precision and recall of the pairs at or above each threshold, `(t,)`, highest first.

    Pairs of equal margin are kept or dropped together.
    """

    threshold: Floats
    precision: Floats
    recall: Floats


def judge_pairs(
    src: Rows, tgt: Rows, margin: ArrayLike, gold: tuple[Rows, Rows], sources: int
) -> JudgedPairs:
    """Compare the pairs `(src, tgt)`, `(p,)` each, with the pairs `gold`, `(g,)` each.

    All are numbers of sentences, those of the source below `sources`. A pair or gold pair that
    occurs again counts once, with its best margin.
    """
    width = 1 + max(int(tgt.max(initial=0)), int(gold[1].max(initial=0)))
    margins = np.asarray(margin, np.float64)
    order = np.lexsort((tgt, src, -margins))
    keys = src[order] * width + tgt[order]
    order = order[np.sort(np.unique(keys, return_index=True)[1])]
    gold_keys = np.unique(gold[0] * width + gold[1])
    return JudgedPairs(
        unit=src[order],
        margin=margins[order],
        right=np.isin(src[order] * width + tgt[order], gold_keys),
        gold=np.bincount(gold_keys // width, minlength=sources),
    )


def precision(pairs: JudgedPairs, threshold: float) -> Ratio:
    """Return the share of the pairs at or above `threshold` that are gold."""
    right, kept = _counts(pairs, threshold)
    return Ratio(right, kept)


def recall(pairs: JudgedPairs, threshold: float) -> Ratio:
    """Return the share of the gold pairs that are found at or above `threshold`."""
    return Ratio(_counts(pairs, threshold)[0], pairs.gold)


def f1(pairs: JudgedPairs, threshold: float) -> Ratio:
    """Return the harmonic mean of precision and recall at `threshold`."""
    right, kept = _counts(pairs, threshold)
    return Ratio(2 * right, kept + pairs.gold)


def best_threshold(pairs: JudgedPairs) -> float:
    """Return the threshold of the highest F1, among equals the highest; without pairs 0.

    It lies midway to the next lower margin, as in LASER's BUCC tool: the pair above is safe from
    rounding, and no side of the gap is preferred on other data.
    """
    if not len(pairs):
        return 0.0
    ends = _ends_of_ties(pairs.margin)
    found = np.cumsum(pairs.right)[ends]
    at = ends[int((2 * found / (ends + 1 + pairs.gold.sum())).argmax())]
    return float(pairs.margin[at : at + 2].mean())


def precision_recall_curve(pairs: JudgedPairs) -> Curve:
    """Return precision and recall at every threshold that makes a difference."""
    ends = _ends_of_ties(pairs.margin)
    found = np.cumsum(pairs.right)[ends]
    share = found / max(int(pairs.gold.sum()), 1)
    return Curve(pairs.margin[ends], found / (ends + 1), share)


class AveragePrecision:
    """The area under the precision-recall curve: the sum of precision times gain in recall.

    No interpolation, which would flatter (Davis & Goadrich 2006, doi:10.1145/1143844.1143874);
    gold pairs that are never found count as recall that is never gained.

    The score is exact. What resamples add up is bounded: of more than `GROUPS` source sentences a
    unit is a group of them, dealt by chance (the variance of a sum is that of its sentences, within
    3 %), and of more than `STEPS` gains in recall neighbours are one.
    """

    def __init__(self, pairs: JudgedPairs) -> None:
        """Count the pairs of each unit in each step of the curve."""
        group = _groups(len(pairs.gold))
        size = int(group.max(initial=-1)) + 1
        gains = _gains(pairs)
        # Only where right pairs are gained does precision count: at the end of a step.
        ends = gains[np.linspace(-1, len(gains) - 1, min(len(gains), STEPS) + 1).astype(int)[1:]]
        step = np.searchsorted(ends, np.arange(len(pairs)))
        place = group[pairs.unit] * (len(ends) + 1) + step
        shape = size, len(ends) + 1
        kept, right = (
            np.bincount(its, minlength=shape[0] * shape[1]).reshape(shape)[:, :-1]
            for its in (place, place[pairs.right])
        )
        gold = np.bincount(group, pairs.gold, size)[:, None]
        # `(g, 2 s + 1)` float64: sums of it are exact, and by far the fastest.
        self.counts: Floats = np.concatenate([kept, right, gold], axis=1).astype(np.float64)
        found = np.cumsum(pairs.right)[gains]
        exact = (np.diff(found, prepend=0) * found / (gains + 1)).sum() / max(pairs.gold.sum(), 1)
        self._beside_steps = float(exact - _area(self.counts.sum(axis=0, keepdims=True))[0])

    @property
    def kinds(self) -> Rows:
        return np.arange(len(self.counts))

    def scores(self, units: Rows, weights: NDArray[np.int64]) -> Floats:
        return _area(weights.astype(np.float64) @ self.counts[units]) + self._beside_steps


def _area(counts: Floats) -> Floats:
    """Return the area of each row of kept and right pairs by step, `(r, 2 s + 1)`, and gold."""
    kept, gained = np.split(counts[:, :-1], 2, axis=1)
    precision = gained.cumsum(axis=1) / np.maximum(kept.cumsum(axis=1), 1)
    area: Floats = (gained * precision).sum(axis=1) / np.maximum(counts[:, -1], 1)
    return area


def _groups(size: int) -> Rows:
    """Return the group of each of `size` sentences: of few, each its own."""
    if size <= GROUPS:
        return np.arange(size)
    return np.random.default_rng(SEED).permutation(size) % GROUPS


def _counts(pairs: JudgedPairs, threshold: float) -> tuple[Rows, Rows]:
    """Return how many pairs of each source sentence are right, and are kept, `(u,)` each."""
    kept = pairs.margin >= threshold
    size = len(pairs.gold)
    right = np.bincount(pairs.unit[kept & pairs.right], minlength=size)
    return right, np.bincount(pairs.unit[kept], minlength=size)


def _ends_of_ties(margins: Floats) -> Rows:
    """Return the last place of each margin among `margins`, highest first."""
    return np.flatnonzero(np.diff(margins, append=-np.inf))


def _gains(pairs: JudgedPairs) -> Rows:
    """Return those last places of a margin that add right pairs to what is found before."""
    ends = _ends_of_ties(pairs.margin)
    gained: Rows = ends[np.diff(np.cumsum(pairs.right)[ends], prepend=0) > 0]
    return gained
