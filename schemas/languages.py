"""Language codes: whatever the user or a model says, in tables it is `ltz_Latn`.

Tables use ISO 639-3 plus ISO 15924 script, the convention of FLORES, NLLB, HPLT and GlotLID.
"""

from __future__ import annotations

import re
from functools import lru_cache

from babel.core import get_global
from langcodes import Language, tag_is_valid
from langcodes.tag_parser import LanguageTagError

from bitseam.schemas.errors import UserError
from bitseam.schemas.language_names import tag_of_name

# What is no language, or none that is known. Its script says nothing either.
UNDETERMINED = "und_Zyyy"
NO_LANGUAGE = ("und_", "mul_", "mis_", "zxx_")  # undetermined, several, uncoded, none

# Macro-languages are read as the variety that text under that code is nearly always written in.
# `sh`/`hbs` is missing: langcodes reads it as Serbian in Latin letters, as CLDR does.
MACRO_TO_INDIVIDUAL = {
    "aka": "twi",
    "ara": "arb",
    "aym": "ayr",
    "aze": "azj",
    "bik": "bcl",
    "bua": "bxr",
    "chm": "mhr",
    "cre": "crk",
    "din": "dik",
    "doi": "dgo",
    "est": "ekk",
    "fas": "pes",
    "ful": "fuv",
    "grn": "gug",
    "iku": "ike",
    "kau": "knc",
    "kok": "gom",
    "kom": "kpv",
    "kur": "kmr",
    "lah": "pnb",
    "lav": "lvs",
    "mlg": "plt",
    "mon": "khk",
    "msa": "zsm",
    "nep": "npi",
    "nor": "nob",
    "oji": "ojb",
    "ori": "ory",
    "orm": "gaz",
    "pus": "pbt",
    "que": "quy",
    "sqi": "als",
    "swa": "swh",
    "tmh": "taq",
    "uzb": "uzn",
    "yid": "ydd",
    "zho": "cmn",
    "zza": "diq",
}
# Individual languages that CLDR, and langcodes with it, calls regional forms of another.
_INDIVIDUAL = {"cnr": "Latn", "prs": "Arab", "swc": "Latn"}
# Scripts where text under that code is mostly written otherwise than CLDR has it: these are the
# scripts that the bundled identifier knows the language in; `kor` is FLORES' name.
_SCRIPTS = {
    "ajp": "Arab",
    "arc": "Syrc",
    "azb": "Arab",
    "brh": "Latn",
    "btm": "Latn",
    "cdo": "Latn",
    "crh": "Latn",
    "hif": "Latn",
    "hoc": "Latn",
    "kaa": "Latn",
    "kor": "Hang",
    "lad": "Latn",
    "lzh": "Hans",
    "mni": "Mtei",
    "nan": "Latn",
    "pbt": "Arab",
    "shi": "Latn",
    "syl": "Sylo",
    "wal": "Latn",
    "xal": "Cyrl",
}
_LONGEST_NAME = 60
# FLORES+ tells dialects apart by their Glottolog code: `apc_Arab_sout3123`.
_DIALECT = re.compile(r"_[a-z]{4}[0-9]{4}$")


@lru_cache(maxsize=4096)
def parse_language(tag: str) -> str:
    """Return `tag` (BCP-47 or ISO 639: `lb`, `ltz`, `ltz_Latn`, `de-LU`) as `ltz_Latn`.

    What is not one language (`und`, `zxx`, `mul`, `mis`) is `UNDETERMINED`.

    :raises UserError: `tag` names no known language.
    """
    try:
        language = Language.get(_DIALECT.sub("", tag))
        code = language.to_alpha3()
        if not _is_valid(language):
            raise LookupError(tag)
    except (LanguageTagError, LookupError) as error:
        named = language_named(tag)
        meant = f" (did you mean {short_code(named)!r}?)" if named else ""
        raise UserError(
            f"unknown language {tag!r}{meant}: expected a BCP-47 or ISO 639 code such as "
            "'lb', 'ltz', 'ltz_Latn' or 'de-LU'"
        ) from error
    if f"{code}_" in NO_LANGUAGE:
        return UNDETERMINED
    asked = tag[:3].lower()
    if asked in _INDIVIDUAL and not tag[3:4].isalpha():
        return f"{asked}_{language.script or _INDIVIDUAL[asked]}"
    script = language.script or _SCRIPTS.get(code) or _likely_script(language)
    if not script:
        raise UserError(
            f"language {tag!r} is written in several scripts: name one, as in '{code}_Latn'"
        )
    if script == "Kore":
        script = "Hang"
    return f"{MACRO_TO_INDIVIDUAL.get(code, code)}_{script}"


@lru_cache(maxsize=1024)
def language_named(name: str) -> str | None:
    """Return the language of a name as `ltz_Latn`; None where it is no name of a language.

    In English or in itself, whatever the case: `Luxembourgish`, `Lëtzebuergesch`, `Brazilian
    Portuguese`, `Chinese (Traditional)`, `English - United States`.
    """
    tag = tag_of_name(name) if len(name) <= _LONGEST_NAME else None
    return parse_language(tag) if tag else None


def _is_valid(language: Language) -> bool:
    """Whether all parts are registered; codes of the last years are known to CLDR alone."""
    tag, code = str(language), language.language or ""
    if code in get_global("likely_subtags"):
        tag = tag.replace(code, "und", 1)
    return bool(tag_is_valid(tag))


def _likely_script(language: Language) -> str | None:
    """Return the script that CLDR thinks likely: its newest list knows nearly all of ISO 639-3."""
    likely = get_global("likely_subtags")
    for code in (language.language, language.prefer_macrolanguage().language):
        for key in (f"{code}_{language.territory}", f"{code}"):
            if found := likely.get(key):
                return str(found).split("_")[1]
    script: str | None = language.maximize().script
    return script


def short_code(language: str) -> str:
    """Return the shortest BCP-47 code of `ltz_Latn`: `lb` (file names, TMX, Hugging Face)."""
    code = Language.get(language.partition("_")[0])
    return str(code if len(str(code)) == 2 else code.prefer_macrolanguage())


def bcp47_codes(src: str, tgt: str) -> tuple[str, str]:
    """Return two languages as BCP-47: `lb`; `sr-Latn` where they differ by their script alone."""
    codes = short_code(src), short_code(tgt)
    if codes[0] != codes[1]:
        return codes
    scripts = (language.partition("_")[2] for language in (src, tgt))
    return f"{codes[0]}-{next(scripts)}", f"{codes[1]}-{next(scripts)}"
