"""What the cosines around a candidate tell: features that mean the same for every encoder and size.

Cosines of unlike encoders lie in unlike ranges, and the best wrong neighbour is nearer in a larger
corpus. Both are read off the runners-up: the second to k-th nearest neighbours of a sentence are
wrong whether or not the nearest one is right. If wrong cosines have an exponential tail of some
scale, the j-th of them stands above the next by a j-th of that scale on average, and the best above
the second by the whole (Rényi 1953, doi:10.1007/BF02127580): lists tell the scale without any gold.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from bitseam.mining.margin import MIN_MEAN
from bitseam.mining.retrieval import Pairs

Floats = NDArray[np.float64]
Rows = NDArray[np.int64]

SCORE_FEATURES = (
    "level",
    "excess",
    "src_gap",
    "tgt_gap",
    "src_excess_gap",
    "tgt_excess_gap",
    "background_difference",
    "src_scale",
    "tgt_scale",
    "src_degree",
    "tgt_degree",
    "src_first",
    "tgt_first",
    "src_absent",
    "tgt_absent",
    "ratio",
)

_FARTHEST = 40.0  # of anything in scales: beyond it nothing changes
_LEAST_SCALE = 1e-3  # of a row, in scales of all
_HIGHEST_RATIO = 5.0
_PRIOR_SPACINGS = 3.0  # a row's own scale beside that of all rows


class Lists(NamedTuple):
    """What the neighbour lists of one side's rows say, `(n,)` each; of rows without, NaN.

    :ivar second: the cosine of the runner-up; of a list of one, that one.
    :ivar background: the mean cosine of the neighbours after the first.
    :ivar spacing_sum: the sum of as many spacings after the first as `spacings` says, each weighted
        so that its mean is the scale of the tail of wrong cosines.
    :ivar listed: whether anybody searched for the row.
    """

    second: Floats
    background: Floats
    spacing_sum: Floats
    spacings: Rows
    listed: NDArray[np.bool_]


def neighbour_lists(rows: Rows, ranks: NDArray[np.int16], cosines: Floats) -> Lists:
    """Summarise the lists that candidates came from; `ranks` are those within a row's own list."""
    own = ranks > 0
    size = int(rows.max(initial=-1)) + 1
    width = int(ranks.max(initial=0))
    table = np.full((size, max(width, 2)), np.nan)
    table[rows[own], ranks[own] - 1] = cosines[own]
    listed = ~np.isnan(table[:, 0])
    second = np.where(np.isnan(table[:, 1]), table[:, 0], table[:, 1])
    after = table[:, 1:]
    count = (~np.isnan(after)).sum(axis=1)
    background = np.where(count > 0, np.nansum(after, axis=1) / np.maximum(count, 1), second)
    # As if the first were wrong too: the j-th above the next by a j-th of the scale.
    weights = np.arange(2, after.shape[1] + 1)
    spacing = weights * (after[:, :-1] - after[:, 1:])
    return Lists(
        second, background, np.nansum(spacing, axis=1), (~np.isnan(spacing)).sum(axis=1), listed
    )


def tail_scale(*sides: Lists) -> float:
    """Return the scale of wrong cosines' tail over all rows; 0 if no list is long enough."""
    total = sum(float(its.spacing_sum.sum()) for its in sides)
    return total / max(sum(int(its.spacings.sum()) for its in sides), 1)


def row_scales(lists: Lists, scale: float) -> Floats:
    """Return each row's own scale, drawn towards that of all, `(n,)`."""
    return (lists.spacing_sum + _PRIOR_SPACINGS * scale) / (lists.spacings + _PRIOR_SPACINGS)


def score_features(candidates: Pairs) -> NDArray[np.float32]:
    """Return `(c, g)`, columns as in `SCORE_FEATURES`, whatever the margin that sorted them."""
    features = np.zeros((len(candidates), len(SCORE_FEATURES)), np.float32)
    if len(candidates):
        for i, column in enumerate(_columns(candidates)):
            features[:, i] = column
    return features


def _columns(candidates: Pairs) -> Iterator[NDArray[np.generic]]:
    """Yield one column after the other: of millions of candidates not all fit in float64."""
    cosine = candidates.cosine.astype(np.float64)
    sides = (candidates.src, candidates.src_rank), (candidates.tgt, candidates.tgt_rank)
    lists = [neighbour_lists(rows, ranks, cosine) for rows, ranks in sides]
    scale = tail_scale(*lists) or 1.0
    src, tgt = (_of_listed(its)[rows] for its, (rows, _) in zip(lists, sides, strict=True))
    background = (src + tgt) / 2
    excess = cosine - background

    def scaled(values: Floats) -> Floats:
        return np.clip(values / scale, -_FARTHEST, _FARTHEST)

    seconds = np.concatenate([its.second[its.listed] for its in lists])
    yield scaled(cosine - (np.median(seconds) if len(seconds) else 0.0))
    yield scaled(excess)
    for values in (cosine, excess):
        for rows, _ in sides:
            yield scaled(above_rival(rows, values))
    yield scaled(src - tgt)
    for its, (rows, _) in zip(lists, sides, strict=True):
        yield np.log(np.maximum(row_scales(its, scale) / scale, _LEAST_SCALE))[rows]
    width = int(max(candidates.src_rank.max(), candidates.tgt_rank.max(), 1))
    for rows, _ in sides:
        yield np.log(np.bincount(rows)[rows] / width)
    for rank in (1, 0):
        for _, ranks in sides:
            yield ranks == rank
    yield np.clip(cosine / np.maximum(background, MIN_MEAN), 0, _HIGHEST_RATIO)


def _of_listed(lists: Lists) -> Floats:
    """Return the backgrounds; a row that nobody searched for has that of the others."""
    middle = np.median(lists.background[lists.listed]) if lists.listed.any() else 0.0
    return np.where(lists.listed, lists.background, middle)


def above_rival(rows: Rows, values: Floats) -> Floats:
    """Return by how much a value exceeds the best other one of its row, `(c,)`; alone, 0."""
    best, second, first = _best_two(rows, values, int(rows.max(initial=-1)) + 1)
    rival = np.where(first[rows] == np.arange(len(rows)), second[rows], best[rows])
    return np.where(np.isfinite(rival), values - rival, 0.0)


@njit(cache=True, nogil=True)
def _best_two(rows, values, size):  # type: ignore[no-untyped-def]  # pragma: no cover
    best = np.full(size, -np.inf)
    second = np.full(size, -np.inf)
    first = np.full(size, -1)
    for i in range(len(rows)):
        row, value = rows[i], values[i]
        if value > best[row]:
            second[row] = best[row]
            best[row] = value
            first[row] = i
        elif value > second[row]:
            second[row] = value
    return best, second, first
