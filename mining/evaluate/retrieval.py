"""How well line-aligned sentences find their translations by cosine (Tatoeba, NTREX, FLORES)."""

from __future__ import annotations

import numpy as np

from bitseam.mining.evaluate.ranks import GoldRanks
from bitseam.mining.evaluate.statistics import Ratio, mean


def precision_at(ranks: GoldRanks, k: int) -> Ratio:
    """Return the share of sentences with their translation among the first `k`; P@1 is accuracy."""
    return mean(ranks.within(k))


def accuracy_of_both(forward: GoldRanks, backward: GoldRanks) -> Ratio:
    """Return the mean of the accuracies in both directions; a unit is a pair."""
    return mean((forward.within(1) + backward.within(1)) / 2)


def mean_reciprocal_rank(ranks: GoldRanks) -> Ratio:
    """Return the mean of 1 / rank of the translation."""
    return mean(ranks.reciprocal())


def nearest_f1(ranks: GoldRanks) -> Ratio:
    """Return the mean over keys of the F1 of being found as nearest: MTEB's `f1` of bitext mining.

    Key `i` is right for query `i` alone; each query that finds it wrongly costs it precision. Among
    equals the lowest row is the nearest, as in MTEB, whose figure this is.
    """
    rows = np.arange(len(ranks.nearest))
    found = np.bincount(ranks.nearest, minlength=len(rows))[: len(rows)]
    return mean(2 * (ranks.nearest == rows) / (found + 1))


def mexa(forward: GoldRanks, backward: GoldRanks) -> Ratio:
    """Return the share of pairs nearer to each other than either is to anything else.

    The alignment score of MEXA (Kargaran et al. 2024, arXiv:2410.05873, section 3) on the vectors
    of an encoder, where MEXA itself takes those of every layer of a language model.
    """
    return mean(forward.first_alone() & backward.first_alone())
