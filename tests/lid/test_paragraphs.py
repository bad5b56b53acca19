"""Wrapped text: labelled cases, and what must hold for any prose wrapped at any width."""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

import pyarrow as pa
import pytest

from bitseam.lid.clean import clean
from bitseam.lid.paragraphs.join import unwrap
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
