"""Translations and others among mined pairs, told apart by how their log odds are distributed.

Two components on the axis of log odds: the wrong pairs, whose upper tail is exponential (as that of
the best of many wrong neighbours is), and the right ones. Both are asymmetric logistic densities,
`1 / (exp(x / right_tail) + exp(-x / left_tail))` around a location: either tail has a scale of its
own. The most probable share of right pairs and shapes of the two are sought, given

- how the shapes differed among the corpora that the re-scorer was fitted on (an empirical Bayes
  prior, Efron 2010, doi:10.1017/CBO9780511761362, chapters 5 and 6: the empirical null), and
- that log odds are calibrated: the ratio of the two densities is about what the re-scorer says.

So where a corpus tells little, as when nearly all pairs are right, the re-scorer decides; where the
bulk of its pairs is wrong, the tail of this bulk says how many more wrong ones lie above.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from bitseam.mining.rescorer.fitted import COMPONENTS

Floats = NDArray[np.float64]

_LOW, _HIGH, _STEP = -15.0, 15.0, 0.1
_GRID: Floats = np.linspace(_LOW, _HIGH, round((_HIGH - _LOW) / _STEP) + 1)
# Below, the pairs are counted only: what shape the bulk of the wrong ones has there is no matter.
_BULK = round((-2.5 - _LOW) / _STEP)
_CHECKED = np.array([round((odds - _LOW) / _STEP) for odds in (-4, -2, 0, 2, 4)])
_TRUST = 1.2  # standard deviation of the re-scorer's log odds from those of a corpus
# Log odds taken off in the end: without, the estimate was a little too sure on most corpora.
_CAUTION = 0.4
_STARTS = (-3.0, 0.5)  # log odds of the share
_BOUNDS = [(-9.0, 9.0), *[(-9.0, 9.0), (-2.0, 2.0), (-2.0, 2.0)] * 2]
_PSEUDO_PAIRS = 0.5  # of each kind: no corpus is all right or all wrong
_TINY = 1e-300


def probability_right(odds: Floats) -> Floats:
    """Return the probability `(p,)` that each pair of these log odds is right; it rises with them.

    :param odds: `(p,)` log odds of right to wrong where half are right.
    """
    if not len(odds):
        return np.zeros(0)
    from scipy.optimize import minimize

    pairs = _counted(odds)
    starts = [np.array([share, *COMPONENTS.mean]) for share in _STARTS]
    found = [
        minimize(_loss, start, (pairs,), method="L-BFGS-B", bounds=_BOUNDS) for start in starts
    ]
    best = min(found, key=lambda its: float(its.fun)).x
    _, ratio = _components(best)
    posterior = np.maximum.accumulate(best[0] + ratio) - _CAUTION
    probability: Floats = 1 / (1 + np.exp(-np.interp(odds, _GRID, posterior)))
    return probability


def log_density(location: float, right_tail: float, left_tail: float) -> Floats:
    """Return the log density over the grid `(g,)`, its sum 1; tails as logs of their scales."""
    x = _GRID - location
    density: Floats = -np.logaddexp(x * np.exp(-right_tail), -x * np.exp(-left_tail))
    density -= np.logaddexp.reduce(density)
    return density


def fitted_component(odds: Floats) -> Floats:
    """Return the location and the log tails of one component, all of `odds` `(p,)`."""
    from scipy.optimize import minimize

    pairs = _counted(odds)

    def loss(shape: Floats) -> float:
        return float((shape[1] ** 2 + shape[2] ** 2) / 2 - pairs @ log_density(*shape))

    start = [float(np.median(odds)), 0.0, 0.0]
    shape: Floats = minimize(loss, start, method="L-BFGS-B", bounds=_BOUNDS[1:4]).x
    return shape


def _counted(odds: Floats) -> Floats:
    """Return how many pairs lie nearest to each point of the grid, `(g,)`."""
    places = np.rint((np.clip(odds, _LOW, _HIGH) - _LOW) / _STEP).astype(np.int64)
    return np.bincount(places, minlength=len(_GRID)).astype(np.float64)


def _components(parameters: Floats) -> tuple[Floats, Floats]:
    """Return the log density of the wrong and the log ratio of the right to it, `(g,)` each.

    The ratio never falls above the peak of the wrong, and lies no higher below it than at it. Where
    one component has the longer tail on both sides it would else turn around at one end.
    """
    wrong, right = log_density(*parameters[1:4]), log_density(*parameters[4:7])
    ratio, peak = right - wrong, int(wrong.argmax())
    ratio[peak:] = np.maximum.accumulate(ratio[peak:])
    ratio[:peak] = np.minimum(ratio[:peak], ratio[peak])
    return wrong, ratio


def _loss(parameters: Floats, pairs: Floats) -> float:
    """Return the negative log posterior; `parameters` are the share's log odds and two shapes."""
    wrong, ratio = _components(parameters)
    log_right, log_wrong = -np.logaddexp(0, -parameters[0]), -np.logaddexp(0, parameters[0])
    both = np.exp(wrong + np.logaddexp(log_wrong, log_right + ratio))
    both /= both.sum()
    bulk = pairs[:_BULK].sum() * np.log(both[:_BULK].sum())
    likelihood = bulk + pairs[_BULK:] @ np.log(both[_BULK:] + _TINY)
    shapes = (parameters[1:] - COMPONENTS.mean) / COMPONENTS.spread
    calibration = (ratio[_CHECKED] - _GRID[_CHECKED]) / _TRUST
    prior = (shapes @ shapes + calibration @ calibration) / 2
    return float(prior - likelihood - _PSEUDO_PAIRS * (log_right + log_wrong))
