"""Names of languages, in English and in the languages themselves, from CLDR."""

from __future__ import annotations

import re
from functools import lru_cache

from babel import Locale
from babel.localedata import load, locale_identifiers

# What stands behind a name: `Serbian (Latin)`, `English - United States`, `Chinese, Simplified`.
_QUALIFIED = re.compile(r"([^(),_-]+?) ?(?:[(,_-] ?([^()]*)\)?)?")
# Names that ISO 639 has and CLDR has not.
_OTHERS = {
    "azeri": "az",
    "castilian": "es",
    "farsi": "fa",
    "letzeburgesch": "lb",
    "mandarin": "zh",
    "slovene": "sl",
    "valencian": "ca",
}
_SCRIPTS = {
    "arabic": "Arab",
    "cyrillic": "Cyrl",
    "latin": "Latn",
    "simplified": "Hans",
    "traditional": "Hant",
}


def tag_of_name(name: str) -> str | None:
    """Return the BCP-47 tag of a language's name, whatever its case; None where it is none.

    Of what is added in brackets, or after a hyphen or a comma, the script counts: a country says
    nothing about the language.
    """
    whole = " ".join(name.replace("\xa0", " ").split()).casefold()
    if tag := _tags().get(whole):
        return tag
    parts = _QUALIFIED.fullmatch(whole)
    tag = _tags().get(parts[1]) if parts else None
    script = _SCRIPTS.get(parts[2] or "") if parts else None
    return f"{tag}-{script}" if tag and script else tag


@lru_cache(maxsize=1)
def _tags() -> dict[str, str]:
    """Return the tag of every name in small letters, that of English where two are the same."""
    found: dict[str, str] = {}
    for tag in sorted(locale_identifiers()):
        names = load(tag, merge_inherited=False).get("languages", {})
        if "_" not in tag and tag in names:
            found[names[tag].casefold()] = tag
    english = {name.casefold(): tag for tag, name in Locale("en").languages.items()}
    return {name: tag.replace("_", "-") for name, tag in (found | _OTHERS | english).items()}
