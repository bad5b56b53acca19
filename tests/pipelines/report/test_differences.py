"""Numbers and names that stand on one side alone."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bitseam.pipelines.report.differences import Names, differences

CASES = json.loads(Path(__file__).with_name("differences.json").read_text("utf-8"))
TEXTS = st.text(st.characters(codec="utf-8"), max_size=60) | st.text(
    "aB1.,: 2É\u0301's", max_size=60
)


@pytest.mark.parametrize("case", CASES, ids=[case["why"] for case in CASES])
def test_what_has_no_counterpart_is_marked(case) -> None:
    names = Names(tuple(case["languages"]), map(tuple, case.get("translations", [])))
    sides = differences(case["src"], case["tgt"], names)
    assert [[piece.text for piece in side if piece.kind] for side in sides] == case["marked"]


@given(TEXTS, TEXTS)
def test_the_pieces_are_the_texts(src, tgt) -> None:
    names = Names(("fra_Latn", "eng_Latn"), [(src, tgt)])
    sides = differences(src, tgt, names)
    assert ["".join(piece.text for piece in side) for side in sides] == [src, tgt]


@given(TEXTS)
def test_a_text_does_not_differ_from_itself(text) -> None:
    names = Names(("fra_Latn", "eng_Latn"), [])
    assert not [piece for side in differences(text, text, names) for piece in side if piece.kind]
