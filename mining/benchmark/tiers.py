"""Tiers of pairs by their score, and the pairs of each that a person is to judge."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from bitseam.mining.evaluate.statistics import Floats, Rows
from bitseam.schemas.choices import Allocation

_BINS = 1_000  # of scores, between which tiers are cut
_LEAST = 2  # pairs of a tier, where it has them
_LEAST_DEVIATION = 0.1  # of a tier that is thought to be all right or all wrong: it may not be


class Tiers(NamedTuple):
    """Pairs in t tiers, the lowest scores first; those without a score are the last tier.

    :ivar edges: `(e,)`: tier i < e - 1 has the scores `edges[i] <= score < edges[i + 1]`, and the
        last of them the highest score, too.
    :ivar tier: `(p,)` the tier of each pair.
    :ivar sizes: `(t,)` pairs of each tier: t is e - 1, and one more where a score is missing.
    """

    edges: Floats
    tier: Rows
    sizes: Rows


def make_tiers(scores: Floats, tiers: int) -> Tiers:
    """Return at most `tiers` tiers of the scores `(p,)`, NaN where there is none.

    They are cut so that the square roots of how often each score occurs add up to the same in all
    (Dalenius & Hodges 1959, doi:10.1080/01621459.1959.10501501): rare scores get tiers of their
    own, yet no tier is nearly empty.
    """
    known = ~np.isnan(scores)
    edges = _edges(scores[known], tiers)
    tier = np.full(len(scores), len(edges) - 1)
    tier[known] = np.searchsorted(edges[1:-1], scores[known], side="right")
    return Tiers(edges, tier, np.bincount(tier, minlength=len(edges) - 1))


def _edges(scores: Floats, tiers: int) -> Floats:
    if not len(scores):
        return np.zeros(1)
    low, high = scores.min(), scores.max()
    # Not numpy's own bins: it refuses scores that differ by a rounding only.
    bounds = np.linspace(low, high, _BINS + 1)
    bins = np.searchsorted(bounds[1:-1], scores, side="right")
    sums = np.cumsum(np.sqrt(np.bincount(bins, minlength=_BINS)))
    cuts = np.searchsorted(sums, sums[-1] * np.arange(1, tiers) / tiers)
    inner = np.unique(bounds[cuts + 1])
    inner = inner[(inner > low) & (inner <= high)]
    edges = np.concatenate([[low], inner, [high]])
    filled = np.histogram(scores, edges)[0] > 0 if len(edges) > 2 else np.ones(1, bool)
    return np.append(edges[:-1][filled], edges[-1])


def allocate(
    sizes: Rows, total: int, method: Allocation, shares: Floats | None = None
) -> NDArray[np.int64]:
    """Return how many pairs of each tier to judge, `(t,)`; `total` in all, or all that there are.

    "equal" gives all tiers the same number; "neyman" the numbers that make the estimate for the
    whole the most certain: in proportion to size and deviation (Neyman 1934, doi:10.2307/2342192).

    :param shares: `(t,)` the share of each tier that is thought to be right, NaN where not known;
        None: not known of any, so that all deviations are alike.
    """
    wanted = np.ones(len(sizes)) if method == "equal" else sizes.astype(np.float64)
    if method == "neyman" and shares is not None:
        deviation = np.sqrt(shares * (1 - shares))
        wanted *= np.where(np.isnan(shares), 0.5, np.maximum(deviation, _LEAST_DEVIATION))
    least = np.minimum(sizes, _LEAST)
    if least.sum() >= total:
        least = np.zeros_like(sizes)
    return _filled(wanted, least, sizes, min(total, int(sizes.sum())))


def _filled(wanted: Floats, least: Rows, most: Rows, total: int) -> NDArray[np.int64]:
    """Return whole numbers in the proportions of `wanted`, within bounds, whose sum is `total`."""
    low, high = 0.0, float(total) * len(wanted) / max(wanted[wanted > 0].min(initial=1), 1e-12)
    for _ in range(100):  # a scale: what it gives grows with it
        scale = (low + high) / 2
        if np.clip(scale * wanted, least, most).sum() < total:
            low = scale
        else:
            high = scale
    exact = np.clip(high * wanted, least, most)
    whole: NDArray[np.int64] = np.floor(exact).astype(np.int64)
    order = np.argsort(-(exact - whole), kind="stable")
    while (left := total - int(whole.sum())) > 0:
        open_ = order[whole[order] < most[order]][:left]
        whole[open_] += 1
    return whole


def draw_pairs(tiers: Tiers, numbers: Rows, seed: int) -> Rows:
    """Return the rows of so many pairs of each tier, `(t,)`, in an order that tells no tier."""
    drawn = []
    for tier, number in enumerate(numbers):
        rows = np.flatnonzero(tiers.tier == tier)
        drawn.append(np.random.default_rng([seed, tier]).choice(rows, number, replace=False))
    found: Rows = np.random.default_rng(seed).permutation(np.concatenate([*drawn, []]))
    return found.astype(np.int64)
