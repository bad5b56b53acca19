"""Lines: the kinds of a text's characters, with the breaks that only wrap a paragraph as spaces."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from numba import njit

from bitseam.lid.code_points import CodePoints
from bitseam.lid.paragraphs.roles import EMPTY, WRAP, find_roles
from bitseam.lid.segmentation.kinds import BREAK, QUOTE, SPACE, boundary_kinds

_APOSTROPHE, _CURLY_APOSTROPHE = 0x27, 0x2019
_NEWLINE, _RETURN, _BLANK, _GREATER = 0x0A, 0x0D, 0x20, 0x3E


class Lines(NamedTuple):
    """n code points: what each is, and as sentencex is to see it."""

    kinds: npt.NDArray[np.uint8]
    plain: npt.NDArray[np.uint32]


def read_lines(texts: CodePoints) -> Lines:
    """Return the kinds of the code points of `texts`, and those that sentencex reads.

    It reads one space for another, one line break for another, and spaces for quotation marks: it
    would keep a quotation whole, where it knows the marks. One character for one, so that offsets
    hold.
    """
    kinds = np.empty(len(texts.points), np.uint8)
    plain = np.empty(len(texts.points), np.uint32)
    _read(texts.points, texts.bounds, boundary_kinds(), kinds, plain)
    roles = find_roles(texts)
    spaces = (roles == WRAP) | ((roles == EMPTY) & (texts.points == _GREATER))
    kinds[spaces], plain[spaces] = SPACE, _BLANK
    return Lines(kinds, plain)


_compiled: Any = njit(cache=True, nogil=True)


@_compiled
def _read(points, bounds, table, kinds, plain):  # type: ignore[no-untyped-def]
    for row in range(len(bounds) - 1):
        for k in range(bounds[row], bounds[row + 1]):
            point = points[k]
            kind = table[point]
            if point == _RETURN and k + 1 < bounds[row + 1] and points[k + 1] == _NEWLINE:
                kind = SPACE
            if kind == BREAK:
                plain[k] = _NEWLINE
            elif kind == SPACE or (kind == QUOTE and point not in (_APOSTROPHE, _CURLY_APOSTROPHE)):
                plain[k] = _BLANK
            else:
                plain[k] = point
            kinds[k] = kind
