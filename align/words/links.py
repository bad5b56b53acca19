"""Links between the words of sentence pairs, and what follows from them."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from bitseam.lid.words import Words


class Links(NamedTuple):
    """The links of n pairs: those of pair `i` are `src[bounds[i] : bounds[i + 1]]` and so on.

    :ivar bounds: `(n + 1,)` int64.
    :ivar src: `(l,)` int32, the place of the source word in its sentence; ascending in a pair.
    :ivar tgt: `(l,)` int32, that of the target word; ascending for a source word.
    :ivar probabilities: `(l,)` float32.
    """

    bounds: NDArray[np.int64]
    src: NDArray[np.int32]
    tgt: NDArray[np.int32]
    probabilities: NDArray[np.float32]

    def between(self, first: int, last: int) -> Links:
        """Return the links of the pairs from `first` to before `last`."""
        begin, end = self.bounds[first], self.bounds[last]
        return Links(
            self.bounds[first : last + 1] - begin,
            self.src[begin:end],
            self.tgt[begin:end],
            self.probabilities[begin:end],
        )


class Coverage(NamedTuple):
    """For each pair the mean over its words of the probability of the best link, 0 without one."""

    src: NDArray[np.float32]  # (n,)
    tgt: NDArray[np.float32]  # (n,)


def coverage(links: Links, src: Words, tgt: Words) -> Coverage:
    """Return how much of each side is covered by links; a side without words is covered by 0.

    A pair of translations covers most words of both sides; sentences that merely share a topic
    cover some.
    """
    return Coverage(
        _covered(links, links.src, src.bounds),
        _covered(links, links.tgt, tgt.bounds),
    )


def _covered(
    links: Links, places: NDArray[np.int32], bounds: NDArray[np.int64]
) -> NDArray[np.float32]:
    best = np.zeros(bounds[-1] + 1, np.float32)
    np.maximum.at(best, np.repeat(bounds[:-1], np.diff(links.bounds)) + places, links.probabilities)
    sums = np.concatenate([[0.0], np.cumsum(best, dtype=np.float64)])
    counts = np.maximum(np.diff(bounds), 1)
    means: NDArray[np.float32] = ((sums[bounds[1:]] - sums[bounds[:-1]]) / counts).astype(
        np.float32
    )
    return means


def pharaoh(links: Links) -> pa.LargeStringArray:
    """Return the links of each pair in Pharaoh format: `0-0 1-2`, from 0, an empty text if none."""
    large = pa.large_string()
    src, tgt = (pa.array(places).cast(large) for places in (links.src, links.tgt))
    texts = pc.binary_join_element_wise(src, tgt, pa.scalar("-", large))
    lists = pa.LargeListArray.from_arrays(pa.array(links.bounds), texts)
    return pc.binary_join(lists, pa.scalar(" ", large))


def concatenate(parts: list[Links]) -> Links:
    """Return the links of all parts, pair after pair."""
    counts = [np.zeros(1, np.int64), *(np.diff(part.bounds) for part in parts)]
    return Links(
        np.cumsum(np.concatenate(counts)),
        np.concatenate([np.empty(0, np.int32), *(part.src for part in parts)]),
        np.concatenate([np.empty(0, np.int32), *(part.tgt for part in parts)]),
        np.concatenate([np.empty(0, np.float32), *(part.probabilities for part in parts)]),
    )
