"""MinHash (Broder 1997): signatures of sets, their bands (locality-sensitive hashing), and the
greedy choice of what repeats something else. Of documents and of sentences alike.

Two sets of Jaccard similarity s agree in a minimum with probability s, and share one of b bands
with probability 1 - (1 - s^ROWS)^b; only those that share one are compared.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from numba import njit

from bitseam.lid.hashing import FNV_OFFSET, MURMUR_MIX

ROWS = 6  # minima of a band
COMPARED = 64  # a set is compared with so many of a bucket at most, the latest that stay

_SHIFT = np.uint64(32)
_SLACK = 1e-6  # of a bound that is rounded; the quotient itself decides


class Sets(NamedTuple):
    """n sets of hashed features: those of set `i` are `values[starts[i] : ends[i]]`."""

    values: npt.NDArray[Any]
    starts: npt.NDArray[np.int64]
    ends: npt.NDArray[np.int64]

    def take(self, rows: npt.NDArray[np.int64]) -> Sets:
        """Return some of the sets in the order of `rows`; their values are not copied."""
        return Sets(self.values, self.starts[rows], self.ends[rows])


def join_sets(parts: list[Sets]) -> Sets:
    """Return the sets of all parts, which are taken from the list: no two copies are in memory."""
    values = np.empty(sum(len(part.values) for part in parts), np.uint32)
    starts, ends, first = [], [], 0
    while parts:
        part = parts.pop(0)
        values[first : first + len(part.values)] = part.values
        starts.append(part.starts + first)
        ends.append(part.ends + first)
        first += len(part.values)
    return Sets(values, np.concatenate(starts), np.concatenate(ends))


def minima(sets: Sets, bands: int) -> npt.NDArray[np.uint32]:
    """Return the signatures `(n, bands * ROWS)` of sets of 32-bit hashes, none of them empty.

    Each column is the least value under another permutation of the 32-bit numbers.
    """
    factors, summands = _permutations(bands * ROWS)
    found = np.full((len(sets.starts), bands * ROWS), 0xFFFFFFFF, np.uint32)
    _minima(*sets, factors, summands, found)
    return found


def hash_bands(
    signatures: npt.NDArray[np.uint32], seeds: npt.NDArray[np.uint64] | None = None
) -> npt.NDArray[np.uint64]:
    """Return the bucket of each band, `(n, bands)`.

    :param seeds: `(n,)`; sets whose seeds differ share no bucket.
    """
    bands = np.zeros((len(signatures), signatures.shape[1] // ROWS), np.uint64)
    _hash_bands(signatures, np.zeros(len(bands), np.uint64) if seeds is None else seeds, bands)
    return bands


def shared_buckets(band: npt.NDArray[np.uint64]) -> npt.NDArray[np.int32]:
    """Number the buckets of one band `(n,)` that more than one set is in; -1 for the rest."""
    _, bucket, sizes = np.unique(band, return_inverse=True, return_counts=True)
    shared = sizes > 1
    numbers = np.where(shared, np.cumsum(shared) - 1, -1).astype(np.int32)
    return numbers[bucket]


def find_alike(
    buckets: npt.NDArray[np.int32], sets: Sets, similarity: float, *, estimated: bool
) -> npt.NDArray[np.int64]:
    """Return, for each set `(n,)`, the row of the one that stays for it, or -1.

    In order: a set stays unless it is like an earlier one that stays, so that whatever goes is
    itself like what stays for it: there are no chains.

    :param buckets: `(bands, n)`, see `shared_buckets`.
    :param estimated: the sets are signatures, whose share of equal places is compared; else they
        are sorted sets, whose Jaccard similarity is.
    """
    originals = np.full(buckets.shape[1], -1, np.int64)
    sizes = buckets.max(axis=1, initial=-1).astype(np.int64) + 1
    first = np.cumsum(sizes) - sizes
    # Of every bucket the set that stayed last, and of that the one before it.
    latest = np.full(int(sizes.sum()), -1, np.int32)
    before = np.full(buckets.shape, -1, np.int32)
    _find_alike(buckets, *sets, similarity, estimated, first, latest, before, originals)
    return originals


class Listed(NamedTuple):
    """n sorted sets, to be looked for among others by their bands."""

    sets: Sets
    bands: npt.NDArray[np.uint64]  # (bands, n) buckets, ascending in each band
    rows: npt.NDArray[np.int64]  # (bands, n) whose buckets these are


def list_sets(sets: Sets, bands: npt.NDArray[np.uint64]) -> Listed:
    """List sorted sets of which `(n, bands)` are the buckets, see `hash_bands`."""
    rows = np.argsort(bands.T, axis=1, kind="stable")
    return Listed(sets, np.take_along_axis(bands.T, rows, axis=1), rows)


def find_listed(
    listed: Listed, others: Sets, bands: npt.NDArray[np.uint64], similarity: float
) -> npt.NDArray[np.int64]:
    """Return, for each listed set `(n,)`, the first of `others` that is alike, or -1.

    :param bands: `(m, bands)` buckets of the others: only sets that share one are compared.
    """
    found = np.full(len(listed.sets.starts), -1, np.int64)
    _find_listed(*listed.sets, listed.bands, listed.rows, *others, bands, similarity, found)
    return found


@lru_cache(maxsize=4)
def _permutations(count: int) -> tuple[npt.NDArray[np.uint32], npt.NDArray[np.uint32]]:
    chance = np.random.default_rng(1997)
    factors = chance.integers(0, 1 << 31, count, np.uint32) * np.uint32(2) + np.uint32(1)
    return factors, chance.integers(0, 1 << 32, count, np.uint32)


# The compiled code that is used together stands in one file, because the cache of a compiled
# function is renewed when its own file changes, not when a function of another file does.
_compiled: Any = njit(cache=True, nogil=True)


@_compiled
def _minima(values, starts, ends, factors, summands, found):  # type: ignore[no-untyped-def]
    for i in range(len(starts)):
        minimum = found[i]
        for k in range(starts[i], ends[i]):
            value = values[k]
            for j in range(len(factors)):
                minimum[j] = min(minimum[j], np.uint32(value * factors[j] + summands[j]))


@_compiled
def _hash_bands(signatures, seeds, bands):  # type: ignore[no-untyped-def]
    for i in range(bands.shape[0]):
        for band in range(bands.shape[1]):
            state = FNV_OFFSET ^ seeds[i]
            for row in range(ROWS):
                state = (state ^ np.uint64(signatures[i, band * ROWS + row])) * MURMUR_MIX
                state ^= state >> _SHIFT
            bands[i, band] = state


@_compiled
def _is_alike(values, starts, ends, i, j, similarity, estimated):  # type: ignore[no-untyped-def]
    if not estimated:
        return _overlap(values, starts[i], ends[i], values, starts[j], ends[j], similarity)
    size, equal = ends[i] - starts[i], 0
    for k in range(size):
        equal += values[starts[i] + k] == values[starts[j] + k]
    return equal / size >= similarity


@_compiled
def _overlap(values, a, end_a, others, b, end_b, similarity):  # type: ignore[no-untyped-def]
    """Whether two sorted sets have that Jaccard similarity; stops as soon as they cannot."""
    total = end_a - a + end_b - b
    least = similarity * total / (1 + similarity) - _SLACK
    common = 0
    while a < end_a and b < end_b and common + min(end_a - a, end_b - b) >= least:
        if values[a] == others[b]:
            common, a, b = common + 1, a + 1, b + 1
        elif values[a] < others[b]:
            a += 1
        else:
            b += 1
    return common / (total - common) >= similarity


@_compiled
def _find_listed(  # type: ignore[no-untyped-def]
    values, starts, ends, bands, rows, others, begins, stops, wanted, similarity, found
):
    compared = np.full(len(starts), -1, np.int64)  # the last of the others that each was with
    for j in range(len(begins)):
        for band in range(len(bands)):
            k = np.searchsorted(bands[band], wanted[j, band])
            while k < len(starts) and bands[band, k] == wanted[j, band]:
                i = rows[band, k]
                if found[i] < 0 and compared[i] < j:
                    compared[i] = j
                    if _overlap(
                        values, starts[i], ends[i], others, begins[j], stops[j], similarity
                    ):
                        found[i] = j
                k += 1


@_compiled
def _find_alike(  # type: ignore[no-untyped-def]
    buckets, values, starts, ends, similarity, estimated, first, latest, before, originals
):
    for i in range(buckets.shape[1]):
        original = -1
        for band in range(buckets.shape[0]):
            if buckets[band, i] < 0:
                continue
            other, compared = latest[first[band] + buckets[band, i]], 0
            while other >= 0 and compared < COMPARED:
                if (original < 0 or other < original) and _is_alike(
                    values, starts, ends, i, other, similarity, estimated
                ):
                    original = other
                other = before[band, other]
                compared += 1
        originals[i] = original
        if original < 0:
            for band in range(buckets.shape[0]):
                if buckets[band, i] >= 0:
                    place = first[band] + buckets[band, i]
                    before[band, i] = latest[place]
                    latest[place] = i
