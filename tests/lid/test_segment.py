"""Segmentation: labelled cases in many scripts, lossless offsets, rules for line breaks."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bitseam.lid.segmentation.segment import WINDOW, is_hard_wrapped, segment

CASES = json.loads(Path(__file__).with_name("segment_cases.json").read_text(encoding="utf-8"))

WRAPPED = """\
The mill stands where the river bends, and nobody in the village remembers a
time when it did not. In winter the wheel is stopped, since the ice would break
its blades. In spring the children come to watch how it begins to turn again.

A second paragraph follows after the blank line and goes on for long enough to
be broken as well. It ends here
"""


def sentences(text: str, language: str = "eng_Latn") -> list[str]:
    starts, ends = segment(text, language)
    return [text[start:end] for start, end in zip(starts, ends, strict=True)]


@pytest.mark.parametrize("case", CASES, ids=[f"{i}-{c['language']}" for i, c in enumerate(CASES)])
def test_labelled_cases(case: dict[str, Any]) -> None:
    text = case["separator"].join(case["sentences"])
    found = sentences(text, case["language"]) == case["sentences"]
    if "known_failure" in case:
        assert not found, "mended: take the mark away"
    else:
        assert found, sentences(text, case["language"])


def test_the_cases_cover_what_they_promise() -> None:
    assert sum(len(case["sentences"]) for case in CASES) >= 80
    assert len({case["language"] for case in CASES}) >= 10


# Letters of many scripts, full stops, quotation marks, and every kind of white space.
TRICKY = st.text(
    st.sampled_from([*"abA1 C.?!\n\r\t\"'“”„«»()。！？।؟", "😀", "ไ", "\u0301", "\u200b"])
    | st.sampled_from([*"\u3000\u00a0\u2028\x85\x0b\x0c\x1c\u2009\u202f\u2003\u1680\ufeff"])
)


@given(TRICKY | st.text(), st.sampled_from(["ltz_Latn", "fra_Latn", "cmn_Hans", "hin_Deva", "xxx"]))
def test_offsets_are_lossless(text: str, language: str) -> None:
    starts, ends = segment(text, language)
    before = 0
    for start, end in zip(starts.tolist(), ends.tolist(), strict=True):
        assert text[before:start].strip() == ""
        assert start < end
        assert text[start:end] == text[start:end].strip()
        before = end
    assert text[before:].strip() == ""


def test_offsets_count_code_points() -> None:
    assert sentences("Schéin 😀😀! 👨‍👩‍👧 do. Fäerdeg.", "ltz_Latn") == [
        *("Schéin 😀😀!", "👨‍👩‍👧 do.", "Fäerdeg."),
    ]


def test_a_line_break_ends_a_sentence() -> None:
    assert sentences("A heading\nOne sentence.\n- an item\n- another") == [
        *("A heading", "One sentence.", "- an item", "- another"),
    ]


def test_a_hard_wrapped_text_is_read_over_its_line_breaks() -> None:
    found = sentences(WRAPPED)
    assert len(found) == 5
    assert found[0].endswith("nobody in the village remembers a\ntime when it did not.")
    assert found[-1] == "It ends here"


@pytest.mark.parametrize(
    "lines",
    [
        [],
        ["One line that is as long as lines of a mail are wont to be, more or less."],
        ["A sentence of some fifty characters stands here now."] * 5,
        ["apples and pears", "plums", "a very long line of fruit that goes on and on, plums too"],
        ["x" * 200, "y" * 200, "z" * 200],
    ],
)
def test_lists_and_sentences_on_lines_are_not_hard_wrapped(lines: list[str]) -> None:
    assert not is_hard_wrapped(lines)


def test_a_sentence_over_the_end_of_a_window_stays_whole() -> None:
    sentence = "This one is not long at all."
    text = " ".join([sentence] * (3 * WINDOW // len(sentence)))
    assert {*sentences(text)} == {sentence}


@pytest.mark.parametrize("unit", ["word ", "“", "«a. ", "'a' ", "x", "a.b.", "\n"])
def test_time_is_linear_in_the_text(unit: str) -> None:
    def seconds(characters: int) -> float:
        text = unit * (characters // len(unit))
        began = time.process_time()
        segment(text, "ltz_Latn")
        return time.process_time() - began

    assert seconds(400_000) < 8 * seconds(100_000) + 0.2
