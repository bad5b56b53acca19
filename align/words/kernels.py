"""The compiled heart of the statistical aligner: its table, posteriors, counts and choices.

All of it stands in one file, because the cache of a compiled function is renewed when its own file
changes, not when a function of another file does.

Counts are whole numbers, in units of 1 / `UNIT`: their sums do not depend on the order, so that
any division of the pairs into shards gives the same counts to the last bit.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from bitseam.align.words.model import FREE, MAX_WORDS, UNIT

_MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)
_HALF = np.uint64(32)
_ONE = np.uint64(1)
_NEGLIGIBLE = np.float32(1e-4)
_TINY = np.float32(1e-30)
_HUGE = np.float32(1e18)  # of a place as good as ruled out before: no overflow


# --------------------------------------------------------------------------------------- the table
# numba compiles these; mypy cannot see through its decorator.


@njit(cache=True, nogil=True)
def _find(keys, key):  # type: ignore[no-untyped-def]  # pragma: no cover
    """Where `key` is, or the free place where it belongs: linear probing."""
    mask = np.uint64(len(keys) - 1)
    at = ((key * _MULTIPLIER) >> _HALF) & mask
    while keys[at] != key and keys[at] != FREE:
        at = (at + _ONE) & mask
    return np.int64(at)


@njit(cache=True, nogil=True)
def rehash(old, keys):  # type: ignore[no-untyped-def]  # pragma: no cover
    """Copy the keys of `old` into the free table `keys`, whose size is a power of two."""
    for key in old:
        if key != FREE:
            keys[_find(keys, key)] = key


@njit(cache=True, nogil=True)
def _sentences(bitext, p):  # type: ignore[no-untyped-def]  # pragma: no cover
    first, second = bitext.src_bounds[p], bitext.tgt_bounds[p]
    src = bitext.src_ids[first : min(bitext.src_bounds[p + 1], first + MAX_WORDS)]
    tgt = bitext.tgt_ids[second : min(bitext.tgt_bounds[p + 1], second + MAX_WORDS)]
    return src, tgt


@njit(cache=True, nogil=True)
def insert(bitext, first, keys, used):  # type: ignore[no-untyped-def]  # pragma: no cover
    """Insert the word pairs of the pairs from `first` on, until the table is three quarters full.

    Return the pair to go on with, and the number of keys.
    """
    n, full = len(bitext.src_bounds) - 1, len(keys) // 4 * 3
    for p in range(first, n):
        src, tgt = _sentences(bitext, p)
        if used + len(src) * len(tgt) > full:
            return p, used
        for i in range(len(src)):
            high = np.uint64(src[i]) << _HALF
            for j in range(len(tgt)):
                key = high | np.uint64(tgt[j])
                at = _find(keys, key)
                if keys[at] == FREE:
                    keys[at] = key
                    used += 1
    return n, used


# -------------------------------------------------------------------------------------- posteriors


@njit(cache=True, nogil=True)
def _independent(emission, null, posterior):  # type: ignore[no-untyped-def]  # pragma: no cover
    """Every word chooses its place by itself: IBM models 1 and 2."""
    n, m = emission.shape
    for j in range(n):
        total = null[j] * m  # each of the m places is chosen with 1 / m
        for i in range(m):
            total += emission[j, i]
        scale = np.float32(1) / max(total, _TINY)
        for i in range(m):
            posterior[j, i] = emission[j, i] * scale


@njit(cache=True, nogil=True)
def _normalisers(jumps, normal):  # type: ignore[no-untyped-def]  # pragma: no cover
    """Write for each of m places 1 over the sum of its jumps to all of them."""
    m, centre = len(normal), len(jumps) // 2
    for i in range(m):
        total = np.float32(0)
        for k in range(m):
            total += jumps[centre + k - i]
        normal[i] = np.float32(1) / total


@njit(cache=True, nogil=True)
def _forward(  # type: ignore[no-untyped-def]  # pragma: no cover
    emission, null, jumps, normal, state, reached, posterior
):
    """Write to `state[j]` how the place stands before word j, to `posterior` its share so far."""
    n, m = emission.shape
    centre = len(jumps) // 2
    state[0, :] = np.float32(1) / m
    for j in range(n):
        if j == 0:
            reached[:] = np.float32(1) / m
        else:
            reached[:] = 0
            for k in range(m):
                weight = state[j, k] * normal[k]
                row = jumps[centre - k : centre - k + m]
                for i in range(m):
                    reached[i] += weight * row[i]
        total = np.float32(0)
        for i in range(m):
            posterior[j, i] = emission[j, i] * reached[i]
            state[j + 1, i] = posterior[j, i] + null[j] * state[j, i]
            total += state[j + 1, i]
        scale = np.float32(1) / max(total, _TINY)
        for i in range(m):
            state[j + 1, i] *= scale


@njit(cache=True, nogil=True)
def _backward(  # type: ignore[no-untyped-def]  # pragma: no cover
    emission, null, reverse, normal, state, reached, posterior, jump_counts
):
    """Complete the posteriors; add the jumps to `jump_counts`, not yet times their probability."""
    n, m = emission.shape
    centre = len(reverse) // 2
    beta, gone = np.ones(m, np.float32), np.empty(m, np.float32)
    for j in range(n - 1, -1, -1):
        total = np.float32(0)
        for i in range(m):
            posterior[j, i] *= beta[i]
            total += posterior[j, i] + null[j] * state[j, i] * beta[i]
            gone[i] = emission[j, i] * beta[i]
        scale = np.float32(1) / max(total, _TINY)
        for i in range(m):
            posterior[j, i] *= scale
        if j == 0:
            break
        for k in range(m):
            weight = state[j, k] * normal[k] * scale
            counts = jump_counts[centre - k : centre - k + m]
            for i in range(m):
                counts[i] += weight * gone[i]
        reached[:] = 0
        for i in range(m):
            weight = gone[i]
            row = reverse[centre - i : centre - i + m]
            for k in range(m):
                reached[k] += weight * row[k]
        for i in range(m):
            beta[i] = min((null[j] * beta[i] + reached[i] * normal[i]) * scale, _HUGE)


@njit(cache=True, nogil=True)
def _choose(  # type: ignore[no-untyped-def]  # pragma: no cover
    emission, null, jumps, reverse, hidden, posterior, jump_counts
):
    """Write the posteriors `(n, m)` of n words that choose among m places, or none.

    A hidden Markov model (Vogel et al. 1996): a word that chooses none leaves the place as it was.
    """
    if not hidden:
        _independent(emission, null, posterior)
        return
    n, m = emission.shape
    normal, reached = np.empty(m, np.float32), np.empty(m, np.float32)
    state = np.empty((n + 1, m), np.float32)
    _normalisers(jumps, normal)
    _forward(emission, null, jumps, normal, state, reached, posterior)
    _backward(emission, null, reverse, normal, state, reached, posterior, jump_counts)


@njit(cache=True, nogil=True)
def _posteriors(src, tgt, model, hidden, jump_counts):  # type: ignore[no-untyped-def]  # pragma: no cover
    """Return where the word pairs are in the table, and the posteriors of both directions.

    `(n, m)` places, `(m, n)` target words choosing source words, `(n, m)` the other way round: one
    look-up of a word pair serves both.
    """
    n, m = len(src), len(tgt)
    slots = np.empty((n, m), np.int64)
    forward, backward = np.empty((m, n), np.float32), np.empty((n, m), np.float32)
    src_scales, tgt_scales = model.scales
    share = np.float32(1) - model.null_share
    for i in range(n):
        high = np.uint64(src[i]) << _HALF
        src_scale = src_scales[src[i]] * share
        for j in range(m):
            slot = _find(model.keys, high | np.uint64(tgt[j]))
            slots[i, j] = slot
            weight = model.weights[slot]
            if not hidden:
                apart = abs(np.float32(i + 1) / (n + 1) - np.float32(j + 1) / (m + 1))
                weight *= np.exp(-model.diagonal * np.float32(apart))
            forward[j, i] = weight * src_scale
            backward[i, j] = weight * (tgt_scales[tgt[j]] * share)
    src_null, tgt_null = np.empty(n, np.float32), np.empty(m, np.float32)
    for i in range(n):
        src_null[i] = model.nulls[0][src[i]] * model.null_share
    for j in range(m):
        tgt_null[j] = model.nulls[1][tgt[j]] * model.null_share
    by_tgt, by_src = np.empty((m, n), np.float32), np.empty((n, m), np.float32)
    jumps, reverse = model.jumps, model.reverse
    _choose(forward, tgt_null, jumps[0], reverse[0], hidden, by_tgt, jump_counts[0])
    _choose(backward, src_null, jumps[1], reverse[1], hidden, by_src, jump_counts[1])
    return slots, by_tgt, by_src


# ---------------------------------------------------------------------------------------- training


@njit(cache=True, nogil=True)
def expect(bitext, first, last, model, hidden, counts):  # type: ignore[no-untyped-def]  # pragma: no cover
    """Add the expected counts of the pairs `first` to `last` to `counts`.

    Of a word pair: in the hidden Markov model the product of both directions' posteriors, which
    trains each to agree with the other (Liang et al. 2006); before that their mean.
    """
    jumps = np.zeros(model.jumps.shape, np.float32)
    for p in range(first, last):
        src, tgt = _sentences(bitext, p)
        n, m = len(src), len(tgt)
        if n == 0 or m == 0:
            continue
        slots, by_tgt, by_src = _posteriors(src, tgt, model, hidden, jumps)
        for i in range(n):
            for j in range(m):
                a, b = by_src[i, j], by_tgt[j, i]
                value = a * b if hidden else np.float32(0.5) * (a + b)
                if value > _NEGLIGIBLE:
                    counts.pairs[slots[i, j]] += np.int64(value * UNIT)
        _count_nulls(src, by_src, counts.nulls[0])
        _count_nulls(tgt, by_tgt, counts.nulls[1])
        if hidden:
            _count_jumps(jumps, max(n, m), model.jumps, counts.jumps)


@njit(cache=True, nogil=True)
def _count_nulls(words, posterior, nulls):  # type: ignore[no-untyped-def]  # pragma: no cover
    for i in range(len(words)):
        rest = np.float32(1)
        for j in range(posterior.shape[1]):
            rest -= posterior[i, j]
        nulls[words[i]] += np.int64(max(rest, np.float32(0)) * UNIT)


@njit(cache=True, nogil=True)
def _count_jumps(found, longest, jumps, counts):  # type: ignore[no-untyped-def]  # pragma: no cover
    """Move what `_backward` found to the counts."""
    for side in range(2):
        for k in range(MAX_WORDS - longest, MAX_WORDS + longest + 1):
            counts[side, k] += np.int64(found[side, k] * jumps[side, k] * UNIT)
            found[side, k] = 0


# ------------------------------------------------------------------------------------------- links


@njit(cache=True, nogil=True)
def _decide(mine, theirs, choices, probabilities):  # type: ignore[no-untyped-def]  # pragma: no cover
    n, m = mine.shape
    for j in range(n):
        best, rest = 0, np.float32(1)
        for i in range(m):
            rest -= mine[j, i]
            if mine[j, i] > mine[j, best]:
                best = i
        if mine[j, best] > 0 and mine[j, best] >= rest:
            choices[j] = best
            probabilities[j] = np.sqrt(mine[j, best] * theirs[best, j])


@njit(cache=True, nogil=True)
def decide(bitext, first, last, model, src, tgt):  # type: ignore[no-untyped-def]  # pragma: no cover
    """Write the best place of every word of the pairs `first` to `last`.

    `src` and `tgt` are the `Choices` of all words of the sides; they hold none so far.
    """
    jumps = np.zeros(model.jumps.shape, np.float32)
    for p in range(first, last):
        a, b = _sentences(bitext, p)
        if len(a) == 0 or len(b) == 0:
            continue
        _, by_tgt, by_src = _posteriors(a, b, model, True, jumps)
        at, end = bitext.src_bounds[p], bitext.src_bounds[p] + len(a)
        _decide(by_src, by_tgt, src.places[at:end], src.probabilities[at:end])
        at, end = bitext.tgt_bounds[p], bitext.tgt_bounds[p] + len(b)
        _decide(by_tgt, by_src, tgt.places[at:end], tgt.probabilities[at:end])
