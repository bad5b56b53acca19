"""Hard negatives: each rule on labelled cases, and what must hold for any text."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bitseam.mining.evaluate.hard_negatives import hard_negatives, negative_kinds

CASES = json.loads(Path(__file__).with_name("hard_negatives.json").read_text("utf-8"))

TEXTS = [
    "The mayor of Steinau was not at home when Anna Weber called in 1987.",
    "Paul left Steinau because of the war.",
    "About 3,500 people from Karlsburg came by train.",
    "Karlsburg has 12 schools and the ETH a new library.",
    "The UNO said that nobody from Steinau was hurt.",
]


def made(
    texts: list[str], language: str = "eng_Latn", **options: int
) -> list[tuple[int, str, str]]:
    found = hard_negatives(texts, language, **options)
    return list(zip(found.origin.tolist(), found.kinds, found.texts, strict=True))


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case['kind']}: {case['text']}")
def test_labelled_cases(case) -> None:
    found = {text for _, kind, text in made([case["text"]], case["lang"], per_kind=50)
             if kind == case["kind"]}  # fmt: skip
    if case.get("never"):
        assert not found & set(case["made"])
    elif case.get("also"):
        assert found >= set(case["made"])
    else:
        assert found == set(case["made"])


def test_names_are_exchanged_for_names_of_their_shape() -> None:
    found = made(TEXTS, per_kind=50)
    entities = [(origin, text) for origin, kind, text in found if kind == "entity"]
    assert (0, TEXTS[0].replace("Steinau", "Karlsburg")) in entities
    assert (2, TEXTS[2].replace("Karlsburg", "Steinau")) in entities
    # One that begins a sentence is a name if it stands in another, too, as Paul does not.
    assert (3, TEXTS[3].replace("Karlsburg", "Steinau")) in entities
    assert all(text.startswith("Paul ") for origin, text in entities if origin == 1)
    # Acronyms for acronyms, two words for two words, of which there are no others.
    assert {text for origin, text in entities if origin == 4} == {
        TEXTS[4].replace("UNO", "ETH"),
        TEXTS[4].replace("Steinau", "Karlsburg"),
    }
    assert not any("Anna Weber" not in text for origin, text in entities if origin == 0)


def test_numbers_keep_their_length_and_marks() -> None:
    numbers = [text for origin, kind, text in made(TEXTS, per_kind=50) if kind == "number"]
    years = [text for text in numbers if "Anna" in text]
    assert years
    assert all(re.search(r"in 19\d\d\.$", text) for text in years)
    counts = [text for text in numbers if "train" in text]
    assert counts
    assert all(re.match(r"About [1-9],\d{3} people", text) for text in counts)


def test_digits_stay_in_their_script() -> None:
    found = made(["هنا ٤٢ كتابا"], "arb_Arab")
    assert found
    assert all(re.fullmatch(r"هنا [١-٩][٠-٩] كتابا", text) for _, _, text in found)


@pytest.mark.parametrize(
    ("language", "kinds"),
    [
        ("eng_Latn", ("causality", "entity", "number")),
        ("fra_Latn", ("entity", "number")),
        ("rus_Cyrl", ("entity", "number")),
        ("deu_Latn", ("number",)),
        ("ltz_Latn", ("number",)),
        ("cmn_Hani", ("number",)),
    ],
)
def test_what_can_be_changed_depends_on_the_language(language, kinds) -> None:
    assert negative_kinds(language) == kinds


_WORDS = st.sampled_from(
    [*" ".join(TEXTS).split(), "not", "can't", "I", "No.", "٣", "²", "“A", "ǅ"]
)
_SENTENCES = st.lists(st.lists(_WORDS, max_size=12).map(" ".join), max_size=6, unique=True)


@given(_SENTENCES, st.integers(1, 5), st.integers(0, 3))
def test_negatives_are_new_texts_and_few_of_a_kind(texts, per_kind, seed) -> None:
    found = made(texts, per_kind=per_kind, seed=seed)
    negatives = [text for _, _, text in found]
    assert len(set(negatives)) == len(negatives)
    assert not set(negatives) & set(texts)
    counts = np.unique([f"{origin} {kind}" for origin, kind, _ in found], return_counts=True)[1]
    assert (counts <= per_kind).all()


@given(_SENTENCES.flatmap(lambda texts: st.tuples(st.just(texts), st.permutations(texts))))
def test_the_place_of_a_sentence_is_nothing(orders) -> None:
    here, there = (
        {(texts[origin], kind, text) for origin, kind, text in made(list(texts))}
        for texts in orders
    )
    assert here == there


def test_another_seed_makes_others() -> None:
    assert made(TEXTS) == made(TEXTS)
    assert made(TEXTS) != made(TEXTS, seed=1)
