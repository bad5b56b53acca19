"""Near-duplicate sentences: those that differ in a few letters, in equal digits (see `minhash`).

A sentence is the set of its runs of three characters, of the folded text: lower case, letters,
marks and digits only (as `identity.fold_keys` has it). Two sentences of one language are
near-duplicates if the Jaccard similarity of their sets is high enough and their digits are the
same in the same order. The similarity is that of the sets themselves, their members hashed to 32
bits: between two sentences of 100 letters a wrong match has the probability 2e-6. Of the pairs
that are just similar enough, one in a thousand is not looked at (`MISSED`).
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from numba import njit

from bitseam.lid.code_points import lowered
from bitseam.lid.hashing import FNV_OFFSET, FNV_PRIME, MURMUR_MIX
from bitseam.lid.hygiene.kinds import DIGIT, LETTER, MARK, character_kinds
from bitseam.lid.hygiene.minhash import ROWS, Sets, find_alike, hash_bands, minima

MISSED = 0.001

_SHIFT = np.uint64(32)


class SentenceBands(NamedTuple):
    """The bands of n sentences; those of less than three letters and digits have none."""

    rows: npt.NDArray[np.int64]  # (n,) of the sentences with bands, ascending
    bands: npt.NDArray[np.uint64]  # (n, bands) bucket of each band


def bands_for(similarity: float) -> int:
    """Return how many bands find all but `MISSED` of the pairs of that similarity."""
    if similarity >= 1:
        return 1
    return math.ceil(math.log(MISSED) / math.log1p(-(similarity**ROWS)))


def sign_sentences(texts: pa.StringArray, similarity: float) -> SentenceBands:
    """Return the bands by which sentences of one language are found that are this similar."""
    grams, digits = _grams(texts)
    rows = np.flatnonzero(grams.ends > grams.starts)
    bands = hash_bands(minima(grams.take(rows), bands_for(similarity)), digits[rows])
    return SentenceBands(rows, bands)


def gram_sets(texts: pa.StringArray) -> Sets:
    """Return the sets of the sentences' three-character runs, hashed and sorted."""
    grams, _ = _grams(texts)
    # As they are made, a set takes the room of its text; the copy is as small as it can be.
    sizes = grams.ends - grams.starts
    ends = np.cumsum(sizes)
    values = np.empty(int(sizes.sum()), np.uint32)
    _pack(*grams, values)
    return Sets(values, ends - sizes, ends)


def find_near_sentences(
    buckets: npt.NDArray[np.int32], grams: Sets, similarity: float
) -> npt.NDArray[np.int64]:
    """Return, for each sentence `(n,)`, the row of the one that stays for it, or -1.

    In order: a sentence stays unless it is a near-duplicate of an earlier one that stays.

    :param buckets: `(bands, n)`, see `minhash.shared_buckets`. :param grams: see `gram_sets`.
    """
    return find_alike(buckets, grams, similarity, estimated=False)


def _grams(texts: pa.StringArray) -> tuple[Sets, npt.NDArray[np.uint64]]:
    """Return the sets of the sentences' runs, and a hash of each one's digits."""
    points, bounds = lowered(texts)
    grams = np.empty(len(points), np.uint32)
    ends, digits = bounds[1:].copy(), np.zeros(len(texts), np.uint64)
    _find_grams(points, bounds, character_kinds(), grams, ends, digits)
    return Sets(grams, bounds[:-1], ends), digits


# The compiled code stands in this file, because the cache of a compiled function is renewed when
# its own file changes, not when a function of another file does.
_compiled: Any = njit(cache=True, nogil=True)


@_compiled
def _hash_gram(gram):  # type: ignore[no-untyped-def]
    """32 bits of three code points, 21 bits each."""
    state = gram * MURMUR_MIX
    state = (state ^ (state >> _SHIFT)) * MURMUR_MIX
    return np.uint32(state >> _SHIFT)


@_compiled
def _find_grams(points, bounds, kinds, grams, ends, digits):  # type: ignore[no-untyped-def]
    three = np.uint64((1 << 63) - 1)
    width = np.uint64(21)
    for i in range(len(bounds) - 1):
        gram, count, end, state = np.uint64(0), 0, bounds[i], FNV_OFFSET
        for k in range(bounds[i], bounds[i + 1]):
            kind = kinds[points[k]]
            if kind not in (LETTER, MARK, DIGIT):
                continue
            point = np.uint64(points[k])
            if kind == DIGIT:
                state = (state ^ point) * FNV_PRIME
            gram = ((gram << width) | point) & three
            count += 1
            if count >= 3:
                grams[end] = _hash_gram(gram)
                end += 1
        ends[i], digits[i] = _sort_unique(grams, bounds[i], end), state


@_compiled
def _sort_unique(values, start, end):  # type: ignore[no-untyped-def]
    """Sort a part of `values`, drop its repeats, and return where it ends then."""
    values[start:end].sort()
    kept = start
    for k in range(start, end):
        if kept == start or values[k] != values[kept - 1]:
            values[kept] = values[k]
            kept += 1
    return kept


@_compiled
def _pack(values, starts, ends, packed):  # type: ignore[no-untyped-def]
    at = 0
    for i in range(len(starts)):
        for k in range(starts[i], ends[i]):
            packed[at] = values[k]
            at += 1
