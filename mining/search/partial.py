"""Neighbours found in a part of the database, and how two parts make one."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class PartialNeighbours:
    """The nearest rows known so far and a bound on all that were passed over.

    :ivar ids: `(n, k)` int64, best first, equal cosines by lower id; -1 where fewer are known.
    :ivar cosines: `(n, k)` float32, exact; -inf where fewer are known.
    :ivar lost: `(n,)` float32, at least the cosine of any row seen that is not listed and could
        belong there; -inf where there is none.
    """

    ids: NDArray[np.int64]
    cosines: NDArray[np.float32]
    lost: NDArray[np.float32]

    @classmethod
    def empty(cls, n: int, k: int) -> PartialNeighbours:
        """Return lists of `n` rows that have seen nothing: the neutral element of `merge`."""
        return cls(
            np.full((n, k), -1, np.int64),
            np.full((n, k), -np.inf, np.float32),
            np.full(n, -np.inf, np.float32),
        )

    def __len__(self) -> int:
        return len(self.ids)

    def take(self, rows: slice | NDArray[np.int64]) -> PartialNeighbours:
        """Return the lists of `rows`; a slice gives views."""
        return PartialNeighbours(self.ids[rows], self.cosines[rows], self.lost[rows])

    def put(self, rows: slice | NDArray[np.int64], lists: PartialNeighbours) -> None:
        """Replace the lists of `rows`."""
        self.ids[rows], self.cosines[rows], self.lost[rows] = lists.ids, lists.cosines, lists.lost

    @property
    def complete(self) -> NDArray[np.bool_]:
        """Mark the rows `(n,)` whose lists are proven: nothing passed over reaches the k-th."""
        proven: NDArray[np.bool_] = (self.lost < self.cosines[:, -1]) | np.isneginf(self.lost)
        return proven


def merge(a: PartialNeighbours, b: PartialNeighbours) -> PartialNeighbours:
    """Merge the lists of the same rows over two disjoint parts of the database.

    Associative and commutative, so shards may be searched and merged in any order. An entry that
    leaves a list here was beaten by k exact ones: it needs no trace in `lost`.
    """
    k = a.ids.shape[1]
    ids = np.concatenate([a.ids, b.ids], axis=1)
    cosines = np.concatenate([a.cosines, b.cosines], axis=1)
    best = np.lexsort((ids, -cosines), axis=1)[:, :k]
    return PartialNeighbours(
        np.take_along_axis(ids, best, 1),
        np.take_along_axis(cosines, best, 1),
        np.maximum(a.lost, b.lost),
    )
