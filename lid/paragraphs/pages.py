"""Pages: sentences that go on over a page number, a running head or the foot of a page."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from numba import njit

from bitseam.lid.paragraphs.classes import LETTER, LOWER, PAUSE, STOP
from bitseam.lid.paragraphs.judge import FULL, NEARLY, find_fullness
from bitseam.lid.paragraphs.lines import Integers, Lines
from bitseam.lid.paragraphs.margins import Margins
from bitseam.lid.paragraphs.measure import Measures
from bitseam.lid.paragraphs.shapes import LONGEST_NUMBER, TEXT, Mask, Shapes, is_number

_FORM_FEED = 0x0C
_REPEATED = 3  # times that a running head stands in a text, digits aside
_SPREAD = 0x9E3779B97F4A7C1  # parts the keys of one text from those of another
_MOST_BETWEEN = 16  # lines between two pages
_MOST_FURNITURE = 3  # of them not blank


def find_continuations(
    points: npt.NDArray[np.uint32],
    lines: Lines,
    measures: Measures,
    shapes: Shapes,
    margins: Margins,
    wrapped: Mask,
) -> Integers:
    """Return for each line the line that it goes on with over the end of a page, -1 for none.

    What stands between the two is a page number, or by a form feed: lines that are repeated, that
    have wide gaps, or that stand apart at the head or foot of a page.
    """
    m = measures
    fed = points[np.minimum(lines.end, len(points) - 1)] == _FORM_FEED
    number = is_number(m)
    repeated = _is_repeated(lines, m)
    labelled = repeated & (m.digits > 0) & (m.width - m.indent <= 2 * LONGEST_NUMBER)
    furniture = (number | labelled | repeated | (m.wide_gaps > 0)) & ~shapes.blank
    filled = _filled(lines.text, margins.margin)
    fullness = find_fullness(m, margins._replace(margin=filled))
    unended = ~shapes.alone & (m.closes != STOP) & (fullness >= FULL) & (fullness <= NEARLY)
    unended &= (m.closes != PAUSE) | (points[np.maximum(lines.stop - 1, 0)] == 0x2C)
    follows = ~shapes.alone & (shapes.item == TEXT)
    goes_on = follows & (m.begins == LOWER)
    goes_on |= follows & (m.begins <= LETTER) & np.append(wrapped[1:], False)
    result = np.full(len(lines.text), -1, np.int64)
    looks = (shapes.blank, furniture, number | labelled, fed, m.digits > 0)
    _link_pages((lines.text, lines.prefix, m.indent), looks, (unended, goes_on, wrapped), result)
    return result


def _is_repeated(lines: Lines, m: Measures) -> Mask:
    """Tell which lines stand several times in their text, but for their digits."""
    keys = m.key ^ lines.text * _SPREAD
    _, inverse, counts = np.unique(keys, return_inverse=True, return_counts=True)
    repeated: Mask = (counts[inverse] >= _REPEATED) & (m.letters > 0)
    return repeated


def _filled(text: Integers, margin: Integers) -> Integers:
    """Return the margins; a line without one has that of the paragraph before it in its text."""
    place = np.maximum.accumulate(np.where(margin > 0, np.arange(len(margin)), 0))
    return np.where(text[place] == text, margin[place], 0)


_compiled: Any = njit(cache=True, nogil=True)


@_compiled
def _link_pages(identity, looks, ends, result):  # type: ignore[no-untyped-def]
    text, prefix, indent = identity
    unended, goes_on, wrapped = ends
    for i in range(len(text) - 2):
        if not unended[i] or wrapped[i + 1]:
            continue
        j = _next_page(text, looks, i)
        if j < 0 or not goes_on[j] or prefix[j] != prefix[i] or wrapped[j]:
            continue
        if abs(indent[j] - indent[i]) <= 1:
            result[j] = i


@_compiled
def _next_page(text, looks, i):  # type: ignore[no-untyped-def]
    """The first line of text behind line `i` where only the end of a page stands between; or -1."""
    blank, furniture, number, fed, numbered = looks
    seen = 0
    paged = fed[i]
    for j in range(i + 1, min(i + _MOST_BETWEEN, len(text))):
        if text[j] != text[i]:
            return -1
        apart = blank[j - 1] and j + 1 < len(text) and blank[j + 1]
        head = apart and np.any(fed[max(j - 3, 0) : j])
        foot = apart and numbered[j] and np.any(fed[j : j + 3])
        if not blank[j]:
            if not (furniture[j] or head or foot):
                return j if paged and (seen or fed[j - 1]) else -1
            seen += 1
            if seen > _MOST_FURNITURE:
                return -1
        paged = paged or fed[j] or number[j]
    return -1
