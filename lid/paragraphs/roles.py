"""What becomes of each code point of a text whose lines are wrapped."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from numba import njit

from bitseam.lid.code_points import CodePoints
from bitseam.lid.paragraphs.classes import BREAK, line_classes
from bitseam.lid.paragraphs.items import find_items
from bitseam.lid.paragraphs.judge import find_wrapped
from bitseam.lid.paragraphs.lines import COMMENT, classify, find_lines
from bitseam.lid.paragraphs.margins import find_margins
from bitseam.lid.paragraphs.measure import measure
from bitseam.lid.paragraphs.pages import find_continuations
from bitseam.lid.paragraphs.shapes import Mask, find_shapes

# A code point of the text; of a line break that only wraps, and of what stands around it; of a
# prefix before a line that begins something, which is no part of the text; of the prefix of a
# quoted line that is empty.
TEXT, WRAP, PREFIX, EMPTY = range(4)

_GREATER = 0x3E
_UNEVEN = 0.02  # of the characters of a text take no column, or two


def find_roles(texts: CodePoints) -> npt.NDArray[np.uint8]:
    """Return the role of every code point of `texts`, `(code points,)`: TEXT to EMPTY."""
    points, bounds = texts
    roles = np.zeros(len(points), np.uint8)
    kinds = classify(texts)
    marks = np.flatnonzero((kinds == BREAK) | (points == _GREATER))
    if not len(marks):
        return roles
    several = np.zeros(len(bounds) - 1, np.bool_)  # the others are one line each
    several[np.searchsorted(bounds, marks, side="right") - 1] = True
    columns = line_classes().columns
    _judge(texts, kinds, several, columns, roles)
    # A terminal counts columns, many a program code points: wrapped is what either explains.
    odd = np.cumsum(np.append(0, columns[points] != 1))[bounds]
    uneven = several & (np.diff(odd) > _UNEVEN * np.diff(bounds))
    if uneven.any():
        _judge(texts, kinds, uneven, np.ones_like(columns), roles)
    return roles


def _judge(
    texts: CodePoints,
    kinds: npt.NDArray[np.uint8],
    rows: Mask,
    columns: npt.NDArray[np.uint8],
    roles: npt.NDArray[np.uint8],
) -> None:
    """Add the roles in the texts of some `rows`, as `columns` has the widths of characters."""
    sizes = np.diff(texts.bounds)
    chosen = np.repeat(rows, sizes)
    part = CodePoints(texts.points[chosen], np.append(0, np.cumsum(sizes[rows])))
    found = _roles(part, kinds[chosen], columns)
    before = roles[chosen]
    roles[chosen] = np.where((found == TEXT) | (before == WRAP), before, found)


def _roles(
    texts: CodePoints, kinds: npt.NDArray[np.uint8], columns: npt.NDArray[np.uint8]
) -> npt.NDArray[np.uint8]:
    scripts = line_classes().script
    lines = find_lines(texts, kinds)
    items = find_items(texts.points, kinds, scripts, lines)
    measures = measure(texts.points, kinds, columns, scripts, lines, items.body)
    shapes = find_shapes(texts.points, lines, items, measures)
    margins = find_margins(texts.points, scripts, lines, measures, shapes)
    wrapped = find_wrapped(lines, measures, shapes, margins)
    pages = find_continuations(texts.points, lines, measures, shapes, margins, wrapped)
    above = np.maximum(np.where(wrapped, np.arange(len(wrapped)) - 1, -1), pages)
    begun = np.append(wrapped[1:], False)  # a line that goes on below
    prefixed = (lines.prefix > 0) & ((lines.prefix < COMMENT) | begun)
    prefixed &= (above < 0) & ~shapes.blank
    roles = np.zeros(len(texts.points), np.uint8)
    _write(np.flatnonzero(prefixed), lines.start, lines.first, PREFIX, roles)
    empty = shapes.blank & (lines.prefix > 0) & (lines.prefix < COMMENT)
    _write(np.flatnonzero(empty), lines.start, lines.first, EMPTY, roles)
    rows = np.flatnonzero(above >= 0)
    _write(rows, lines.stop[above], lines.first, WRAP, roles)
    return roles


_compiled: Any = njit(cache=True, nogil=True)


@_compiled
def _write(rows, starts, ends, role, roles):  # type: ignore[no-untyped-def]
    for row in rows:
        roles[starts[row] : ends[row]] = role
