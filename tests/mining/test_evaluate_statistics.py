"""Intervals, p-values and signatures: from counts alone, and the same every time."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bitseam.mining.evaluate.bands import band_edges, margin_bands, round_step
from bitseam.mining.evaluate.bootstrap import compare, interval
from bitseam.mining.evaluate.signature import signature
from bitseam.mining.evaluate.statistics import Ratio, mean, score
from bitseam.mining.evaluate.wilson import wilson_interval

_HITS = st.lists(st.booleans(), min_size=1, max_size=60)


@given(_HITS, st.integers(0, 2**32))
@settings(max_examples=50)
def test_an_interval_contains_the_score(hits, seed) -> None:
    low, high = interval(mean(hits), resamples=500, seed=seed)
    assert low <= score(mean(hits)) <= high
    assert 0 <= low <= high <= 1


@given(_HITS)
@settings(max_examples=50)
def test_a_system_does_not_differ_from_itself(hits) -> None:
    assert compare(mean(hits), mean(hits), resamples=200) == (0, 0, 0, 1)


@given(st.lists(st.tuples(st.booleans(), st.booleans()), min_size=1, max_size=40))
@settings(max_examples=50)
def test_systems_that_change_places_mirror_the_difference(pairs) -> None:
    a, b = (mean(side) for side in zip(*pairs, strict=True))
    there, back = compare(a, b, resamples=2000), compare(b, a, resamples=2000)
    assert there.difference == -back.difference
    assert there.p_value == pytest.approx(back.p_value, abs=0.1)  # other draws


def test_the_bootstrap_of_a_share_is_the_binomial() -> None:
    hits = np.arange(1000) < 900
    deviation = (0.9 * 0.1 / 1000) ** 0.5
    low, high = interval(mean(hits))
    assert (low, high) == pytest.approx((0.9 - 1.96 * deviation, 0.9 + 1.96 * deviation), abs=1e-3)


def test_units_of_one_kind_are_drawn_together_and_others_one_by_one() -> None:
    chance = np.random.default_rng(1)
    values = np.repeat(chance.random(50), 100)  # binomial draws: few kinds
    apart = values + 1e-12 * np.arange(len(values))  # every unit a kind of its own
    few, many = interval(mean(values)), interval(mean(apart))
    assert few == pytest.approx(many, abs=5e-4)


def test_a_paired_difference_is_seen_where_two_intervals_overlap() -> None:
    first = np.arange(1000) % 10 < 8
    second = first.copy()
    second[np.flatnonzero(~first)[:20]] = True  # twenty more, and none less
    assert interval(mean(first)).high > interval(mean(second)).low
    compared = compare(mean(first), mean(second))
    assert compared.difference == pytest.approx(0.02)
    assert compared.low > 0
    assert compared.p_value < 0.001


def test_chance_is_not_taken_for_a_difference() -> None:
    chance = np.random.default_rng(0)
    p_values = [
        compare(mean(chance.random(200) < 0.8), mean(chance.random(200) < 0.8)).p_value
        for _ in range(60)
    ]
    assert 0 <= sum(p < 0.05 for p in p_values) <= 8


def test_systems_of_other_units_are_refused() -> None:
    with pytest.raises(ValueError, match="on 2 and on 3 units"):
        compare(mean([1, 0]), mean([1, 0, 1]))


def test_a_ratio_of_nothing_is_nothing() -> None:
    assert score(Ratio([0, 0], [0, 0])) == 0
    assert interval(Ratio([0, 0], [0, 0])) == (0, 0)
    assert score(Ratio([1, 0, 2], [1, 1, 2])) == pytest.approx(3 / 4)


@pytest.mark.parametrize(
    ("right", "of", "low", "high"),
    [(0, 10, 0.0, 0.2775), (5, 10, 0.2366, 0.7634), (10, 10, 0.7225, 1.0), (0, 0, 0.0, 1.0)],
)
def test_wilson_intervals(right, of, low, high) -> None:
    assert wilson_interval(right, of) == pytest.approx((low, high), abs=1e-4)


@pytest.mark.parametrize("of", range(1, 50))
def test_wilson_intervals_hold_their_share(of) -> None:
    assert wilson_interval(0, of).low == 0
    assert wilson_interval(of, of).high == 1


@given(st.lists(st.tuples(st.floats(-2, 3), st.booleans()), max_size=50))
def test_every_pair_is_in_one_band(pairs) -> None:
    margins = np.array([margin for margin, _ in pairs])
    right = np.array([its for _, its in pairs], bool)
    bands = margin_bands(margins, right, band_edges(margins))
    assert sum(band.pairs for band in bands) == len(pairs)
    assert sum(band.right for band in bands) == right.sum()
    for band in bands:
        inside = (margins >= band.low) & (margins < band.high)
        assert (band.pairs, band.right) == (inside.sum(), (inside & right).sum())
        assert band.interval.low <= band.precision <= band.interval.high or not band.pairs


@pytest.mark.parametrize(("least", "step"), [(0.03, 0.05), (0.05, 0.05), (6, 10), (1.1, 2)])
def test_steps_are_round(least, step) -> None:
    assert round_step(least) == pytest.approx(step)


def test_a_signature_says_what_the_figure_depends_on() -> None:
    line = signature("xSIM", encoder="static@1f3a", k=4, margin=None)
    assert line.startswith("xSIM|bitseam:")
    assert line.endswith("|encoder:static@1f3a|k:4|bootstrap:10000,0")
