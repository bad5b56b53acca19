"""The best beads within a band: dynamic programming over the scores of `bead_model`."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from bitseam.align.band import Band
from bitseam.align.bead_model import BeadModel
from bitseam.align.similarity import View, project

_MISSING = np.float32(-9)  # no similarity: outside of the band or of a document
_DELETION, _INSERTION = -1, -2
# Beads of more than _SMALL sentences are scored only where they grow from a good beginning: one
# of this similarity, that its own last sentence did not lower by more than the slack.
_SMALL = 4
_PROMISING, _SLACK = np.float32(0.2), np.float32(0.05)
_LEAST_CHARACTERS = 20  # added to a bead's length: of a word or two the ratio says little


def best_beads(
    src: View, tgt: View, band: Band, model: BeadModel, length_ratio: float
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
    totals, steps = _search(src.vectors, tgt.vectors, centring, lengths, cells, model)
    return _trace(totals, steps, model.sizes, cells)


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


# numba compiles these; mypy cannot see through its decorator.
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
def _fill_row(table, src, tgt, centring, sizes, places, lows, highs, i):  # type: ignore[no-untyped-def]  # pragma: no cover
    """Write the similarities of the beads that begin at source sentence `i`; of large ones only
    where a bead of the same beginning and one sentence less is good.
    """
    src_products, tgt_products, constant, src_scales, tgt_scales = centring
    n, m = src.shape[1], tgt.shape[1]
    row = table[i % len(table)]
    row[:, : highs[i] - lows[i]] = _MISSING
    growing = np.zeros(row.shape, np.bool_)
    none = len(sizes)  # a row that stays empty
    for t in range(len(sizes)):
        a, b = sizes[t]
        if i + a > n:
            continue
        x, product, scale = src[a - 1, i], src_products[a - 1, i], src_scales[a - 1, i]
        shorter = places[a - 1, b] if a > 1 else none
        narrower = places[a, b - 1] if b > 1 else none
        for j in range(lows[i], min(highs[i], m - b + 1)):
            k = j - lows[i]
            if a + b > _SMALL and not (growing[shorter, k] or growing[narrower, k]):
                continue
            centred = _dot(x, tgt[b - 1, j]) - (product + tgt_products[b - 1, j]) + constant
            similarity = centred * scale * tgt_scales[b - 1, j]
            bar = max(_PROMISING, max(row[shorter, k], row[narrower, k]) - _SLACK)
            growing[t, k] = similarity >= bar
            row[t, k] = similarity


@njit(nogil=True, cache=True)
def _row(table, places, cells, i, a, b):  # type: ignore[no-untyped-def]  # pragma: no cover
    """Return the similarities of the beads of `a` and `b` sentences from row `i`, and the first
    one's column; no similarities where there are no such beads.
    """
    lows, highs, _ = cells
    t = places[a, b]
    if t < 0 or i < 0 or i >= len(lows):
        return table[0, 0, :0], np.int64(0)
    return table[i % len(table), t, : highs[i] - lows[i]], lows[i]


@njit(nogil=True, cache=True)
def _at(row, j):  # type: ignore[no-untyped-def]  # pragma: no cover
    similarities, first = row
    return similarities[j - first] if 0 <= j - first < len(similarities) else _MISSING


@njit(nogil=True, cache=True)
def _mismatch(x, y):  # type: ignore[no-untyped-def]  # pragma: no cover
    """Return how far two lengths lie apart, in deviations (Gale & Church 1993, J93-1004)."""
    return abs(x - y) / np.sqrt((x + y) / 2 + _LEAST_CHARACTERS)


@njit(nogil=True, cache=True)
def _offer_beads(totals, steps, table, cells, lengths, i, t, model):  # type: ignore[no-untyped-def]  # pragma: no cover
    """Extend the paths to the cells of row `i` by beads of size `t`."""
    sizes, biases, places, weights, _ = model
    lows, highs, starts = cells
    a, b = sizes[t]
    bead = _row(table, places, cells, i, a, b)
    if bead[0].max() == _MISSING:
        return
    beside = _row(table, places, cells, i, a, 1)
    before = _row(table, places, cells, i - 1, 1, b)
    after = _row(table, places, cells, i + a, 1, b)
    no_first = _row(table, places, cells, i + 1, a - 1, b)
    no_last = _row(table, places, cells, i, a - 1, b)
    shorter = _row(table, places, cells, i, a, b - 1)
    slope = weights.similarity + weights.similarity_by_size * (a + b - 2)
    length = lengths[0][a - 1, i]
    if length == 0:
        return  # blank lines have no counterpart
    for j in range(max(lows[i], lows[i + a] - b), min(highs[i], highs[i + a] - b)):
        similarity = _at(bead, j)
        if similarity == _MISSING or lengths[1][b - 1, j] == 0:
            continue
        outside = max(_at(beside, j - 1), _at(beside, j + b), _at(before, j), _at(after, j))
        score = biases[t] + slope * similarity + weights.beside * max(outside, np.float32(0))
        part = max(_at(no_first, j), _at(no_last, j), _at(shorter, j), _at(shorter, j + 1))
        if part > _MISSING:
            score += weights.gain * (similarity - part)
        score += weights.mismatch * _mismatch(length, lengths[1][b - 1, j])
        total = totals[starts[i] + j - lows[i]] + score
        at = starts[i + a] + j + b - lows[i + a]
        if total > totals[at]:
            totals[at] = total
            steps[at] = t


@njit(nogil=True, cache=True)
def _offer_alone(totals, steps, cells, i, alone):  # type: ignore[no-untyped-def]  # pragma: no cover
    """Extend the paths to the cells of row `i` by insertions, then by deletions."""
    lows, highs, starts = cells
    for at in range(starts[i] + 1, starts[i + 1]):
        if totals[at - 1] + alone > totals[at]:
            totals[at] = totals[at - 1] + alone
            steps[at] = _INSERTION
    if i + 1 < len(lows):
        for j in range(lows[i + 1], highs[i]):
            at = starts[i + 1] + j - lows[i + 1]
            total = totals[starts[i] + j - lows[i]] + alone
            if total > totals[at]:
                totals[at] = total
                steps[at] = _DELETION


@njit(nogil=True, cache=True)
def _search(src, tgt, centring, lengths, cells, model):  # type: ignore[no-untyped-def]  # pragma: no cover
    """Return the best score from the start to each cell, and the bead that leads there."""
    lows, highs, starts = cells
    sizes = model.sizes
    n = src.shape[1]
    deepest = sizes[:, 0].max()
    # Of the source, beads of row i see the sentence before to the one after the longest bead.
    table = np.full((deepest + 2, len(sizes) + 1, (highs - lows).max()), _MISSING)
    totals = np.full(starts[-1], -np.inf)
    steps = np.zeros(starts[-1], np.int8)
    totals[0] = 0.0
    for i in range(-deepest, n + 1):
        if i + deepest <= n:
            _fill_row(table, src, tgt, centring, sizes, model.places, lows, highs, i + deepest)
        if i < 0:
            continue
        _offer_alone(totals, steps, cells, i, model.alone)
        for t in range(len(sizes)):
            if i + sizes[t, 0] <= n:
                _offer_beads(totals, steps, table, cells, lengths, i, t, model)
    return totals, steps
