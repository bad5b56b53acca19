"""Words of texts: labelled cases, and that offsets point at what was cut."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bitseam.lid.words import Words, number_words, split_words

CASES = json.loads(Path(__file__).with_name("words.json").read_text("utf-8"))


def cut(texts: list[str], words: Words) -> list[list[str]]:
    spans = list(zip(words.starts.tolist(), words.ends.tolist(), strict=True))
    return [
        [text[a:b] for a, b in spans[first:last]]
        for text, first, last in zip(texts, words.bounds[:-1], words.bounds[1:], strict=True)
    ]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["why"])
def test_cases(case):
    assert cut([case["text"]], split_words([case["text"]])) == [case["words"]]


def test_forms_are_lower_case_and_without_invisible_characters():
    words = split_words(["Äddi ÄDDI Äd\u00addi", None])
    assert words.forms.to_pylist() == ["äddi"]
    assert words.ids.tolist() == [0, 0, 0]
    assert words.bounds.tolist() == [0, 3, 3]
    assert words.ends.tolist() == [4, 9, 15]


@given(st.lists(st.text(max_size=30), max_size=8))
def test_words_are_the_same_alone_and_together_and_cover_what_is_no_space(texts):
    together = cut(texts, split_words(texts))
    assert together == [cut([text], split_words([text]))[0] for text in texts]
    letters = ["".join(c for c in text if c.isalnum()) for text in texts]
    assert ["".join(c for w in words for c in w if c.isalnum()) for words in together] == letters


def test_a_slice_of_an_arrow_array():
    texts = pa.chunked_array([["weg", "Moien Welt"], ["an", None]]).slice(1)
    assert cut(["Moien Welt", "an", ""], split_words(texts)) == [["Moien", "Welt"], ["an"], []]


def test_words_cut_elsewhere_stand_as_if_joined_by_spaces():
    words = number_words(pa.array([["weg"], ["Dat", "ass"], [], ["dat"]]).slice(1))
    assert cut(["Dat ass", "", "dat"], words) == [["Dat", "ass"], [], ["dat"]]
    assert words.ids.tolist() == [0, 1, 0]


def test_other_things_than_strings_are_refused():
    with pytest.raises(TypeError, match="expected an Arrow string array"):
        split_words(pa.array([1, 2]))
