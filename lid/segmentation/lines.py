"""Lines: the kinds of a text's characters, with the line breaks of a hard-wrapped text as spaces.

A text is hard-wrapped where its lines were broken at a column, and not where a sentence or an item
ends: in a wrapped paragraph the first word of the next line would not have fitted into the widest
line any more, and most lines do not end like a sentence.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from numba import njit

from bitseam.lid.code_points import CodePoints
from bitseam.lid.segmentation.kinds import (
    BREAK,
    DASH,
    QUOTE,
    SPACE,
    STOP,
    TERMINATOR,
    WIDE_TERMINATOR,
    boundary_kinds,
)

# Widths of hard-wrapped lines: each full but the last of a paragraph.
_NARROWEST, _WIDEST = 40, 120
_LONGEST_WORD = 20  # what is longer is a line of Chinese, or a URL
_APOSTROPHE, _CURLY_APOSTROPHE = 0x27, 0x2019
_NEWLINE, _RETURN, _BLANK = 0x0A, 0x0D, 0x20


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
    _unwrap(texts.bounds, kinds, plain)
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


@_compiled
def _unwrap(bounds, kinds, plain):  # type: ignore[no-untyped-def]
    """Make spaces of the breaks of hard-wrapped texts, but those at blank lines and at items."""
    for row in range(len(bounds) - 1):
        start, end = bounds[row], bounds[row + 1]
        if not _is_wrapped(kinds, start, end):
            continue
        blank = True  # no character of the line so far
        for k in range(start, end):
            if kinds[k] == BREAK:
                after = _skip_spaces(kinds, k + 1, end)
                item = after + 1 < end and kinds[after] == DASH and kinds[after + 1] == SPACE
                if not (blank or item or after == end or kinds[after] == BREAK):
                    kinds[k], plain[k] = SPACE, _BLANK
                blank = True
            elif kinds[k] != SPACE:
                blank = False


@_compiled
def _is_wrapped(kinds, start, end):  # type: ignore[no-untyped-def]
    width = _width(kinds, start, end)
    if width == 0:
        return False
    followed = full = ended = 0
    length = 0  # of the line before, 0 where it was blank
    last = SPACE
    k = start
    while k < end:
        first = _skip_spaces(kinds, k, end)
        stop = first
        k = first
        while k < end and kinds[k] != BREAK:
            if kinds[k] != SPACE:
                stop = k + 1
            k += 1
        if stop > first and length:
            word = first
            while word < min(stop, first + _LONGEST_WORD) and kinds[word] != SPACE:
                word += 1
            followed += 1
            full += length + 1 + word - first > width
            ended += last in (STOP, TERMINATOR, WIDE_TERMINATOR)
        length = stop - first
        last = kinds[max(stop - 1, start)]
        k += 1
    return followed > 1 and full >= 0.9 * followed and ended <= 0.5 * followed


@_compiled
def _width(kinds, start, end):  # type: ignore[no-untyped-def]
    """The length of the longest line without the white space around it; 0 where no column is."""
    width = line = 0
    first = -1
    for k in range(start, end):
        if kinds[k] == BREAK:
            line, first = 0, -1
            continue
        line += 1
        if line > _WIDEST:
            return 0
        if kinds[k] != SPACE:
            first = k if first < 0 else first
            width = max(width, k - first + 1)
    return width if width >= _NARROWEST else 0


@_compiled
def _skip_spaces(kinds, k, end):  # type: ignore[no-untyped-def]
    while k < end and kinds[k] == SPACE:
        k += 1
    return k
