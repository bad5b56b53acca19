"""Fits additive logistic models: one piecewise linear function of each feature."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

Floats = NDArray[np.float64]

_QUANTILES = (0.01, 0.1, 0.25, 0.4, 0.55, 0.7, 0.85, 0.95, 0.995)
_FEW_VALUES = 3
_RIDGE, _ROUGHNESS = 1e-4, 3e-4  # of a value, and of the difference of two neighbouring ones


def choose_knots(column: NDArray[np.float32], weights: Floats) -> Floats:
    """Return the knots of a feature: its few values, or weighted quantiles of its many."""
    known = np.isfinite(column)
    values = np.unique(column[known])
    if len(values) > _FEW_VALUES:
        order = np.argsort(column[known], kind="stable")
        share = np.cumsum(weights[known][order])
        places = np.searchsorted(share, np.array(_QUANTILES) * share[-1])
        values = column[known][order][np.minimum(places, len(order) - 1)]
    # Four digits, as they are written down.
    return np.unique([float(f"{value:.4g}") for value in values])


def fit_additive(
    features: NDArray[np.float32],
    right: NDArray[np.bool_],
    weights: Floats,
    offsets: Floats,
    knots: Sequence[Floats],
) -> tuple[float, list[Floats]]:
    """Return the intercept and the value of each function at its knots.

    :param features: `(r, f)`, a NaN adds nothing; :param offsets: `(r,)` log odds known beforehand.
    """
    basis = np.concatenate([_hats(*its) for its in zip(features.T, knots, strict=True)], axis=1)
    bounds = np.cumsum([len(its) for its in knots])
    penalty = _penalty(knots)
    weights = weights / weights.sum()

    def loss(values: Floats) -> tuple[float, Floats]:
        odds = basis @ values[:-1].astype(np.float32) + values[-1] + offsets
        miss = weights * (1 / (1 + np.exp(-odds)) - right)
        bent = penalty @ values[:-1]
        total = weights @ np.logaddexp(0, np.where(right, -odds, odds)) + values[:-1] @ bent / 2
        slope = np.append(miss.astype(np.float32) @ basis + bent, miss.sum())
        return float(total), slope

    start = np.zeros(basis.shape[1] + 1)
    found = minimize(loss, start, jac=True, method="L-BFGS-B", options={"maxiter": 500}).x
    return float(found[-1]), np.split(found[:-1], bounds[:-1])


def additive(
    features: NDArray[np.float32], knots: Sequence[Floats], values: Sequence[Floats]
) -> Floats:
    """Return the sum of the functions, `(r,)`."""
    total = np.zeros(len(features))
    for column, at, its in zip(features.T, knots, values, strict=True):
        total += np.where(np.isnan(column), 0, np.interp(column, at, its))
    return total


def _hats(column: NDArray[np.float32], knots: Floats) -> NDArray[np.float32]:
    """Return how much of each knot's value a feature takes, `(r, knots)`."""
    known = np.isfinite(column)
    basis = [np.interp(np.where(known, column, 0), knots, unit) for unit in np.eye(len(knots))]
    return (np.stack(basis, axis=1) * known[:, None]).astype(np.float32)


def _penalty(knots: Sequence[Floats]) -> Floats:
    size = sum(map(len, knots))
    penalty = _RIDGE * np.eye(size)
    start = 0
    for its in knots:
        for i in range(start, start + len(its) - 1):
            step = np.zeros(size)
            step[i : i + 2] = -1, 1
            penalty += _ROUGHNESS * np.outer(step, step)
        start += len(its)
    return penalty
