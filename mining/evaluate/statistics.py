"""Sufficient statistics of a score, apart from the score: what a resample has to add up.

A unit is what the bootstrap draws: a sentence with all that is measured on it. Two systems are
compared on the same units.
"""

from __future__ import annotations

from functools import cached_property
from typing import Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
Rows = NDArray[np.int64]


class Statistics(Protocol):
    """What a score needs to know of n units."""

    @property
    def kinds(self) -> Rows:
        """A number for each unit, `(n,)`: units of equal number count alike, whatever drawn."""
        ...

    def scores(self, units: Rows, weights: NDArray[np.int64]) -> Floats:
        """Return one score for each row of `weights` `(r, g)`.

        A row says how often each of the `units` `(g,)` counts, one unit of each kind.
        """
        ...


class Ratio:
    """A score that is one sum over the units divided by another; 0 where that other is 0."""

    def __init__(self, numerator: ArrayLike, denominator: ArrayLike) -> None:
        """Take what each unit adds to the two sums, `(n,)`; one number counts for every unit."""
        sums = np.broadcast_arrays(np.asarray(numerator, np.float64), denominator)
        self.sums: Floats = np.stack(sums, axis=1).astype(np.float64)

    @cached_property
    def kinds(self) -> Rows:
        # Two sortings of numbers: a sorting of pairs, as `np.unique(axis=0)` does, is far slower.
        above, below = (np.unique(its, return_inverse=True)[1] for its in self.sums.T)
        kinds: Rows = np.asarray(above * (int(below.max(initial=0)) + 1) + below, np.int64)
        return kinds

    def scores(self, units: Rows, weights: NDArray[np.int64]) -> Floats:
        above, below = (weights @ self.sums[units]).T
        ratios: Floats = np.divide(above, below, out=np.zeros(len(weights)), where=below > 0)
        return ratios


def score(statistics: Statistics) -> float:
    """Return the score of all units, each counted once."""
    units = np.arange(len(statistics.kinds))
    return float(statistics.scores(units, np.ones((1, len(units)), np.int64))[0])


def mean(values: ArrayLike) -> Ratio:
    """Return the statistics of the mean of one value a unit, `(n,)`."""
    return Ratio(values, 1.0)
