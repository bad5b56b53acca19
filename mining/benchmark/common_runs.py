"""Texts that have many runs of characters in common: all that can be within an edit distance.

d edits change at most q * d of a text's runs of q characters, those that reach beyond its ends
counted: so that two texts of a high edit similarity have most of them in common (Gravano et al.
2001, https://www.vldb.org/conf/2001/P491.pdf).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from numba import njit

from bitseam.lid.code_points import CodePoints
from bitseam.lid.hashing import FNV_OFFSET, FNV_PRIME, MURMUR_MIX
from bitseam.schemas.errors import UserError

# Below it two texts of that similarity may have no run of three characters in common.
LEAST_SIMILARITY = 0.7
ROUNDING = 1e-9  # of a similarity

_PAIRS = 1 << 18  # given out at a time; a text that is like all of a longer list has more

_LONGEST_RUN = 5
_SHIFT = np.uint64(32)

Rows = npt.NDArray[np.int64]


class RunIndex(NamedTuple):
    """The runs of a list of texts: those in bucket `b` are of `owners[starts[b]:starts[b + 1]]`."""

    run: int  # characters
    starts: npt.NDArray[np.int32]
    owners: npt.NDArray[np.int32]  # places in `order`, ascending in a bucket
    order: Rows  # rows of the list, shortest text first
    lengths: Rows  # of the texts in that order


def index_runs(texts: CodePoints, similarity: float) -> RunIndex:
    """Index a list of texts, so that those of an edit similarity can be found.

    :raises UserError: the similarity is not from `LEAST_SIMILARITY` to 1.
    """
    if not LEAST_SIMILARITY <= similarity <= 1:
        raise UserError(
            f"an edit similarity of {similarity:g}: expected one from {LEAST_SIMILARITY} to 1"
        )
    # Of runs this long two texts of the similarity always have one in common, ends included.
    run = min(_LONGEST_RUN, int(1 / (1 - similarity + ROUNDING)))
    lengths = np.diff(texts.bounds)
    order = np.argsort(lengths, kind="stable")
    runs = int(lengths.sum()) + (run - 1) * len(lengths)
    bits = max(10, runs.bit_length())
    starts = np.zeros((1 << bits) + 1, np.int32)
    owners = np.empty(runs, np.int32)
    _fill_buckets(*texts, order, run, starts, owners)
    return RunIndex(run, starts, owners, order, lengths[order])


def find_candidates(
    texts: CodePoints, index: RunIndex, similarity: float
) -> Iterator[tuple[Rows, Rows]]:
    """Yield pairs, rows of the texts and of the list: all that are similar enough, and more.

    All pairs of a text come at once. Of sentences that one template made nearly all pairs are
    candidates: they must not be in memory together.

    :param similarity: that of the index.
    """
    room = max(_PAIRS, len(index.order))
    shared = np.zeros(len(index.order), np.int32)
    first = 0
    while first < len(texts.bounds) - 1:
        mine, theirs = np.empty(room, np.int64), np.empty(room, np.int64)
        found, first = _find_candidates(
            *texts,
            index.run,
            index.starts,
            index.owners,
            index.lengths,
            similarity,
            first,
            shared,
            mine,
            theirs,
        )
        yield mine[:found], index.order[theirs[:found]]


# The compiled code stands in this file, because the cache of a compiled function is renewed when
# its own file changes, not when a function of another file does.
_compiled: Any = njit(cache=True, nogil=True)


@_compiled
def _bucket(points, start, end, at, run, mask):  # type: ignore[no-untyped-def]  # pragma: no cover
    """Return the bucket of the run that begins at `at`, which may reach beyond either end."""
    state = FNV_OFFSET
    for k in range(at, at + run):
        point = np.uint64(points[k]) if start <= k < end else np.uint64(0)
        state = (state ^ point) * FNV_PRIME
    state = (state ^ (state >> _SHIFT)) * MURMUR_MIX
    return np.int64((state >> _SHIFT) & mask)


@_compiled
def _fill_buckets(  # type: ignore[no-untyped-def]  # pragma: no cover
    points, bounds, order, run, starts, owners
):
    """List the owners of each bucket's runs, a text as often as it has the run."""
    mask = np.uint64(len(starts) - 2)
    for i in range(len(order)):
        start, end = bounds[order[i]], bounds[order[i] + 1]
        for at in range(start - run + 1, end):
            starts[_bucket(points, start, end, at, run, mask) + 1] += 1
    for b in range(1, len(starts)):
        starts[b] += starts[b - 1]
    filled = starts[:-1].copy()
    for i in range(len(order)):
        start, end = bounds[order[i]], bounds[order[i] + 1]
        for at in range(start - run + 1, end):
            b = _bucket(points, start, end, at, run, mask)
            owners[filled[b]] = i
            filled[b] += 1


@_compiled
def _common_runs(length, run, similarity):  # type: ignore[no-untyped-def]  # pragma: no cover
    """Return how many runs two similar texts have in common at least, the longer of that length."""
    return length + run - 1 - run * np.int64(length * (1 - similarity) + ROUNDING)


@_compiled
def _rarest(  # type: ignore[no-untyped-def]  # pragma: no cover
    points, start, end, run, starts, similarity, buckets
):
    """Write the buckets of a text's runs, but for the fullest; return how many, and how many not.

    Half of the runs that similar texts have in common at least need not be looked at: most of the
    work is in the commonest.
    """
    mask = np.uint64(len(starts) - 2)
    length = end - start
    runs = length + run - 1
    sizes = np.empty(runs, np.int64)
    all_buckets = np.empty(runs, np.int64)
    for k in range(runs):
        b = _bucket(points, start, end, start - run + 1 + k, run, mask)
        all_buckets[k], sizes[k] = b, starts[b + 1] - starts[b]
    # Of every longer text, too: what its length adds is more than what its edits take away.
    least = np.int64(length * (1 - run * (1 - similarity)) + run - 1)
    left_out = max(0, least // 2)
    order = np.argsort(sizes)
    for k in range(runs - left_out):
        buckets[k] = all_buckets[order[k]]
    return runs - left_out, left_out


@_compiled
def _count_owners(  # type: ignore[no-untyped-def]  # pragma: no cover
    owners, low, high, first, last, shared, touched, count
):
    """Count a run for each owner from `first` on, below `last`; return how many are touched."""
    low += np.searchsorted(owners[low:high], first)
    before = -1
    while low < high and owners[low] < last:
        owner = owners[low]
        if owner != before:
            if shared[owner] == 0:
                touched[count] = owner
                count += 1
            shared[owner] += 1
            before = owner
        low += 1
    return count


@_compiled
def _find_candidates(  # type: ignore[no-untyped-def]  # pragma: no cover
    points, bounds, run, starts, owners, lengths, similarity, begin, shared, mine, theirs
):
    """Write the pairs that have enough runs in common, from text `begin` on.

    Returns how many they are, and the text to go on with: the first for which there may be no room.
    """
    touched = np.empty(len(lengths), np.int32)
    buckets = np.empty(np.diff(bounds).max() + run, np.int64)
    found = 0
    for i in range(begin, len(bounds) - 1):
        if found + len(lengths) > len(mine):
            return found, i
        length = bounds[i + 1] - bounds[i]
        first = np.searchsorted(lengths, np.int64(np.ceil(length * similarity - ROUNDING)))
        last = np.searchsorted(lengths, np.int64(length / similarity + ROUNDING), side="right")
        if first >= last:
            continue
        runs, left_out = _rarest(points, bounds[i], bounds[i + 1], run, starts, similarity, buckets)
        count = 0
        for k in range(runs):
            low, high = starts[buckets[k]], starts[buckets[k] + 1]
            if low < high:
                count = _count_owners(owners, low, high, first, last, shared, touched, count)
        for t in range(count):
            owner = touched[t]
            longer = max(length, lengths[owner])
            if shared[owner] >= _common_runs(longer, run, similarity) - left_out:
                mine[found], theirs[found] = i, owner
                found += 1
            shared[owner] = 0
    return found, len(bounds) - 1
