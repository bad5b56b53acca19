"""What looks like mojibake and may be right as it stands: `812 Å³`, `Ø½ Zoll`, `AMANHÃ”`.

Such a place alone is no evidence of damage: it is repaired only where other places of the same
text or document are broken beyond doubt, by the same table.
"""

from __future__ import annotations

from typing import NamedTuple

# Capitals that stand alone, as units, diameters and factors, and what may follow them: powers,
# fractions, degrees, tolerances.
_AFTER_UNITS = {"Å": "¹²³°±", "Ø": "¹²³½¼¾°±”″", "×": "¹²³½¼¾°±”″"}
_NO_WORDS = "ÂÃ"  # all others may be a word, a name or a label: `Å`, `Ä`, `Ñ`, `С`
_GREEK = "ÎÏ"  # these begin Greek letters, which do stand alone: `γ-Strahlung`
_MARKS = "¹²³ª°º®©™†‡•½¼¾"  # at the end of a word: notes, rights, fractions
_CLOSING = "”“’‘›‹»«…–—\u00a0"
_BETWEEN = "–—…’\u00a0"  # these may stand between two words, too
_PUNCTUATION = "–—…’‘“”«»\u00a0"
_QUOTES = "„“”«»‚‘’‹›\"'(["


class Place(NamedTuple):
    """One character that a table would have read as several: `text[start:end]`."""

    start: int
    end: int
    meant: str  # the character


def is_plausible(text: str, place: Place) -> bool:
    """Whether a place may be right as it stands."""
    lead, rest = text[place.start], text[place.start + 1 : place.end]
    before = text[place.start - 1 : place.start]
    after = text[place.end : place.end + 1]
    if lead.islower():  # three bytes: `å…”`
        ends = all(mark in _CLOSING + _MARKS for mark in rest) and not after.isalpha()
        return ends and (before.isalpha() or before.isspace() or before in _QUOTES)
    if lead in _PUNCTUATION:  # `l’été`: these bytes begin Armenian and Cyrillic letters, too
        return rest.isalpha()
    if before.islower():
        return False
    if after.islower() and rest not in _BETWEEN:
        return False
    if before.isupper():
        return _ends_capitals(rest, after, place.meant)
    if rest in _AFTER_UNITS.get(lead, ""):
        return True
    if before and before in _QUOTES and rest in _QUOTES:
        return True  # a letter that is spoken of
    if lead in _NO_WORDS or after.isalpha():
        return False
    return rest in _CLOSING or (rest in _MARKS and lead not in _GREEK)


def _ends_capitals(rest: str, after: str, meant: str) -> bool:
    """Whether what follows a word in capitals may follow one."""
    if rest.isupper():  # `CĂŞTI`, not `CêTI`
        return meant.islower() and not after.islower()
    if after.isalpha():
        return rest in _BETWEEN
    return rest in _CLOSING or rest in _MARKS
