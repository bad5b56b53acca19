"""What a code point is to an n-gram: part of a word, a symbol, a letter of an unspaced script.

A model stores the table it was trained with as run lengths, so that its n-grams do not change
with the Unicode version of the Python that runs it.
"""

from __future__ import annotations

import sys
import unicodedata

import numpy as np
import numpy.typing as npt

# numba keeps these numbers in its cache of compiled code, here and in the two `kinds.py`, and does
# not look at this file again: delete every `__pycache__` after a change.
SEPARATOR, WORD, SYMBOL, UNSPACED, IGNORED = range(5)

CODE_POINTS = sys.maxunicode + 1

# What ends a sentence in any script: Unicode's Sentence_Terminal without the commas among them, and
# ellipses, shads, ends of chapters, the Greek question mark.
SENTENCE_ENDS = (
    ".!?…‥\u037e։؝؞؟۔܀܁܂߹࠷࠹࠽࠾।॥৷๚๛།༎༏༐༑༔။።፧፨᙮᜵᜶។៕៚᠃᠉᥄᥅᪨᪩᪪᪫᭎᭏᭚᭛᭟᭽᭾"
    "᭿᰻᰼᱾᱿․‼‽⁇⁈⁉⋯⳹⳺⳻⸮⸼⹓⹔⹠⹡。꓿꘎꘏꛳꛷꡶꡷꣎꣏꤯꧉꩝꩞꩟꫰꫱꯫︒︕︖﹒﹖﹗！．？｡"
    "\U00010a56\U00010a57\U00010f55\U00010f56\U00010f57\U00010f58\U00010f59\U00010f86"
    "\U00010f87\U00010f88\U00010f89\U00011047\U00011048\U000110be\U000110bf\U000110c0"
    "\U000110c1\U00011141\U00011142\U00011143\U000111c5\U000111c6\U000111cd\U000111de"
    "\U000111df\U00011238\U00011239\U0001123b\U0001123c\U000112a9\U000113d4\U000113d5"
    "\U0001144b\U0001144c\U000115c2\U000115c3\U000115c9\U000115ca\U000115cb\U000115cc"
    "\U000115cd\U000115ce\U000115cf\U000115d0\U000115d1\U000115d2\U000115d3\U000115d4"
    "\U000115d5\U000115d6\U000115d7\U00011641\U00011642\U0001173c\U0001173d\U0001173e"
    "\U00011944\U00011946\U00011a42\U00011a43\U00011a9b\U00011a9c\U00011c41\U00011c42"
    "\U00011ef7\U00011ef8\U00011f43\U00011f44\U00016a6e\U00016a6f\U00016af5\U00016b37"
    "\U00016b38\U00016b44\U00016d6e\U00016d6f\U00016e98\U0001bc9f\U0001da88"
)

# Scripts whose words are not set apart by spaces; Korean writes spaces and is not among them.
_UNSPACED_BLOCKS = (
    (0x0E00, 0x0EFF),  # Thai, Lao
    (0x0F00, 0x0FFF),  # Tibetan
    (0x1000, 0x109F),  # Myanmar
    (0x1780, 0x17FF),  # Khmer
    (0x3005, 0x3007),  # iteration marks and zero of the ideographs
    (0x3040, 0x30FF),  # Hiragana, Katakana
    (0x31F0, 0x31FF),  # Katakana extensions
    (0x3400, 0x9FFF),  # ideographs
    (0xF900, 0xFAFF),
    (0x20000, 0x3FFFF),
)


def character_classes() -> npt.NDArray[np.uint8]:
    """Return the class of every code point, `(0x110000,)`, by this Python's Unicode tables.

    Letters, numbers, combining marks and connectors make words; format characters (soft hyphen,
    joiners) and variation selectors are ignored even within a word; spaces, controls and code
    points without a character separate.
    """
    categories = [unicodedata.category(chr(point)) for point in range(CODE_POINTS)]
    classes = np.array([_class_of(category) for category in categories], dtype=np.uint8)
    classes[0xFE00:0xFE10] = IGNORED
    classes[0xE0100:0xE01F0] = IGNORED
    for first, last in _UNSPACED_BLOCKS:
        block = classes[first : last + 1]
        block[block == WORD] = UNSPACED
    return classes


def _class_of(category: str) -> int:
    if category[0] in "LNM" or category == "Pc":
        return WORD
    if category[0] in "PS":
        return SYMBOL
    return IGNORED if category == "Cf" else SEPARATOR


def to_runs(
    classes: npt.NDArray[np.uint8],
) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.uint8]]:
    """Return the run lengths and the class of each run, about 1,500 of them."""
    starts = np.flatnonzero(np.diff(classes, prepend=np.uint8(255)))
    lengths = np.diff(starts, append=len(classes)).astype(np.int32)
    return lengths, classes[starts]


def from_runs(
    lengths: npt.NDArray[np.int32], values: npt.NDArray[np.uint8]
) -> npt.NDArray[np.uint8]:
    """Return the class of every code point, the inverse of `to_runs`.

    :raises ValueError: the runs do not cover the code points.
    """
    classes = np.repeat(values, lengths)
    if len(classes) != CODE_POINTS:
        raise ValueError(f"character classes of {len(classes)} code points, not {CODE_POINTS}")
    return classes
