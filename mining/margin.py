"""Margin scores of candidate pairs (Artetxe & Schwenk 2019, arXiv:1811.01136, section 3).

A cosine says little across sentences: some are near to everything. A margin compares it with the
means over the k nearest neighbours of both sides.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from bitseam.schemas.choices import Margin

# A mean below this is noise around zero: a ratio to it would rank nonsense first, a negative one
# would turn bad into good. No encoder places the nearest neighbours of real text so far away.
MIN_MEAN = 0.1


def neighbour_means(cosines: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the mean cosine `(n,)` over each row's neighbours `(n, k)`.

    Lists shorter than k (a corpus smaller than k) are averaged over what they hold; with no
    neighbours at all the mean is 0.
    """
    if cosines.shape[1] == 0:
        return np.zeros(len(cosines), np.float32)
    means: NDArray[np.float64] = cosines.mean(axis=1, dtype=np.float64)
    return means.astype(np.float32)


def margin_scores(
    cosines: NDArray[np.float32],
    src_means: NDArray[np.float32],
    tgt_means: NDArray[np.float32],
    margin: Margin,
) -> NDArray[np.float32]:
    """Score candidate pairs, all arguments `(c,)`.

    - ratio: cosine / mean, the mean floored at `MIN_MEAN`;
    - distance: cosine - mean;
    - absolute: the cosine alone.

    mean = (src_mean + tgt_mean) / 2.
    """
    if margin == "absolute":
        return cosines
    means = (src_means.astype(np.float64) + tgt_means) / 2
    scores = cosines - means if margin == "distance" else cosines / np.maximum(means, MIN_MEAN)
    return scores.astype(np.float32)
