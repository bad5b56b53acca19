"""What evaluation sets are made of: unique pairs, disjoint splits, distractors, leaks."""

from __future__ import annotations

import json
import random
import tracemalloc
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bitseam.lid.identity import fold_keys
from bitseam.mining.benchmark.aligned import draw_keys, first_with_key
from bitseam.mining.benchmark.distractors import distractors_needed, draw_distractors
from bitseam.mining.benchmark.leaks import LeakCheck
from bitseam.mining.benchmark.splits import choose_components, connected_documents, drawn_share

LEAKS = json.loads(Path(__file__).with_name("leaks.json").read_text("utf-8"))

# ---------------------------------------------------------------------------------- aligned lists


def test_only_the_first_pair_of_a_sentence_stays() -> None:
    side = pa.array(["Moien!", "moien", "Äddi", "Moien?", "Äddi", "Wéi?"])
    assert first_with_key(fold_keys(side)).tolist() == [-1, 0, -1, 0, 2, -1]


def test_random_numbers_hang_on_text_purpose_and_seed_alone() -> None:
    texts = pa.array(["a", "b", "c"])
    keys = draw_keys(texts, "gold", 1)
    assert (draw_keys(texts.take(pa.array([2, 0])), "gold", 1) == keys[[2, 0]]).all()
    assert not np.intersect1d(keys, draw_keys(texts, "gold", 2)).size
    assert not np.intersect1d(keys, draw_keys(texts, "order", 1)).size
    many = draw_keys(pa.array([str(i) for i in range(20_000)]), "split", 1)
    assert drawn_share(many, 0.3).mean() == pytest.approx(0.3, abs=0.01)
    assert not drawn_share(many, 0.0).any()
    assert drawn_share(many, 1.0).all()


# ------------------------------------------------------------------------------------------ splits

LINKS = st.lists(st.tuples(st.integers(-1, 15), st.integers(-1, 15)), max_size=25)


@settings(deadline=None)  # the first example compiles
@given(LINKS)
def test_what_pairs_connect_is_one_component(links) -> None:
    first, second = (np.array([link[i] for link in links], np.int64) for i in (0, 1))
    found = connected_documents(first, second, 16)
    expected = {i: {i} for i in range(16)}
    for a, b in links:
        if a >= 0 and b >= 0:
            together = expected[a] | expected[b]
            for i in together:
                expected[i] = together
    assert found.tolist() == [min(expected[i]) for i in range(16)]


@given(st.lists(st.integers(0, 12), max_size=60), st.floats(0, 1))
def test_a_component_is_in_one_split_and_the_share_is_near(components, share) -> None:
    numbers = np.array(components, np.int64)
    keys = np.random.default_rng(1).integers(-(2**62), 2**62, len(numbers))
    chosen = choose_components(numbers, keys, share)
    for component in set(components):
        assert len(set(chosen[numbers == component])) == 1
    largest = max((components.count(its) for its in components), default=0)
    assert abs(chosen.sum() - share * len(components)) <= largest


def test_the_split_does_not_hang_on_the_order_of_the_pairs() -> None:
    chance = np.random.default_rng(5)
    components = chance.integers(0, 40, 200)
    keys = chance.integers(-(2**62), 2**62, 200)
    order = chance.permutation(200)
    chosen = choose_components(components, keys, 0.4)
    assert (choose_components(components[order], keys[order], 0.4) == chosen[order]).all()
    assert chosen.mean() == pytest.approx(0.4, abs=0.02)


# ------------------------------------------------------------------------------------- distractors


@pytest.mark.parametrize(("gold", "share"), [(100, 0.1), (7, 0.3), (1, 0.01), (50, 1.0), (3, 0.5)])
def test_the_share_of_gold_is_right_within_rounding(gold, share) -> None:
    needed = distractors_needed(gold, share)
    assert abs((gold + needed) * share - gold) <= share / 2 + 1e-9


POOL = st.integers(0, 200)


@settings(max_examples=60)
@given(POOL, POOL, st.integers(0, 250), st.floats(0, 1), st.integers(0, 5))
def test_drawing_is_as_if_one_looked_at_one_row_after_the_other(
    hard, elsewhere, needed, share, nearness
) -> None:
    first, second = np.arange(hard), 1000 + np.arange(elsewhere)

    def is_near(rows):
        return rows % 7 < nearness

    drawn = draw_distractors(first, second, needed, share, is_near)
    good = [[row for row in pool.tolist() if row % 7 >= nearness] for pool in (first, second)]
    wanted = min(needed, round(share * needed), len(good[0]))
    others = good[1][: needed - wanted]
    wanted = len(good[0][: needed - len(others)]) if len(others) < needed - wanted else wanted
    assert drawn.hard.tolist() == good[0][:wanted]
    assert drawn.elsewhere.tolist() == others
    for pool, taken in ((first, drawn.hard), (second, drawn.elsewhere)):
        met = drawn.dropped[np.isin(drawn.dropped, pool)]
        assert is_near(met).all()
        if len(taken):
            passed = pool[pool < taken[-1]]
            assert set(passed[is_near(passed)]) <= set(met.tolist())


# ------------------------------------------------------------------------------------------- leaks


@pytest.mark.parametrize("case", LEAKS, ids=lambda case: case["why"])
def test_labelled_leaks(case) -> None:
    check = LeakCheck(
        pa.array(["Hei steet en anere Saz, deen näischt domat ze dinn huet.", case["gold"]])
    )
    found = check.find(pa.array(["Another line stands here, of another matter.", case["other"]]))
    kinds = {(1, 1, True): "exact", (1, 1, False): "near"}
    rows = [*zip(*(its.tolist() for its in found), strict=True)]
    assert [kinds.get(row) for row in rows] == ([case["leak"]] if case["leak"] else [])


def test_an_exact_leak_counts_before_a_near_one_and_each_sentence_once() -> None:
    gold = "Den ale Wiert huet säi Keller mat véierhonnert Fläschen gefëllt."
    near = gold.replace("véierhonnert", "fënnefhonnert")
    found = LeakCheck(pa.array([gold])).find(pa.array([near, gold.upper(), gold]))
    assert (found.rows.tolist(), found.references.tolist()) == ([0], [1])
    assert found.exact.tolist() == [True]


def test_what_one_template_made_is_compared_in_little_memory() -> None:
    chance = random.Random(1)
    names = ["".join(chance.choices("abdefghiklmnoprstuvw", k=6)) for _ in range(4000)]
    texts = [f"{name} spillt fir de Lëtzebuerger Foussballnationaldram." for name in names]
    tracemalloc.start()
    found = LeakCheck(pa.array(texts[:2000])).find(pa.array(texts[2000:]))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert len(found.rows) == 2000
    assert not found.exact.any()
    assert peak < 64 << 20


def test_nothing_leaks_into_nothing() -> None:
    check = LeakCheck(pa.array(["Eng kal Nuecht.", "..."]))
    assert len(check.find(pa.array([], pa.string())).rows) == 0
    assert len(LeakCheck(pa.array([], pa.string())).find(pa.array(["a"])).rows) == 0
