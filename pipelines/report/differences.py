"""Numbers and names that stand on one side of a pair alone: where a translation may be none.

A number has a counterpart if its digits stand on the other side, however they are grouped: `1.000`
and `1 000`, `12:30` and `12.30`. A name has one if a word of the other side is spelt alike:
`Lëtzebuerg` and `Luxemburg`. What counts as a name depends on the language: see `Names`.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator
from difflib import SequenceMatcher
from typing import Literal, NamedTuple

from bitseam.mining.evaluate.hard_negatives import negative_kinds

ALIKE = 0.6  # of difflib's ratio, for words without case and accents
_KEPT = 0.8  # share of the sentences with a name whose translation has the same name
_LEAST_SEEN = 2
_SHORTEST_PART = 4  # characters of a name that is found within a longer word

_NUMBER = re.compile(r"\d{1,3}(?:[ \u00a0\u202f'’]\d{3})+(?!\d)(?:[.,]\d+)?|\d+(?:[.,]\d+)*")
_WORD = re.compile(r"[^\W\d_]+")
# What a sentence, or one quoted in it, may begin after.
_BEGINNING = frozenset('.!?:;…„“”"«»‹›‚‘(¿¡—–•')

Kind = Literal["", "number", "name"]


class Piece(NamedTuple):
    """A run of characters; of a kind if it stands on this side alone."""

    text: str
    kind: Kind


class Names:
    """Tells names from other words in the two languages of a run.

    In most languages with capitals, a word with one that does not begin a sentence is a name. In
    those that write all nouns so, and between scripts, a name is what translations are seen to
    keep, or a word of several capitals.
    """

    def __init__(self, languages: tuple[str, str], translations: Iterable[tuple[str, str]]) -> None:
        scripts = {language.partition("_")[2] for language in languages}
        self._capitals_tell = [
            len(scripts) == 1 and "entity" in negative_kinds(language) for language in languages
        ]
        seen, kept = Counter[str](), Counter[str]()
        for pair in translations:
            words = [{fold(match[0]) for match in _WORD.finditer(text)} for text in pair]
            for text, others in zip(pair, reversed(words), strict=True):
                capitalised = {fold(word[0]) for word in _capitalised(text)}
                seen.update(capitalised)
                kept.update(capitalised & others)
        self._kept = {
            name for name, n in seen.items() if n >= _LEAST_SEEN and kept[name] >= _KEPT * n
        }

    def of(self, text: str, side: int) -> Iterator[re.Match[str]]:
        """Yield the names of a source (0) or target (1) sentence."""
        is_shouted = text.isupper()
        for word in _capitalised(text, first=True):
            acronym = sum(map(str.isupper, word[0])) > 1 and not is_shouted
            telling = self._capitals_tell[side] and not _begins(text, word.start())
            if acronym or telling or fold(word[0]) in self._kept:
                yield word


def differences(src: str, tgt: str, names: Names) -> tuple[list[Piece], list[Piece]]:
    """Return both sides in pieces, marked where a number or a name stands on one side alone."""
    texts = src, tgt
    sides = []
    for side, (text, other) in enumerate(zip(texts, reversed(texts), strict=True)):
        figures = {part for match in _NUMBER.finditer(other) for part in _values(match[0])}
        words = [fold(match[0]) for match in _WORD.finditer(other)]
        marks: list[tuple[int, int, Kind]] = []
        for match in _NUMBER.finditer(text):
            whole, *parts = _values(match[0])
            if whole not in figures and not (parts and figures.issuperset(parts)):
                marks.append((*match.span(), "number"))
        for match in names.of(text, side):
            if not _has_like(fold(match[0]), words):
                marks.append((*match.span(), "name"))
        sides.append(_cut(text, sorted(marks)))
    return sides[0], sides[1]


def fold(word: str) -> str:
    """Return a word without case and accents."""
    return "".join(
        character
        for character in unicodedata.normalize("NFKD", word.casefold())
        if not unicodedata.combining(character)
    )


def _values(number: str) -> list[str]:
    """Return the digits of a number, then those of its parts if it has several."""
    plain = "".join(
        str(unicodedata.decimal(character)) if character.isdecimal() else " "
        for character in number
    )
    parts = plain.split()
    values = ["".join(parts), *(parts if len(parts) > 1 else ())]
    return [value.lstrip("0") or "0" for value in values]


def _capitalised(text: str, *, first: bool = False) -> Iterator[re.Match[str]]:
    """Yield the words with a capital in them; the first of a sentence only if so asked."""
    for match in _WORD.finditer(text):
        if match[0] != match[0].lower() and (first or not _begins(text, match.start())):
            yield match


def _begins(text: str, start: int) -> bool:
    before = text[:start].rstrip()
    return not before or before[-1] in _BEGINNING


def _has_like(name: str, words: list[str]) -> bool:
    """Whether one of `words` is the name, has it within, or is spelt much like it."""
    for word in words:
        shorter, longer = sorted((name, word), key=len)
        if name == word or (len(shorter) >= _SHORTEST_PART and longer.startswith(shorter)):
            return True
        if SequenceMatcher(None, name, word, autojunk=False).ratio() >= ALIKE:
            return True
    return False


def _cut(text: str, marks: list[tuple[int, int, Kind]]) -> list[Piece]:
    pieces, at = [], 0
    for start, end, kind in marks:
        pieces += [Piece(text[at:start], ""), Piece(text[start:end], kind)]
        at = end
    return [piece for piece in (*pieces, Piece(text[at:], "")) if piece.text]
