"""The figures of an evaluation, on counts small enough to check by hand, and their invariants."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bitseam.lid.evaluate import (
    BINS,
    Confusion,
    Tally,
    calibration_error,
    language_figures,
    overall,
    recall_at_precision,
    reliability_table,
    tally,
    top_confusions,
)

LANGUAGES = ("ltz_Latn", "deu_Latn", "nld_Latn", "fin_Latn")
#          lb lb lb de de nl
GOLD = np.array([0, 0, 0, 1, 1, 2])
SAID = np.array([0, 0, 1, 1, 1, 3])
SCORES = np.array([0.95, 0.85, 0.6, 1.0, 0.9, 0.0], np.float32)

answers = st.lists(
    st.tuples(st.integers(0, 3), st.integers(0, 3), st.sampled_from([0.0, 0.1, 0.5, 0.9, 1.0]))
)


def counted(rows: list[tuple[int, int, float]]) -> Tally:
    gold, said, scores = np.array(rows, np.float64).reshape(-1, 3).T
    return tally(gold.astype(int), said.astype(int), scores, LANGUAGES)


def test_figures_of_each_language() -> None:
    figures = language_figures(tally(GOLD, SAID, SCORES, LANGUAGES))
    assert figures.support.tolist() == [3, 2, 1, 0]
    assert figures.predicted.tolist() == [2, 3, 0, 1]
    assert figures.precision == pytest.approx([1, 2 / 3, 0, 0])
    assert figures.recall == pytest.approx([2 / 3, 1, 0, 0])
    assert figures.f1 == pytest.approx([0.8, 0.8, 0, 0])
    assert figures.false_positive_rate == pytest.approx([0, 1 / 4, 0, 1 / 6])


def test_macro_averages_are_over_the_languages_with_gold_lines() -> None:
    averages = overall(tally(GOLD, SAID, SCORES, LANGUAGES))
    assert averages.lines == 6
    assert averages.macro_f1 == pytest.approx((0.8 + 0.8 + 0) / 3)
    assert averages.macro_precision == pytest.approx((1 + 2 / 3 + 0) / 3)
    assert averages.macro_recall == pytest.approx((2 / 3 + 1 + 0) / 3)
    assert averages.macro_false_positive_rate == pytest.approx((0 + 1 / 4 + 0) / 3)
    assert averages.micro_f1 == pytest.approx(4 / 6)


def test_the_reliability_table_holds_answers_only() -> None:
    bins = reliability_table(tally(GOLD, SAID, SCORES, LANGUAGES))
    assert [b.answers for b in bins] == [0, 0, 0, 0, 0, 0, 1, 0, 1, 3]  # 1.0 is in the last
    assert bins[6][1:] == pytest.approx((0.6, 0))
    assert bins[9][1:] == pytest.approx((0.95, 1))
    assert np.isnan(bins[0].mean_score)


def test_calibration_error_is_the_mean_distance_of_score_from_share_right() -> None:
    counts = tally(GOLD, SAID, SCORES, LANGUAGES)
    assert calibration_error(counts) == pytest.approx((0.6 + 0.15 + 3 * 0.05) / 5)


def test_confusions_come_most_frequent_first_ties_by_name() -> None:
    counts = tally(np.array([1, 1, 0, 2]), np.array([0, 0, 1, 0]), np.ones(4), LANGUAGES)
    both = [Confusion("deu_Latn", "ltz_Latn", 2), Confusion("ltz_Latn", "deu_Latn", 1)]
    assert top_confusions(counts, 2) == both
    assert len(top_confusions(counts, 9)) == 3


def test_recall_at_a_precision_takes_the_best_threshold_of_each_language() -> None:
    #            called 0: right .9, right .8, wrong .7, right .6;  called 1: wrong .9, right .9
    gold = np.array([0, 0, 1, 0, 0, 1])
    said = np.array([0, 0, 0, 0, 1, 1])
    scores = np.array([0.9, 0.8, 0.7, 0.6, 0.9, 0.9])
    assert recall_at_precision(gold, said, scores, 3, 0.99)[:2].tolist() == [0.5, 0]
    assert recall_at_precision(gold, said, scores, 3, 0.75)[:2].tolist() == [0.75, 0]
    assert recall_at_precision(gold, said, scores, 3, 0.5)[:2].tolist() == [0.75, 0.5]
    assert np.isnan(recall_at_precision(gold, said, scores, 3, 0.99)[2])


@given(answers, answers)
def test_tallies_add_up(first, second) -> None:
    parts, whole = counted(first) + counted(second), counted(first + second)
    assert (parts.confusion == whole.confusion).all()
    assert parts.reliability == pytest.approx(whole.reliability)


def test_tallies_of_different_languages_do_not_add_up() -> None:
    with pytest.raises(ValueError, match="do not add up"):
        counted([]) + Tally(("x",), np.zeros((1, 1), np.int64), np.zeros((BINS, 3)))


@given(answers)
def test_every_figure_is_a_share(rows) -> None:
    counts = counted(rows)
    shares = [*language_figures(counts)[2:], *overall(counts)[1:], calibration_error(counts)]
    assert all(((s >= 0) & (s <= 1)).all() for s in map(np.asarray, shares))


@given(answers, st.sampled_from([0.5, 0.9, 0.99]))
def test_recall_at_no_precision_is_recall_and_it_falls_with_precision(rows, precision) -> None:
    gold, said, scores = np.array(rows, np.float64).reshape(-1, 3).T
    gold, said = gold.astype(int), said.astype(int)
    free = recall_at_precision(gold, said, scores, 4, 0)
    strict = recall_at_precision(gold, said, scores, 4, precision)
    recall = language_figures(counted(rows)).recall
    assert np.nan_to_num(free) == pytest.approx(recall)
    assert (np.nan_to_num(strict) <= np.nan_to_num(free)).all()
