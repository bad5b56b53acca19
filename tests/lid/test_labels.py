"""Every label style comes out as `ltz_Latn`, and a code means what it means in its own style."""

from __future__ import annotations

import pytest

from bitseam.lid.identifiers.labels import find_language, parse_labels


def parsed(*codes: str) -> tuple[str, ...]:
    return parse_labels([f"__label__{code}" for code in codes])


@pytest.mark.parametrize(
    ("style", "codes"),
    [
        ("Wikipedia (lid.176)", ("lb", "de", "zh", "no", "sw", "ar")),
        ("ISO 639-3", ("ltz", "deu", "zho", "nor", "swa", "ara")),
        ("NLLB", ("ltz_Latn", "deu_Latn", "zho_Hans", "nob_Latn", "swh_Latn", "arb_Arab")),
        ("OpenLID", ("ltz_Latn", "deu_Latn", "cmn_Hans", "nob_Latn", "swh_Latn", "arb_Arab")),
    ],
)
def test_all_styles_come_out_as_one_form(style: str, codes: tuple[str, ...]) -> None:
    assert parsed(*codes) == (
        *("ltz_Latn", "deu_Latn", "cmn_Hans", "nob_Latn", "swh_Latn", "arb_Arab"),
    )


@pytest.mark.parametrize(
    ("codes", "expected"),
    [
        (("als", "sq"), ("gsw_Latn", "als_Latn")),  # Alemannic, Albanian
        (("als", "gsw"), ("als_Latn", "gsw_Latn")),  # Tosk Albanian, Swiss German
        (("als_Latn", "gsw_Latn"), ("als_Latn", "gsw_Latn")),
        (("azb", "az"), ("azb_Arab", "azj_Latn")),
        (("bh", "eml", "sh"), ("bho_Deva", "egl_Latn", "srp_Latn")),
    ],
)
def test_the_style_of_the_set_decides_what_a_code_means(
    codes: tuple[str, ...], expected: tuple[str, ...]
) -> None:
    assert parsed(*codes) == expected


def test_a_label_that_is_no_language_is_kept() -> None:
    assert parsed("ltz_Latn", "noise") == ("ltz_Latn", "noise")


@pytest.mark.parametrize(
    ("language", "languages", "expected"),
    [
        ("cmn_Hant", ("deu_Latn", "cmn_Hans"), 1),  # lid.176 knows one Chinese
        ("cmn_Hant", ("cmn_Hani", "deu_Latn"), 0),  # GlotLID names no variant
        ("cmn_Hant", ("cmn_Hans", "cmn_Hant"), 1),
        ("srp_Arab", ("srp_Cyrl", "srp_Latn"), None),  # no telling which
        ("ltz_Latn", ("deu_Latn",), None),
    ],
)
def test_a_language_is_found_by_its_script_or_as_the_only_one(
    language: str, languages: tuple[str, ...], expected: int | None
) -> None:
    assert find_language(language, languages) == expected
