"""Mined pairs against gold: by hand, against scikit-learn, and what must hold for any pairs."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import average_precision_score

from bitseam.mining.evaluate import judged as judged_module
from bitseam.mining.evaluate.bootstrap import compare, interval
from bitseam.mining.evaluate.judged import (
    AveragePrecision,
    JudgedPairs,
    best_threshold,
    f1,
    judge_pairs,
    precision,
    precision_recall_curve,
    recall,
)
from bitseam.mining.evaluate.statistics import score

GOLD = (np.array([0, 1, 2, 3]), np.array([0, 1, 2, 3]))


def judged(rows: list[tuple[int, int, float]], sources: int = 6) -> JudgedPairs:
    src, tgt, margin = zip(*rows, strict=True) if rows else ((), (), ())
    return judge_pairs(np.array(src, np.int64), np.array(tgt, np.int64), margin, GOLD, sources)


# Best first: right, right, wrong, right, wrong; the gold pair of 3 is not found.
ROWS = [(2, 2, 1.25), (0, 0, 1.5), (1, 1, 1.75), (4, 0, 1.4), (5, 3, 1.1)]


def test_precision_recall_and_f1_by_hand() -> None:
    pairs = judged(ROWS)
    assert pairs.right.tolist() == [True, True, False, True, False]
    assert score(precision(pairs, 1.2)) == pytest.approx(3 / 4)
    assert score(recall(pairs, 1.2)) == pytest.approx(3 / 4)
    assert score(f1(pairs, 1.2)) == pytest.approx(2 * 3 / (4 + 4))
    assert score(precision(pairs, 1.5)) == 1
    assert score(f1(pairs, 1.5)) == pytest.approx(2 * 2 / (2 + 4))
    assert score(precision(pairs, 2)) == score(recall(pairs, 2)) == score(f1(pairs, 2)) == 0


def test_the_best_threshold_lies_between_two_margins() -> None:
    pairs = judged(ROWS)
    assert best_threshold(pairs) == pytest.approx((1.25 + 1.1) / 2)
    assert best_threshold(judged(ROWS[:3])) == 1.25  # the last of all: nothing is lower
    assert best_threshold(judged([])) == 0


def test_the_curve_by_hand() -> None:
    curve = precision_recall_curve(judged(ROWS))
    assert curve.threshold.tolist() == [1.75, 1.5, 1.4, 1.25, 1.1]
    assert curve.precision.tolist() == pytest.approx([1, 1, 2 / 3, 3 / 4, 3 / 5])
    assert curve.recall.tolist() == [0.25, 0.5, 0.5, 0.75, 0.75]
    area = AveragePrecision(judged(ROWS))
    assert score(area) == pytest.approx((1 + 1 + 3 / 4) / 4)


def test_pairs_of_equal_margin_stay_together() -> None:
    pairs = judged([(0, 0, 1.5), (5, 5, 1.5), (1, 1, 1.2)])
    assert precision_recall_curve(pairs).precision.tolist() == pytest.approx([1 / 2, 2 / 3])
    assert best_threshold(pairs) == 1.2


def test_a_pair_twice_counts_once_with_its_best_margin() -> None:
    pairs = judged([(0, 0, 1.1), (0, 0, 1.6), (0, 1, 1.2)])
    assert pairs.margin.tolist() == [1.6, 1.2]
    assert pairs.right.tolist() == [True, False]
    again = judge_pairs(*(np.array([0, 0]),) * 2, [1, 1], (np.array([0, 0]),) * 2, 1)
    assert (again.gold.tolist(), len(again)) == ([1], 1)


def test_nothing_found_and_nothing_to_find() -> None:
    nothing = judged([])
    assert score(AveragePrecision(nothing)) == score(f1(nothing, 0)) == 0
    none = (np.empty(0, np.int64),) * 2
    assert score(recall(judge_pairs(*none, [], none, 3), 0)) == 0


_PAIRS = st.lists(
    st.tuples(
        st.integers(0, 5), st.integers(0, 5), st.sampled_from([0.9, 1.0, 1.1, 1.2, 1.3, 1.4])
    ),
    max_size=20,
    unique_by=lambda row: row[:2],
)


@given(_PAIRS)
def test_the_area_is_that_of_scikit_learn(rows) -> None:
    pairs = judged(rows)
    missed = int(pairs.gold.sum() - pairs.right.sum())
    area = score(AveragePrecision(pairs))
    if pairs.right.any():
        found = average_precision_score(pairs.right, pairs.margin) * (1 - missed / 4)
        assert area == pytest.approx(found)
    else:
        assert area == 0


@given(_PAIRS)
def test_no_other_threshold_has_a_higher_f1(rows) -> None:
    pairs = judged(rows)
    best = score(f1(pairs, best_threshold(pairs)))
    assert all(score(f1(pairs, margin)) <= best + 1e-12 for margin in pairs.margin)


@given(_PAIRS, st.randoms())
def test_the_order_of_the_pairs_is_nothing(rows, chance) -> None:
    turned = list(rows)
    chance.shuffle(turned)
    here, there = judged(rows), judged(turned)
    assert here.unit.tolist() == there.unit.tolist()
    assert here.right.tolist() == there.right.tolist()


@given(_PAIRS, st.integers(0, 99))
@settings(max_examples=40)
def test_resampled_areas_are_areas_of_resampled_sentences(rows, seed) -> None:
    """What the fast path adds up is what drawing the sentences again and again would give."""
    pairs = judged(rows)
    drawn = np.random.default_rng(seed).multinomial(6, np.full(6, 1 / 6), size=3)
    fast = AveragePrecision(pairs).scores(np.arange(6), drawn)
    kinds, units, place = np.unique(
        AveragePrecision(pairs).kinds, return_index=True, return_inverse=True
    )
    of_kinds = np.stack([np.bincount(place, its, len(kinds)) for its in drawn]).astype(np.int64)
    assert AveragePrecision(pairs).scores(units, of_kinds) == pytest.approx(fast)
    for weights, value in zip(drawn, fast, strict=True):
        unit = np.repeat(pairs.unit, weights[pairs.unit])
        margin = np.repeat(pairs.margin, weights[pairs.unit])
        right = np.repeat(pairs.right, weights[pairs.unit])
        gold = pairs.gold * weights
        assert value == pytest.approx(
            score(AveragePrecision(JudgedPairs(unit, margin, right, gold)))
        )


def test_areas_of_many_sentences_are_exact_and_their_intervals_near(monkeypatch) -> None:
    chance = np.random.default_rng(0)
    src, tgt = chance.integers(0, 600, (2, 1500))
    tgt[:200] = src[:200] = np.arange(200)
    margins = chance.normal(1.1, 0.1, 1500) + 0.15 * (np.arange(1500) < 200)
    gold = (np.arange(300), np.arange(300))
    pairs = judge_pairs(src, tgt, margins, gold, 600)
    exact = AveragePrecision(pairs)
    monkeypatch.setattr(judged_module, "GROUPS", 250)
    monkeypatch.setattr(judged_module, "STEPS", 40)
    bounded = AveragePrecision(pairs)
    assert bounded.counts.shape == (250, 2 * 40 + 1)
    assert score(bounded) == pytest.approx(score(exact), rel=1e-12)
    low, high = interval(exact, resamples=4000)
    assert interval(bounded, resamples=4000) == pytest.approx((low, high), abs=0.15 * (high - low))


def test_systems_are_compared_by_their_areas() -> None:
    chance = np.random.default_rng(0)
    sources = np.arange(300)
    gold = (sources, sources)
    margins = chance.random(300)
    wrong = np.where(chance.random(300) < 0.3, (sources + 1) % 300, sources)
    good, bad = (
        AveragePrecision(judge_pairs(sources, tgt, margins, gold, 300)) for tgt in (sources, wrong)
    )
    assert interval(good, resamples=500) == (1, 1)
    low, high = interval(bad, resamples=500)
    assert low < score(bad) < high < 1
    assert compare(bad, good, resamples=500).p_value < 0.01
    assert compare(bad, good, resamples=500) == compare(bad, good, resamples=500)
