"""Language codes: whatever the user or a model says, in tables it is `ltz_Latn`.

Tables use ISO 639-3 plus ISO 15924 script, the convention of FLORES, NLLB, HPLT and GlotLID.
"""

from __future__ import annotations

from functools import lru_cache

from langcodes import Language, tag_is_valid
from langcodes.tag_parser import LanguageTagError

from bitseam.schemas.errors import UserError

# Macro-languages are read as the variety that text under that code is nearly always written in.
MACRO_TO_INDIVIDUAL = {
    "ara": "arb",
    "aze": "azj",
    "est": "ekk",
    "fas": "pes",
    "kur": "kmr",
    "lav": "lvs",
    "mon": "khk",
    "msa": "zsm",
    "nep": "npi",
    "nor": "nob",
    "ori": "ory",
    "sqi": "als",
    "swa": "swh",
    "uzb": "uzn",
    "yid": "ydd",
    "zho": "cmn",
}


@lru_cache(maxsize=4096)
def parse_language(tag: str) -> str:
    """Return `tag` (BCP-47 or ISO 639: `lb`, `ltz`, `ltz_Latn`, `de-LU`) as `ltz_Latn`.

    :raises UserError: `tag` names no known language.
    """
    try:
        language = Language.get(tag)
        code = language.to_alpha3()
        if not tag_is_valid(str(language)):
            raise LookupError(tag)
    except (LanguageTagError, LookupError) as error:
        raise UserError(
            f"unknown language {tag!r}: expected a BCP-47 or ISO 639 code such as "
            "'lb', 'ltz', 'ltz_Latn' or 'de-LU'"
        ) from error
    script = language.script or language.maximize().script
    if not script:
        raise UserError(
            f"language {tag!r} is written in several scripts: name one, as in '{code}_Latn'"
        )
    return f"{MACRO_TO_INDIVIDUAL.get(code, code)}_{script}"


def short_code(language: str) -> str:
    """Return the shortest BCP-47 code of `ltz_Latn`: `lb` (file names, TMX, Hugging Face)."""
    code = Language.get(language.partition("_")[0])
    return str(code if len(str(code)) == 2 else code.prefer_macrolanguage())
