"""Near-duplicate sentences: which are, which are not, and which of them stays."""

from __future__ import annotations

import json
import random
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bitseam.lid.hygiene.minhash import COMPARED, shared_buckets
from bitseam.lid.hygiene.near_sentences import (
    bands_for,
    find_near_sentences,
    gram_sets,
    sign_sentences,
)

CASES = json.loads(Path(__file__).with_name("near_sentence_cases.json").read_text("utf-8"))
LETTERS = "abcdefghijklmnopqrstuvwxyz"


def stays_for(texts: list[str], similarity: float) -> list[int]:
    """Return for each text, the first of which is preferred, which one stays for it; -1: none."""
    signed = sign_sentences(pa.array(texts, pa.string()), similarity)
    buckets = np.stack([shared_buckets(band) for band in signed.bands.T])
    grams = gram_sets(pa.array(texts, pa.string())).take(signed.rows)
    found = find_near_sentences(buckets, grams, similarity)
    result = np.full(len(texts), -1)
    result[signed.rows] = np.where(found >= 0, signed.rows[found], -1)
    return result.tolist()


def jaccard(first: str, second: str) -> float:
    one, other = ({text[i : i + 3] for i in range(len(text) - 2)} for text in (first, second))
    return len(one & other) / len(one | other)


def similar_pair(chance: random.Random, similarity: float) -> tuple[str, str]:
    """Return two random texts whose similarity is just what is asked for, or little more."""
    first = "".join(chance.choices(LETTERS, k=300))
    size = min(300, round(300 * similarity) + 5)
    while jaccard(first, first[: size - 1]) >= similarity:
        size -= 1
    return first, first[:size]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["what"])
def test_labelled_cases(case) -> None:
    found = stays_for([case["first"], case["second"]], case["similarity"])
    assert found == [-1, 0 if case["alike"] else -1]


def test_there_are_no_chains() -> None:
    base = "".join(random.Random(1).choices(LETTERS, k=100))
    ring = [base[:-cut] if cut else base for cut in (0, 8, 16)]  # each like the next one only
    assert jaccard(ring[0], ring[2]) < 0.9 <= min(jaccard(*ring[:2]), jaccard(*ring[1:]))
    assert stays_for(ring, 0.9) == [-1, 0, -1]
    assert stays_for([ring[1], ring[0], ring[2]], 0.9) == [-1, 0, 0]


@pytest.mark.parametrize("similarity", [0.7, 0.8, 0.9, 0.95, 1.0])
def test_pairs_just_similar_enough_are_found(similarity: float) -> None:
    chance = random.Random(2)
    texts = [text for _ in range(2000) for text in similar_pair(chance, similarity)]
    found = np.array(stays_for(texts, similarity)[1::2]) >= 0
    assert found.mean() >= 0.996  # three standard deviations below 0.999, and more


@pytest.mark.parametrize("similarity", [0.7, 0.8, 0.9, 0.95])
def test_pairs_not_quite_similar_enough_are_left_alone(similarity: float) -> None:
    chance = random.Random(3)
    pairs = [similar_pair(chance, similarity) for _ in range(200)]
    texts = [text for first, second in pairs for text in (first, second[:-1])]
    assert set(stays_for(texts, similarity)) == {-1}


def test_more_similarity_takes_fewer_bands() -> None:
    assert [bands_for(similarity) for similarity in (0.7, 0.8, 0.9, 1.0)] == [56, 23, 10, 1]


@given(
    st.lists(st.text("abc", min_size=3, max_size=12), max_size=COMPARED // 2),
    st.sampled_from([0.7, 0.8, 0.9, 1.0]),
)
def test_a_sentence_stays_unless_it_is_like_one_that_stays(texts, similarity) -> None:
    together = np.zeros((1, len(texts)), np.int32)  # all in one bucket: all are compared
    found = find_near_sentences(together, gram_sets(pa.array(texts, pa.string())), similarity)
    for i, original in enumerate(found.tolist()):
        alike = [j for j in range(i) if found[j] < 0 and jaccard(texts[i], texts[j]) >= similarity]
        assert original == (alike[0] if alike else -1)


@given(st.lists(st.text(max_size=20), max_size=20), st.integers(0, 20))
def test_signatures_do_not_depend_on_the_batch(texts, cut) -> None:
    whole = sign_sentences(pa.array(texts, pa.string()), 0.9)
    parts = [
        sign_sentences(pa.array(part, pa.string()), 0.9) for part in (texts[:cut], texts[cut:])
    ]
    assert whole.rows.tolist() == [*parts[0].rows, *(parts[1].rows + len(texts[:cut]))]
    assert (whole.bands == np.concatenate([part.bands for part in parts])).all()
