"""Near-duplicate documents: which of them repeat another one (see `minhash`).

A document is the set of its shingles: five words that follow one another, lower-cased; a letter of
a script that sets no words apart is a word. Two documents are near-duplicates if the estimate of
their Jaccard similarity is at least `SIMILARITY` and their numbers are the same: reports that fill
one form (weather, results, rates) say different things, while copies of a page add no sentence that
is not known.

Libraries were tried: they take shingles as Python strings, the making of which alone costs eight
times what this compiled pass takes, and keep their index in the memory of one process.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from numba import njit

from bitseam.lid.code_points import CodePoints
from bitseam.lid.hashing import FNV_OFFSET, FNV_PRIME, MURMUR_MIX
from bitseam.lid.hygiene.kinds import DIGIT, LETTER, MARK, SPACE, UNSPACED, word_kinds
from bitseam.lid.hygiene.minhash import Sets, find_alike, hash_bands, minima

SIMILARITY = 0.8
# Two documents of similarity s share a band with probability 0.998 for s = 0.8, 0.61 for 0.6,
# 0.08 for 0.4.
BANDS = 20
MIN_SHINGLES = 40  # below it one changed word decides; sentences are deduplicated anyway

_WORDS = 5

_SHIFT = np.uint64(32)


class Signatures(NamedTuple):
    """Signatures of n documents; those with too few shingles have none."""

    rows: npt.NDArray[np.int64]  # (n,) of the documents with a signature, ascending
    bands: npt.NDArray[np.uint64]  # (n, BANDS) bucket of each band
    minhashes: npt.NDArray[np.uint16]  # (n, BANDS * ROWS): enough to compare, at half the room


def sign(texts: CodePoints) -> Signatures:
    """Return the signatures of the lower-cased texts with at least `MIN_SHINGLES` shingles."""
    points, bounds = texts
    shingles = np.empty(len(points), np.uint32)  # a text has no more of them than characters
    ends = bounds[1:].copy()
    numbers = np.zeros(len(ends), np.uint64)
    _find_shingles(points, bounds, word_kinds(), shingles, ends, numbers)
    rows = np.flatnonzero(ends - bounds[:-1] >= MIN_SHINGLES)
    minhashes = minima(Sets(shingles, bounds[:-1], ends).take(rows), BANDS)
    return Signatures(rows, hash_bands(minhashes, numbers[rows]), minhashes.astype(np.uint16))


def find_originals(
    buckets: npt.NDArray[np.int32], minhashes: npt.NDArray[np.uint16]
) -> npt.NDArray[np.int64]:
    """Return, for each document `(n,)`, the row of the one it is a near-duplicate of, or -1.

    In order: a document stays unless it is like an earlier one that stays.

    :param buckets: `(BANDS, n)`, see `minhash.shared_buckets`.
    :param minhashes: `(n, BANDS * ROWS)`.
    """
    ends = np.arange(1, len(minhashes) + 1) * minhashes.shape[1]
    signatures = Sets(minhashes.ravel(), ends - minhashes.shape[1], ends)
    return find_alike(buckets, signatures, SIMILARITY, estimated=True)


# The compiled code stands in this file, because the cache of a compiled function is renewed when
# its own file changes, not when a function of another file does.
_compiled: Any = njit(cache=True, nogil=True)


@_compiled
def _hash_shingle(words, count):  # type: ignore[no-untyped-def]
    """One 32-bit hash of the last words."""
    state = FNV_OFFSET
    for k in range(count - _WORDS, count):
        state = (state ^ words[k % _WORDS]) * MURMUR_MIX
        state ^= state >> _SHIFT
    return np.uint32(state)


@_compiled
def _find_shingles(points, bounds, kinds, shingles, ends, numbers):  # type: ignore[no-untyped-def]
    """Write the shingles of each text, and a hash of its numbers, whatever their order."""
    words = np.zeros(_WORDS, np.uint64)  # the last ones, in a ring
    for i in range(len(bounds) - 1):
        count, word, end, has_digit = 0, FNV_OFFSET, bounds[i], False
        for k in range(bounds[i], bounds[i + 1] + 1):
            kind = kinds[points[k]] if k < bounds[i + 1] else SPACE
            if kind in (LETTER, MARK, DIGIT):
                word = (word ^ np.uint64(points[k])) * FNV_PRIME
                has_digit |= kind == DIGIT
                continue
            if word != FNV_OFFSET:
                words[count % _WORDS] = word
                if has_digit:
                    numbers[i] += word * MURMUR_MIX
                word, has_digit = FNV_OFFSET, False
                count += 1
                if count >= _WORDS:
                    shingles[end] = _hash_shingle(words, count)
                    end += 1
            if kind == UNSPACED:
                words[count % _WORDS] = np.uint64(points[k])
                count += 1
                if count >= _WORDS:
                    shingles[end] = _hash_shingle(words, count)
                    end += 1
        ends[i] = end
