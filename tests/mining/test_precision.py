"""Precision without labels: probabilities that keep their promise, whatever the corpus is like."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from bitseam.mining.mixture import fitted_component, log_density, probability_right
from bitseam.mining.precision import kept_at

Odds = NDArray[np.float32]


def mined(pairs: int, share: float, seed: int = 0) -> tuple[Odds, NDArray[np.bool_]]:
    """Draw log odds as corpora have them: the wrong ones with an exponential tail."""
    rng = np.random.default_rng(seed)
    right = np.arange(pairs) < round(share * pairs)
    wrong_odds = -3.7 + rng.exponential(1.0, pairs) - rng.exponential(1.2, pairs)
    right_odds = 8.0 - rng.gamma(2.0, 1.5, pairs)
    return np.where(right, right_odds, wrong_odds).astype(np.float32), right


@pytest.mark.parametrize("share", [0.02, 0.1, 0.5, 0.9])
@pytest.mark.parametrize("target", [0.8, 0.9, 0.95])
def test_realised_precision_is_near_the_promised(share: float, target: float) -> None:
    odds, right = mined(6000, share)
    kept = kept_at(probability_right(odds).astype(np.float32), target)
    # Where nearly all are right, more than promised is right even if all are kept.
    assert right[kept].mean() == pytest.approx(max(target, share), abs=0.05)


def test_nearly_all_right_keeps_nearly_all() -> None:
    odds, _ = mined(2000, 1.0)
    assert kept_at(probability_right(odds).astype(np.float32), 0.9).mean() > 0.99


def test_none_right_keeps_next_to_nothing() -> None:
    odds, _ = mined(2000, 0.0)
    assert kept_at(probability_right(odds).astype(np.float32), 0.9).sum() <= 10


def test_twenty_pairs_are_enough_for_an_estimate() -> None:
    odds, right = mined(20, 0.5)
    precision = probability_right(odds)
    assert precision[right].mean() > 0.8
    assert precision[~right].mean() < 0.2


def test_equal_evidence_gets_one_probability() -> None:
    (every,) = np.unique(probability_right(np.full(50, -4.0)))
    assert every < 0.1


def test_no_pairs() -> None:
    assert probability_right(np.zeros(0)).shape == (0,)
    assert kept_at(np.zeros(0, np.float32), 0.9).shape == (0,)


@settings(max_examples=15)
@given(st.lists(st.floats(-60, 60), min_size=1, max_size=40))
def test_a_probability_rises_with_the_evidence(values: list[float]) -> None:
    odds = np.sort(np.array(values))
    precision = probability_right(odds)
    assert np.isfinite(precision).all()
    assert (np.diff(precision) >= 0).all()
    assert precision[0] >= 0
    assert precision[-1] <= 1


def test_a_component_is_found_again() -> None:
    density = np.exp(log_density(2.0, -0.5, 0.7))
    odds = np.random.default_rng(0).choice(np.linspace(-15, 15, len(density)), 20_000, p=density)
    assert fitted_component(odds) == pytest.approx([2.0, -0.5, 0.7], abs=0.1)


@settings(max_examples=50)
@given(st.lists(st.sampled_from([0.1, 0.5, 0.7, 0.9, 1.0]), max_size=30), st.floats(0.05, 1))
def test_kept_pairs_are_the_best_and_as_many_as_keep_the_promise(
    values: list[float], target: float
) -> None:
    precision = np.array(values, np.float32)
    kept = kept_at(precision, target)
    order = np.argsort(-precision, kind="stable")
    count = int(kept.sum())
    assert kept[order[:count]].all()
    if count:
        assert precision[kept].mean(dtype=np.float64) >= target - 1e-9
    if count < len(precision):
        assert precision[order[: count + 1]].mean(dtype=np.float64) < target
