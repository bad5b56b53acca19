"""How much of a sentence's words find a partner in the other, by vectors of single words.

A word is as similar to the other sentence as to the nearest of its words (as in BERTScore, Zhang
et al. 2020, arXiv:1904.09675, but without context). It has a partner with a probability of
`1 / (1 + exp(-2 (s - mean) / deviation))`, where mean and deviation are those of the similarity `s`
to a sentence drawn by chance: so any encoder will do, however high its cosines lie. Words count by
their inverse document frequency.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

import numpy as np
import pyarrow as pa
from numba import njit
from numpy.typing import NDArray

from bitseam.mining.rescorer.words import words_of

# Words `(v,)` to unit vectors `(v, d)`, of the source's language and the target's, in one space.
EncodeWord = Callable[[pa.Array], NDArray[np.float32]]
WordEncoders = tuple[EncodeWord, EncodeWord]

MAX_WORDS = 256  # of a sentence
_STEEPNESS = 2.0  # of mined pairs' F1: 2 and 3 the same, 1 lower
_SAMPLE = 2_000  # pairs of sentences
_WORDS_A_TASK = 1 << 15
_PAIRS_A_TASK = 1 << 15


class Side(NamedTuple):
    """The words of n texts, and of each word its vector.

    :ivar ids: `(w,)` int32, those of text `i` from `bounds[i]`, :ivar bounds: `(n + 1,)` int64.
    :ivar weights: `(v,)` float32 of each id.
    :ivar codes: `(v, d)` int8, :ivar scales: `(v,)` float32; their product is the unit vector.
    """

    ids: NDArray[np.int32]
    bounds: NDArray[np.int64]
    weights: NDArray[np.float32]
    codes: NDArray[np.int8]
    scales: NDArray[np.float32]


class Coverage(NamedTuple):
    """What the words of c pairs say, `(c,)` float32; NaN where a side has no words.

    :ivar least: 0 to 1, the share of the words with a partner, on the side that has less of it.
    :ivar disorder: 0 to 1, how far apart partners stand in their sentences.
    """

    least: NDArray[np.float32]
    disorder: NDArray[np.float32]


def side_of(texts: pa.Array, encode: EncodeWord) -> Side:
    """Return the words of `texts` `(n,)`, each encoded once."""
    words = words_of(texts)
    codes, scales = [], []
    for start in range(0, max(len(words.forms), 1), _WORDS_A_TASK):
        rows = encode(words.forms.slice(start, _WORDS_A_TASK))
        largest = np.abs(rows).max(axis=1, initial=0)
        scales.append((np.where(largest > 0, largest, 1) / 127).astype(np.float32))
        codes.append(np.rint(rows / scales[-1][:, None]).astype(np.int8))
    vectors = np.concatenate(codes), np.concatenate(scales)
    return Side(words.ids, words.bounds, words.weights, *vectors)


def coverage(
    a: Side, b: Side, src: NDArray[np.int64], tgt: NDArray[np.int64], threads: int
) -> Coverage:
    """Return what the words say of the pairs of text `src[c]` of `a` and text `tgt[c]` of `b`.

    The same for any number of threads and any order of the pairs.
    """
    chance = _by_chance(a, b)
    found = np.empty((len(src), 4), np.float32)
    order = np.lexsort((tgt, src))  # neighbours share the words of their source: in the cache

    def compare_task(start: int) -> None:
        part = order[start : start + _PAIRS_A_TASK]
        result = np.empty((len(part), 4), np.float32)
        _compare(tuple(a), tuple(b), src[part], tgt[part], chance, result)
        found[part] = result

    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(compare_task, range(0, len(src), _PAIRS_A_TASK)))
    return Coverage(found[:, :2].min(axis=1), found[:, 2:].max(axis=1))


def _by_chance(a: Side, b: Side) -> tuple[float, float]:
    """Return mean and deviation of the similarity of a word to a sentence drawn by chance."""
    n, m = len(a.bounds) - 1, len(b.bounds) - 1
    if not len(a.ids) or not len(b.ids):
        return 0.0, 1.0
    draw = np.random.default_rng(0)
    src, tgt = draw.integers(0, n, _SAMPLE), draw.integers(0, m, _SAMPLE)
    weight, total, squares = _sum_similarities(tuple(a), tuple(b), src, tgt)
    mean = total / max(weight, 1e-6)
    variance = squares / max(weight, 1e-6) - mean**2
    return mean, max(float(np.sqrt(max(variance, 0))), 1e-3)


# numba compiles these; mypy cannot see through its decorator. A side is a plain tuple: the cache of
# compiled code would hold the class, and fail where a later version has no class of that name.
@njit(cache=True, nogil=True)
def _find_partners(a, b, s, t, best, partner):  # type: ignore[no-untyped-def]  # pragma: no cover
    """Return the words of text `s` of `a` and of text `t` of `b`.

    Write the highest cosine of each to a word of the other text, and the place of that word:
    in row 0 of `best` and `partner` for the words of `a`, in row 1 for those of `b`.
    """
    a_ids, a_bounds, _, a_codes, a_scales = a
    b_ids, b_bounds, _, b_codes, b_scales = b
    a_words = a_ids[a_bounds[s] : min(a_bounds[s + 1], a_bounds[s] + MAX_WORDS)]
    b_words = b_ids[b_bounds[t] : min(b_bounds[t + 1], b_bounds[t] + MAX_WORDS)]
    best[0, : len(a_words)] = best[1, : len(b_words)] = -1
    for i in range(len(a_words)):
        x, scale = a_codes[a_words[i]], a_scales[a_words[i]]
        for j in range(len(b_words)):
            y = b_codes[b_words[j]]
            product = np.int32(0)
            for k in range(len(x)):
                product = np.int32(product + np.int32(np.int32(x[k]) * np.int32(y[k])))
            cosine = np.float32(product) * (scale * b_scales[b_words[j]])
            if cosine > best[0, i]:
                best[0, i], partner[0, i] = cosine, j
            if cosine > best[1, j]:
                best[1, j], partner[1, j] = cosine, i
    return a_words, b_words


@njit(cache=True, nogil=True)
def _sum_similarities(a, b, src, tgt):  # type: ignore[no-untyped-def]  # pragma: no cover
    """Return the sums over all words of pairs: weight, weighted similarity, and its square."""
    (_, _, a_weights, _, _), (_, _, b_weights, _, _) = a, b
    weight = total = squares = 0.0
    best = np.empty((2, MAX_WORDS), np.float32)
    partner = np.empty((2, MAX_WORDS), np.int64)
    for c in range(len(src)):
        a_words, b_words = _find_partners(a, b, src[c], tgt[c], best, partner)
        if len(a_words) == 0 or len(b_words) == 0:
            continue
        for side, words, weights in ((0, a_words, a_weights), (1, b_words, b_weights)):
            for i in range(len(words)):
                own, similarity = weights[words[i]], best[side, i]
                weight += own
                total += own * similarity
                squares += own * similarity * similarity
    return weight, total, squares


@njit(cache=True, nogil=True)
def _compare(a, b, src, tgt, chance, out):  # type: ignore[no-untyped-def]  # pragma: no cover
    """Write of every pair coverage of source and target, disorder of source and target."""
    (_, _, a_weights, _, _), (_, _, b_weights, _, _) = a, b
    best = np.empty((2, MAX_WORDS), np.float32)
    partner = np.empty((2, MAX_WORDS), np.int64)
    for c in range(len(src)):
        a_words, b_words = _find_partners(a, b, src[c], tgt[c], best, partner)
        n, m = len(a_words), len(b_words)
        if n == 0 or m == 0:
            out[c] = np.nan
            continue
        out[c, 0], out[c, 2] = _weigh(a_words, a_weights, best[0], partner[0], m, chance)
        out[c, 1], out[c, 3] = _weigh(b_words, b_weights, best[1], partner[1], n, chance)


@njit(cache=True, nogil=True)
def _weigh(words, weights, best, partner, others, chance):  # type: ignore[no-untyped-def]  # pragma: no cover
    """Return the share of words with a partner, and how far apart the partners stand."""
    mean, deviation = chance
    total = covered = apart = 0.0
    for i in range(len(words)):
        weight = weights[words[i]]
        probability = 1 / (1 + np.exp(-_STEEPNESS * (best[i] - mean) / deviation))
        total += weight
        covered += weight * probability
        places = (i + 0.5) / len(words) - (partner[i] + 0.5) / others
        apart += weight * probability * abs(places)
    return covered / total, apart / max(covered, 1e-6)
