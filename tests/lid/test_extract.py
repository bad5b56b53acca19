"""From documents to sentences: nothing is lost, and everything can be traced back."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bitseam.lid.clean import clean
from bitseam.lid.divide import divide
from bitseam.lid.extract import Extracted, ExtractOptions, extract_sentences, find_sides
from bitseam.lid.identifiers import load_identifier
from bitseam.lid.identity import sentence_ids
from bitseam.schemas.choices import TextUnit
from bitseam.schemas.errors import UserError
from bitseam.schemas.tables import DOCUMENTS, REJECTS, SENTENCES

IDENTIFIER = load_identifier()
OPTIONS = ExtractOptions(src="ltz_Latn", tgt="deu_Latn")

LTZ = "Mir hunn haut de Moien laang op de Bus gewaart, awer et koum keen."
DEU = "Wir haben heute Morgen lange auf den Bus gewartet, aber es kam keiner."
ENG = "We waited for the bus for a long time this morning, but none came."
FRA = "Nous avons longtemps attendu le bus ce matin, mais aucun n'est venu."


def documents(*texts: str, hint: str | None = None) -> pa.RecordBatch:
    n = len(texts)
    return pa.RecordBatch.from_arrays(
        [
            pa.array([f"test.txt#{i}" for i in range(n)], pa.string()),
            pa.nulls(n, pa.string()),
            pa.nulls(n, pa.string()),
            pa.array([hint] * n, pa.string()),
            pa.array(texts, pa.string()),
        ],
        schema=DOCUMENTS,
    )


def extracted(*texts: str, hint: str | None = None, options: ExtractOptions = OPTIONS) -> Extracted:
    return extract_sentences(documents(*texts, hint=hint), IDENTIFIER, options)


def reasons(result: Extracted) -> list[str]:
    return [str(reason) for reason in result.rejects["reason"].to_pylist()]


def test_sentences_of_both_sides_are_kept_and_others_rejected() -> None:
    result = extracted(f"{LTZ} {DEU}\n\n{ENG}\n{FRA}")
    assert result.sentences["text"].to_pylist() == [LTZ, DEU]
    assert result.sentences["lang"].to_pylist() == ["ltz_Latn", "deu_Latn"]
    assert result.sentences["position"].to_pylist() == [0, 1]
    assert min(result.sentences["lang_score"].to_pylist()) > 0.7
    assert reasons(result) == ["other_language", "other_language"]
    assert [str(detail)[:8] for detail in result.rejects["detail"].to_pylist()] == [
        *("eng_Latn", "fra_Latn"),
    ]


def test_a_row_can_be_traced_to_its_document_and_has_the_id_of_its_text() -> None:
    raw = LTZ.replace("laang op", "laa\u00adng\t op").replace("é", "e\u0301")
    text = f"  \u00a0{raw}  {DEU}"
    result = extracted(text, options=replace(OPTIONS, text_unit="line", max_chars=80))
    first, second = result.sentences.to_pylist()
    assert first["text"] != text[first["start"] : first["end"]]
    assert second["text"] == text[second["start"] : second["end"]] == DEU
    assert result.cleaned == 1
    assert second["sentence_id"] == sentence_ids("deu_Latn", pa.array([DEU]))[0]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("Jo.", "too_short"),
        ("".join(f"Waardesall{n}" for n in range(60)), "too_long"),  # a word cannot be split
        ("12 345 678 / 90 % + 100", "no_letters"),
        ("", "empty"),
        (" \n\t ", "empty"),
        ("\u200b\ufeff\u00ad", "too_short"),
        (ENG, "other_language"),
    ],
)
def test_every_reject_has_its_reason(text: str, reason: str) -> None:
    result = extracted(text, hint="ltz_Latn")
    assert reason in reasons(result)
    assert result.rejects["source"].to_pylist()[0] == "test.txt"


def test_a_sentence_of_which_a_part_is_missing_is_a_reject_unless_it_is_wanted() -> None:
    holed = LTZ.replace("laang", "\ufffc")
    result = extracted(f"{holed} {DEU}")
    assert result.sentences["text"].to_pylist() == [DEU]
    assert reasons(result) == ["incomplete"]
    assert result.rejects["text"].to_pylist() == [holed]
    kept = extracted(f"{holed} {DEU}", options=replace(OPTIONS, keep_holes=True))
    assert kept.sentences["text"].to_pylist() == [LTZ.replace("laang ", ""), DEU]
    assert holed == f"{holed} {DEU}"[kept.sentences["start"][0].as_py() :][: len(holed)]


def test_a_short_piece_with_a_hole_is_told_as_incomplete() -> None:
    assert reasons(extracted("Ech \ufffc.")) == ["incomplete"]


def test_lengths_are_inclusive_and_counted_after_cleaning() -> None:
    exact = replace(OPTIONS, min_chars=len(LTZ), max_chars=len(LTZ))
    assert extracted(LTZ.replace(" ", "   "), options=exact).sentences.num_rows == 1


def test_an_uncertain_language_is_rejected_with_its_score() -> None:
    strict = replace(OPTIONS, min_lang_score=1.0)
    result = extracted(DEU, options=strict)
    assert reasons(result) == ["low_lang_score"]
    assert str(result.rejects["detail"][0]).startswith("deu_Latn ")


def test_a_line_is_one_sentence_unless_it_is_too_long() -> None:
    lines = replace(OPTIONS, text_unit="line")
    assert extracted(f"{DEU} {DEU}", options=lines).sentences["text"].to_pylist() == [
        f"{DEU} {DEU}"
    ]
    long = extracted(" ".join([DEU] * 10), options=lines)
    assert long.sentences["text"].to_pylist() == [DEU] * 10


def test_a_hint_keeps_a_doubtful_sentence_but_not_a_foreign_one() -> None:
    result = extracted(LTZ, ENG, hint="ltz_Latn", options=replace(OPTIONS, text_unit="line"))
    assert result.sentences["doc_id"].to_pylist() == ["test.txt#0"]
    assert reasons(result) == ["other_language"]


def test_a_hint_that_the_model_does_not_know_is_no_hint() -> None:
    with_unknown = extracted(DEU, hint="tlh_Latn").sentences
    assert with_unknown["lang_score"] == extracted(DEU).sentences["lang_score"]


def test_the_users_script_is_kept_where_the_model_knows_only_the_language() -> None:
    options = replace(OPTIONS, tgt="cmn_Hant")
    result = extracted("我們今天早上等了很久的公共汽車，但是一輛也沒有來。", options=options)
    assert result.sentences["lang"].to_pylist() == ["cmn_Hant"]


@pytest.mark.parametrize(
    ("src", "tgt", "message"),
    [("tlh_Latn", "deu_Latn", "does not know tlh"), ("cmn_Hans", "cmn_Hant", "cannot tell")],
)
def test_languages_that_the_model_cannot_serve_are_refused(
    src: str, tgt: str, message: str
) -> None:
    with pytest.raises(UserError, match=message):
        find_sides(load_identifier("lid176"), src, tgt)


def test_no_documents_are_a_legal_batch() -> None:
    result = extracted()
    assert (result.sentences.schema, result.rejects.schema) == (SENTENCES, REJECTS)
    assert (result.sentences.num_rows, result.rejects.num_rows, result.cleaned) == (0, 0, 0)


PASSAGES = st.lists(
    st.sampled_from([LTZ, DEU, ENG, "Jo.", "42", "\u00ad", "\n\n", "  ", "😀 ", "e\u0301"])
    | st.text()
).map(" ".join)


@settings(max_examples=60)
@given(st.lists(PASSAGES, max_size=4), st.sampled_from([None, "ltz_Latn"]))
def test_every_segment_is_one_sentence_or_one_reject(texts: list[str], hint: str | None) -> None:
    result = extracted(*texts, hint=hint)
    result.sentences.validate(full=True)
    result.rejects.validate(full=True)
    divided = divide(documents(*texts, hint=hint), IDENTIFIER, OPTIONS.max_chars, False)
    segmented = [int((divided.document == row).sum()) for row in range(len(texts))]
    empty = pc.sum(pc.equal(result.rejects["reason"], "empty")).as_py() or 0
    assert empty == segmented.count(0)
    assert result.sentences.num_rows + result.rejects.num_rows - empty == sum(segmented)
    for row in result.sentences.to_pylist():
        raw = texts[int(row["doc_id"].partition("#")[2])][row["start"] : row["end"]]
        assert clean(pa.array([raw])).texts.to_pylist() == [row["text"]]


def test_the_same_documents_give_the_same_tables() -> None:
    texts = [f"{LTZ} {DEU}", ENG, ""]
    assert extracted(*texts).sentences == extracted(*texts).sentences
    assert extracted(*texts).rejects == extracted(*texts).rejects


DECLARED = json.loads(Path(__file__).with_name("declared_sentences.json").read_text("utf-8"))


@pytest.mark.parametrize("language", DECLARED)
@pytest.mark.parametrize("unit", ["line", "document"])
def test_short_sentences_of_a_declared_side_are_kept_and_quotations_are_not(
    language: str, unit: TextUnit
) -> None:
    options = replace(OPTIONS, src=language, tgt="fra_Latn", text_unit=unit, min_chars=5)
    lines = [*DECLARED[language], ENG, DEU]
    texts = lines if unit == "line" else ["\n".join(lines)]
    result = extracted(*texts, hint=language, options=options)
    assert result.sentences["text"].to_pylist() == DECLARED[language]
    assert {*result.sentences["lang"].to_pylist()} == {language}
    assert reasons(result) == ["other_language"] * 2


@pytest.mark.parametrize(("src", "tgt"), [("hrv_Latn", "srp_Latn"), ("nob_Latn", "dan_Latn")])
def test_a_declared_side_does_not_go_to_a_sister_that_is_the_other_side(src: str, tgt: str) -> None:
    options = replace(OPTIONS, src=src, tgt=tgt, text_unit="line", min_chars=5)
    result = extracted(*DECLARED[src], hint=src, options=options)
    assert {*result.sentences["lang"].to_pylist()} == {src}


def test_both_scripts_of_chinese_are_two_languages_where_both_or_none_is_declared() -> None:
    lines = DECLARED["cmn_Hans"]
    simple, traditional = lines[:2], lines[2:]
    options = replace(OPTIONS, src="cmn_Hans", tgt="cmn_Hant", text_unit="line", min_chars=5)
    result = extracted(*lines, hint="cmn_Hans", options=options).sentences
    assert dict(zip(result["text"].to_pylist(), result["lang"].to_pylist(), strict=True)) == {
        **dict.fromkeys(simple, "cmn_Hans"),
        **dict.fromkeys(traditional, "cmn_Hant"),
    }
    asked = extracted(*lines, options=replace(options, tgt="eng_Latn")).sentences
    assert asked["text"].to_pylist() == simple


def test_german_in_a_file_declared_as_luxembourgish_is_german() -> None:
    lines = [LTZ, "D'Kanner spillen am Gaart.", "Muer gëtt et Reen.", "Ech hunn Honger.", DEU]
    options = replace(OPTIONS, tgt="fra_Latn", text_unit="line")
    result = extracted(*lines, hint="ltz_Latn", options=options)
    assert result.sentences["text"].to_pylist() == lines[:-1]
    assert str(result.rejects["detail"][0]).startswith("deu_Latn")
