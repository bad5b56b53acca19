"""What a code point is to a sentence boundary; what ends there, and the shapes of words."""

from __future__ import annotations

import unicodedata
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from bitseam.lid.character_classes import CODE_POINTS

# All numbers here are frozen into numba's cache: see the note in `lid/character_classes.py`.
# Those up to STOP may stand in a word; from STOP to BREAK, a sentence may end.
LOWER, UPPER, LETTER, DIGIT, HYPHEN, STOP, TERMINATOR, WIDE_TERMINATOR, BREAK = range(9)
QUOTE, OPEN, CLOSE, DASH, PUNCTUATION, SPACE, OTHER = range(9, 16)

# What ends there: a line, one full stop, several or "…", another terminator.
LINE, FULL_STOP, ELLIPSIS, TERMINATED = range(4)
# What closes there: nothing, a quotation or brackets, brackets around whole sentences.
NOT_CLOSED, CLOSED, WHOLE = range(3)
# Shapes of words. An initial is a capital letter, or several with full stops or hyphens (J.-P.).
NO_WORD, WORD, INITIAL, ROMAN, NUMBER, LONG_NUMBER = range(6)

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
    **dict.fromkeys("!?…‥‼⁇⁈⁉؟۔।॥։።፧။។៕", TERMINATOR),
    **dict.fromkeys("。！？｡", WIDE_TERMINATOR),  # no space need follow
    # Which of them open and which close, differs by language. ¿, ¡ and marks of direction stand
    # where they do.
    **dict.fromkeys("\"'„‚¿¡\u061c\u200e\u200f", QUOTE),
    **dict.fromkeys("–—―-•*·●◦▪‣", DASH),  # at the beginning of a speech, or of an item
    **dict.fromkeys(",;:،؛，、；：/=", PUNCTUATION),  # no sentence begins with one
    **dict.fromkeys("\n\r\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029", BREAK),
    **dict.fromkeys("‐‑", HYPHEN),
    **dict.fromkeys("ºª", LOWER),  # `n.º`: letters, but not by their category
    ".": STOP,
}


@lru_cache(maxsize=1)
def boundary_kinds() -> npt.NDArray[np.uint8]:
    """Return the kind of every code point, `(0x110000,)`."""
    characters = map(chr, range(CODE_POINTS))
    return np.array([_kind(character) for character in characters], np.uint8)


def _kind(character: str) -> int:
    if character in _BY_CHARACTER:
        return _BY_CHARACTER[character]
    if character.isspace():
        return SPACE
    return _BY_CATEGORY.get(unicodedata.category(character), OTHER)
