"""The re-scorer: an additive logistic model of what scores and texts tell of a candidate.

The log odds are a sum of one piecewise linear function of each feature (a generalised additive
model, Hastie & Tibshirani 1986, doi:10.1214/ss/1177013604), the same for all languages, encoders
and sizes; a feature that says nothing (NaN) adds nothing. `benchmarks/fit_rescorer.py` makes the
functions, which stand in `fitted.py`.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from bitseam.mining.rescorer.fitted import SCORES_ALONE, SCORES_AND_TEXTS, Model
from bitseam.mining.rescorer.scores import SCORE_FEATURES, score_features
from bitseam.mining.rescorer.texts import TEXT_FEATURES
from bitseam.mining.retrieval import Pairs


def log_odds(candidates: Pairs, texts: NDArray[np.float32] | None) -> NDArray[np.float32]:
    """Return the evidence `(c,)` that a candidate is a translation: log odds where half are.

    :param texts: `(c, f)` as `text_features` returns them; without, scores alone decide.
    """
    columns = dict(zip(SCORE_FEATURES, score_features(candidates).T, strict=True))
    if texts is None:
        return additive_score(SCORES_ALONE, columns)
    columns |= dict(zip(TEXT_FEATURES, texts.T, strict=True))
    return additive_score(SCORES_AND_TEXTS, columns)


def additive_score(model: Model, columns: Mapping[str, NDArray[np.float32]]) -> NDArray[np.float32]:
    """Sum the model's functions of the `columns` that it names, `(c,)` each."""
    total = np.full(len(next(iter(columns.values()))), model.intercept, np.float64)
    for name, (knots, values) in model.shapes.items():
        column = columns[name]
        total += np.where(np.isnan(column), 0.0, np.interp(column, knots, values))
    return total.astype(np.float32)
