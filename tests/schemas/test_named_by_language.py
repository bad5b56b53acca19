"""Names of columns and files: which of them name languages, and which are everyday words."""

from __future__ import annotations

import pytest

from bitseam.schemas.languages import language_named
from bitseam.schemas.named_by_language import (
    find_named,
    languages_among,
    languages_of_ends,
    read_language,
)


@pytest.mark.parametrize(
    ("names", "languages"),
    [
        ("lb de", "ltz_Latn deu_Latn"),
        ("ltz deu", "ltz_Latn deu_Latn"),
        ("LTZ DEU", "ltz_Latn deu_Latn"),
        ("hau eng", "hau_Latn eng_Latn"),
        ("ltz_Latn deu_Latn", "ltz_Latn deu_Latn"),
        ("zh-Hans zh-Hant", "cmn_Hans cmn_Hant"),
        ("de-LU pt_BR", "deu_Latn por_Latn"),
        ("English German", "eng_Latn deu_Latn"),
        ("ltz deu fra", "ltz_Latn deu_Latn fra_Latn"),
        ("lb de fra", "ltz_Latn deu_Latn fra_Latn"),
        ("id en", "ind_Latn eng_Latn"),
        ("cat spa", "cat_Latn spa_Latn"),
    ],
)
def test_all_names_of_a_table_are_languages(names: str, languages: str) -> None:
    found = languages_among(names.split())
    assert found == dict(zip(names.split(), languages.split(), strict=True))


@pytest.mark.parametrize(
    ("names", "languages"),
    [
        ("id url ltz deu score", "ltz deu"),
        ("doc lb de", "lb de"),
        ("lb de remarks", "lb de"),
        ("remarks ltz deu", ""),  # three letters beside what is neither: in doubt
        ("src tgt", ""),
        ("id src tgt doc", ""),
        ("old new", ""),
        ("text url", ""),
        ("lat lon", ""),
        ("sum tag", ""),
        ("id tok pos lem", ""),
        ("the der", ""),
        ("und mis", ""),
        ("de de", ""),
        ("en-fr lb", ""),  # a pair of languages is none
        ("title", ""),
        ("", ""),
    ],
)
def test_everyday_names_are_no_languages(names: str, languages: str) -> None:
    assert list(languages_among(names.split())) == languages.split()


@pytest.mark.parametrize(
    ("ends", "stem", "languages"),
    [
        ("ltz deu txt", "corpus", "ltz deu"),
        ("ltz deu vocab", "corpus", "ltz deu"),
        ("lb deu", "corpus.de-lb", "lb deu"),
        ("lb de md", "corpus", "lb de"),
        ("deu fra lmo README", "c.deu-fra", "deu fra"),
        ("deu fra lmo README", "c", ""),  # which two?
        ("id en fr", "corpus", "id en fr"),
        ("doc txt", "corpus", ""),
        ("ltz", "corpus", ""),
    ],
)
def test_the_ends_of_parallel_files(ends: str, stem: str, languages: str) -> None:
    assert sorted(languages_of_ends(ends.split(), stem)) == sorted(languages.split())


@pytest.mark.parametrize(
    ("wanted", "names", "found"),
    [
        ("lb", "ltz deu", "ltz"),
        ("ltz", "lb de", "lb"),
        ("de-LU", "lb de", "de"),
        ("set", "set ltz", "set"),
        ("lb", "de fr", None),
        ("lb", "ltz lb-LU", None),  # two of one language
        ("zh-Hant", "zh_Hans zh_Hant", "zh_Hant"),
    ],
)
def test_a_column_is_found_by_any_code_of_its_language(wanted, names, found) -> None:
    assert find_named(wanted, names.split()) == found


@pytest.mark.parametrize(
    ("name", "language"),
    [
        ("Luxembourgish", "ltz_Latn"),
        ("LËTZEBUERGESCH", "ltz_Latn"),
        ("Deutsch", "deu_Latn"),
        ("русский", "rus_Cyrl"),
        ("Brazilian Portuguese", "por_Latn"),
        ("Chinese (Traditional)", "cmn_Hant"),
        ("Chinese, Simplified", "cmn_Hans"),
        ("Serbian (Latin)", "srp_Latn"),
        ("English - United States", "eng_Latn"),
        ("English_US", "eng_Latn"),
        ("Farsi", "pes_Arab"),
        ("Martian", None),
        ("English (US", "eng_Latn"),
        ("((((", None),
        ("", None),
    ],
)
def test_languages_by_their_names(name: str, language: str | None) -> None:
    assert language_named(name) == language


def test_a_name_alone() -> None:
    told = [read_language(name) for name in ("deu", "src", "German", "margin", "nds_NL", "x")]
    assert told == ["deu_Latn", None, "deu_Latn", None, "nds_Latn", None]
