"""Every label style comes out as `ltz_Latn`, and what a user asks for is found in every style."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from bitseam.lid.identifiers import load_identifier
from bitseam.lid.identifiers.labels import (
    find_language,
    parse_labels,
    relatives,
    script_variants,
)
from bitseam.schemas.languages import parse_language


def table(name: str) -> list[dict[str, str]]:
    lines = Path(__file__).with_name(name).read_text("utf-8").splitlines()
    return list(csv.DictReader(lines, delimiter="\t"))


LABELS = table("labels.tsv")
STYLES = [*dict.fromkeys(row["style"] for row in LABELS)]
ASKED = table("asked_languages.tsv")


def labels_of(style: str) -> list[str]:
    return [row["label"] for row in LABELS if row["style"] == style]


@pytest.mark.parametrize("style", STYLES)
def test_the_labels_of_every_style_come_out_as_one_form(style: str) -> None:
    expected = [row["language"] for row in LABELS if row["style"] == style]
    assert list(parse_labels(f"__label__{label}" for label in labels_of(style))) == expected


@pytest.mark.parametrize("style", [*ASKED[0]][1:])
@pytest.mark.parametrize("row", ASKED, ids=lambda row: row["asked"])
def test_what_a_user_asks_for_is_found_in_every_style(row: dict[str, str], style: str) -> None:
    labels = labels_of(style)
    languages = parse_labels(labels)
    found = find_language(parse_language(row["asked"]), languages)
    assert ("-" if found is None else labels[found]) == row[style]


@pytest.mark.parametrize(
    ("codes", "expected"),
    [
        (("als", "sq"), ("gsw_Latn", "als_Latn")),  # Alemannic, Albanian
        (("als", "gsw"), ("als_Latn", "gsw_Latn")),  # Tosk Albanian, Swiss German
        (("als_Latn", "gsw_Latn"), ("als_Latn", "gsw_Latn")),
        (("azb", "az"), ("azb_Arab", "azj_Latn")),
    ],
)
def test_the_style_of_the_set_decides_what_a_code_means(
    codes: tuple[str, ...], expected: tuple[str, ...]
) -> None:
    assert parse_labels(codes) == expected


@pytest.mark.parametrize(
    ("language", "languages", "expected"),
    [
        ("cmn_Hant", ("deu_Latn", "cmn_Hans"), 1),  # lid.176 knows one Chinese
        ("cmn_Hant", ("cmn_Hans", "cmn_Hani", "cmn_Hant"), 2),
        ("cmn_Hani", ("cmn_Hans", "cmn_Hant"), 0),
        ("pbt_Arab", ("deu_Latn", "pus_Arab"), 1),  # a model that calls it by its macro-language
        ("prs_Arab", ("pes_Arab", "prs_Arab"), 1),
        ("jpn_Jpan", ("cmn_Hani",), None),
        ("srp_Latn", ("srp_Cyrl",), None),  # another script is another text
        ("srp_Arab", ("srp_Cyrl", "srp_Latn"), None),
        ("hrv_Latn", ("srp_Latn", "bos_Latn"), None),  # siblings do not answer for each other
        ("arz_Arab", ("arb_Arab",), None),
        ("ltz_Latn", ("deu_Latn",), None),
    ],
)
def test_a_language_is_found_exactly_or_under_a_label_that_covers_it(
    language: str, languages: tuple[str, ...], expected: int | None
) -> None:
    assert find_language(language, languages) == expected


def test_the_relatives_of_an_unknown_language_share_its_macro_language() -> None:
    nllb = parse_labels(labels_of("nllb"))
    assert relatives("srp_Latn", nllb) == ["srp_Cyrl", "hrv_Latn", "bos_Latn"]
    assert relatives("ars_Arab", nllb)[:2] == ["arb_Arab", "arb_Latn"]
    assert relatives("sah_Cyrl", nllb) == []


def test_a_bare_code_is_read_in_a_script_that_the_bundled_identifier_knows() -> None:
    languages = load_identifier().languages
    scripts: dict[str, list[str]] = {}
    for language in languages:
        scripts.setdefault(language.partition("_")[0], []).append(language)
    wrong = {
        code: parse_language(code)
        for code, known in scripts.items()
        if parse_language(code) not in known
    }
    assert len(languages) == 469
    assert wrong == {}


def test_a_macro_language_is_found_in_its_own_script() -> None:
    assert find_language("zho_Hant", ("cmn_Hans", "cmn_Hant")) == 1
    assert find_language("zho_Hant", ("cmn_Hani", "yue_Hant")) == 0


def test_other_scripts_of_a_language_are_those_of_one_family() -> None:
    known = ("cmn_Hans", "cmn_Hant", "yue_Hant", "srp_Cyrl", "srp_Latn")
    assert script_variants("cmn_Hans", known) == [1]
    assert script_variants("cmn_Hant", known) == [0]
    assert script_variants("srp_Latn", known) == []
