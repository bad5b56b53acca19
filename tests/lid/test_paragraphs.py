"""Wrapped text: labelled cases, and what must hold for any prose wrapped at any width."""

from __future__ import annotations

import re
import time
import unicodedata
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bitseam.lid.clean import clean
from bitseam.lid.code_points import code_points
from bitseam.lid.paragraphs.join import unwrap
from bitseam.lid.paragraphs.roles import TEXT, find_roles
from bitseam.lid.segmentation import segment_batch

FOLDER = Path(__file__).with_name("wrapped_cases")
SHOWN = str.maketrans({"␌": "\f", "␍": "\r", "·": " ", "¶": "\t"})


class Case(NamedTuple):
    """A case of `wrapped_cases/*.txt`: the format is described in its README."""

    name: str
    language: str
    text: str
    segments: list[str]


def read_cases() -> list[Case]:
    cases = []
    for path in sorted(FOLDER.glob("*.txt")):
        for part in re.split(r"^%%% ", path.read_text("utf-8"), flags=re.MULTILINE)[1:]:
            head, body = part.split("\n", 1)
            text, segments = re.split(r"^%%%\n", body, maxsplit=1, flags=re.MULTILINE)
            name, language = re.fullmatch(r"(.+) \((\w+)\)", head).groups()  # type: ignore[union-attr]
            cases.append(Case(name, language, text.translate(SHOWN), segments.splitlines()))
    return cases


def mined(text: str, language: str) -> list[str]:
    """Return the cleaned segments of one document."""
    texts = pa.array([text], pa.string())
    rows, starts, ends, *_ = segment_batch(texts, [language])
    raw = [text[start:end] for start, end in zip(starts, ends, strict=True)]
    joined = unwrap(texts, (rows, starts, ends), pa.array(raw, pa.string()))
    segments: list[str] = clean(joined).texts.to_pylist()
    return segments


@pytest.mark.parametrize("case", read_cases(), ids=lambda case: case.name)
def test_labelled_cases(case: Case) -> None:
    assert mined(case.text, case.language) == case.segments


# Words by the script; the names of the Latin ones never begin a line of two lines alone, which
# nothing tells from a headline above a sentence.
WORDS = {
    "eng_Latn": ("river house green winter bread and the of to with when had over under", ".", " "),
    "rus_Cyrl": ("река дом зима хлеб и над под когда вечером старый лодка", ".", " "),
    "hin_Deva": ("नदी घर हरा सर्दी रोटी और का में से जब था ऊपर", "।", " "),
    "zho_Hans": ("河 屋 绿 冬 面包 和 的 在 他们 早晨 木船 旧 码头 人", "。", ""),
}


@st.composite
def paragraphs(draw: st.DrawFn, language: str) -> str:
    """Draw a paragraph of sentences of one language: at least two hundred characters."""
    words, stop, space = WORDS[language]
    sentences: list[str] = []
    while sum(map(len, sentences)) < 200:
        drawn = draw(st.lists(st.sampled_from(words.split()), min_size=8, max_size=25))
        commas = draw(st.sets(st.integers(0, len(drawn) - 2), max_size=2))
        mark = "，" if language == "zho_Hans" else ","
        marked = [word + mark * (i in commas) for i, word in enumerate(drawn)]
        sentence = space.join(marked)
        sentences.append(sentence[0].upper() + sentence[1:] + stop)
    return space.join(sentences)


def wrapped(text: str, width: int, first: str, following: str, end: str = "\n") -> str:
    """Return `text` broken at a width as a terminal does it: a wide letter takes two columns."""
    if " " not in text:
        size = (width - 2) // 2
        pieces = re.findall(rf".{{1,{size}}}[，。]?", text)
        return end.join((following if i else first) + piece for i, piece in enumerate(pieces))
    lines = [first]
    for word in text.split(" "):
        line = lines[-1]
        if columns(line) + columns(word) > width and not line.isspace():
            lines.append(following)
        lines[-1] += word + " "
    return end.join(line.rstrip() for line in lines)


def columns(text: str) -> int:
    return sum(unicodedata.category(character) not in ("Mn", "Me") for character in text)


INDENTATIONS = [("", ""), ("    ", "    "), ("> ", "> "), (">> ", ">> "), ("- ", "  ")]
INDENTATIONS += [("  12. ", "      "), ("   ", ""), ("# ", "# "), ("\t", "\t"), ("* ", "")]


@given(st.data(), st.sampled_from([*WORDS]), st.integers(40, 100), st.sampled_from(INDENTATIONS))
def test_wrapping_changes_no_sentence(
    data: st.DataObject, language: str, width: int, indentation: tuple[str, str]
) -> None:
    text = data.draw(paragraphs(language))
    end = data.draw(st.sampled_from(["\n", "\r\n"]))
    first, following = indentation
    prefix = first.lstrip(" \t>#")
    assert mined(wrapped(text, width, first, following, end), language) == mined(
        prefix + text, language
    )


@settings(max_examples=50)
@given(st.data(), st.lists(st.sampled_from(INDENTATIONS[:7]), min_size=1, max_size=5))
def test_a_document_is_its_paragraphs(
    data: st.DataObject, indentations: list[tuple[str, str]]
) -> None:
    width = data.draw(st.integers(50, 90))
    parts = [wrapped(data.draw(paragraphs("eng_Latn")), width, *pair) for pair in indentations]
    apart = [segment for part in parts for segment in mined(part, "eng_Latn")]
    assert mined("\n\n".join(parts), "eng_Latn") == apart


LINES = st.text(
    st.sampled_from([*"aA1. ,-–>|#*=\t\n\f\r\u3000", "字", "。", "\u00ad", "가", "ไ", "`"])
)


@given(LINES)
def test_roles_cover_only_white_space_and_prefixes(text: str) -> None:
    roles = find_roles(code_points(pa.array([text], pa.string())))
    for point, role in zip(text, roles, strict=True):
        assert role == TEXT or point.isspace() or point in ">#*/;%-"


@given(st.lists(LINES))
def test_a_batch_gives_the_same_as_text_by_text(texts: list[str]) -> None:
    whole = find_roles(code_points(pa.array(texts, pa.string())))
    apart = [find_roles(code_points(pa.array([text], pa.string()))) for text in texts]
    assert whole.tolist() == [role for roles in apart for role in roles.tolist()]


@given(LINES)
def test_unwrapping_keeps_every_letter(text: str) -> None:
    def letters(parts: list[str]) -> str:
        return "".join(c for part in parts for c in part if c.isalnum())

    assert letters(mined(text, "eng_Latn")) == letters([text])


UNITS = ["a\n", "> ", "- a\n", "word word word word word word word\n", "|", "a-\n", "字\n", "```\n"]
UNITS += ["/*\n* a\n", "a\n\f12\n", "a/b/\n", ". . . 1\n", "x" * 79 + "\n"]


@pytest.mark.parametrize("unit", UNITS)
def test_time_is_linear_in_the_text(unit: str) -> None:
    def seconds(characters: int) -> float:
        text = unit * (characters // len(unit))
        texts = pa.array([text])
        began = time.process_time()
        unwrap(texts, (np.zeros(1, np.int64), np.zeros(1, np.int64), np.array([len(text)])), texts)
        return time.process_time() - began

    seconds(1000)
    assert seconds(400_000) < 8 * seconds(100_000) + 0.3
