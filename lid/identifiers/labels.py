"""The labels of fastText models -> `ltz_Latn`, the one form that the tables use.

Three styles are in the field: lid.176 uses the codes of Wikipedia's editions (`__label__lb`),
home-made models often ISO 639-3 (`__label__ltz`), and NLLB, OpenLID and GlotLID language and
script (`__label__ltz_Latn`). A code can mean different things in two styles (`als` is Alemannic on
Wikipedia, Tosk Albanian in ISO 639-3), so the style of the whole label set decides.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from bitseam.schemas.errors import UserError
from bitseam.schemas.languages import parse_language

PREFIX = "__label__"

# Editions of Wikipedia whose code is not the ISO code of what is written there, or has no ISO
# code, or for which CLDR takes another script for granted.
WIKIPEDIA = {
    "als": "gsw_Latn",
    "azb": "azb_Arab",
    "bh": "bho_Deva",
    "eml": "egl_Latn",
    "nah": "nah_Latn",
    "roa-rup": "rup_Latn",
    "simple": "eng_Latn",
    "zh-classical": "lzh_Hant",
    "zh-min-nan": "nan_Latn",
    "zh-yue": "yue_Hant",
}


def parse_labels(labels: Iterable[str]) -> tuple[str, ...]:
    """Return the language of every label of one model, in the same order.

    A label that is no language code (GlotLID's `und_Grek` and `zxx_Zzzz`, a home-made `noise`) is
    kept as it is: it competes with the others and is never asked for by a user.
    """
    codes = [label.removeprefix(PREFIX) for label in labels]
    wikipedia = any(len(code) == 2 for code in codes)
    return tuple(_parse_code(code, wikipedia) for code in codes)


def find_language(language: str, languages: Sequence[str]) -> int | None:
    """Return where `language` stands among a model's `languages`, or None.

    A model that knows one script or none of a language (lid.176's `zh`, GlotLID's `cmn_Hani`)
    answers for every script of it, so that a user's `zh-Hant` finds it.
    """
    if language in languages:
        return languages.index(language)
    base = language.partition("_")[0]
    same = [i for i, other in enumerate(languages) if other.partition("_")[0] == base]
    return same[0] if len(same) == 1 else None


def _parse_code(code: str, wikipedia: bool) -> str:
    if wikipedia and code in WIKIPEDIA:
        return WIKIPEDIA[code]
    try:
        return parse_language(code)
    except UserError:
        return code
