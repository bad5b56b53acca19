"""Bootstrap intervals of a score, and whether two systems differ (Efron 1979; Koehn 2004).

A resample draws as many units as there are, with replacement. Only how often each *kind* of unit is
drawn matters, so that a resample of a million hits and misses is one draw from a binomial.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from bitseam.mining.evaluate.statistics import Floats, Rows, Statistics, score

RESAMPLES = 10_000
LEVEL = 0.95
SEED = 0

_CELLS = 1 << 22  # weights at a time: 32 MB
_MULTINOMIAL_COST = 8  # a binomial variate takes as long as drawing so many units


class Interval(NamedTuple):
    """The middle `LEVEL` of the resamples' scores."""

    low: float
    high: float


class Comparison(NamedTuple):
    """The difference of two systems' scores, second minus first."""

    difference: float
    low: float
    high: float
    p_value: float  # two-sided: of a difference as large if there were none


def interval(statistics: Statistics, *, resamples: int = RESAMPLES, seed: int = SEED) -> Interval:
    """Return the percentile interval of a score."""
    (drawn,) = _resampled_scores((statistics,), resamples, seed)
    return _middle(drawn)


def compare(
    first: Statistics, second: Statistics, *, resamples: int = RESAMPLES, seed: int = SEED
) -> Comparison:
    """Compare two systems on the same units by a paired bootstrap.

    The p-value is the share of resamples whose difference lies as far from the measured one as that
    lies from nothing (shifted, Riezler & Maxwell 2005), a resample added to each as sacrebleu does.

    :raises ValueError: the systems were measured on different numbers of units.
    """
    if len(first.kinds) != len(second.kinds):
        raise ValueError(
            f"systems measured on {len(first.kinds)} and on {len(second.kinds)} units cannot be "
            "compared: expected the same units in the same order"
        )
    before, after = _resampled_scores((first, second), resamples, seed)
    difference = score(second) - score(first)
    drawn = after - before
    # A little less than the difference: equal numbers may come out of sums in another order.
    as_far = np.abs(drawn - difference) >= abs(difference) - 1e-12
    p_value = (int(as_far.sum()) + 1) / (resamples + 1)
    return Comparison(difference, *_middle(drawn), p_value)


def _middle(drawn: Floats) -> Interval:
    low, high = np.percentile(drawn, [50 * (1 - LEVEL), 50 * (1 + LEVEL)])
    return Interval(float(low), float(high))


def _resampled_scores(
    systems: tuple[Statistics, ...], resamples: int, seed: int
) -> tuple[Floats, ...]:
    """Return each system's scores of the same resamples, `(resamples,)`."""
    kinds = np.zeros(len(systems[0].kinds), np.int64)
    for its in systems:
        codes = np.unique(its.kinds, return_inverse=True)[1]
        kinds = np.unique(kinds * (codes.max(initial=0) + 1) + codes, return_inverse=True)[1]
    _, units, counts = np.unique(kinds, return_index=True, return_counts=True)
    chunks = [
        [its.scores(units, weights) for its in systems]
        for weights in _weights(counts, resamples, seed)
    ]
    return tuple(np.concatenate(its) for its in zip(*chunks, strict=True))


def _weights(counts: Rows, resamples: int, seed: int) -> Iterator[NDArray[np.int64]]:
    """Yield how often each kind is drawn, `(r, g)`; `counts` `(g,)` says how often it stands."""
    chance = np.random.default_rng(seed)
    kinds, units = len(counts), int(counts.sum())
    few = kinds * _MULTINOMIAL_COST < units
    step = max(1, _CELLS // (kinds if few else units))
    kind_of = np.repeat(np.arange(kinds), counts)
    for at in range(0, resamples, step):
        size = min(step, resamples - at)
        if few:
            yield chance.multinomial(units, counts / units, size=size)
        else:
            drawn = kind_of[chance.integers(units, size=(size, units), dtype=np.int32)]
            drawn += np.arange(size)[:, None] * kinds
            yield np.bincount(drawn.ravel(), minlength=size * kinds).reshape(size, kinds)
