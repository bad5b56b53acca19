"""xSIM and xSIM++: the error of finding translations by margin, as a miner does.

xSIM: NLLB Team 2022, arXiv:2207.04672, section 5.2; xSIM++: Chen et al. 2023, arXiv:2306.12907.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from bitseam.lid.ngrams import Texts
from bitseam.mining.evaluate.hard_negatives import HardNegatives
from bitseam.mining.evaluate.ranks import Vectors, text_codes
from bitseam.mining.evaluate.statistics import Floats, Ratio, Rows, mean
from bitseam.mining.knn import nearest_neighbours
from bitseam.mining.margin import margin_scores, neighbour_means
from bitseam.schemas.choices import Margin

K = 4  # neighbours, as LASER and the paper have it


@dataclass(frozen=True)
class Xsim:
    """What n sentences take for their translations.

    :ivar right: `(n,)` the probability that it is right: 0 or 1 but for ties.
    :ivar chosen: `(n,)` int64 row of the candidate of best margin, among equals the nearest.
    """

    right: Floats
    chosen: Rows

    @property
    def error(self) -> Ratio:
        """The share of sentences that take another for their translation."""
        return mean(1 - self.right)


def xsim(
    queries: Vectors,
    keys: Vectors,
    *,
    margin: Margin = "ratio",
    k: int = K,
    texts: Texts | None = None,
) -> Xsim:
    """Choose for each query the one of its `k` nearest keys that has the best margin.

    Row `i` of `keys` `(m, d)` is the translation of row `i` of `queries` `(n, d)`; the keys beyond
    the n-th are hard negatives (xSIM++). All rows have unit norm.

    :param texts: of the keys: every key with the text of the translation is right, too.
    :raises ValueError: there are fewer keys than queries.
    """
    if len(keys) < len(queries):
        raise ValueError(f"{len(queries)} sentences with {len(keys)} translations: one is missing")
    if not len(queries):
        return Xsim(np.empty(0), np.empty(0, np.int64))
    codes = text_codes(texts, len(keys))
    forward = nearest_neighbours(queries, keys, k)
    backward = nearest_neighbours(keys, queries, k)
    rows, shape = forward.rows, forward.rows.shape
    scores = margin_scores(
        forward.cosines.ravel(),
        np.repeat(neighbour_means(forward.cosines), shape[1]),
        neighbour_means(backward.cosines)[rows.ravel()],
        margin,
    ).reshape(shape)
    best = scores == scores.max(axis=1, keepdims=True)
    right = (best & (codes[rows] == codes[: len(queries), None])).sum(axis=1) / best.sum(axis=1)
    chosen = np.take_along_axis(rows, best.argmax(axis=1)[:, None], axis=1)[:, 0]
    return Xsim(right, chosen)


def errors_by_kind(found: Xsim, negatives: HardNegatives) -> dict[str, Ratio]:
    """Return the share of sentences that took a negative of their own translation, by its kind.

    The rest of the errors, with those of other sentences' negatives, is `other`.
    """
    rows = np.arange(len(found.right))
    own = np.concatenate([rows, negatives.origin])[found.chosen] == rows
    kind_of = np.array([*["other"] * len(rows), *negatives.kinds])[found.chosen]
    taken = np.where(own, kind_of, "other")
    kinds = (*dict.fromkeys(negatives.kinds), "other")
    return {kind: mean((1 - found.right) * (taken == kind)) for kind in kinds}
