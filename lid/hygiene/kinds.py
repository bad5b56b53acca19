"""What kind of character a code point is: tables that the compiled passes of this room share."""

from __future__ import annotations

import unicodedata
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from bitseam.lid.character_classes import CODE_POINTS, character_classes
from bitseam.lid.character_classes import UNSPACED as _WORD_OF_ITS_OWN

# Frozen into numba's cache: see the note in `character_classes.py` before a change.
LETTER, MARK, DIGIT, SYMBOL, SPACE, OTHER, UNSPACED = range(7)

_PLANES = 0x20000  # above the first two planes stand ideographs, and what is no text
_IDEOGRAPHS = slice(0x20000, 0x40000)
# Numbers that are no decimal digits count as digits: fractions, circled and Roman numerals.
_KINDS = {"L": LETTER, "M": MARK, "N": DIGIT, "P": SYMBOL, "S": SYMBOL, "Z": SPACE}


@lru_cache(maxsize=1)
def character_kinds() -> npt.NDArray[np.uint8]:
    """Return the kind of every code point, `(0x110000,)`: `LETTER` to `OTHER`."""
    kinds = np.full(CODE_POINTS, OTHER, np.uint8)
    kinds[:_PLANES] = [_kind_of(unicodedata.category(chr(point))) for point in range(_PLANES)]
    kinds[_IDEOGRAPHS] = LETTER
    return kinds


@lru_cache(maxsize=1)
def word_kinds() -> npt.NDArray[np.uint8]:
    """Return the same, but `UNSPACED` for letters of scripts that set no words apart."""
    kinds = character_kinds().copy()
    kinds[character_classes() == _WORD_OF_ITS_OWN] = UNSPACED
    return kinds


def _kind_of(category: str) -> int:
    return SPACE if category == "Cc" else _KINDS.get(category[0], OTHER)
