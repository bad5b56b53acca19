"""Precision by bands of margin: what a score is worth."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from bitseam.mining.evaluate.bootstrap import Interval
from bitseam.mining.evaluate.statistics import Floats
from bitseam.mining.evaluate.wilson import wilson_interval

BANDS = 30  # at most

_NARROWEST = 0.01  # margins nearer to each other are not told apart


class Band(NamedTuple):
    """The pairs with `low` <= margin < `high`, and the share of them that is right."""

    low: float
    high: float
    pairs: int
    right: int

    @property
    def precision(self) -> float:
        return self.right / self.pairs if self.pairs else 0.0

    @property
    def interval(self) -> Interval:
        """Where the precision lies (Wilson)."""
        return wilson_interval(self.right, self.pairs)


def band_edges(margins: Floats, bands: int = BANDS) -> Floats:
    """Return the edges of at most `bands` bands of one round width that hold all margins."""
    if not len(margins):
        return np.array([0.0, 1.0])
    low, high = float(margins.min()), float(margins.max())
    width = round_step(max(high - low, _NARROWEST) / (bands - 1))
    # One more at either end: a quotient may be rounded past an edge.
    numbers = np.arange(np.floor(low / width) - 1, np.floor(high / width) + 3)
    edges = (numbers * width).round(10)
    first, last = np.searchsorted(edges, [low, high], side="right")
    found: Floats = edges[first - 1 : last + 1]
    return found


def round_step(least: float) -> float:
    """Return the lowest of 1, 2, 5 times a power of ten that is not below `least`, which is > 0."""
    power = 10.0 ** np.floor(np.log10(least))
    return float(next(power * m for m in (1, 2, 5, 10) if power * m >= least * (1 - 1e-9)))


def margin_bands(margins: Floats, right: NDArray[np.bool_], edges: Floats) -> list[Band]:
    """Count the pairs and the right ones between each two `edges`, lowest first."""
    place = np.searchsorted(edges, margins, side="right") - 1
    every = np.bincount(place, minlength=len(edges) - 1)
    good = np.bincount(place[right], minlength=len(edges) - 1)
    ends = zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True)
    return [
        Band(low, high, int(n), int(r)) for (low, high), n, r in zip(ends, every, good, strict=True)
    ]
