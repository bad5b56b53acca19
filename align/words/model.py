"""What the compiled code of the statistical aligner reads and writes."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

# numba keeps these numbers in its cache of compiled code and does not look at this file again:
# delete every `__pycache__` after a change.
UNIT = 1 << 20
MAX_WORDS = 512
FREE = np.uint64(0xFFFFFFFFFFFFFFFF)  # no key: ids are below 2^31


class Bitext(NamedTuple):
    """The word ids of both sides of n pairs; of a sentence the first `MAX_WORDS` are read."""

    src_ids: NDArray[np.int32]
    src_bounds: NDArray[np.int64]  # (n + 1,)
    tgt_ids: NDArray[np.int32]
    tgt_bounds: NDArray[np.int64]  # (n + 1,)


class Parameters(NamedTuple):
    """A model of both directions. `[0]` is of the source words, `[1]` of the target words.

    A word pair has one weight: over the total of its source word it is p(target | source), over
    that of its target word p(source | target).

    :ivar keys: `(c,)` uint64 hash table of word pairs, source id << 32 | target id, else `FREE`.
    :ivar weights: `(c,)` float32.
    :ivar scales: 1 / total of each word, float32.
    :ivar nulls: the probability of each word if nothing on the other side says it, float32.
    :ivar jumps: `(2, 2 * MAX_WORDS + 1)` float32, how likely it is to move so many places on among
        the source (target) words from one target (source) word to the next.
    :ivar reverse: `jumps` from right to left, so that every inner loop runs forwards.
    :ivar diagonal: how strongly words at equal shares of their sentences attract each other; 0 in
        the hidden Markov model.
    :ivar null_share: the probability that a word has no counterpart.
    """

    keys: NDArray[np.uint64]
    weights: NDArray[np.float32]
    scales: tuple[NDArray[np.float32], NDArray[np.float32]]
    nulls: tuple[NDArray[np.float32], NDArray[np.float32]]
    jumps: NDArray[np.float32]
    reverse: NDArray[np.float32]
    diagonal: np.float32
    null_share: np.float32


class Counts(NamedTuple):
    """Expected counts in units of 1 / `UNIT`, int64, one a key, a word, a jump."""

    pairs: NDArray[np.int64]
    nulls: tuple[NDArray[np.int64], NDArray[np.int64]]
    jumps: NDArray[np.int64]
