"""Retrieval metrics and xSIM: cases worked by hand, and what must hold for any vectors."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bitseam.mining.evaluate.hard_negatives import HardNegatives
from bitseam.mining.evaluate.ranks import GoldRanks, gold_ranks
from bitseam.mining.evaluate.retrieval import (
    accuracy_of_both,
    mean_reciprocal_rank,
    mexa,
    nearest_f1,
    precision_at,
)
from bitseam.mining.evaluate.statistics import score
from bitseam.mining.evaluate.xsim import errors_by_kind, xsim
from bitseam.schemas.choices import MARGINS

_SIZES = st.tuples(st.integers(1, 30), st.integers(0, 2**32))


def unit(rows: np.ndarray) -> np.ndarray:
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


def noisy_pair(rows: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    chance = np.random.default_rng(seed)
    source = chance.normal(size=(rows, 6)) + 0.5
    return unit(source), unit(source + 0.8 * chance.normal(size=source.shape))


def every_score(x: np.ndarray, y: np.ndarray) -> list[float]:
    forward, backward = gold_ranks(x, y), gold_ranks(y, x)
    measures = [
        *(precision_at(ranks, k) for ranks in (forward, backward) for k in (1, 5)),
        *(mean_reciprocal_rank(ranks) for ranks in (forward, backward)),
        *(nearest_f1(ranks) for ranks in (forward, backward)),
        accuracy_of_both(forward, backward),
        mexa(forward, backward),
        *(xsim(*sides, margin=m).error for sides in ((x, y), (y, x)) for m in MARGINS),
    ]
    return [score(its) for its in measures]


# ---------------------------------------------------------------------------------------- by hand

# Angles in degrees on a circle: query 0 finds its key; query 1 finds key 2, its own second; query
# 2 finds key 1, then key 0, its own last.
QUERIES, KEYS = (0, 90, 70), (5, 120, 95)


def at_angles(degrees: tuple[float, ...]) -> np.ndarray:
    turns = np.radians(degrees)
    return unit(np.stack([np.cos(turns), np.sin(turns)], axis=1))


def test_ranks_by_hand() -> None:
    ranks = gold_ranks(at_angles(QUERIES), at_angles(KEYS))
    assert ranks.nearer.tolist() == [0, 1, 0]  # 70 is 25 from 95, 50 from 120, 65 from 5
    assert ranks.nearest.tolist() == [0, 2, 2]
    assert score(precision_at(ranks, 1)) == pytest.approx(2 / 3)
    assert score(precision_at(ranks, 2)) == 1
    assert score(mean_reciprocal_rank(ranks)) == pytest.approx((1 + 1 / 2 + 1) / 3)
    # Key 2 is found twice, once rightly: precision 1/2, recall 1; key 1 never.
    assert score(nearest_f1(ranks)) == pytest.approx((1 + 0 + 2 / 3) / 3)
    back = gold_ranks(at_angles(KEYS), at_angles(QUERIES))
    assert back.nearer.tolist() == [0, 0, 1]
    assert score(accuracy_of_both(ranks, back)) == pytest.approx(2 / 3)
    assert score(mexa(ranks, back)) == pytest.approx(1 / 3)


def test_a_tie_counts_what_chance_would_give() -> None:
    ranks = GoldRanks(np.array([0, 1]), np.array([1, 2]), np.array([0, 1]))
    assert ranks.within(1).tolist() == [0.5, 0]
    assert ranks.within(2).tolist() == [1, pytest.approx(1 / 3)]
    assert ranks.reciprocal().tolist() == pytest.approx(
        [(1 + 1 / 2) / 2, (1 / 2 + 1 / 3 + 1 / 4) / 3]
    )
    assert ranks.first_alone().tolist() == [False, False]


def test_a_twin_of_the_translation_is_right_if_texts_decide() -> None:
    x = at_angles((0, 0, 90))
    texts = ["same", "same", "other"]
    by_row, by_text = gold_ranks(x, x), gold_ranks(x, x, texts)
    assert score(precision_at(by_row, 1)) == pytest.approx((1 / 2 + 1 / 2 + 1) / 3)
    assert score(precision_at(by_text, 1)) == 1
    assert score(xsim(x, x).error) == pytest.approx(1 / 3)
    assert score(xsim(x, x, texts=texts).error) == 0
    with pytest.raises(ValueError, match="3 vectors with 2 texts"):
        gold_ranks(x, x, texts[:2])


def test_a_margin_sees_through_a_hub() -> None:
    """Key 0 lies nearer to every query than its own key, and for that reason says little."""
    axes = np.eye(7)
    queries = unit(np.concatenate([axes[:1], axes[0] + 0.8 * axes[1:]]))
    keys = unit(np.concatenate([axes[:1], 0.1 * axes[0] + axes[1:]]))
    errors = {margin: score(xsim(queries, keys, margin=margin).error) for margin in MARGINS}
    assert errors == {"ratio": 0, "distance": 0, "absolute": pytest.approx(6 / 7)}


def test_xsim_by_hand() -> None:
    """With k = 2 a list is both keys: a margin is a cosine over the mean of two means."""
    x, y = at_angles((0, 60)), at_angles((40, 50))
    cosines = x.astype(float) @ y.astype(float).T
    rows, columns = cosines.mean(axis=1), cosines.mean(axis=0)
    ratio = cosines / ((rows[:, None] + columns) / 2)
    expected = np.mean(ratio.argmax(axis=1) != [0, 1])
    assert score(xsim(x, y, k=2).error) == expected
    assert score(xsim(x, y, margin="absolute", k=2).error) == 0.0


def test_xsim_plus_tells_whose_negative_was_taken() -> None:
    x = at_angles((0, 90, 180))
    # Of 0 a changed number lies on the sentence itself, of 90 one that stems from another.
    y = np.concatenate([at_angles((20, 120, 180)), at_angles((0, 90))])
    made = HardNegatives(["a", "b"], ["number", "entity"], np.array([0, 2]))
    found = xsim(x, y, margin="absolute")
    assert found.right.tolist() == [0, 0, 1]
    assert found.chosen.tolist() == [3, 4, 2]
    shares = {kind: score(share) for kind, share in errors_by_kind(found, made).items()}
    assert shares == {"number": pytest.approx(1 / 3), "entity": 0, "other": pytest.approx(1 / 3)}
    with pytest.raises(ValueError, match="3 sentences with 2 translations"):
        xsim(x, y[:2])


def test_nothing_is_measured_on_nothing() -> None:
    empty = np.empty((0, 3), np.float32)
    assert len(gold_ranks(empty, empty).nearer) == 0
    assert len(xsim(empty, empty).right) == 0


# ------------------------------------------------------------------------------------- properties


@given(_SIZES)
@settings(max_examples=20)
def test_the_order_of_the_sentences_is_nothing(size) -> None:
    x, y = noisy_pair(*size)
    turned = np.random.default_rng(size[1]).permutation(len(x))
    assert every_score(x[turned], y[turned]) == pytest.approx(every_score(x, y), abs=1e-12)


@given(_SIZES)
@settings(max_examples=20)
def test_the_order_is_nothing_with_ties_either(size) -> None:
    rows, seed = size
    chance = np.random.default_rng(seed)
    x, y = (at_angles(tuple(chance.choice([0, 45, 90, 135], rows))) for _ in range(2))
    turned = chance.permutation(rows)
    for k in (1, 2):
        before, after = (
            score(precision_at(gold_ranks(*its), k)) for its in ((x, y), (x[turned], y[turned]))
        )
        assert before == pytest.approx(after, abs=1e-12)
    before, after = (
        score(mean_reciprocal_rank(gold_ranks(*its))) for its in ((x, y), (x[turned], y[turned]))
    )
    assert before == pytest.approx(after, abs=1e-12)


@given(_SIZES)
@settings(max_examples=20)
def test_vectors_that_are_their_translations_are_perfect(size) -> None:
    x, _ = noisy_pair(*size)
    scores = every_score(x, x)
    assert scores[:10] == pytest.approx([1.0] * 10)
    assert scores[12] == scores[15] == 0  # by absolute margin: in a crowd the others may differ
    apart = np.eye(len(x), dtype=np.float32)
    assert every_score(apart, apart) == [1.0] * 10 + [0.0] * 6


@given(_SIZES)
@settings(max_examples=20)
def test_swapped_directions_mirror(size) -> None:
    x, y = noisy_pair(*size)
    here, there = every_score(x, y), every_score(y, x)
    assert here[:2] == there[2:4]
    assert here[4:8] == [there[i] for i in (5, 4, 7, 6)]
    assert here[8:10] == there[8:10]
    assert here[10:13] == there[13:16]


@given(_SIZES)
@settings(max_examples=20)
def test_ranks_are_those_of_a_sorting(size) -> None:
    x, y = noisy_pair(*size)
    cosines = x.astype(np.float64) @ y.astype(np.float64).T
    order = np.argsort(-cosines, axis=1, kind="stable")
    places = np.argmax(order == np.arange(len(x))[:, None], axis=1)
    ranks = gold_ranks(x, y)
    assert ranks.nearer.tolist() == places.tolist()
    assert ranks.reciprocal().tolist() == pytest.approx((1 / (places + 1)).tolist())


@given(_SIZES)
@settings(max_examples=20)
def test_hard_negatives_can_only_add_errors_by_cosine(size) -> None:
    x, y = noisy_pair(*size)
    more = np.concatenate([y, noisy_pair(7, size[1] + 1)[1]])
    plain, plus = (xsim(x, keys, margin="absolute").right for keys in (y, more))
    assert (plus <= plain).all()
