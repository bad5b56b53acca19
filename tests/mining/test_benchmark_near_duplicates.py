"""Near-duplicates: none missed by edits, reorderings found by embedding, neighbours left alone."""

from __future__ import annotations

import json
import random
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from rapidfuzz.distance import Levenshtein

from bitseam.lid.code_points import lowered
from bitseam.mining.benchmark import near_duplicates
from bitseam.mining.benchmark.common_runs import find_candidates, index_runs
from bitseam.mining.benchmark.near_duplicates import (
    near_by_edit,
    near_by_embedding,
    repeats_by_edit,
)
from bitseam.mining.encoders import load_encoder
from bitseam.schemas.errors import UserError

CASES = json.loads(Path(__file__).with_name("near_duplicates.json").read_text("utf-8"))
COSINE = 0.85  # the default of `mine evalset mining`


def similarity(a: str, b: str) -> float:
    """What stands in the docstring, by the plain definition."""
    longer = max(len(a), len(b))
    return 1 - Levenshtein.distance(a.lower(), b.lower()) / longer if longer else 1.0


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case['why']}: {case['other'][:20]}")
def test_labelled_cases(case) -> None:
    gold, other = pa.array([case["gold"]]), pa.array([case["other"]])
    by_edit = near_by_edit(other, gold).rows[0] == 0
    encoder = load_encoder("static")
    x, y = encoder.encode(other), encoder.encode(gold)
    by_meaning = near_by_embedding(x, y, COSINE).rows[0] == 0
    assert by_edit == (case["near"] == "edit")
    assert by_edit or by_meaning == (case["near"] == "embedding")


WORDS = st.sampled_from(["ab", "ba", "Abab", "c", "äö", "漢", "aa", "bcb"])
TEXTS = st.lists(WORDS, max_size=9).map(" ".join)


@settings(max_examples=150)
@given(
    st.lists(TEXTS, max_size=8),
    st.lists(TEXTS, max_size=8),
    st.sampled_from([0.7, 0.75, 0.8, 0.85, 0.9, 1.0]),
)
@example(["a" * 17 + "bcd"], ["a" * 20], 0.85)
@example(["", "x"], ["", "y"], 0.85)
def test_all_that_are_similar_enough_are_found_and_no_others(texts, listed, least) -> None:
    found = near_by_edit(pa.array(texts, pa.string()), pa.array(listed, pa.string()), least)
    for text, row, score in zip(texts, found.rows.tolist(), found.similarities, strict=True):
        expected = [similarity(text, other) for other in listed]
        best = max(expected, default=0.0)
        assert (row >= 0) == (best >= least - 1e-9)
        if row >= 0:
            assert row == min(i for i, its in enumerate(expected) if its > best - 1e-9)
            assert score == pytest.approx(best)


@settings(max_examples=50)
@given(st.lists(TEXTS, max_size=12))
def test_a_text_stays_unless_it_is_like_one_that_stays(texts) -> None:
    originals = repeats_by_edit(pa.array(texts, pa.string()), 0.85)
    for row, original in enumerate(originals.tolist()):
        earlier = [i for i in range(row) if originals[i] < 0]
        alike = [i for i in earlier if similarity(texts[row], texts[i]) >= 0.85 - 1e-9]
        assert original == min(alike, default=-1)


def of_a_template(names: int, letters: int) -> list[str]:
    chance = random.Random(names)
    drawn = ("".join(chance.choices("abdefghiklmnoprstuvw", k=letters)) for _ in range(names))
    return [f"{name} spillt fir de Lëtzebuerger Foussballnationaldram." for name in drawn]


def test_of_what_one_template_made_not_all_pairs_are_in_memory() -> None:
    texts = pa.array(of_a_template(3000, 6))
    points = lowered(texts)
    parts = find_candidates(points, index_runs(points, 0.85), 0.85)
    sizes = [len(next(parts)[0]) for _ in range(3)]
    assert min(sizes) > 100_000
    assert max(sizes) <= 1 << 18


def test_halves_that_are_compared_apart_give_the_same_answer(monkeypatch) -> None:
    texts = pa.array([*of_a_template(60, 9), *of_a_template(80, 14), *of_a_template(90, 11)])
    expected = repeats_by_edit(texts).tolist()
    assert 0 < expected.count(-1) < len(texts)
    monkeypatch.setattr(near_duplicates, "_COMPARED_WITH_ALL", 3)
    assert repeats_by_edit(texts).tolist() == expected


def test_misprints_of_long_texts_are_found_among_many() -> None:
    chance = np.random.default_rng(3)
    listed = ["".join(chance.choice([*"abcdefghij "], 120)) for _ in range(300)]
    misprinted = []
    for text in listed:
        letters = [*text]
        for at in chance.choice(120, 18, replace=False):  # 15 %
            letters[at] = "z"
        misprinted.append("".join(letters))
    found = near_by_edit(pa.array(misprinted), pa.array(listed))
    assert found.rows.tolist() == [*range(300)]
    once_more = ["z" + text for text in misprinted]
    assert (near_by_edit(pa.array(once_more), pa.array(listed)).rows < 0).all()


def test_nothing_is_near_to_nothing() -> None:
    nothing = pa.array([], pa.string())
    assert near_by_edit(nothing, pa.array(["a"])).rows.tolist() == []
    assert near_by_edit(pa.array(["a"]), nothing).rows.tolist() == [-1]
    assert repeats_by_edit(nothing).tolist() == []
    vectors = np.eye(3, dtype=np.float32)
    assert near_by_embedding(vectors, vectors[:0], 0.5).rows.tolist() == [-1] * 3
    assert near_by_embedding(vectors[:0], vectors, 0.5).rows.tolist() == []


def test_a_bound_that_cannot_be_kept_is_refused() -> None:
    with pytest.raises(UserError, match=r"an edit similarity of 0\.5: expected one from 0\.7 to 1"):
        near_by_edit(pa.array(["a"]), pa.array(["a"]), 0.5)
