"""From neighbours in both directions to one-to-one pairs (Artetxe & Schwenk 2019, section 3.3)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray

from bitseam.mining.knn import Neighbours
from bitseam.mining.margin import margin_scores, neighbour_means
from bitseam.schemas.choices import Margin, Retrieval


@dataclass(frozen=True)
class Pairs:
    """Candidate or mined pairs, best margin first, ties by (src, tgt) row; every field `(p,)`.

    :ivar src: int64 rows of the source side, :ivar tgt: of the target side.
    :ivar cosine: float32, :ivar margin: float32.
    :ivar src_rank: int16 place of the target among the source's neighbours, 1 the nearest, 0 not
        among them; :ivar tgt_rank: the other way round.
    """

    src: NDArray[np.int64]
    tgt: NDArray[np.int64]
    cosine: NDArray[np.float32]
    margin: NDArray[np.float32]
    src_rank: NDArray[np.int16]
    tgt_rank: NDArray[np.int16]

    def __len__(self) -> int:
        return len(self.src)

    def take(self, where: NDArray[np.int64] | NDArray[np.bool_]) -> Pairs:
        """Return the pairs at `where`, in its order."""
        return Pairs(*(getattr(self, name)[where] for name in self.__dataclass_fields__))


def candidate_pairs(forward: Neighbours, backward: Neighbours, margin: Margin) -> Pairs:
    """Score every (source, neighbour) and (neighbour, target) once, best margin first.

    :param forward: `(n, k)` targets of each source.
    :param backward: `(m, k)` sources of each target.
    """
    n, m = len(forward.rows), len(backward.rows)
    src = np.concatenate([_repeat_rows(forward.rows), backward.rows.ravel()])
    tgt = np.concatenate([forward.rows.ravel(), _repeat_rows(backward.rows)])
    cosine = np.concatenate([forward.cosines.ravel(), backward.cosines.ravel()])
    src_rank = np.concatenate([_ranks(forward.rows), np.zeros(backward.rows.size, np.int16)])
    tgt_rank = np.concatenate([np.zeros(forward.rows.size, np.int16), _ranks(backward.rows)])

    # Found from both sides: one candidate with both ranks.
    key = src * max(m, 1) + tgt
    unique, first, inverse = np.unique(key, return_index=True, return_inverse=True)
    ranks = np.zeros((2, len(unique)), np.int16)
    np.maximum.at(ranks[0], inverse, src_rank)
    np.maximum.at(ranks[1], inverse, tgt_rank)
    src, tgt, cosine = src[first], tgt[first], cosine[first]

    src_means = neighbour_means(forward.cosines) if n else np.zeros(0, np.float32)
    tgt_means = neighbour_means(backward.cosines) if m else np.zeros(0, np.float32)
    scores = margin_scores(cosine, src_means[src], tgt_means[tgt], margin)
    pairs = Pairs(src, tgt, cosine, scores, ranks[0], ranks[1])
    return pairs.take(np.lexsort((tgt, src, -scores)))


def select_pairs(candidates: Pairs, retrieval: Retrieval) -> Pairs:
    """Select pairs from `candidates` (sorted as `candidate_pairs` returns them).

    - forward: each source with its best target by margin, among the source's neighbours;
    - backward: each target with its best source, among the target's neighbours;
    - intersection: pairs that both of these choose;
    - max: greedy one-to-one over all candidates; a row whose first choice is taken gets its next.
    """
    return candidates.take(select_rows(candidates, retrieval))


def select_rows(candidates: Pairs, retrieval: Retrieval) -> NDArray[np.int64]:
    """Return which candidates `select_pairs` selects, `(p,)` ascending.

    They may stand in another order than that of their margins: the first are the best.
    """
    if retrieval == "max":
        return _greedy(candidates.src, candidates.tgt)
    chosen = np.ones(len(candidates), bool)
    if retrieval in ("forward", "intersection"):
        chosen &= _first_of_each(candidates.src, candidates.src_rank > 0)
    if retrieval in ("backward", "intersection"):
        chosen &= _first_of_each(candidates.tgt, candidates.tgt_rank > 0)
    return np.flatnonzero(chosen)


def _repeat_rows(rows: NDArray[np.int64]) -> NDArray[np.int64]:
    return np.repeat(np.arange(len(rows), dtype=np.int64), rows.shape[1])


def _ranks(rows: NDArray[np.int64]) -> NDArray[np.int16]:
    return np.tile(np.arange(1, rows.shape[1] + 1, dtype=np.int16), len(rows))


def _first_of_each(rows: NDArray[np.int64], eligible: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Mark the first eligible candidate of every row; candidates stand best first."""
    where = np.flatnonzero(eligible)
    _, first = np.unique(rows[where], return_index=True)
    mask = np.zeros(len(rows), bool)
    mask[where[first]] = True
    return mask


@njit(cache=True)
def _greedy_mask(src, tgt, n, m):  # type: ignore[no-untyped-def]  # pragma: no cover
    src_taken = np.zeros(n, np.bool_)
    tgt_taken = np.zeros(m, np.bool_)
    kept = np.zeros(len(src), np.bool_)
    for i in range(len(src)):
        if not src_taken[src[i]] and not tgt_taken[tgt[i]]:
            src_taken[src[i]] = tgt_taken[tgt[i]] = kept[i] = True
    return kept


def _greedy(src: NDArray[np.int64], tgt: NDArray[np.int64]) -> NDArray[np.int64]:
    if not len(src):
        return np.zeros(0, np.int64)
    return np.flatnonzero(_greedy_mask(src, tgt, int(src.max()) + 1, int(tgt.max()) + 1))
