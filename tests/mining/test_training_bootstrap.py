"""An encoder adapted to pairs that nobody has checked."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from bitseam.mining.encoders.static import BUNDLED_MODEL
from bitseam.mining.encoders.static_model import StaticModel, read_static_model, to_bytes
from bitseam.mining.training.bootstrap import FEWEST_PAIRS, HeldOut, adapt_static


@pytest.fixture(scope="module")
def base() -> StaticModel:
    return read_static_model(BUNDLED_MODEL)


@pytest.fixture(scope="module")
def pairs(ciphered) -> pa.Table:
    rows = [(src[0], tgt[0]) for src, tgt in ciphered.gold if len(src) == len(tgt) == 1]
    src, tgt = zip(*((ciphered.src[i], ciphered.tgt[j]) for i, j in rows), strict=True)
    return pa.table({"src": pa.array(src), "tgt": pa.array(tgt)})


def test_pairs_of_a_language_nobody_knows_teach_it(base, pairs) -> None:
    adapted = adapt_static(base, pairs, {"languages": ["de", "cy"]})
    held = adapted.held_out
    assert held.pairs == round(0.1 * len(pairs))
    assert held.helps
    assert held.after > held.before + 0.2
    again = adapt_static(base, pairs, {"languages": ["de", "cy"]}, threads=3)
    assert to_bytes(again.model) == to_bytes(adapted.model)


def test_wrong_pairs_teach_nothing(base, pairs) -> None:
    shuffled = pairs["tgt"].take(pa.array(np.random.default_rng(0).permutation(len(pairs))))
    wrong = pairs.set_column(1, "tgt", shuffled)
    assert not adapt_static(base, wrong, {}).held_out.helps


def test_what_is_used_so_far_is_what_the_gain_is_over(base, pairs) -> None:
    adapted = adapt_static(base, pairs, {})
    best = adapted.model.table.embed
    again = adapt_static(base, pairs, {}, before=(best, best)).held_out
    assert again.before == again.after == adapted.held_out.after
    assert not again.helps


def test_a_few_pairs_are_refused(base, pairs) -> None:
    with pytest.raises(ValueError, match=f"{FEWEST_PAIRS} pairs or more, got 10"):
        adapt_static(base, pairs.slice(0, 10), {})


@pytest.mark.parametrize(
    ("after", "gain", "helps"), [(0.9, 0.001, True), (0.9, 0.2, False), (0.1, 0.001, False)]
)
def test_a_gain_must_be_sure_and_the_encoder_of_use(after, gain, helps) -> None:
    assert HeldOut(100, 0.05, after, gain).helps is helps


@pytest.mark.parametrize(("before", "serves"), [(0.4, False), (0.9, True)])
def test_an_encoder_may_know_a_language_that_it_does_not_name(before, serves) -> None:
    assert HeldOut(100, before, 0.9, 1.0).base_serves is serves
