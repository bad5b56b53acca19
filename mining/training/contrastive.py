"""The contrastive loss and its gradient."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Matrix = npt.NDArray[np.float32]


def unit_rows(vectors: Matrix) -> tuple[Matrix, Matrix]:
    """Return the rows at unit norm and their norms `(n, 1)`; a zero row stays zero."""
    norms = np.linalg.norm(vectors, axis=1, keepdims=True)
    norms[norms == 0] = 1
    return vectors / norms, norms


def contrastive_loss(
    source: Matrix, target: Matrix, temperature: float
) -> tuple[float, Matrix, Matrix]:
    """Return the InfoNCE loss of both directions and its gradients, each `(n, d)`.

    `source[i]` and `target[i]` are translations, all other rows of the batch are not (van den Oord
    et al. 2018, https://arxiv.org/abs/1807.03748). The rows need not have unit norm: the loss is
    taken of their cosines, the gradients are those of the rows as given.
    """
    a, norm_a = unit_rows(source)
    b, norm_b = unit_rows(target)
    n = len(a)
    scores = (a @ b.T) / np.float32(temperature)
    right = scores.diagonal().copy()
    # Cosines are at most 1, so one shift serves every row and column.
    scores -= np.float32(1 / temperature)
    odds = np.exp(scores, out=scores)
    forward, backward = odds.sum(axis=1), odds.sum(axis=0)
    logs = np.log(forward) + np.log(backward) + 2 / temperature
    loss = float(np.mean(logs - 2 * right))
    slope = odds * (1 / forward)[:, None] + odds * (1 / backward)[None, :]
    slope[np.arange(n), np.arange(n)] -= 2
    slope /= np.float32(n * temperature)
    return loss, _through_norm(slope @ b, a, norm_a), _through_norm(slope.T @ a, b, norm_b)


def _through_norm(gradient: Matrix, unit: Matrix, norm: Matrix) -> Matrix:
    along = np.sum(gradient * unit, axis=1, keepdims=True)
    result: Matrix = (gradient - along * unit) / norm
    return result
