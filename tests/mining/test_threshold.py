from __future__ import annotations

import numpy as np
import pytest

from bitseam.mining.knn import nearest_neighbours
from bitseam.mining.retrieval import candidate_pairs, select_pairs
from bitseam.mining.threshold import DEFAULTS, auto_threshold


def planted(rng: np.random.Generator, pairs: int, others: int, noise: float):
    """Vectors of `pairs` translations (the first rows of both sides) among `others` a side."""
    both = rng.standard_normal((pairs, 64))
    sides = []
    for _ in range(2):
        near = both + noise * rng.standard_normal((pairs, 64))
        vectors = np.concatenate([near, rng.standard_normal((others, 64))]).astype(np.float32)
        sides.append(vectors / np.linalg.norm(vectors, axis=1, keepdims=True))
    return sides


@pytest.mark.parametrize("margin", ["ratio", "distance", "absolute"])
@pytest.mark.parametrize(("pairs", "others"), [(1000, 0), (900, 300), (300, 3000), (150, 3000)])
def test_near_the_best_f1_whatever_the_share_of_translations(pairs, others, margin) -> None:
    src, tgt = planted(np.random.default_rng(pairs), pairs, others, 0.5)
    candidates = candidate_pairs(
        nearest_neighbours(src, tgt, 4), nearest_neighbours(tgt, src, 4), margin
    )
    selected = select_pairs(candidates, "max")
    right = (selected.src == selected.tgt) & (selected.src < pairs)
    f1 = 2 * np.cumsum(right) / (np.arange(1, len(right) + 1) + pairs)
    threshold = auto_threshold(candidates, selected, margin)
    reached = f1[int((selected.margin >= np.float32(threshold)).sum()) - 1]
    assert reached >= f1.max() - 0.05


def test_too_few_pairs_give_the_documented_default() -> None:
    src, tgt = planted(np.random.default_rng(0), 3, 2, 0.5)
    candidates = candidate_pairs(
        nearest_neighbours(src, tgt, 4), nearest_neighbours(tgt, src, 4), "ratio"
    )
    assert auto_threshold(candidates, select_pairs(candidates, "max"), "ratio") == DEFAULTS["ratio"]
    nothing = candidates.take(np.zeros(0, np.int64))
    assert auto_threshold(nothing, nothing, "absolute") == DEFAULTS["absolute"]


def test_identical_scores_give_the_default() -> None:
    same = np.ones((60, 4), np.float32) / 2
    neighbours = nearest_neighbours(same, same, 4)
    candidates = candidate_pairs(neighbours, neighbours, "ratio")
    assert auto_threshold(candidates, select_pairs(candidates, "max"), "ratio") == DEFAULTS["ratio"]
