from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bitseam.mining.knn import Neighbours, nearest_neighbours
from bitseam.mining.retrieval import candidate_pairs, select_pairs
from bitseam.schemas.choices import MARGINS, RETRIEVALS


def mined(src: np.ndarray, tgt: np.ndarray, k: int = 4, margin: str = "ratio"):
    return candidate_pairs(nearest_neighbours(src, tgt, k), nearest_neighbours(tgt, src, k), margin)


def unit(seed: int, n: int, d: int = 24) -> np.ndarray:
    vectors = np.random.default_rng(seed).standard_normal((n, d)).astype(np.float32)
    return vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)


def lists(*rows: list[tuple[int, float]]) -> Neighbours:
    return Neighbours(
        np.array([[row for row, _ in line] for line in rows], np.int64),
        np.array([[cosine for _, cosine in line] for line in rows], np.float32),
    )


def chosen(pairs) -> list[tuple[int, int]]:
    return list(zip(pairs.src.tolist(), pairs.tgt.tolist(), strict=True))


def test_second_choice_is_taken_when_the_first_is_gone() -> None:
    forward = lists([(0, 0.9), (1, 0.5)], [(0, 0.8), (1, 0.7)])
    backward = lists([(0, 0.9), (1, 0.8)], [(1, 0.7), (0, 0.5)])
    pairs = select_pairs(candidate_pairs(forward, backward, "absolute"), "max")
    assert chosen(pairs) == [(0, 0), (1, 1)]
    assert pairs.src_rank.tolist() == [1, 2]
    assert pairs.tgt_rank.tolist() == [1, 1]


def test_the_best_margin_is_chosen_not_the_best_cosine() -> None:
    # Target 0 is a hub: near to everything, so that its cosines mean little.
    forward = lists([(0, 0.80), (1, 0.78)], [(0, 0.82), (2, 0.2)], [(0, 0.81), (3, 0.2)])
    backward = lists(
        [(1, 0.82), (2, 0.81)], [(0, 0.78), (1, 0.1)], [(1, 0.2), (0, 0.1)], [(2, 0.2), (0, 0.1)]
    )
    pairs = select_pairs(candidate_pairs(forward, backward, "ratio"), "forward")
    assert (0, 1) in chosen(pairs)


def test_ties_are_broken_by_source_then_target() -> None:
    forward = lists([(0, 0.5), (1, 0.5)], [(0, 0.5), (1, 0.5)])
    pairs = select_pairs(candidate_pairs(forward, forward, "absolute"), "max")
    assert chosen(pairs) == [(0, 0), (1, 1)]


def test_a_pair_found_from_both_sides_is_one_candidate() -> None:
    src, tgt = unit(1, 30), unit(2, 40)
    candidates = mined(src, tgt)
    assert len(set(chosen(candidates))) == len(candidates)
    both = (candidates.src_rank > 0) & (candidates.tgt_rank > 0)
    assert both.any()
    assert ((candidates.src_rank > 0) | (candidates.tgt_rank > 0)).all()


@pytest.mark.parametrize("retrieval", RETRIEVALS)
@pytest.mark.parametrize("margin", MARGINS)
@pytest.mark.parametrize(("n", "m"), [(0, 0), (0, 5), (5, 0), (1, 1), (1, 9), (3, 2)])
def test_empty_and_tiny_sides_are_legal(retrieval: str, margin: str, n: int, m: int) -> None:
    pairs = select_pairs(mined(unit(1, n), unit(2, m), 4, margin), retrieval)
    assert len(pairs) <= max(n, m) if min(n, m) else len(pairs) == 0
    assert np.isfinite(pairs.margin).all()


def test_one_sentence_a_side_has_the_margin_of_its_own_mean() -> None:
    pairs = select_pairs(mined(unit(7, 1), unit(7, 1)), "max")
    assert pairs.margin.tolist() == pytest.approx([1.0])


def test_all_identical_sentences_pair_up_by_id() -> None:
    same = np.repeat(unit(3, 1), 6, axis=0)
    pairs = select_pairs(mined(same, same), "max")
    assert len(set(pairs.src.tolist())) == len(pairs) >= 4
    assert pairs.margin.tolist() == pytest.approx([1.0] * len(pairs))


@settings(max_examples=40)
@given(st.integers(1, 60), st.integers(1, 60), st.integers(1, 6), st.integers(0, 99))
def test_max_is_one_to_one_sorted_and_greedy(n: int, m: int, k: int, seed: int) -> None:
    candidates = mined(unit(seed, n), unit(seed + 1, m), k)
    pairs = select_pairs(candidates, "max")
    assert len(set(pairs.src.tolist())) == len(set(pairs.tgt.tolist())) == len(pairs)
    assert (np.diff(pairs.margin) <= 0).all()
    taken_src, taken_tgt, expected = set(), set(), []
    for src, tgt in chosen(candidates):  # greedy, the slow and obvious way
        if src not in taken_src and tgt not in taken_tgt:
            expected.append((src, tgt))
            taken_src.add(src)
            taken_tgt.add(tgt)
    assert chosen(pairs) == expected


@settings(max_examples=30)
@given(st.integers(1, 40), st.integers(1, 40), st.integers(0, 99))
def test_intersection_is_what_both_directions_choose(n: int, m: int, seed: int) -> None:
    candidates = mined(unit(seed, n), unit(seed + 7, m))
    forward, backward = (
        set(chosen(select_pairs(candidates, way))) for way in ("forward", "backward")
    )
    assert set(chosen(select_pairs(candidates, "intersection"))) == forward & backward
    assert len(forward) == n
    assert len(backward) == m
