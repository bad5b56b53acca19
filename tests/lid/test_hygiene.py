"""Hygiene of texts and documents, by labelled cases; and that a text is judged by itself alone."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bitseam.lid.clean import clean
from bitseam.lid.code_points import lowered
from bitseam.lid.hygiene.characters import count_characters
from bitseam.lid.hygiene.lines import find_lines, in_menu, is_boilerplate
from bitseam.lid.hygiene.mojibake import repair
from bitseam.lid.hygiene.phrases import holds_phrase
from bitseam.lid.hygiene.sentences import in_other_script, unfit
from bitseam.schemas.reasons import Reason

CASES = json.loads(Path(__file__).with_name("hygiene_cases.json").read_text("utf-8"))
TEXTS = [case["text"] for case in CASES["sentences"]]


def judge(texts: list[str], script: str = "Latn", max_chars: int = 500) -> list[str | None]:
    """Return the reason against each text, as of a source language in `script`."""
    array = pa.array(texts, pa.string())
    counts = count_characters(array, (script, "Latn"))
    other = in_other_script(counts, np.zeros(len(texts), np.int64), (script, "Latn"))
    return [
        reason or (str(Reason.OTHER_SCRIPT) if stray else None)
        for reason, stray in zip(
            unfit(array, counts, 10, max_chars).to_pylist(), other.to_pylist(), strict=True
        )
    ]


@pytest.mark.parametrize("case", CASES["sentences"], ids=lambda case: case["text"][:40])
def test_a_text_is_kept_or_has_its_reason(case) -> None:
    assert judge([case["text"]], case["lang"].partition("_")[2]) == [case["reason"]]


def test_the_cases_cover_every_reason_with_negatives_beside() -> None:
    reasons = [case["reason"] for case in CASES["sentences"]]
    bounds = {"too_many_symbols", "too_many_digits", "too_many_spaces", "few_letters"}
    kinds = {"repetition", "address", "code", "mojibake", "other_script", "no_letters"}
    assert set(reasons) - {None} == bounds | kinds
    assert reasons.count(None) >= 20


@pytest.mark.parametrize("case", CASES["mojibake"], ids=lambda case: case["raw"])
def test_mojibake_is_repaired_and_nothing_else(case) -> None:
    assert clean(pa.array([case["raw"]])).texts.to_pylist() == [case["expected"]]
    assert repair(pa.array(["", case["expected"]])).to_pylist() == ["", case["expected"]]


@pytest.mark.parametrize("case", CASES["phrases"], ids=lambda case: case["text"][:40])
def test_phrases_of_web_pages(case) -> None:
    assert holds_phrase(pa.array([case["text"]])).tolist() == [case["found"]]


@pytest.mark.parametrize("case", CASES["documents"], ids=lambda case: case["note"])
def test_menus(case) -> None:
    text = "\n".join(line for line, _ in case["lines"])
    lines = find_lines(lowered(pa.array([text])))
    found = [text[a:b].strip() for a, b in zip(lines.start, lines.end, strict=True)]
    assert found == [line for line, _ in case["lines"] if line]
    assert in_menu(lines).tolist() == [bool(menu) for line, menu in case["lines"] if line]


@given(st.lists(st.sampled_from(TEXTS) | st.text(), max_size=20))
def test_a_text_is_judged_by_itself_alone(texts: list[str]) -> None:
    assert judge(texts) == [reason for text in texts for reason in judge([text])]


@given(st.lists(st.text("aé漢ก 1.\n\u0301😀"), min_size=1, max_size=5))
def test_characters_are_counted_as_python_counts_them(texts: list[str]) -> None:
    array = pa.concat_arrays([pa.array(["x"]), pa.array(texts)]).slice(1)  # an offset, too
    counts = count_characters(array, ("Latn", "Thai"))
    assert counts.characters.tolist() == list(map(len, texts))
    assert counts.letters.tolist() == [sum(map(str.isalpha, text)) for text in texts]
    assert counts.digits.tolist() == [text.count("1") for text in texts]
    assert counts.spaces.tolist() == [text.count(" ") + text.count("\n") for text in texts]
    in_latin = [sum(map(text.count, "aé")) for text in texts]
    assert counts.strays[:, 0].tolist() == (counts.letters - in_latin).tolist()
    assert counts.strays[:, 1].tolist() == (counts.letters - [t.count("ก") for t in texts]).tolist()


@given(st.lists(st.text("aB1ß漢. \n\r\u2028İ"), max_size=5))
def test_lines_cover_every_letter_of_their_documents(texts: list[str]) -> None:
    whole = "".join(texts)
    lines = find_lines(lowered(pa.array(texts, pa.string())))
    inside = {i for a, b in zip(lines.start, lines.end, strict=True) for i in range(a, b)}
    assert {i for i, character in enumerate(whole) if character.isalpha()} <= inside
    bounds = np.cumsum([0, *map(len, texts)])
    assert (bounds[lines.document] <= lines.start).all()
    assert (lines.end <= bounds[lines.document + 1]).all()


def test_a_line_is_known_by_its_letters_and_numbers_whatever_its_case_and_marks() -> None:
    texts = ["Säit 3 vu 17", "SÄIT 3, VU 17:", "Säit 31 vu 7", "Säit vu 17", "Säiten 3 vu 17"]
    keys = find_lines(lowered(pa.array(texts))).key
    assert keys[0] == keys[1]
    assert len(set(keys.tolist())) == 4


@pytest.mark.parametrize(
    "texts",
    [
        ("Moies sinn et 8 Grad.", "Moies sinn et 9 Grad.", "Moies sinn et -8 Grad."),
        ("D'Spill ass 3:1 ausgaang.", "D'Spill ass 31 ausgaang.", "D'Spill ass 1:3 ausgaang."),
        ("Den Euro steet op 1,08.", "Den Euro steet op 10,8.", "Den Euro steet op 108."),
        ("السعر ٣ دنانير", "السعر ٤ دنانير"),
    ],
)
def test_lines_that_differ_in_digits_are_not_the_same(texts: tuple[str, ...]) -> None:
    keys = find_lines(lowered(pa.array(texts))).key
    assert len(set(keys.tolist())) == len(texts)


@pytest.mark.parametrize("case", CASES["line_keys"], ids=lambda case: case["note"])
def test_which_lines_are_the_same(case) -> None:
    texts = case.get("same") or case["different"]
    keys = find_lines(lowered(pa.array(texts))).key
    assert len(set(keys.tolist())) == (1 if "same" in case else len(texts))


def test_boilerplate_needs_many_documents_and_a_share_of_them() -> None:
    counts = np.array([1, 4, 5, 99, 100])
    assert is_boilerplate(counts, 8).tolist() == [False, False, True, True, True]
    assert is_boilerplate(counts, 501).tolist() == [False, False, False, True, True]
    assert is_boilerplate(counts, 10**6).tolist() == [False, False, False, False, True]


@pytest.mark.parametrize("name", ["flores200_dev", "ntrex_dev"])
def test_no_gold_sentence_is_unfit(shared_data, name) -> None:
    scripts = {"zho_Hans": "Hans", "jpn_Jpan": "Jpan", "arb_Arab": "Arab", "hin_Deva": "Deva"}
    for path in sorted((shared_data / name).glob("???*.txt")):
        if path.stem == "doc_ids":
            continue
        texts = clean(pa.array(path.read_text("utf-8").splitlines())).texts.to_pylist()
        found = set(judge(texts, scripts.get(path.stem, "Latn"), max_chars=10**6))
        assert found <= {None, "too_short"}, path.stem


@given(st.lists(st.text(st.sampled_from("Ã¤â€™Â &amp;\x93é ”"))))
def test_repair_of_what_is_repaired_changes_nothing(texts: list[str]) -> None:
    once = repair(pa.array(texts, pa.string()))
    assert repair(once) == once
