"""Characters that end a sentence behind the letters of one script alone: one compiled pass.

Some stand in for a mark that keyboards lack: `:` in Armenian, `|` for a danda, `I` in Ol Chiki.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from numba import njit

from bitseam.lid.code_points import CodePoints
from bitseam.lid.segmentation.kinds import (
    BREAK,
    CLOSE,
    DASH,
    DIGIT,
    LETTER,
    LOWER,
    PUNCTUATION,
    QUOTE,
    SPACE,
    TERMINATOR,
)

_COLON, _SEMICOLON, _HYPHEN_MINUS, _BAR, _LATIN_I = 0x3A, 0x3B, 0x2D, 0x7C, 0x49
_WORDSPACE, _SOF_PASUQ, _TIBETAN_GA, _TIBETAN_O = 0x1361, 0x5C3, 0xF42, 0xF7C
_URDU_YEH, _URDU_NOON, _URDU_HEH, _ALEF = 0x6D2, 0x6BA, 0x6BE, 0x627
_WIDE_STOP = 0xFF0E

_compiled: Any = njit(cache=True, nogil=True)


def mark_stand_ins(texts: CodePoints, kinds: npt.NDArray[np.uint8]) -> npt.NDArray[np.int64]:
    """Make terminators of them in `kinds`; return where they stand, `(n,)`."""
    found = np.zeros(len(kinds), np.bool_)
    _find(texts.points, texts.bounds, kinds, found)
    where = np.flatnonzero(found)
    kinds[where] = TERMINATOR
    return where


@_compiled
def _find(points, bounds, kinds, found):  # type: ignore[no-untyped-def]
    for row in range(len(bounds) - 1):
        line = bounds[row]
        for k in range(bounds[row] + 1, bounds[row + 1] - 1):
            kind = kinds[k]
            if kind in (LOWER, SPACE):  # most characters
                continue
            if kind == PUNCTUATION:
                found[k] = _ends_mark(points, kinds, line, k) or (
                    points[k] == _WORDSPACE and found[k - 1]
                )
            elif kind in (LETTER, DASH) or points[k] == _LATIN_I:
                found[k] = _ends_letter(points, kinds, line, k)
            elif kind == BREAK:
                line = k + 1
            elif points[k] == _WIDE_STOP and kinds[k + 1] <= DIGIT and kinds[k + 1] != LETTER:
                kinds[k] = PUNCTUATION  # １．５


@_compiled
def _ends_mark(points, kinds, line, k):  # type: ignore[no-untyped-def]
    """Tell whether a sentence ends with this mark."""
    point, before, following = points[k], points[k - 1], kinds[k + 1]
    if point == _COLON:  # Armenian
        return 0x531 <= before <= 0x587 and following in (SPACE, BREAK)
    if point == _SEMICOLON:  # the Greek question mark
        greek = 0x370 <= before <= 0x3FF or 0x1F00 <= before <= 0x1FFF
        return greek and following in (SPACE, BREAK, QUOTE, CLOSE)
    if point == _WORDSPACE:  # two for the Ethiopic full stop
        return points[k + 1] == _WORDSPACE and 0x1200 <= before <= 0x135A
    if point == _SOF_PASUQ:  # a verse ends; without points it stands for a colon
        return _is_pointed(points, line, k)
    if point == _BAR:  # a danda, or two
        behind = k - 1
        while behind > max(line, k - 3) and (kinds[behind] == SPACE or points[behind] == _BAR):
            behind -= 1
        return 0x900 <= points[behind] <= 0xDFF
    return False


@_compiled
def _is_pointed(points, line, k):  # type: ignore[no-untyped-def]
    for i in range(k - 1, max(line, k - 16) - 1, -1):
        if points[i] == 0x20:
            return False
        if 0x591 <= points[i] <= 0x5C7 and points[i] not in (0x5BE, 0x5C0, 0x5C3, 0x5C6):
            return True
    return False


@_compiled
def _ends_letter(points, kinds, line, k):  # type: ignore[no-untyped-def]
    """Tell whether a sentence ends with this letter or dash."""
    point, before, following = points[k], points[k - 1], kinds[k + 1]
    if point == _TIBETAN_GA or (point == _TIBETAN_O and before == _TIBETAN_GA):
        return following in (SPACE, BREAK)  # no shad follows
    if point == _HYPHEN_MINUS:  # Urdu, behind a verb
        past = before == _ALEF and k - 1 > line and points[k - 2] == _URDU_HEH
        verb = past or before in (_URDU_YEH, _URDU_NOON)
        return verb and following in (SPACE, QUOTE)
    if point == _LATIN_I and k - 1 > line and following in (SPACE, BREAK):
        letter = points[k - 2] if kinds[k - 1] == SPACE else before
        return 0x1C50 <= letter <= 0x1C7F  # Ol Chiki
    return False
