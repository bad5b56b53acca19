"""At which rank, by cosine, a sentence finds its translation."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bitseam.lid.identity import text_keys
from bitseam.lid.ngrams import Texts, as_arrow
from bitseam.mining.evaluate.statistics import Floats, Rows

Vectors = NDArray[np.float32]

# Cosines closer than this are equal: float32, which every peer computes in, tells no more apart.
# Sums are in float64, so that twins are equal on every machine.
TIE = 1e-7

_CELLS = 1 << 22  # cosines at a time: 32 MB


@dataclass(frozen=True)
class GoldRanks:
    """Where the translations of n sentences stand among all candidates.

    A tie is broken by chance, and what is expected of it counted (McSherry & Najork 2008): so the
    order of the sentences decides nothing. Keys that are right alike are one candidate.

    :ivar nearer: `(n,)` int64 candidates nearer than the translation.
    :ivar tied: `(n,)` int64 others exactly as near.
    :ivar nearest: `(n,)` int64 row of the nearest candidate, among equals the lowest.
    """

    nearer: Rows
    tied: Rows
    nearest: Rows

    def within(self, k: int) -> Floats:
        """Return the probability that the translation is among the first `k`, `(n,)`."""
        return np.clip((k - self.nearer) / (self.tied + 1), 0.0, 1.0)

    def reciprocal(self) -> Floats:
        """Return the expected reciprocal of the translation's rank, `(n,)`."""
        last = self.nearer + self.tied + 1
        harmonic = np.concatenate([[0.0], np.cumsum(1 / np.arange(1, last.max(initial=0) + 1))])
        means: Floats = (harmonic[last] - harmonic[self.nearer]) / (self.tied + 1)
        return means

    def first_alone(self) -> NDArray[np.bool_]:
        """Whether the translation is nearer than every other candidate, `(n,)`."""
        alone: NDArray[np.bool_] = (self.nearer == 0) & (self.tied == 0)
        return alone


def gold_ranks(queries: Vectors, keys: Vectors, texts: Texts | None = None) -> GoldRanks:
    """Rank row `i` of `keys` `(m, d)` for row `i` of `queries` `(n, d)`, n <= m, unit rows.

    :param texts: of the keys: every key with the text of the translation is right, too.
    """
    codes = text_codes(texts, len(keys))
    database = np.ascontiguousarray(keys, np.float64).T
    parts = [
        _rank_block(queries[at : at + step].astype(np.float64) @ database, codes, at)
        for step in [max(1, _CELLS // max(len(keys), 1))]
        for at in range(0, len(queries), step)
    ]
    columns = zip(*parts, strict=True) if parts else [[np.empty(0, np.int64)]] * 3
    return GoldRanks(*(np.concatenate(column) for column in columns))


def text_codes(texts: Texts | None, rows: int) -> Rows:
    """Return a number for each row, the same for the same texts; without texts, one for each row.

    :raises ValueError: there are not as many texts as rows.
    """
    if texts is None:
        return np.arange(rows)
    codes: Rows = np.unique(text_keys(as_arrow(texts)), return_inverse=True)[1]
    if len(codes) != rows:
        raise ValueError(f"{rows} vectors with {len(codes)} texts: expected one text a vector")
    return codes


def _rank_block(cosines: Floats, codes: Rows, first: int) -> tuple[Rows, Rows, Rows]:
    """Return nearer, tied and nearest of the queries from row `first` on."""
    right = codes[first : first + len(cosines), None] == codes
    gold = np.where(right, cosines, -np.inf).max(axis=1, keepdims=True)
    nearer = ((cosines > gold + TIE) & ~right).sum(axis=1)
    not_farther = ((cosines >= gold - TIE) & ~right).sum(axis=1)
    nearest = (cosines >= cosines.max(axis=1, keepdims=True) - TIE).argmax(axis=1)
    return nearer, not_farther - nearer, nearest
