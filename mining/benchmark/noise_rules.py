"""The rules of noise: what is written, or read, for what; read from the data files beside this.

A line of a file has columns parted by tabs: a text, what it becomes, and, where it does not hold
everywhere, the places: words as in `PLACES`, `not-after-x` for a letter x, and a weight.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from importlib.resources import files
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from bitseam.lid.character_classes import CODE_POINTS
from bitseam.lid.hygiene.kinds import LETTER, MARK, character_kinds

Points = npt.NDArray[np.uint32]

# What a rule asks of the word that it stands in, as bits. All numbers here are frozen into numba's
# cache of the passes: who changes one touches noise_kernels.py, too.
PLACES = (
    *("start", "end", "not-start", "not-end", "inside", "hyphenation"),
    *("after-vowel", "after-consonant", "before-vowel", "before-consonant", "lower", "capital"),
)
(
    START,
    END,
    NOT_START,
    NOT_END,
    INSIDE,
    HYPHENATION,
    AFTER_VOWEL,
    AFTER_CONSONANT,
    BEFORE_VOWEL,
    BEFORE_CONSONANT,
    LOWER,
    CAPITAL,
) = (1 << bit for bit in range(len(PLACES)))

# What a character is, as bits.
IN_WORD, VOWEL, UPPER, BLANK = 1, 2, 4, 8

# Rules are found by their first character; these stand for none, and for any letter.
ANYWHERE, ANY_LETTER = 0, 1
FIRSTS = 0x2100  # of a later character there is no rule

LONGEST = 24  # characters of a rule's text
GROWTH = 3  # times as long as its text a rule's replacement may be

_NAMES = {"<space>": " ", "<nothing>": "", "<letter>": chr(ANY_LETTER)}
_ALPHABETS = 0x3000  # Latin, Greek, Cyrillic and so on: where letters have a case


class Rules(NamedTuple):
    """r rules, those with the same first character side by side, the longest text first.

    Rule `i` makes `became[became_at[i] : became_at[i + 1]]` of `text[text_at[i] : text_at[i + 1]]`.
    """

    text: Points
    text_at: npt.NDArray[np.int32]  # (r + 1,)
    became: Points
    became_at: npt.NDArray[np.int32]  # (r + 1,)
    first: npt.NDArray[np.int32]  # (FIRSTS + 1,) the first rule of each first character
    places: npt.NDArray[np.uint32]  # (r,) bits
    not_after: Points  # (r,) a character, 0 for none
    weight: npt.NDArray[np.float64]  # (r,)
    cost: npt.NDArray[np.int32]  # (r,) characters that are replaced, lost and inserted


class Alphabet(NamedTuple):
    """What compiled code knows of every code point."""

    kinds: npt.NDArray[np.uint8]  # (0x110000,) bits: `IN_WORD` to `BLANK`
    upper: Points  # (0x110000,) itself where there is no single capital
    plain: Points  # (0x110000,) without its diacritic; 0: the code point is one


class _Rule(NamedTuple):
    text: str
    became: str
    places: int
    not_after: int
    weight: float


def read_rules(name: str, *sections: str) -> Rules:
    """Return the rules of the file `noise_{name}.txt`, or those of its sections of these names."""
    lines = files(__package__).joinpath(f"noise_{name}.txt").read_text("utf-8").split("\n")
    return parse_rules(lines, sections)


def parse_rules(lines: list[str], sections: tuple[str, ...] = ()) -> Rules:
    """Return the rules of a file's lines; a heading in square brackets begins a section.

    :raises ValueError: a line is no rule.
    """
    rules, section = [], ""
    for number, line in enumerate(lines, 1):
        if line.startswith("[") and line.endswith("]"):
            section = line[1:-1]
        elif line and not line.startswith("#") and (not sections or section in sections):
            try:
                rules.append(_parse(line))
            except ValueError as error:
                raise ValueError(f"line {number}, {line!r}: {error}") from error
    return _pack(sorted(rules, key=lambda its: (_first(its.text), -len(its.text), its)))


def edits(text: str, became: str) -> int:
    """Return the characters replaced, lost and inserted between two short texts.

    That is their edit distance, but where characters in the middle stay.
    """
    while text and became and text[0] == became[0]:
        text, became = text[1:], became[1:]
    while text and became and text[-1] == became[-1]:
        text, became = text[:-1], became[:-1]
    return max(len(text), len(became))


@lru_cache(maxsize=1)
def alphabet() -> Alphabet:
    """Return the tables of all code points."""
    known = character_kinds()
    kinds = np.where((known == LETTER) | (known == MARK), IN_WORD, 0).astype(np.uint8)
    upper = np.arange(CODE_POINTS, dtype=np.uint32)
    plain = upper.copy()
    for point in range(_ALPHABETS):
        character = chr(point)
        decomposed = unicodedata.normalize("NFD", character)
        if len(decomposed) > 1 and all(map(_is_diacritic, decomposed[1:])):
            plain[point] = ord(decomposed[0])
        elif _is_diacritic(character):
            plain[point] = 0
        if decomposed[0].lower() in "aeiouyæœ":
            kinds[point] |= VOWEL
        if character.isupper():
            kinds[point] |= UPPER
        if character.isspace():
            kinds[point] |= BLANK
        if len(character.upper()) == 1:
            upper[point] = ord(character.upper())
    return Alphabet(kinds, upper, plain)


def _is_diacritic(character: str) -> bool:
    return "\u0300" <= character <= "\u036f"


def _parse(line: str) -> _Rule:
    text, became, *places = line.split("\t")
    for name, meaning in _NAMES.items():
        text, became = text.replace(name, meaning), became.replace(name, meaning)
    if len(text) > LONGEST or len(became) > GROWTH * max(len(text), 1) - (not text):
        raise ValueError(f"at most {LONGEST} characters, that become {GROWTH} times as many")
    rule = _Rule(text, became, 0, 0, 1.0)
    for place in places[0].split() if places else ():
        if place in PLACES:
            rule = rule._replace(places=rule.places | 1 << PLACES.index(place))
        elif place.startswith("not-after-") and len(place) == len("not-after-x"):
            rule = rule._replace(not_after=ord(place[-1]))
        else:
            rule = rule._replace(weight=float(place))
    return rule


def _first(text: str) -> int:
    return ord(text[0]) if text else ANYWHERE


def _pack(rules: list[_Rule]) -> Rules:
    firsts = [_first(rule.text) for rule in rules]
    if firsts and firsts[-1] >= FIRSTS:
        raise ValueError(
            f"a rule begins with {chr(firsts[-1])!r}: expected a code point below U+2100"
        )
    text, text_at = _join([rule.text for rule in rules])
    became, became_at = _join([rule.became for rule in rules])
    return Rules(
        text,
        text_at,
        became,
        became_at,
        np.searchsorted(firsts, np.arange(FIRSTS + 1)).astype(np.int32),
        np.array([rule.places for rule in rules], np.uint32),
        np.array([rule.not_after for rule in rules], np.uint32),
        np.array([rule.weight for rule in rules], np.float64),
        np.array([edits(rule.text, rule.became) for rule in rules], np.int32),
    )


def _join(texts: list[str]) -> tuple[Points, npt.NDArray[np.int32]]:
    points = np.frombuffer("".join(texts).encode("utf-32-le"), "<u4")
    return points, np.cumsum([0, *map(len, texts)], dtype=np.int32)
