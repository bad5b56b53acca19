"""The labels of language identification models -> `ltz_Latn`, the one form that the tables use.

| style | labels | models |
| --- | --- | --- |
| Wikipedia | `lb`, `als` (Alemannic), `zh`, `no` | lid.176 (.bin, .ftz) |
| ISO 639-3 | `ltz`, `als` (Tosk Albanian), `zho`, `nor` | home-made ones |
| FLORES | `ltz_Latn`, `zho_Hans`, `est_Latn`, `tgl_Latn` | NLLB's lid218, OpenLID |
| FLORES+ | `ltz_Latn`, `cmn_Hans`, `ekk_Latn`, `fil_Latn` | OpenLID v2 |
| GlotLID | `ltz_Latn`, `cmn_Hani`, `fas_Arab`, `und_Grek`, `zxx_Zzzz` | GlotLID v3 |

A code can mean different things in two styles (`als`), so the style of the whole label set decides.
What a code means whatever the style, macro-languages among it, `schemas.languages` decides.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from langcodes import Language
from langcodes.data_dicts import MACROLANGUAGES

from bitseam.schemas.errors import UserError
from bitseam.schemas.languages import MACRO_TO_INDIVIDUAL, NO_LANGUAGE, UNDETERMINED, parse_language

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
# Labels of other models with a code that ISO 639-3 has retired.
RETIRED = {"eml_Latn": "egl_Latn"}

# Languages that some models do not tell from another: its label answers for both.
ANSWERED_BY = {
    "ajp": "apc",  # South Levantine Arabic, retired: Levantine Arabic
    "cnr": "srp",  # Montenegrin: Serbian
    "prs": "pes",  # Dari: Persian, GlotLID's `fas_Arab`
    "swc": "swh",  # Congo Swahili: Swahili
    "zgh": "tzm",  # Standard Moroccan Tamazight: FLORES-200 files it under Central Atlas Tamazight
    "zlm": "zsm",  # Malay: Standard Malay
}
# Scripts that a label may name for one another: GlotLID's `cmn_Hani` is `cmn_Hans` and `cmn_Hant`.
_SCRIPT_FAMILIES = {"Hani": "Han", "Hans": "Han", "Hant": "Han", "Hang": "Kore", "Kore": "Kore"}


def parse_labels(labels: Iterable[str]) -> tuple[str, ...]:
    """Return the language of every label of one model, in the same order.

    GlotLID's labels for what is no language (`und_Grek`, `zxx_Zzzz`) are all `UNDETERMINED`. A
    label that is no language code (a home-made `noise`) is kept as it is: it competes with the
    others and is never asked for by a user.
    """
    codes = [label.removeprefix(PREFIX) for label in labels]
    own_style = WIKIPEDIA if any(len(code) == 2 for code in codes) else RETIRED
    return tuple(own_style.get(code) or _parse_code(code) for code in codes)


def find_language(language: str, languages: Sequence[str]) -> int | None:
    """Return where `language` stands among a model's `languages`, or None.

    Exactly, if it is there; else as the macro-language that is read as it, in a script that stands
    for it; else as the language that the model does not tell it from (`ANSWERED_BY`). Never in
    another script, and never as a sibling: a model without `arz_Arab` does not know Egyptian.
    """
    if language in languages:
        return languages.index(language)
    wanted, script = _normal_form(language)
    code, _, own_script = language.partition("_")
    if (individual := f"{MACRO_TO_INDIVIDUAL.get(code, code)}_{own_script}") in languages:
        return languages.index(individual)
    known = [_normal_form(other) for other in languages]
    for code in (wanted, ANSWERED_BY.get(wanted, wanted)):
        if (code, script) in known:
            return known.index((code, script))
    return None


def script_variants(language: str, languages: Sequence[str]) -> list[int]:
    """Return where `languages` has the same language in another script of its family:
    `cmn_Hant` for `cmn_Hans`, but not `srp_Cyrl` for `srp_Latn`."""
    form = _normal_form(language)
    answer = find_language(language, languages)
    return [i for i, x in enumerate(languages) if i != answer and _normal_form(x) == form]


def relatives(language: str, languages: Sequence[str]) -> list[str]:
    """Return the `languages` nearest to one that is not there: same code or macro-language."""
    macro = _macro_language(language)
    return [other for other in languages if _macro_language(other) == macro]


def _parse_code(code: str) -> str:
    if code.startswith(NO_LANGUAGE):
        return UNDETERMINED
    try:
        return parse_language(code)
    except UserError:
        return code


def _normal_form(language: str) -> tuple[str, str]:
    code, _, script = language.partition("_")
    return MACRO_TO_INDIVIDUAL.get(code, code), _SCRIPT_FAMILIES.get(script, script)


def _macro_language(language: str) -> str:
    """Return `sh` for `srp_Latn`, `hrv_Latn` and `bos_Latn`, `ar` for `arb_Arab` and `arz_Arab`."""
    code = Language.get(language.partition("_")[0]).language or ""
    return MACROLANGUAGES.get(code, code)
