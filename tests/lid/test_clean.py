"""Cleaning, character by character, and that a second cleaning finds nothing to do."""

from __future__ import annotations

import sys
import time
import unicodedata

import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bitseam.lid.clean import PLAIN, clean


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("Moien", "Moien"),
        ("  a \t\n b\u3000", "a b"),
        ("e\u0301t", "\xe9t"),  # NFC
        ("e\xad\u0301t", "\xe9t"),  # NFC, though a soft hyphen parts the accent
        ("Wuert\xadstécker", "Wuertstécker"),  # soft hyphen
        ("\ufeffa\u200bb", "ab"),  # byte order mark, zero-width space
        ("a\u2066b\u2069\u200e", "ab"),  # marks of direction
        ("a\x00b\x7fc\x1bd", "abcd"),  # controls
        ("a\x0bb\x1fc\x85d\u2028e\u00a0f", "a b c d e f"),  # the odd white spaces
        ("\u0645\u06cc\u200c\u062e", "\u0645\u06cc\u200c\u062e"),  # Persian needs its non-joiner
        ("\u0915\u094d\u200d\u0937", "\u0915\u094d\u200d\u0937"),  # Hindi needs its joiner
        ("👨\u200d👩\u200d👧", "👨\u200d👩\u200d👧"),
        ("a \u200c b\u200d", "a b"),  # a joiner with nothing to join
        ("\u200d", ""),
    ],
)
def test_characters(raw: str, expected: str) -> None:
    cleaned = clean(pa.array([raw]))
    assert cleaned.texts.to_pylist() == [expected]
    assert cleaned.changed.to_pylist() == [raw != expected]


@given(
    st.lists(st.text() | st.text(st.sampled_from("ae\u0301\xad\u200c\u200d \t\u3000\x00\ufeff")))
)
def test_cleaning_twice_is_cleaning_once(raw: list[str]) -> None:
    once = clean(pa.array(raw, pa.string())).texts
    assert clean(once).texts == once


def test_plain_characters_need_no_cleaning_beside_any_letter() -> None:
    points = (chr(point) for point in range(sys.maxunicode) if not 0xD800 <= point < 0xE000)
    every = pl.Series(list(points))
    plain = every.filter(every.str.contains(f"^[{PLAIN}]$")).to_list()
    assert len(plain) > 20_000
    assert all(unicodedata.normalize("NFC", f"e{c}か{c}") == f"e{c}か{c}" for c in plain)
    assert not {"Cc", "Cf", "Zl", "Zp", "Mn"} & {unicodedata.category(c) for c in plain}
    assert [c for c in plain if c.isspace()] == [" "]


def test_damage_in_thousands_of_layers_takes_no_time() -> None:
    layers = "&" + "amp;" * 20_000  # each pass of the repair takes one off: minutes, unbounded
    started = time.process_time()
    assert clean(pa.array([layers, "sch&amp;ouml;n"])).texts.to_pylist() == [layers, "schön"]
    assert time.process_time() - started < 2
