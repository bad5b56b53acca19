"""Names of columns and files that name a language: `lb`, `ltz_Latn`, `de-LU`, `ltz`, `German`.

A name of two letters, or with a script or a country, names a language wherever it stands. Three
letters alone name one where nothing else is meant: `set`, `doc`, `src` and `url` are codes, too.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from importlib.resources import files

from bitseam.schemas.errors import UserError
from bitseam.schemas.languages import UNDETERMINED, language_named, parse_language

_CERTAIN = re.compile(
    r"[a-z]{2}|[A-Z]{2}"
    r"|[A-Za-z]{2,3}[-_][A-Za-z]{4}([-_]([A-Z]{2}|\d{3}|[a-z]{4}\d{4}))?"  # zh-Hans, ltz_Latn
    r"|[A-Za-z]{2,3}[-_]([A-Z]{2}|\d{3})"  # pt-BR; not en-fr, a pair of languages
)
_THREE = re.compile(r"[a-z]{3}|[A-Z]{3}")
_WORD = re.compile(r"[^\W\d_]{4,}([ -]?\([^()]+\))?")

IDENTIFIER = "id"  # and Indonesian, where nothing else can be meant

# What tables and files are named by beside languages. Nearly all of three letters are codes of ISO
# 639-3; left out are those of languages that much text is in, as `cat`, `min`, `run`, `vec`.
EVERYDAY = frozenset(files(__package__).joinpath("everyday_names.txt").read_text("utf-8").split())


def language_of(name: str) -> str | None:
    """Return the language of a name as `ltz_Latn` where it is one for certain, else None."""
    return _language(name) if _CERTAIN.fullmatch(name) else None


def read_language(name: str) -> str | None:
    """Return the language that a name is likely to name, for what is known to be of one language.

    Codes of three letters and names of languages, too, but for `EVERYDAY` ones.
    """
    if _CERTAIN.fullmatch(name):
        return _language(name)
    if name.casefold() in EVERYDAY:
        return None
    if _THREE.fullmatch(name):
        return _language(name)
    return language_named(name) if _WORD.fullmatch(name) else None


def languages_among(names: Sequence[str]) -> dict[str, str]:
    """Return those of all names of one table that name languages, two or more, with these.

    Less certain ones count where all names but `EVERYDAY` ones name languages; `id` counts where
    there is one other name, and that names a language.
    """
    told = [name for name in names if name.casefold() not in EVERYDAY]
    if len(names) == 2 and IDENTIFIER in names:
        told = list(names)
    for reading in (read_language, language_of):
        found = {name: language for name in told if (language := reading(name))}
        if len(set(found.values())) > 1 and (reading is language_of or len(found) == len(told)):
            return found
    return {}


def languages_of_ends(ends: Sequence[str], stem: str) -> dict[str, str]:
    """Return the ends of file names that name languages: `lb` and `de` of corpus.lb, corpus.de.

    Files of other kinds may lie beside them; of less certain names it must be two, or those of the
    pair that the common `stem` tells, as in corpus.deu-ltz.deu.
    """
    found = languages_among(ends) or {end: its for end in ends if (its := language_of(end))}
    if IDENTIFIER in ends:
        found[IDENTIFIER] = parse_language(IDENTIFIER)
    if len(found) > 1:
        return found
    likely = {end: language for end in ends if (language := read_language(end))}
    pair = {_language(code) for code in re.split(r"[.-]", stem)}
    told = {end: language for end, language in likely.items() if language in pair}
    return told if len(told) == 2 else likely if len(likely) == 2 else {}


def find_named(wanted: str, names: Sequence[str]) -> str | None:
    """Return the one of `names` that is meant by `wanted`: itself, or one of the same language.

    None where there is none, or more than one.
    """
    if wanted in names:
        return wanted
    language = _language(wanted) or read_language(wanted)
    same = [name for name in names if language and _language(name) == language]
    return same[0] if len(same) == 1 else None


def _language(name: str) -> str | None:
    try:
        language = parse_language(name)
    except UserError:
        return None
    return None if language == UNDETERMINED else language
