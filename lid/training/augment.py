"""What is done to a text before it is shown to the trainer: parts of it, foreign words, noise.

Training text is whole clean sentences; what must be identified is also headings, two words of a
table cell, scanned newspapers, and sentences full of foreign names. Upper case needs nothing: the
n-grams are of lower-cased text.
"""

from __future__ import annotations

from random import Random
from unicodedata import category, normalize

PART = 0.4  # how often a text of several words is cut to a few
FOREIGN_WORD = 0.12  # how often one of its words is replaced by one of another text
PLAIN_LETTERS = 0.03  # how often diacritics are lost
SCAN = 0.04  # how often it is read as by a bad scanner

_WORDS_OF_PART = (1, 6)
_LETTERS_OF_PART = (4, 20)  # of a text without spaces
_MISREAD = {
    "c": "e",
    "e": "c",
    "i": "l",
    "l": "i",
    "n": "u",
    "u": "n",
    "h": "b",
    "s": "f",
    "o": "0",
    "m": "rn",
    "a": "o",
    "t": "f",
    "I": "l",
    "B": "8",
    "ë": "é",
    "é": "e",
    "ä": "a",
    "ö": "o",
}


def augmented(texts: list[str], others: list[str], rng: Random) -> list[str]:
    """Return a changed copy of each text; `others` lend the foreign words."""
    return [_augmented(text, others, rng) for text in texts]


def _augmented(text: str, others: list[str], rng: Random) -> str:
    words = text.split()
    if rng.random() < PART:
        words = _part(text, words, rng)
    if len(words) > 3 and rng.random() < FOREIGN_WORD:
        foreign = rng.choice(others).split()
        if foreign:
            words[rng.randrange(len(words))] = rng.choice(foreign)
    text = " ".join(words)
    chance = rng.random()
    if chance < SCAN:
        return _misread(text, rng)
    if chance < SCAN + PLAIN_LETTERS:
        return "".join(letter for letter in normalize("NFD", text) if category(letter) != "Mn")
    return text


def _part(text: str, words: list[str], rng: Random) -> list[str]:
    longest = _LETTERS_OF_PART[1]
    if len(words) <= 2 and len(text) > longest:
        size = rng.randint(*_LETTERS_OF_PART)
        start = rng.randrange(len(text) - size)
        return [text[start : start + size]]
    size = rng.randint(*_WORDS_OF_PART)
    start = rng.randrange(max(1, len(words) - size))
    return words[start : start + size]


def _misread(text: str, rng: Random) -> str:
    return "".join(
        _MISREAD.get(letter, letter) if rng.random() < 0.08 else letter for letter in text
    )
