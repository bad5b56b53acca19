"""Sentences that are nearly a given one and mean something else: the hard negatives of xSIM++.

After Chen et al. 2023 (arXiv:2306.12907, section 3): a changed cause (negation, antonyms, causal
connectives), another entity, another number. The paper finds them with a parser and a tagger for
English; here they are words and shapes of words, so that no model's mistakes are in the figures.
Numbers are changed in every language, entities where capitals mark names, causes in English.

What is drawn for a sentence depends on its text, the seed and the set of names, not on its place.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import xxhash

from bitseam.mining.evaluate import english
from bitseam.mining.evaluate.statistics import Rows

Kind = Literal["causality", "entity", "number"]

ENGLISH = "eng_Latn"
PER_KIND = 4

_DRAWS = 8  # of other values for one number

_CASED = ("Latn", "Cyrl", "Grek", "Armn")
# All nouns are written with a capital: it tells nothing about names.
_NOUNS_CAPITALISED = ("deu", "ltz", "nds", "gsw", "bar", "pfl", "frr", "stq")

_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
_CONNECTIVE = re.compile(
    rf"\b({'|'.join(sorted(english.CONNECTIVES, key=lambda its: (-len(its), its)))})\b", re.I
)
_AUXILIARY = re.compile(rf"\b({'|'.join(english.AUXILIARIES)})\b(?! not\b|n?['’]t)")
_NEGATED = re.compile(r"\b(\w+n['’]t|cannot|no longer|not)\b", re.I)


@dataclass(frozen=True)
class HardNegatives:
    """Sentences that must not be taken for the translation of the one they were made of.

    :ivar origin: `(e,)` int64 row of that sentence.
    """

    texts: list[str]
    kinds: list[Kind]
    origin: Rows


def negative_kinds(language: str) -> tuple[Kind, ...]:
    """Return what can be changed in sentences of `language` (`eng_Latn`)."""
    if language == ENGLISH:
        return ("causality", "entity", "number")
    code, _, script = language.partition("_")
    named = script in _CASED and code not in _NOUNS_CAPITALISED
    return ("entity", "number") if named else ("number",)


def hard_negatives(
    texts: Sequence[str], language: str, *, per_kind: int = PER_KIND, seed: int = 0
) -> HardNegatives:
    """Return up to `per_kind` negatives of each kind for each text; none repeats another text."""
    kinds = negative_kinds(language)
    names = _Names(texts) if "entity" in kinds else None
    known, found = set(texts), HardNegatives([], [], np.empty(0, np.int64))
    origin = []
    # By text: of two sentences that give the same negative, the place would decide otherwise.
    for row in sorted(range(len(texts)), key=texts.__getitem__):
        text = texts[row]
        chance = _Chance(text, seed)
        for kind in kinds:
            if kind == "entity" and names:
                variants = names.variants(text, chance)
            elif kind == "causality":
                variants = _opposites(text)
            else:
                variants = _other_numbers(text, chance, language == ENGLISH)
            fresh = [its for its in dict.fromkeys(variants) if its not in known]
            chosen = chance.some(fresh, per_kind)
            known.update(chosen)
            found.texts.extend(chosen)
            found.kinds.extend([kind] * len(chosen))
            origin += [row] * len(chosen)
    return HardNegatives(found.texts, found.kinds, np.array(origin, np.int64))


class _Chance:
    """Draws that are the same for the same text and seed, in any version of Python."""

    def __init__(self, text: str, seed: int) -> None:
        self._text, self._seed, self._draws = text.encode(), seed, 0

    def below(self, size: int) -> int:
        self._draws += 1
        return xxhash.xxh3_64_intdigest(self._text, self._seed + self._draws) % size

    def some(self, choices: Sequence[str], size: int) -> list[str]:
        """Return up to `size` of `choices`, no two alike."""
        left = list(choices)
        return [left.pop(self.below(len(left))) for _ in range(min(size, len(left)))]


# ----------------------------------------------------------------------------------------- numbers


def _other_numbers(text: str, chance: _Chance, is_english: bool) -> Iterator[str]:
    for match in _NUMBER.finditer(text):
        for _ in range(_DRAWS):
            yield _with(text, match, _other_digits(match[0], chance))
    for match in _WORD.finditer(text) if is_english else ():
        for other in english.NUMBER_WORDS.get(match[0].lower(), ()):
            if other != match[0].lower():
                yield _with(text, match, _cased_like(match[0], other))


def _other_digits(number: str, chance: _Chance) -> str:
    """Return a number with as many digits; of one that may be a year, the last two differ."""
    kept = 2 if len(number) == 4 and number.isdecimal() and "1" <= number[0] <= "2" else 0
    digits = []
    for place, character in enumerate(number):
        if character.isdecimal() and place >= kept:
            zero = ord(character) - unicodedata.decimal(character)
            least = int(place == 0 and len(number) > 1)  # no leading zero
            character = chr(zero + least + chance.below(10 - least))
        digits.append(character)
    return "".join(digits)


# ---------------------------------------------------------------------------------------- entities


class _Names:
    """The names of a set of texts: words with a capital that do not begin a sentence.

    A word that begins a sentence is a name if it is one elsewhere.
    """

    def __init__(self, texts: Sequence[str]) -> None:
        inside = {name for text in texts for _, _, name in _capitalised(text, first=False)}
        self._known = inside
        self._alike: dict[tuple[bool, bool, int], list[str]] = {}
        for name in sorted(inside):
            self._alike.setdefault(_shape(name), []).append(name)

    def variants(self, text: str, chance: _Chance) -> Iterator[str]:
        runs = [*_capitalised(text, first=True), *_capitalised(text, first=False)]
        for start, end, name in dict.fromkeys(runs):  # "The" of "The UNO" is no name, "Rosa" is one
            if name in self._known:
                others = [its for its in self._alike[_shape(name)] if its not in text]
                for other in chance.some(others, _DRAWS):
                    yield text[:start] + other + text[end:]


def _capitalised(text: str, *, first: bool) -> Iterator[tuple[int, int, str]]:
    """Yield start, end and text of runs of words with a capital; `first`: of a sentence's, too."""
    run: list[re.Match[str]] = []
    for match in [*_WORD.finditer(text), None]:
        if match and run and text[run[-1].end() : match.start()] == " " and _is_name(match[0]):
            run.append(match)
            continue
        if run:
            yield run[0].start(), run[-1].end(), text[run[0].start() : run[-1].end()]
        begins = match is not None and _begins_sentence(text, match.start())
        run = [match] if match and _is_name(match[0]) and (first or not begins) else []


def _is_name(word: str) -> bool:
    return (
        len(word) > 1
        and word[0].isupper()
        and word.lower() not in english.NUMBER_WORDS
        and (
            word[1].isalpha()  # not "I'm"
        )
    )


def _begins_sentence(text: str, at: int) -> bool:
    before = text[:at].rstrip(" \"'“”‘’«»„‚([-–—¿¡")
    return not before or before[-1] in ".!?:…"


def _shape(name: str) -> tuple[bool, bool, int]:
    """Names of one shape may stand for each other: acronyms, peoples, as many words."""
    peoples = name.endswith(("ish", "ian", "ean", "can", "ese", "ians", "eans", "cans"))
    return name.isupper(), peoples, min(name.count(" "), 2)


# --------------------------------------------------------------------------------------- causality


def _opposites(text: str) -> Iterator[str]:
    for match in _NEGATED.finditer(text):
        yield _without_negation(text, match)
    for match in _AUXILIARY.finditer(text):
        yield text[: match.end()] + " not" + text[match.end() :]
    for match in _CONNECTIVE.finditer(text):
        yield _with(text, match, _cased_like(match[0], english.CONNECTIVES[match[0].lower()]))
    for match in _WORD.finditer(text):
        if match[0].istitle() and not _begins_sentence(text, match.start()):
            continue  # of a name
        for other in english.OPPOSITES.get(match[0].lower(), ()):
            yield _with(text, match, _cased_like(match[0], other))


def _without_negation(text: str, match: re.Match[str]) -> str:
    word = match[0].lower().replace("’", "'")
    if word == "no longer":
        return _with(text, match, "still")
    if word == "not":
        return text[: match.start()].rstrip() + text[match.end() :]
    positive = english.CONTRACTIONS.get(word, word.removesuffix("n't"))
    return _with(text, match, _cased_like(match[0], positive))


def _with(text: str, match: re.Match[str], other: str) -> str:
    return text[: match.start()] + other + text[match.end() :]


def _cased_like(model: str, word: str) -> str:
    return word[0].upper() + word[1:] if model[0].isupper() else word
