"""How sure a model may be: one factor on its scores, fitted on held-out texts.

Guo et al. 2017, "On Calibration of Modern Neural Networks", section 4.2 (temperature scaling; the
factor here is the inverse of their temperature), https://proceedings.mlr.press/v70/guo17a.html
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

_GRID = np.geomspace(0.25, 4, 65)


def fitted_sharpness(
    logits: npt.NDArray[np.float32], labels: npt.NDArray[np.int32], weights: npt.NDArray[np.float64]
) -> float:
    """Return the factor on `logits` `(n, languages)` that makes the true `labels` most likely.

    `weights` `(n,)` say how much each text counts.
    """
    scores = logits - logits.max(axis=1, keepdims=True)
    rows = np.arange(len(labels))

    def loss(factor: float) -> float:
        scaled = scores * np.float32(factor)
        per_text = np.log(np.exp(scaled).sum(axis=1)) - scaled[rows, labels]
        return float(per_text @ weights)

    return float(min(_GRID, key=loss))
