"""Segmentation: labelled cases in many languages, lossless offsets, lines, length, linear time."""

from __future__ import annotations

import csv
import time
from pathlib import Path
from typing import NamedTuple

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bitseam.lid.segmentation import segment, segment_batch
from bitseam.lid.segmentation.base import CHUNK

LANGUAGES = ["ltz_Latn", "fra_Latn", "cmn_Hans", "hin_Deva", "nld_Latn", "xxx"]

WRAPPED = """\
The mill stands where the river bends, and nobody in the village remembers a
time when it did not. In winter the wheel is stopped, since the ice would break
its blades. In spring the children come to watch how it begins to turn again.

A second paragraph follows after the blank line and goes on for long enough to
be broken as well. It ends here
"""


class Case(NamedTuple):
    """A line of `segment_cases/<language>.tsv`: the format is described in its README."""

    language: str
    part: str
    sentences: list[str]
    text: str
    known_failure: str  # why; empty where there is none


def read_cases() -> list[Case]:
    cases = []
    for path in sorted(Path(__file__).with_name("segment_cases").glob("*.tsv")):
        with path.open(encoding="utf-8") as file:
            for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE):
                marked = row["text"].replace("⏎", "\n")
                parts = [part.strip() for part in marked.split("‖")]
                text = marked.replace("‖", "")
                cases.append(Case(path.stem, row["part"], parts, text, row["known_failure"] or ""))
    return cases


CASES = read_cases()


def sentences(text: str, language: str = "eng_Latn", longest: int | None = None) -> list[str]:
    starts, ends = segment(text, language, longest)
    return [text[start:end] for start, end in zip(starts, ends, strict=True)]


@pytest.mark.parametrize("case", CASES, ids=[f"{i}-{c.language}" for i, c in enumerate(CASES)])
def test_labelled_cases(case: Case) -> None:
    found = sentences(case.text, case.language)
    if case.known_failure:
        assert found != case.sentences, "mended: take the mark away"
    else:
        assert found == case.sentences


def test_the_cases_cover_what_they_promise() -> None:
    inner = [len(case.sentences) - 1 for case in CASES]
    later = [n for n, case in zip(inner, CASES, strict=True) if case.part != "dev"]
    assert sum(inner) >= 400
    assert sum(later) >= 0.3 * sum(inner)
    assert len({case.language for case in CASES}) >= 20
    assert inner.count(0) >= 10  # negatives
    assert sum(case.known_failure != "" for case in CASES) <= 0.04 * len(CASES)


# Letters of many scripts, full stops, quotation marks, and every kind of white space.
TRICKY = st.text(
    st.sampled_from([*"abA1IV C.?!\n\r\t\"'“”„«»()[]-•:;…。！？।؟", "😀", "ไ", "\u0301", "\u200b"])
    | st.sampled_from([*"\u3000\u00a0\u2028\x85\x0b\x0c\x1c\u2009\u202f\u2003\u1680\ufeff"])
)


@given(TRICKY | st.text(), st.sampled_from(LANGUAGES), st.sampled_from([None, 3, 10]))
def test_offsets_are_lossless(text: str, language: str, longest: int | None) -> None:
    starts, ends = segment(text, language, longest)
    before = 0
    for start, end in zip(starts.tolist(), ends.tolist(), strict=True):
        assert is_empty(text[before:start])
        assert start < end
        assert text[start:end] == text[start:end].strip()
        before = end
    assert is_empty(text[before:])


def is_empty(gap: str) -> bool:
    """Tell whether between two sentences stand white space and empty quoted lines alone."""
    return not gap.replace(">", "").strip()


def test_only_empty_quoted_lines_are_left_out() -> None:
    assert sentences("One > two.\n>\n> > \n> Three > four.") == ["One > two.", "> Three > four."]


@given(st.lists(st.tuples(TRICKY, st.sampled_from(LANGUAGES))))
def test_a_batch_gives_the_same_as_text_by_text(rows: list[tuple[str, str]]) -> None:
    texts = pa.array([text for text, _ in rows], pa.string())
    batch = segment_batch(texts, [language for _, language in rows], 10)
    found = list(zip(*(column.tolist() for column in batch[:3]), strict=True))
    assert found == [
        (row, start, end)
        for row, (text, language) in enumerate(rows)
        for start, end in zip(
            *(column.tolist() for column in segment(text, language, 10)), strict=True
        )
    ]


def test_a_slice_of_a_batch_is_read_by_itself() -> None:
    texts = pa.array(["Not read. At all.", "Schéin. Gutt.", "", "Nee."]).slice(1)
    batch = segment_batch(texts, ["ltz_Latn"] * 3)
    assert [column.tolist() for column in batch[:3]] == [[0, 0, 2], [0, 8, 0], [7, 13, 4]]


def test_offsets_count_code_points() -> None:
    assert sentences("Schéin 😀😀! 👨‍👩‍👧 do. Fäerdeg.", "ltz_Latn") == [
        *("Schéin 😀😀!", "👨‍👩‍👧 do.", "Fäerdeg."),
    ]


def test_a_line_break_ends_a_sentence() -> None:
    assert sentences("A heading\nOne sentence.\r\n- an item\n- another") == [
        *("A heading", "One sentence.", "- an item", "- another"),
    ]


@pytest.mark.parametrize("mark", ["1.", "12.", "b)", "-", "•"])
def test_a_mark_on_a_line_of_its_own_belongs_to_its_item(mark: str) -> None:
    text = f"{mark}\nAn item.\n{mark}\nAnother."
    assert sentences(text) == [f"{mark}\nAn item.", f"{mark}\nAnother."]


def test_a_hard_wrapped_text_is_read_over_its_line_breaks() -> None:
    found = sentences(WRAPPED)
    assert len(found) == 5
    assert found[0].endswith("nobody in the village remembers a\ntime when it did not.")
    assert found[-1] == "It ends here"


@pytest.mark.parametrize(
    "lines",
    [
        ["One line that is as long as lines of a mail are wont to be, more or less."],
        ["A sentence of some fifty characters stands here now."] * 5,
        ["apples and pears", "plums", "a very long line of fruit that goes on and on, plums too"],
        ["x" * 200, "y" * 200, "z" * 200],
    ],
)
def test_lists_and_sentences_on_lines_are_not_hard_wrapped(lines: list[str]) -> None:
    assert sentences("\n".join(lines)) == lines


def test_a_sentence_over_the_end_of_a_window_stays_whole() -> None:
    sentence = "This one is not long at all."
    text = " ".join([sentence] * (3 * CHUNK // len(sentence)))
    assert {*sentences(text)} == {sentence}


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("one two, three four; five six, seven", ["one two, three four;", "five six, seven"]),
        ("one two, three four five", ["one two,", "three four five"]),
        ("one two three and four five six", ["one two three", "and four five six"]),
        ("one two three four five six", ["one two three", "four five six"]),
        ("“It is. We go.” he said", ["“It is.", "We go.” he said"]),
        (
            "一二三四五六七八九十，一二三四五六七八九十一二",
            ["一二三四五六七八九十，", "一二三四五六七八九十一二"],
        ),
        (
            "一二三四五六七八九十一二三四五六七八九十一二",
            ["一二三四五六七八九十一", "二三四五六七八九十一二"],
        ),
        ("https://example.org/a-very-long-address", ["https://example.org/a-very-long-address"]),
    ],
)
def test_a_long_sentence_is_split_at_the_best_place(text: str, parts: list[str]) -> None:
    assert sentences(text, longest=21) == parts


@given(st.text(st.sampled_from([*"ab ,;.且中"])))
def test_only_a_word_is_longer_than_the_bound(text: str) -> None:
    for part in sentences(text, longest=12):
        words = part.split()
        assert len(" ".join(words)) <= 12 or len(words) == 1


UNITS = ["word ", "“", "«a. ", "'a' ", "x", "a.b.", "\n", ".", ". ", "A. “b ", "((. ", "-\n"]


@pytest.mark.parametrize("unit", UNITS)
def test_time_is_linear_in_the_text(unit: str) -> None:
    def seconds(characters: int) -> float:
        text = unit * (characters // len(unit))
        began = time.process_time()
        segment(text, "ltz_Latn", 500)
        return time.process_time() - began

    assert seconds(400_000) < 8 * seconds(100_000) + 0.2
