"""The best beads within a band: dynamic programming over the scores of `bead_model`."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from bitseam.align.band import Band
from bitseam.align.bead_model import BeadModel, Weights, shortness
from bitseam.align.cuts import cut_table
from bitseam.align.similarity import View, project
from bitseam.align.word_keys import SharedWords

_MISSING = np.float32(-9)  # no similarity: outside of the band or of a document
_DELETION, _INSERTION = -1, -2
_LEAST_CHARACTERS = 20  # added to a bead's length: of a word or two the ratio says little


def best_beads(
    src: View, tgt: View, words: SharedWords, band: Band, model: BeadModel, length_ratio: float
) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
    """Return the best beads as `(b, 4)` ranges, source first, and their scores `(b,)`.

    :param length_ratio: target characters for a source character.
    """
    ratio = np.float32(np.sqrt(length_ratio))
    centring = (
        project(src.vectors, tgt.mean),
        project(tgt.vectors, src.mean),
        np.float32(np.einsum("d,d->", src.mean, tgt.mean)),
        src.scales,
        tgt.scales,
    )
    starts = np.concatenate([[0], np.cumsum(band.highs - band.lows)])
    cells = band.lows, band.highs, starts
    lengths = src.lengths * ratio, tgt.lengths / ratio
    alone = tuple(
        model.alone + model.weights.alone_if_short * shortness(side.lengths[0])
        for side in (src, tgt)
    )
    cuts = cut_table(src, tgt, band)
    scoring = model.sizes, model.biases, _pair_weights(model.weights)
    totals, steps = _search(
        src.vectors, tgt.vectors, centring, lengths, alone, tuple(words), cuts, cells, scoring
    )
    return _trace(totals, steps, model.sizes, cells)


def _pair_weights(weights: Weights) -> tuple[float, float, float, float, float, float]:
    """Return the weights of beads of two sides, as `_offer_beads` takes them."""
    return (
        weights.similarity,
        weights.similarity_by_size,
        weights.mismatch,
        weights.words,
        weights.words_by_chance,
        weights.cut,
    )


def _trace(
    totals: NDArray[np.float64],
    steps: NDArray[np.int8],
    sizes: NDArray[np.int64],
    cells: tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]],
) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
    nodes = _walk_back(steps, sizes, *cells)
    rows, columns = nodes.T
    passed = totals[cells[2][rows] + columns - cells[0][rows]]
    ranges = np.stack([rows[:-1], rows[1:], columns[:-1], columns[1:]], axis=1)
    return ranges.astype(np.int32), np.diff(passed).astype(np.float32)


# numba compiles these; mypy cannot see through its decorator. All they are given are plain tuples:
# the cache of compiled code would hold a named one, and read its fields in the order that they had.
@njit(nogil=True, cache=True)
def _walk_back(steps, sizes, lows, highs, starts):  # type: ignore[no-untyped-def]  # pragma: no cover
    """Return the nodes of the best path, `(b + 1, 2)`, from (0, 0) to the end."""
    i, j = len(lows) - 1, highs[-1] - 1
    nodes = np.zeros((i + j + 1, 2), np.int64)
    count = 0
    while i > 0 or j > 0:
        nodes[count] = i, j
        count += 1
        step = steps[starts[i] + j - lows[i]]
        if step == _DELETION:
            i -= 1
        elif step == _INSERTION:
            j -= 1
        else:
            i, j = i - sizes[step, 0], j - sizes[step, 1]
    return nodes[: count + 1][::-1]


@njit(nogil=True, cache=True, fastmath={"reassoc", "contract"})
def _dot(x, y):  # type: ignore[no-untyped-def]  # pragma: no cover
    total = np.float32(0)
    for k in range(len(x)):
        total += x[k] * y[k]
    return total


@njit(nogil=True, cache=True)
def _fill_similarities(row, src, tgt, centring, sizes, first, last, i):  # type: ignore[no-untyped-def]  # pragma: no cover
    """Write the similarities of the beads that begin at source sentence `i` and target sentences
    from `first` to before `last`.
    """
    src_products, tgt_products, constant, src_scales, tgt_scales = centring
    n, m = src.shape[1], tgt.shape[1]
    row[:, : last - first] = _MISSING
    for t in range(len(sizes)):
        a, b = sizes[t]
        if i + a > n:
            continue
        x, product, scale = src[a - 1, i], src_products[a - 1, i], src_scales[a - 1, i]
        for j in range(first, min(last, m - b + 1)):
            centred = _dot(x, tgt[b - 1, j]) - (product + tgt_products[b - 1, j]) + constant
            row[t, j - first] = centred * scale * tgt_scales[b - 1, j]


@njit(nogil=True, cache=True)
def _fill_words(shared, words, first, last, i):  # type: ignore[no-untyped-def]  # pragma: no cover
    """Write into `shared[0, a, b]` the weights of the words that both sides have, each once, and
    into `shared[1, a, b]` how many they are, of the beads of `a` and `b` sentences that begin at
    source sentence `i` and at the target ones from `first` to before `last`.
    """
    src_words, src_previous, src_bounds, tgt_sentences, tgt_bounds, weights = words
    n, largest = len(src_bounds) - 1, shared.shape[1] - 1
    shared[:, :, :, : last - first] = 0
    for a in range(1, min(largest, n - i + 1)):
        if a > 1:
            shared[:, a, :, : last - first] = shared[:, a - 1, :, : last - first]
        for x in range(src_bounds[i + a - 1], src_bounds[i + a]):
            if src_previous[x] >= i:
                continue
            word = src_words[x]
            begin, end = tgt_bounds[word], tgt_bounds[word + 1]
            near = begin + np.searchsorted(tgt_sentences[begin:end], first)
            for y in range(near, end):
                place = tgt_sentences[y]
                if place >= last + largest:
                    break
                before = tgt_sentences[y - 1] if y > begin else -1
                for b in range(1, largest - a + 1):
                    for j in range(max(place - b, before, first - 1) + 1, min(place + 1, last)):
                        shared[0, a, b, j - first] += weights[word]
                        shared[1, a, b, j - first] += 1


@njit(nogil=True, cache=True)
def _mismatch(x, y):  # type: ignore[no-untyped-def]  # pragma: no cover
    """Return how far two lengths lie apart, in deviations (Gale & Church 1993, J93-1004)."""
    return abs(x - y) / np.sqrt((x + y) / 2 + _LEAST_CHARACTERS)


@njit(nogil=True, cache=True)
def _offer_beads(totals, steps, similarities, shared, cuts, cells, lengths, i, scoring):  # type: ignore[no-untyped-def]  # pragma: no cover
    """Extend the paths to the cells of row `i` by beads of every size."""
    lows, highs, starts = cells
    sizes, biases, (similarity, similarity_by_size, mismatch, by_words, by_chance, by_cut) = scoring
    for t in range(len(sizes)):
        a, b = sizes[t]
        if i + a >= len(lows) or lengths[0][a - 1, i] == 0:
            continue  # blank lines have no counterpart
        length = lengths[0][a - 1, i]
        slope = similarity + similarity_by_size * (a + b - 2)
        chance = by_chance * np.log(a * b) / 2
        low, below = lows[i], lows[i + a] - b
        for j in range(max(low, below), min(highs[i], highs[i + a] - b)):
            k = j - low
            if similarities[t, k] == _MISSING or lengths[1][b - 1, j] == 0:
                continue
            begin, end = starts[i] + k, starts[i + a] + j - below
            common = shared[0, a, b, k] - chance * shared[1, a, b, k]
            score = biases[t] + slope * similarities[t, k] + by_words * common
            score += by_cut * (cuts[begin] + cuts[end])
            score += mismatch * _mismatch(length, lengths[1][b - 1, j])
            if totals[begin] + score > totals[end]:
                totals[end] = totals[begin] + score
                steps[end] = t


@njit(nogil=True, cache=True)
def _offer_alone(totals, steps, cells, i, alone):  # type: ignore[no-untyped-def]  # pragma: no cover
    """Extend the paths to the cells of row `i` by insertions, then by deletions."""
    lows, highs, starts = cells
    for j in range(lows[i] + 1, highs[i]):
        at = starts[i] + j - lows[i]
        total = totals[at - 1] + alone[1][j - 1]
        if total > totals[at]:
            totals[at] = total
            steps[at] = _INSERTION
    if i + 1 < len(lows):
        for j in range(lows[i + 1], highs[i]):
            at = starts[i + 1] + j - lows[i + 1]
            total = totals[starts[i] + j - lows[i]] + alone[0][i]
            if total > totals[at]:
                totals[at] = total
                steps[at] = _DELETION


@njit(nogil=True, cache=True)
def _search(src, tgt, centring, lengths, alone, words, cuts, cells, scoring):  # type: ignore[no-untyped-def]  # pragma: no cover
    """Return the best score from the start to each cell, and the bead that leads there."""
    lows, highs, starts = cells
    sizes, n = scoring[0], src.shape[1]
    largest = sizes.sum(axis=1).max()
    widest = (highs - lows).max()
    similarities = np.full((len(sizes), widest), _MISSING)
    shared = np.zeros((2, largest + 1, largest + 1, widest), np.float32)
    totals = np.full(starts[-1], -np.inf)
    steps = np.zeros(starts[-1], np.int8)
    totals[0] = 0.0
    for i in range(n + 1):
        _offer_alone(totals, steps, cells, i, alone)
        if i == n:
            break
        _fill_similarities(similarities, src, tgt, centring, sizes, lows[i], highs[i], i)
        _fill_words(shared, words, lows[i], highs[i], i)
        _offer_beads(totals, steps, similarities, shared, cuts, cells, lengths, i, scoring)
    return totals, steps
