"""What a code point is to a sentence boundary; what ends there, and the shapes of words."""

from __future__ import annotations

import unicodedata
from functools import lru_cache

import numpy as np
import numpy.typing as npt
import regex

from bitseam.lid.character_classes import CODE_POINTS

# All numbers here are frozen into numba's cache: see the note in `lid/character_classes.py`.
# Those up to STOP may stand in a word; from STOP to BREAK, a sentence may end.
LOWER, UPPER, LETTER, DIGIT, HYPHEN, STOP, TERMINATOR, WIDE_TERMINATOR, BREAK = range(9)
QUOTE, OPEN, CLOSE, DASH, PUNCTUATION, SPACE, OTHER = range(9, 16)

# What ends there: a line, one full stop, several or "…", another terminator.
LINE, FULL_STOP, ELLIPSIS, TERMINATED = range(4)
# What closes there: nothing, a quotation, brackets around whole sentences, or within one.
NOT_CLOSED, CLOSED, WHOLE, BRACKETED = range(4)
# Shapes of words. An initial is a capital letter, or several with full stops or hyphens (J.-P.).
# Marked is none, but a mark that closes: the full stop of "(so)." is of no abbreviation.
NO_WORD, WORD, INITIAL, ROMAN, NUMBER, LONG_NUMBER, MARKED = range(7)

_BY_CATEGORY = {
    **dict.fromkeys(("Lu", "Lt"), UPPER),
    **dict.fromkeys(("Lo", "Lm", "Mn", "Mc", "Me"), LETTER),
    **dict.fromkeys(("Pi", "Pf"), QUOTE),
    "Ll": LOWER,
    "Nd": DIGIT,
    "Ps": OPEN,
    "Pe": CLOSE,
}
_BY_CHARACTER = {
    # Beside Unicode's Sentence_Terminal: ellipses, shads of Tibetan, ends of chapters in Khmer and
    # Thai, a numerator that Bengali and Assamese write for a danda, the Greek question mark.
    **dict.fromkeys("…‥⋯།༎༏༐༑༔៚๚๛৷\u037e", TERMINATOR),
    **dict.fromkeys("。！？｡．﹒﹖﹗︒︕︖", WIDE_TERMINATOR),  # no space need follow
    # Which of them open and which close, differs by language, but for those of East Asia. ¿, ¡,
    # marks of direction and zero-width spaces stand where they do.
    **dict.fromkeys("\"'„‚ʺ″¿¡「」『』｢｣\u061c\u200b\u200e\u200f\u2060\u2063\ufeff", QUOTE),
    **dict.fromkeys("\u200c\u200d", LETTER),  # joiners within words
    **dict.fromkeys("–—―-•*·●◦▪‣", DASH),  # at the beginning of a speech, or of an item
    # No sentence begins with one. Burmese ၊, Javanese ꧈ and Balinese ᭞ are commas, whatever
    # Sentence_Terminal says; after letters of some scripts some of these are full stops (`scan`).
    **dict.fromkeys(",;:،؛、，；：/=၊꧈᭞|፡׃", PUNCTUATION),
    **dict.fromkeys("\n\r\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029", BREAK),
    **dict.fromkeys("‐‑", HYPHEN),
    **dict.fromkeys("ºª", LOWER),  # `n.º`: letters, but not by their category
    **dict.fromkeys(".․", STOP),  # the second is that of Armenian abbreviations
}
# Small letters without capitals: Georgian begins no sentence with the capitals that Unicode has.
_CASELESS = ((0x10D0, 0x10FF), (0x2D00, 0x2D2F))


@lru_cache(maxsize=1)
def boundary_kinds() -> npt.NDArray[np.uint8]:
    """Return the kind of every code point, `(0x110000,)`."""
    characters = [chr(point) for point in range(CODE_POINTS)]
    kinds = np.array([_kind(character) for character in characters], np.uint8)
    for first, last in _CASELESS:
        letters = kinds[first : last + 1]
        letters[letters == LOWER] = LETTER
    for character in regex.findall(r"\p{Sentence_Terminal}", "".join(characters)):
        if character not in _BY_CHARACTER:
            kinds[ord(character)] = TERMINATOR
    return kinds


def _kind(character: str) -> int:
    if character in _BY_CHARACTER:
        return _BY_CHARACTER[character]
    if character.isspace():
        return SPACE
    return _BY_CATEGORY.get(unicodedata.category(character), OTHER)
