"""How much an approximate search found, measured against the exact engine on a sample."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from bitseam.mining.approximate.index import Vectors
from bitseam.mining.knn import nearest_neighbours

SAMPLE = 1000
_SEED = 4321
_TIE = np.float32(1e-6)  # one as near as the k-th is as good as it


def sample_queries(n: int) -> NDArray[np.int64]:
    """Return which of `n` queries the recall is measured on, in order."""
    return np.sort(np.random.default_rng(_SEED).permutation(n)[:SAMPLE])


def count_found(cosines: NDArray[np.float32], queries: Vectors, database: Vectors) -> int:
    """Return how many of the `k` nearest of all `queries` `(n, d)` are among those found.

    :param cosines: `(n, k)` of the neighbours found, exact.
    """
    if not cosines.size:
        return 0
    exact = nearest_neighbours(queries, database, cosines.shape[1])
    return int((cosines >= exact.cosines[:, -1:] - _TIE).sum())
