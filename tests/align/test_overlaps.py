from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from bitseam.align.overlaps import Overlaps, clause_texts, overlap_texts
from bitseam.align.word_keys import word_keys


def test_overlap_texts_join_neighbours_and_end_with_the_document() -> None:
    sentences = pa.chunked_array([["a", "b"], [None, "d"]])

    assert overlap_texts(sentences, 3).to_pylist() == [
        *("a", "b", "", "d"),
        *("a b", "b ", " d", None),
        *("a b ", "b  d", None, None),
    ]
    assert overlap_texts(pa.array(["a"]), 3).to_pylist() == ["a", None, None]
    assert overlap_texts(pa.array([], pa.string()), 2).to_pylist() == []


def test_clauses_end_at_marks_beside_a_space() -> None:
    cases = {
        "Die Tür, die offen stand, fiel zu.": ("Die Tür", "fiel zu."),
        "3. Kapitel - Der Weg nach Bad-Ems": ("3. Kapitel", "Der Weg nach Bad-Ems"),
        "am 3.5. um 4,7 Uhr": ("am 3.5", "um 4,7 Uhr"),
        "« Oui ! » dit-il": ("« Oui", "dit-il"),
        "oui , peut-être .": ("oui", "peut-être ."),
        "d' accord .": (None, None),
        "我们走了。他留下,": ("我们走了", "他留下,"),
        ". - .": (None, None),
        "": (None, None),
    }
    texts = clause_texts(pa.array(cases)).to_pylist()

    found = list(zip(texts[: len(cases)], texts[len(cases) :], strict=True))
    assert found == list(cases.values())


def test_overlaps_of_another_shape_are_refused() -> None:
    with pytest.raises(ValueError, match="expected vectors"):
        Overlaps(np.zeros((2, 3, 4)), np.zeros((3, 2), np.int32), np.zeros((2, 3, 4)))
    with pytest.raises(ValueError, match="expected clauses"):
        Overlaps(np.zeros((2, 3, 4)), np.zeros((2, 3), np.int32), np.zeros((1, 3, 4)))
    with pytest.raises(ValueError, match="words of 3 sentences, got 2"):
        Overlaps(
            np.zeros((2, 3, 4)),
            np.zeros((2, 3), np.int32),
            np.zeros((2, 3, 4)),
            word_keys(pa.array(["eins", "zwei"])),
        )
