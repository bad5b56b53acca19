"""In which script a text is: sources name languages, and write them in more scripts than one."""

from __future__ import annotations

from collections import Counter
from functools import cache

import polars as pl

from bitseam.schemas.languages import UNDETERMINED

# By ISO 15924, as regular expressions know them.
_SCRIPTS = (
    *("Adlm", "Arab", "Armn", "Bali", "Bamu", "Beng", "Bopo", "Bugi", "Cakm", "Cans", "Cher"),
    *("Copt", "Cyrl", "Deva", "Ethi", "Geor", "Goth", "Gran", "Grek", "Gujr", "Guru", "Hang"),
    *("Hani", "Hebr", "Hira", "Hmnp", "Java", "Kana", "Khmr", "Knda", "Lana", "Laoo", "Latn"),
    *("Mlym", "Mong", "Mtei", "Mymr", "Nkoo", "Olck", "Orya", "Pauc", "Saur", "Sinh", "Sylo"),
    *("Syrc", "Tale", "Taml", "Tavt", "Telu", "Tfng", "Thaa", "Thai", "Tibt", "Vaii", "Wara"),
    "Yiii",
)
# Writing systems that are made of scripts, and others of the same letters.
_MADE_OF = {
    "Hans": {"Hani"},
    "Hant": {"Hani", "Bopo"},
    "Jpan": {"Hani", "Hira", "Kana"},
    "Kore": {"Hang", "Hani"},
    "Kana": {"Hani", "Hira", "Kana"},
}
_LEAST_SHARE = 0.2  # of a group's texts: in less, another script is untranslated text
_LOOKED_AT = 60  # characters of a text


def by_script(language: str, texts: list[str]) -> dict[str, list[str]]:
    """Group texts that were said to be in `language` by the script that they are in.

    A script in which few of them are is a sign of something else: those texts are dropped.
    """
    if language == UNDETERMINED:
        return {language: texts}
    base, _, said = language.partition("_")
    own = _MADE_OF.get(said, {said})
    groups: dict[str, list[str]] = {}
    for text in texts:
        script = _script_of_text(text)
        label = language if script in own else f"{base}_{script}"
        groups.setdefault(label, []).append(text)
    least = _LEAST_SHARE * len(texts)
    return {label: group for label, group in groups.items() if len(group) >= least}


def _script_of_text(text: str) -> str:
    counts = Counter(map(_script_of, text[:_LOOKED_AT]))
    counts.pop("", None)
    return counts.most_common(1)[0][0] if counts else "Zyyy"


@cache
def _script_of(letter: str) -> str:
    character = pl.Series([letter])
    for script in _SCRIPTS:
        if character.str.contains(rf"\p{{sc={script}}}")[0]:
            return script
    return ""
