"""The lines of texts: where each begins and ends, and what stands before it on every line.

`> ` and `>> ` before a quoted line, `# `, `// ` or ` * ` before a line of a comment are no part of
what the line says.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from numba import njit

from bitseam.lid.code_points import CodePoints
from bitseam.lid.paragraphs.classes import (
    BREAK,
    DIGIT,
    OPEN,
    QUOTE,
    SPACE,
    STOP,
    line_classes,
)

Integers = npt.NDArray[np.int64]

_RETURN, _NEWLINE = 0x0D, 0x0A
_GREATER, _HASH, _SLASH, _SEMICOLON, _PERCENT = 0x3E, 0x23, 0x2F, 0x3B, 0x25
_DASH, _STAR = 0x2D, 0x2A
_DEEPEST = 9
# Prefixes: quotations by their depth, then comments.
NO_PREFIX = 0
COMMENT = 10  # and above
_BY_HASH, _BY_SLASHES, _BY_SEMICOLON, _BY_PERCENT, _BY_DASHES, _BY_STAR = range(10, 16)
_FARTHEST = 8  # spaces before a prefix


class Lines(NamedTuple):
    """The n lines of some texts, in order, every column `(n,)` int64; places in code points."""

    text: Integers  # row of the text
    start: Integers
    end: Integers  # where its line break stands, or the end of the text
    prefix: Integers  # NO_PREFIX, depth of quotation, or kind of comment
    first: Integers  # where its text begins behind the prefix and white space
    stop: Integers  # where that ends; a blank line has none: both are the same


def classify(texts: CodePoints) -> npt.NDArray[np.uint8]:
    """Return the class of every code point of `texts`; the first half of `\\r\\n` is a space."""
    points, bounds = texts
    kinds = line_classes().kind[points]
    pairs = np.flatnonzero((points[:-1] == _RETURN) & (points[1:] == _NEWLINE))
    kinds[pairs[~np.isin(pairs + 1, bounds)]] = SPACE
    return kinds


def find_lines(texts: CodePoints, kinds: npt.NDArray[np.uint8]) -> Lines:
    """Return the lines of `texts`; `kinds` as by `classify`. An empty text has no line."""
    bounds = texts.bounds
    begins = np.append(True, kinds == BREAK)
    begins[bounds] = True
    starts = np.flatnonzero(begins[:-1])
    following = np.append(starts[1:], bounds[-1:])[: len(starts)]
    ends = following - (kinds[following - 1] == BREAK)
    rows = np.searchsorted(bounds, starts, side="right") - 1
    prefix, content = np.zeros(len(starts), np.int64), starts.copy()
    column = np.zeros(len(starts), np.int64)
    _find_prefixes(texts.points, kinds, rows, starts, ends, (prefix, content, column))
    lonely = (prefix >= COMMENT) & ~_has_neighbour(rows, prefix, column)
    prefix[lonely], content[lonely] = NO_PREFIX, starts[lonely]
    stop = ends.copy()
    _trim(kinds, content, stop)
    return Lines(rows, starts, ends, prefix, content, stop)


def _has_neighbour(rows: Integers, prefix: Integers, column: Integers) -> npt.NDArray[np.bool_]:
    """Tell whether the line above or below has the same prefix: `(n,)`."""
    same = (rows[1:] == rows[:-1]) & (prefix[1:] == prefix[:-1]) & (column[1:] == column[:-1])
    neighbour = np.zeros(len(rows), np.bool_)
    neighbour[1:] = same
    neighbour[:-1] |= same
    return neighbour


_compiled: Any = njit(cache=True, nogil=True)


@_compiled
def _find_prefixes(points, kinds, rows, starts, ends, columns):  # type: ignore[no-untyped-def]
    prefix, content, column = columns
    starred = False  # within /* */
    for i in range(len(starts)):
        starred = starred and rows[i] == rows[i - 1]
        k, end = starts[i], ends[i]
        while k < min(end, starts[i] + _FARTHEST) and kinds[k] == SPACE:
            k += 1
        column[i] = k - starts[i]
        if k < end and points[k] == _GREATER:
            depth, after = _quoted(points, kinds, k, end)
            if depth:
                prefix[i], content[i] = min(depth, _DEEPEST), after
        elif k + 1 < end and points[k] == _SLASH and points[k + 1] == _STAR:
            starred = True
        elif k < end:
            kind, after = _comment(points, kinds, k, end, starred)
            if kind:
                prefix[i], content[i] = kind, after
        if starred and end - k > 1 and points[end - 2] == _STAR and points[end - 1] == _SLASH:
            starred = False


@_compiled
def _quoted(points, kinds, k, end):  # type: ignore[no-untyped-def]
    """How deep the line is quoted, and where it goes on: `> a`, `>> a`, `> > a`, `>a`."""
    depth = 0
    while k < end and points[k] == _GREATER:
        depth += 1
        k += 1
        if k + 1 < end and kinds[k] == SPACE and points[k + 1] == _GREATER:
            k += 1
    if k == end or kinds[k] == SPACE:
        return depth, min(k + 1, end)
    if kinds[k] < DIGIT or kinds[k] == QUOTE or kinds[k] == OPEN:
        return depth, k
    return 0, k


@_compiled
def _comment(points, kinds, k, end, starred):  # type: ignore[no-untyped-def]
    mark = points[k]
    after = k
    while after < end and points[after] == mark:
        after += 1
    if after < end and kinds[after] != SPACE:
        if mark == _SLASH and after - k > 1 and kinds[after] < STOP:
            return _BY_SLASHES, after
        return 0, k
    text = min(after + 1, end)
    if mark == _HASH:
        return _BY_HASH, text
    if mark == _SLASH and after - k > 1:
        return _BY_SLASHES, text
    if mark == _SEMICOLON:
        return _BY_SEMICOLON, text
    if mark == _PERCENT:
        return _BY_PERCENT, text
    if mark == _DASH and after - k == 2 and text < end:
        return _BY_DASHES, text
    if mark == _STAR and after - k == 1 and starred:
        return _BY_STAR, text
    return 0, k


@_compiled
def _trim(kinds, firsts, stops):  # type: ignore[no-untyped-def]
    for i in range(len(firsts)):
        while firsts[i] < stops[i] and kinds[firsts[i]] == SPACE:
            firsts[i] += 1
        while stops[i] > firsts[i] and kinds[stops[i] - 1] == SPACE:
            stops[i] -= 1
