"""Lines that may be one paragraph, by indentation, and the column that they are wrapped at.

A greedy wrapper breaks a line where the next word would not have fitted: each break of a wrapped
paragraph leaves a range of columns for the margin, and the ranges of all breaks share a column.
Each break is a vote for its range; those of a paragraph count more than those around it.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from numba import njit

from bitseam.lid.paragraphs.classes import STOP, UNSPACED
from bitseam.lid.paragraphs.lines import Integers, Lines
from bitseam.lid.paragraphs.measure import Measures
from bitseam.lid.paragraphs.shapes import ITEM, TEXT, UNCERTAIN, Shapes

_NARROWEST, _WIDEST = 30, 240  # columns of a margin: some count a wide letter as one
_AROUND = 100  # breaks before and after a paragraph that count
_OWN = 4  # votes of a break of the paragraph itself
_DEEPEST = 16  # columns of a hanging indentation
_COLON = 0x3A


class Margins(NamedTuple):
    """Of n lines; every column `(n,)`."""

    linked: npt.NDArray[np.bool_]  # may be one paragraph with the line before
    needed: Integers  # columns behind the line before that the first word would have taken
    margin: Integers  # of its paragraph; 0 where it is one line
    support: Integers  # breaks around the paragraph that fit this margin
    around: Integers  # breaks around the paragraph


def find_margins(
    points: npt.NDArray[np.uint32],
    scripts: npt.NDArray[np.uint8],
    lines: Lines,
    measures: Measures,
    shapes: Shapes,
) -> Margins:
    """Group lines to paragraphs and find their margins; `scripts` of all code points."""
    m, n = measures, len(lines.text)
    some = lines.stop > lines.first
    head = np.where(some, points[np.minimum(lines.first, len(points) - 1)], 0)
    last = np.where(some, points[np.maximum(lines.stop - 1, 0)], 0)
    unspaced = scripts[head] == UNSPACED
    glued = unspaced.copy()
    glued[1:] &= scripts[last[:-1]] == UNSPACED
    needed = m.chunk + ~glued
    linked = np.zeros(n, np.bool_)
    _link(
        (lines.text, lines.prefix, shapes.alone, shapes.item),
        (m.indent, np.maximum(shapes.body, np.where(m.gap > 0, m.gap, 0)), shapes.body),
        (m.closes, last == _COLON),
        linked,
    )
    margins = np.zeros((3, n), np.int64)
    _vote(lines.text, m.width, needed, linked, margins)
    return Margins(linked, needed, *margins)


_compiled: Any = njit(cache=True, nogil=True)


@_compiled
def _link(identity, columns, ends, linked):  # type: ignore[no-untyped-def]
    """Mark the lines that may go on with the line before."""
    text, prefix, alone, item = identity
    indent = columns[0]
    first, hang = -1, -1  # first line of the paragraph; the indentation of its other lines
    for i in range(len(text)):
        if alone[i]:
            first = -1
            continue
        same = first >= 0 and text[i] == text[first] and prefix[i] == prefix[first]
        if same and item[i] == UNCERTAIN:
            level = indent[first] if hang < 0 else hang
            same = indent[i] == level and not ends[1][i - 1] and ends[0][i - 1] != STOP
        elif item[i] == ITEM:
            same = False
        if same and hang < 0:
            same = _hangs(columns, item, first, i)
        elif same:
            same = abs(indent[i] - hang) <= 1
        linked[i] = same
        if same:
            hang = indent[i]
        else:
            first, hang = i, -1


@_compiled
def _hangs(columns, item, first, i):  # type: ignore[no-untyped-def]
    """Tell whether the second line of a paragraph stands where it may."""
    indent, farthest, body = columns
    if item[first] == TEXT:
        return abs(indent[i] - indent[first]) <= _DEEPEST
    deepest = max(farthest[first], body[first], indent[first] + _DEEPEST)
    return indent[first] <= indent[i] <= deepest + 1


@_compiled
def _vote(text, width, needed, linked, margins):  # type: ignore[no-untyped-def]
    """Write margin, support and breaks around into the rows of `margins`."""
    breaks = np.flatnonzero(linked)
    votes = np.zeros(_WIDEST + 1, np.int64)  # of the window
    low = high = 0  # the window: breaks[low:high]
    at = 0
    while at < len(breaks):
        stop = at + 1
        while stop < len(breaks) and breaks[stop] == breaks[stop - 1] + 1:
            stop += 1
        row = text[breaks[at]]
        while high < len(breaks) and high < stop + _AROUND and text[breaks[high]] <= row:
            _count(width, needed, breaks[high], votes, 1)
            high += 1
        while low < at - _AROUND or text[breaks[low]] < row:
            _count(width, needed, breaks[low], votes, -1)
            low += 1
        own = np.zeros(_WIDEST + 1, np.int64)
        for k in range(at, stop):
            _count(width, needed, breaks[k], own, 1)
        first, last = breaks[at] - 1, breaks[stop - 1]
        best = _best(width, first, last, votes, own)
        margins[0, first : last + 1] = best
        margins[1, first : last + 1] = votes[best] - own[best]
        margins[2, first : last + 1] = (high - low) - (stop - at)
        at = stop


@_compiled
def _count(width, needed, line, votes, by):  # type: ignore[no-untyped-def]
    """Add the vote of the break before a line: for any margin that it would not have fitted."""
    lowest = width[line - 1]
    for column in range(lowest, min(lowest + needed[line], _WIDEST + 1)):
        votes[column] += by


@_compiled
def _best(width, first, last, votes, own):  # type: ignore[no-untyped-def]
    """The column that most breaks agree on, and that few lines go beyond."""
    beyond = np.zeros(_WIDEST + 2, np.int64)  # lines of exactly this width
    for line in range(first, last + 1):
        beyond[min(width[line], _WIDEST + 1)] += 1
    over = last + 1 - first
    best, most = 0, -(1 << 60)
    for column in range(_WIDEST + 1):
        over -= beyond[column]
        score = _OWN * (own[column] - 2 * over) + votes[column]
        if column >= _NARROWEST and score > most:
            best, most = column, score
    return best
