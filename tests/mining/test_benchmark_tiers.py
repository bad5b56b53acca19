"""Tiers of pairs, what is drawn from them, and what judgements say of the whole."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bitseam.mining.benchmark.judging import cohens_kappa, stratified_share
from bitseam.mining.benchmark.tiers import allocate, draw_pairs, make_tiers
from bitseam.mining.evaluate.wilson import wilson_interval
from bitseam.schemas.choices import ALLOCATIONS

scores = st.lists(st.one_of(st.floats(0, 2), st.sampled_from([0.5, 1.0]), st.just(np.nan)))
sizes = st.lists(st.integers(0, 5_000), min_size=1, max_size=12)


@given(scores, st.integers(1, 8))
@example([0.0, 5e-324], 5)
@example([0.5, 0.5 + 2**-53, 0.5 + 2**-52], 5)
def test_every_pair_is_in_the_tier_of_its_score(values, wanted) -> None:
    values = np.array(values, np.float64)
    tiers = make_tiers(values, wanted)
    known = ~np.isnan(values)
    assert tiers.sizes.sum() == len(values)
    assert len(tiers.edges) - 1 <= wanted
    assert (np.bincount(tiers.tier, minlength=len(tiers.sizes)) == tiers.sizes).all()
    assert (tiers.sizes > 0).all()
    low, high = tiers.edges[:-1], tiers.edges[1:]
    assert (low[tiers.tier[known]] <= values[known]).all()
    assert (values[known] <= high[tiers.tier[known]]).all()
    assert (tiers.tier[~known] == len(tiers.edges) - 1).all()


def test_rare_scores_get_tiers_of_their_own() -> None:
    chance = np.random.default_rng(0)
    values = 1 - chance.exponential(0.05, 100_000).clip(0, 1)
    tiers = make_tiers(values, 5)
    widths = np.diff(tiers.edges)
    assert (np.diff(widths) < 0).all()
    assert (np.diff(tiers.sizes) > 0).all()
    assert tiers.sizes[0] > 1_000


@given(sizes, st.integers(1, 2_000), st.sampled_from(ALLOCATIONS), st.randoms())
def test_as_many_pairs_are_drawn_as_asked_for_or_as_there_are(
    counts, total, method, random
) -> None:
    counts = np.array(counts)
    shares = np.array([random.choice([np.nan, 0.0, 0.5, 1.0]) for _ in counts])
    numbers = allocate(counts, total, method, shares)
    assert numbers.sum() == min(total, counts.sum())
    assert ((numbers >= 0) & (numbers <= counts)).all()
    if total >= 2 * len(counts):
        assert (numbers >= np.minimum(counts, 2)).all()


def test_equal_and_neyman_allocation() -> None:
    counts, shares = np.array([1_000, 1_000, 8_000]), np.array([0.5, 0.9, 0.99])
    assert allocate(counts, 90, "equal").tolist() == [30, 30, 30]
    # In proportion to 1,000 x 0.5, 1,000 x 0.3 and 8,000 x 0.1.
    assert allocate(counts, 160, "neyman", shares).tolist() == [50, 30, 80]
    assert allocate(counts, 100, "neyman").tolist() == [10, 10, 80]
    assert allocate(np.array([1, 5, 1_000]), 100, "equal").tolist() == [1, 5, 94]


def test_pairs_are_drawn_by_the_seed_in_an_order_that_tells_no_tier() -> None:
    values = np.linspace(0, 1, 1_000)
    tiers = make_tiers(values, 4)
    numbers = allocate(tiers.sizes, 200, "equal")
    rows = draw_pairs(tiers, numbers, 7)
    assert rows.tolist() == draw_pairs(tiers, numbers, 7).tolist()
    assert rows.tolist() != draw_pairs(tiers, numbers, 8).tolist()
    assert len(np.unique(rows)) == 200
    assert np.bincount(tiers.tier[rows]).tolist() == numbers.tolist()
    assert abs(np.corrcoef(np.arange(200), values[rows])[0, 1]) < 0.2


@pytest.mark.parametrize("shares", [(0.4, 0.8, 0.98), (0.97, 0.99, 0.999), (0.5, 0.5, 0.5)])
def test_the_interval_of_the_whole_holds_the_truth_as_often_as_it_says(shares) -> None:
    chance = np.random.default_rng(3)
    weights, shares = np.array([500, 1_500, 8_000]), np.array(shares)
    truth = float(weights @ shares) / weights.sum()
    judged = np.array([40, 40, 40])
    trials = [
        stratified_share(chance.binomial(judged, shares), judged, weights) for _ in range(500)
    ]
    held = np.mean([its.interval.low <= truth <= its.interval.high for its in trials])
    assert held >= 0.93
    assert np.mean([its.value for its in trials]) == pytest.approx(truth, abs=0.005)


def test_one_tier_is_a_little_wider_than_wilson_and_all_right_has_a_width() -> None:
    alone = stratified_share([81], [263], [999])
    # Newcombe's example of the method.
    assert alone.interval == pytest.approx((0.2535, 0.3682), abs=5e-5)
    narrow = wilson_interval(81, 263)
    assert alone.interval.low < narrow.low < alone.value < narrow.high < alone.interval.high
    perfect = stratified_share([20, 20], [20, 20], [100, 900])
    assert perfect.value == perfect.interval.high == 1
    assert 0.8 < perfect.interval.low < 0.95


def test_tiers_that_nobody_judged_are_left_out() -> None:
    assert stratified_share([9, 0], [10, 0], [50, 50]) == stratified_share([9], [10], [50])
    assert stratified_share([0], [0], [50]).interval == (0, 1)


@pytest.mark.parametrize(
    ("first", "second", "kappa"),
    [
        # 20 yes-yes, 5 yes-no, 10 no-yes, 15 no-no: the textbook's example, 0.4.
        ([1] * 25 + [0] * 25, [1] * 20 + [0] * 5 + [1] * 10 + [0] * 15, 0.4),
        ([0, 1, 2, 3], [0, 1, 2, 3], 1.0),
        ([0, 0, 1, 1], [0, 1, 0, 1], 0.0),
        ([0, 1], [1, 0], -1.0),
        ([2, 2], [2, 2], 1.0),
    ],
)
def test_kappa(first, second, kappa) -> None:
    assert cohens_kappa(first, second) == pytest.approx(kappa)
