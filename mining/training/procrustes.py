"""The orthogonal map of one language's vectors onto another's, in closed form."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from bitseam.mining.encoders.linear_map import LinearMap


def fit_map(
    source: npt.NDArray[np.float32], target: npt.NDArray[np.float32], *, centred: bool
) -> LinearMap:
    """Return the orthogonal map of `source` rows onto their translations in `target`, `(n, d)`.

    It makes the sum of squared distances smallest (Schoenemann 1966); for vectors of unit norm that
    is the largest sum of cosines (Xing et al. 2015). With `centred` the mean of each side is taken
    from its vectors first (Artetxe et al. 2016).
    """
    means = np.stack([side.mean(axis=0, dtype=np.float64) for side in (source, target)])
    if not centred:
        means[:] = 0
    left, _, right = np.linalg.svd((source - means[0]).T @ (target - means[1]))
    matrix = np.ascontiguousarray(left @ right, dtype=np.float32)
    return LinearMap(matrix, *means.astype(np.float32))
