"""What a code point is to a line: its class, and how many columns it takes."""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from bitseam.lid.character_classes import CODE_POINTS

# All numbers here are frozen into numba's cache: see the note in `lid/character_classes.py`.
# Up to DIGIT, what words are made of.
LOWER, UPPER, LETTER, MARK, DIGIT, HYPHEN, SPACE, BREAK = range(8)
STOP, PAUSE, OPEN, CLOSE, QUOTE, SYMBOL = range(8, 14)

# How the lines of a script are joined: by a space, or by nothing. Tools that take a letter of
# Hangul for one of two columns break within its words, too: there the document tells.
SPACED, UNSPACED, HANGUL = range(3)

_BY_CATEGORY = {
    **dict.fromkeys(("Lu", "Lt"), UPPER),
    "Ll": LOWER,
    **dict.fromkeys(("Lo", "Lm"), LETTER),
    **dict.fromkeys(("Mn", "Mc", "Me", "Cf"), MARK),
    **dict.fromkeys(("Nd", "Nl"), DIGIT),
    **dict.fromkeys(("Pi", "Pf"), QUOTE),
    "Ps": OPEN,
    "Pe": CLOSE,
    "Zs": SPACE,
    "Cc": SPACE,
    "Po": PAUSE,
}
_BY_CHARACTER = {
    **dict.fromkeys(
        ".!?…‥‼⁇⁈⁉؟۔।॥။၊።፧፨។៕៚։܀܁܂᙮᠃᠉⸮。！？｡．꓿꘎꘏꩝꩞꩟꫰꫱꯫৷᱾᱿᭚᭛᭞᭟᥄᥅᪨᪩᪪᪫᜵᜶༎།꣎꣏꧈꧉𑁇𑁈𑅁𑅂", STOP
    ),
    **dict.fromkeys("\"'„‚‘’“”«»‹›", QUOTE),
    **dict.fromkeys("「『【〈《（［｛〔〖", OPEN),
    **dict.fromkeys("」』】〉》）］｝〕〗", CLOSE),
    **dict.fromkeys("\n\r\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029", BREAK),
    **dict.fromkeys("-‐‑⸗֊\u00ad¬", HYPHEN),
    **dict.fromkeys("\ufeff\u200b\u200e\u200f", MARK),
    **dict.fromkeys("@#%&*/\\^_|~$+<>=`", SYMBOL),
    **dict.fromkeys("¡¿", OPEN),
}
_UNSPACED_BLOCKS = (
    (0x0E00, 0x0EFF),  # Thai, Lao
    (0x0F00, 0x0FFF),  # Tibetan
    (0x1000, 0x109F),  # Myanmar
    (0x1780, 0x17FF),  # Khmer
    (0x2E80, 0x30FF),  # radicals, marks of East Asia, Hiragana, Katakana
    (0x3105, 0x312F),
    (0x31A0, 0x31FF),
    (0x3400, 0x9FFF),  # ideographs
    (0xF900, 0xFAFF),
    (0xFE30, 0xFE4F),
    (0xFF01, 0xFFEF),  # full width
    (0x20000, 0x3FFFF),
)
_HANGUL_BLOCKS = ((0x1100, 0x11FF), (0x3130, 0x318F), (0xAC00, 0xD7FF))
_LISTED = 0x20000  # beyond stand ideographs, tags and private characters


class Classes(NamedTuple):
    """Of every code point, `(0x110000,)` uint8 each."""

    kind: npt.NDArray[np.uint8]  # LOWER to SYMBOL
    columns: npt.NDArray[np.uint8]  # 0, 1 or 2
    script: npt.NDArray[np.uint8]  # SPACED to HANGUL


@lru_cache(maxsize=1)
def line_classes() -> Classes:
    """Return the classes of all code points, by this Python's Unicode tables."""
    kind = np.full(CODE_POINTS, LETTER, np.uint8)
    columns = np.full(CODE_POINTS, 2, np.uint8)
    script = np.zeros(CODE_POINTS, np.uint8)
    characters = [chr(point) for point in range(_LISTED)]
    kind[:_LISTED] = [
        _BY_CHARACTER.get(character, _BY_CATEGORY.get(unicodedata.category(character), SYMBOL))
        for character in characters
    ]
    columns[:_LISTED] = [
        2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in characters
    ]
    columns[kind == MARK] = 0
    spacing = np.array([unicodedata.category(character) == "Mc" for character in characters])
    columns[:_LISTED][spacing] = 1
    columns[0xAD] = 1  # a soft hyphen at the end of a line is printed
    for first, last in _UNSPACED_BLOCKS:
        script[first : last + 1] = UNSPACED
    for first, last in _HANGUL_BLOCKS:
        script[first : last + 1] = HANGUL
    return Classes(kind, columns, script)
