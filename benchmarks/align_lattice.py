"""The beads in reach of a document pair, with their features, to fit the bead model on."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from align_fit_corpus import FitDocument
from align_peers import LAYERS, embed
from numba import njit
from numpy.typing import NDArray

from bitseam.align.band import Band, search_band
from bitseam.align.bead_model import bead_model, shortness
from bitseam.align.beads import _LEAST_CHARACTERS, _fill_words
from bitseam.align.cuts import cut_table
from bitseam.align.evaluate import Bead
from bitseam.align.overlaps import Overlaps
from bitseam.align.sentences import coverage
from bitseam.align.similarity import View, centre, length_ratios
from bitseam.align.word_keys import shared_words
from bitseam.mining.encoders.static import StaticEncoder

FEATURES = (
    *("1-1", "1-2", "1-3", "1-4", "1-many", "2-2", "2-3", "other"),
    *("similarity", "similarity_by_size", "mismatch", "words", "cut"),
    *("alone", "alone_by_odds", "alone_if_short"),
)
_BIASES = {(1, 1): 0, (1, 2): 1, (1, 3): 2, (1, 4): 3, (2, 2): 5, (2, 3): 6}
_RADIUS = 6  # cells a bead may lie off the band
_LARGEST = 8
_IN_REACH = 1e-5  # least probability of a bead under flattened scores


@dataclass
class Lattice:
    """Beads of a document as edges between nodes, sorted by the node that they leave.

    :ivar beads: `(e, 4)` int64 first source, first target sentence, sentences of both sides.
    :ivar nodes: `(e, 2)` int64 where a bead begins and ends, :ivar features: `(e, f)` float64.
    :ivar gold: `(e,)` bool, part of a gold alignment.
    """

    beads: NDArray[np.int64]
    nodes: NDArray[np.int64]
    features: NDArray[np.float64]
    gold: NDArray[np.bool_]
    blocks: list[Bead]
    weight: float

    def expect(self, scores: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        """Return the log of the sum over all paths, and the probability of each bead."""
        total, probabilities = _forward_backward(scores, self.nodes)
        return float(total), probabilities

    def best(self, scores: NDArray[np.float64]) -> list[Bead]:
        """Return the beads of the path of the highest score."""
        i, j, a, b = self.beads[_best_path(scores, self.nodes)].T
        return [
            (tuple(range(x, x + p)), tuple(range(y, y + q)))
            for x, y, p, q in zip(*(k.tolist() for k in (i, j, a, b)), strict=True)
        ]

    def kept(self, which: NDArray[np.bool_]) -> Lattice:
        """Return the lattice of some of the beads."""
        nodes = np.unique(self.nodes[which], return_inverse=True)[1].reshape(-1, 2)
        return Lattice(
            self.beads[which],
            nodes,
            self.features[which],
            self.gold[which],
            self.blocks,
            self.weight,
        )


def lattice(document: FitDocument, encoder: StaticEncoder) -> Lattice | None:
    """Return the beads in reach; None where gold is not among them."""
    sides = embed(document.src, encoder), embed(document.tgt, encoder)
    views = centre(sides[0]), centre(sides[1])
    band = search_band(views[0].sentences, views[1].sentences)
    beads = _beads(band, len(document.tgt))
    nodes = beads[:, :2] @ (len(document.tgt) + 1, 1)
    ends = (beads[:, :2] + beads[:, 2:]) @ (len(document.tgt) + 1, 1)
    whole = Lattice(
        beads,
        np.stack([nodes, ends], axis=1),
        features(sides, views, beads, band),
        _gold(document, beads),
        document.blocks,
        document.weight,
    )
    whole = whole.kept(np.ones(len(beads), bool))
    scores = whole.features @ present_weights()
    if whole.expect(np.where(whole.gold, scores, -1e31))[0] < -1e29:
        return None
    return whole.kept(whole.gold | (whole.expect(scores * 0.6)[1] > _IN_REACH))


def present_weights() -> NDArray[np.float64]:
    """Return the weights of `bead_model` in the order of `FEATURES`."""
    model = bead_model(LAYERS, LAYERS, _LARGEST, 0.5)
    kinds = (1, 1), (1, 2), (1, 3), (1, 4), (1, 5), (2, 2), (2, 3), (3, 3)
    places = [model.sizes.tolist().index([*kind]) for kind in kinds]
    return np.array(
        [*model.biases[places], *model.weights[:-1]]
    )  # of words by chance none is fitted


def _beads(band: Band, m: int) -> NDArray[np.int64]:
    """Return all beads within the widened band and single sentences, sorted."""
    lows, highs = np.maximum(band.lows - _RADIUS, 0), np.minimum(band.highs + _RADIUS, m + 1)
    cells = np.array([(i, j) for i in range(len(lows)) for j in range(lows[i], highs[i])])
    sizes = [(a, b) for a in range(1, 8) for b in range(1, 8) if a + b <= _LARGEST]
    found = []
    for a, b in [*sizes, (1, 0), (0, 1)]:
        i, j = cells.T + np.array([[a], [b]])
        inside = (i < len(lows)) & (j <= m)
        inside[inside] = (j[inside] >= lows[i[inside]]) & (j[inside] < highs[i[inside]])
        kept = cells[inside]
        found.append(np.concatenate([kept, np.ones_like(kept) * (a, b)], axis=1))
    beads = np.concatenate(found)
    return beads[np.lexsort(beads.T[::-1])]


def _gold(document: FitDocument, beads: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Return which beads gold allows: a block's own, or where gold is rough, those inside one."""
    blocks = [np.zeros(len(side) + 1, np.int64) for side in (document.src, document.tgt)]
    sizes = np.array([(len(src), len(tgt)) for src, tgt in document.blocks])
    for number, block in enumerate(document.blocks):
        for side, sentences in zip(blocks, block, strict=True):
            side[list(sentences)] = number
    i, j, a, b = beads.T
    first = [blocks[0][i], blocks[1][j]]
    last = [blocks[0][np.maximum(i + a - 1, 0)], blocks[1][np.maximum(j + b - 1, 0)]]
    block = np.where(a > 0, first[0], first[1])
    inside = ((a == 0) | (last[0] == block)) & (
        (b == 0) | ((first[1] == block) & (last[1] == block))
    )
    one_sided = (sizes[block] == 0).any(axis=1)
    whole = (sizes[block] == beads[:, 2:]).all(axis=1)
    two_sided = (a > 0) & (b > 0)
    return inside & (one_sided | (whole if document.exact else two_sided))


def features(
    sides: tuple[Overlaps, Overlaps],
    views: tuple[View, View],
    beads: NDArray[np.int64],
    band: Band,
) -> NDArray[np.float64]:
    """Return the features of beads `(e, f)`, as `beads.best_beads` sees them."""
    i, j, a, b = beads.T
    n, m = map(len, sides)
    two_sided = (a > 0) & (b > 0)
    i_inside, j_inside = np.minimum(i, n - 1), np.minimum(j, m - 1)
    layers = np.maximum(a, 1) - 1, np.maximum(b, 1) - 1
    ratio = math.sqrt(length_ratios(*views, band.pairs)[0])
    x = views[0].lengths[layers[0], i_inside] * ratio
    y = views[1].lengths[layers[1], j_inside] / ratio
    mismatch = np.abs(x - y) / np.sqrt((x + y) / 2 + _LEAST_CHARACTERS)
    centred = ((view.vectors - view.mean) * view.scales[..., None] for view in views)
    table = np.einsum("and,bmd->anbm", *centred, optimize=True)
    similarity = table[layers[0], i_inside, layers[1], j_inside]
    everything = Band(np.zeros(n + 1, np.int64), np.full(n + 1, m + 1), band.pairs)
    cuts = cut_table(*views, everything).reshape(n + 1, m + 1)
    cut = cuts[i, j] + cuts[i + a, j + b]
    columns = [similarity, similarity * (a + b - 2), mismatch, _shared(sides, beads), cut]
    scored = np.concatenate([_kinds(a, b), np.stack(columns, axis=1)], axis=1)
    share = coverage(band, n, m)
    short = np.where(
        a > 0, shortness(views[0].lengths[0, i_inside]), shortness(views[1].lengths[0, j_inside])
    )
    ones = np.ones(len(beads))
    alone = np.stack([ones, ones * math.log((1 - share) / share), short], axis=1)
    return np.concatenate([scored * two_sided[:, None], alone * ~two_sided[:, None]], axis=1)


def _shared(sides: tuple[Overlaps, Overlaps], beads: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return the weights of the words that both sides of each bead have."""
    n, m = map(len, sides)
    words = tuple(shared_words(sides[0].words, sides[1].words, n, m))
    found = np.zeros(len(beads))
    table = np.zeros((2, _LARGEST + 1, _LARGEST + 1, m + 1), np.float32)
    i, j, a, b = beads.T
    for row in range(n):
        _fill_words(table, words, 0, m + 1, row)
        here = (i == row) & (a > 0) & (b > 0)
        found[here] = table[0, a[here], b[here], j[here]]
    return found


def _kinds(a: NDArray[np.int64], b: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return which bias of `FEATURES` each bead has, as ones in `(e, 8)` zeros."""
    fewer, more = np.minimum(a, b), np.maximum(a, b)
    place = np.where(fewer == 1, 4, 7)
    for size, k in _BIASES.items():
        place[(fewer == size[0]) & (more == size[1])] = k
    return np.eye(8)[place]


# numba compiles these; mypy cannot see through its decorator.
@njit(cache=True)
def _forward_backward(scores, nodes):  # type: ignore[no-untyped-def]  # pragma: no cover
    count = nodes[:, 1].max() + 1
    before, after = np.full(count, -1e30), np.full(count, -1e30)
    before[0] = after[-1] = 0
    for k in range(len(nodes)):
        _add(before, nodes[k, 1], before[nodes[k, 0]] + scores[k])
    for k in range(len(nodes) - 1, -1, -1):
        _add(after, nodes[k, 0], after[nodes[k, 1]] + scores[k])
    total = before[-1]
    probabilities = np.zeros(len(nodes))
    for k in range(len(nodes)):
        probabilities[k] = np.exp(
            max(before[nodes[k, 0]] + scores[k] + after[nodes[k, 1]] - total, -60)
        )
    return total, probabilities


@njit(cache=True)
def _add(sums, k, value):  # type: ignore[no-untyped-def]  # pragma: no cover
    high, low = max(sums[k], value), min(sums[k], value)
    sums[k] = high + (np.log1p(np.exp(low - high)) if low - high > -40 else 0.0)


@njit(cache=True)
def _best_path(scores, nodes):  # type: ignore[no-untyped-def]  # pragma: no cover
    count = nodes[:, 1].max() + 1
    best, came = np.full(count, -np.inf), np.full(count, -1)
    best[0] = 0
    for k in range(len(nodes)):
        total = best[nodes[k, 0]] + scores[k]
        if total > best[nodes[k, 1]]:
            best[nodes[k, 1]], came[nodes[k, 1]] = total, k
    path, at = [], count - 1
    while at > 0:
        path.append(came[at])
        at = nodes[came[at], 0]
    return np.array(path[::-1])
