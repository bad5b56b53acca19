"""What stands on a line, measured in one compiled pass: columns, marks, gaps, first and last.

Columns are those of a terminal: two for a wide character, none for an accent, a tab goes on to the
next multiple of eight.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from numba import njit

from bitseam.lid.hashing import FNV_OFFSET, FNV_PRIME
from bitseam.lid.paragraphs.classes import (
    BREAK,
    CLOSE,
    DIGIT,
    HYPHEN,
    LETTER,
    MARK,
    OPEN,
    PAUSE,
    QUOTE,
    SPACE,
    STOP,
    SYMBOL,
    UNSPACED,
    UPPER,
)
from bitseam.lid.paragraphs.lines import Integers, Lines

_FIRST_BOX, _LAST_BOX = 0x2500, 0x259F
_FIRST_THAI, _LAST_LAO = 0x0E01, 0x0EFF
_TAB, _POINT, _ELLIPSIS, _MIDDLE_POINT = 0x09, 0x2E, 0x2026, 0xB7
_LEFT, _PIPE, _DASH = 0x28, 0x7C, 0x2D
_LONGEST = 500  # code points; a longer line is not looked at
_WIDE_GAP = 4  # spaces that no justification leaves

_COLUMNS = (
    *("indent", "width", "body", "chunk", "gap", "gaps", "wide_gaps"),
    *("spaces", "letters", "digits", "symbols", "pipes", "boxes", "dots", "ended", "paused"),
    *("words", "capitals", "calls", "begins", "closes", "unstopped", "key"),
)
(
    INDENT,
    WIDTH,
    BODY,
    CHUNK,
    GAP,
    GAPS,
    WIDE_GAPS,
    SPACES,
    LETTERS,
    DIGITS,
    SYMBOLS,
    PIPES,
    BOXES,
    DOTS,
    ENDED,
    PAUSED,
    WORDS,
    CAPITALS,
    CALLS,
    BEGINS,
    CLOSES,
    UNSTOPPED,
    KEY_HASH,
) = range(len(_COLUMNS))


class Measures(NamedTuple):
    """What stands on each of n lines; every column `(n,)` int64."""

    indent: Integers  # columns before the text, those of a prefix too
    width: Integers  # the column behind the text
    body: Integers  # the column where the text goes on behind the mark of an item
    chunk: Integers  # columns of what would have had to fit on the line above
    gap: Integers  # the column behind the first gap of several spaces; 0 for none
    gaps: Integers  # of two spaces and more
    wide_gaps: Integers
    spaces: Integers  # places between words
    letters: Integers
    digits: Integers
    symbols: Integers
    pipes: Integers  # that stand by themselves
    boxes: Integers  # characters that boxes are drawn with
    dots: Integers  # the longest row of full stops: a leader
    ended: Integers  # sentences that end within the line
    paused: Integers  # commas and the like within it
    words: Integers  # within the line, that have a case
    capitals: Integers  # of these
    calls: Integers  # brackets that open behind a letter without a space: code
    begins: Integers  # class of the first character, quotation marks and brackets aside
    closes: Integers  # class of the last
    unstopped: Integers  # 1 if the last is of a script that ends no sentence with a mark
    key: Integers  # hash of its letters: the same for lines that differ in digits


def measure(
    points: npt.NDArray[np.uint32],
    kinds: npt.NDArray[np.uint8],
    columns: npt.NDArray[np.uint8],
    scripts: npt.NDArray[np.uint8],
    lines: Lines,
    bodies: Integers,
) -> Measures:
    """Measure `lines`; the tables `columns` and `scripts` are those of all code points.

    :param bodies: where the text of each line begins behind the mark of an item.
    """
    table = np.zeros((len(_COLUMNS), len(lines.start)), np.int64)
    extents = lines.start, lines.first, bodies, lines.stop
    _measure(points, kinds, columns, scripts, extents, table)
    return Measures(*table)


_compiled: Any = njit(cache=True, nogil=True)


@_compiled
def _measure(points, kinds, columns, scripts, extents, table):  # type: ignore[no-untyped-def]
    starts, firsts, bodies, stops = extents
    for i in range(len(starts)):
        row = table[:, i]
        first, body, stop = firsts[i], bodies[i], stops[i]
        if stop - first > _LONGEST:
            row[WIDTH] = stop - first
            continue
        for k in range(starts[i], first):
            row[INDENT] = _advance(points[k], columns, row[INDENT])
        _walk(points, kinds, columns, (first, body, stop), row)
        row[CHUNK] = _chunk(points, kinds, columns, scripts, first, stop)
        _read_edges(points, kinds, first, body, stop, row)


@_compiled
def _advance(point, columns, column):  # type: ignore[no-untyped-def]
    if point == _TAB:
        return column - column % 8 + 8
    return column + columns[point]


@_compiled
def _walk(points, kinds, columns, extent, row):  # type: ignore[no-untyped-def]
    """Count what stands between the first and the last character of a line."""
    first, body, stop = extent
    column = row[INDENT]
    row[BODY] = column
    space = dots = 0
    state = FNV_OFFSET
    for k in range(first, stop):
        kind, point = kinds[k], points[k]
        if kind == SPACE:
            space += 4 if point == _TAB else 1
        else:
            if space:
                _read_gap(kinds, k, row, space, column)
                _read_word(kinds, body, k, row)
            space = 0
        row[BODY] = column if k == body else row[BODY]
        column = _advance(point, columns, column)
        if kind <= MARK:
            row[LETTERS] += 1
            state = (state ^ np.uint64(point)) * FNV_PRIME
        row[DIGITS] += kind == DIGIT
        row[SYMBOLS] += kind == SYMBOL
        if point == _PIPE and (k == first or kinds[k - 1] == SPACE):
            row[PIPES] += k == first or k + 1 == stop or kinds[k + 1] == SPACE
        if point == _LEFT and k > first and k + 1 < stop and kinds[k - 1] <= LETTER:
            row[CALLS] += kinds[k + 1] != DIGIT
        row[BOXES] += _FIRST_BOX <= point <= _LAST_BOX
        if point in (_POINT, _ELLIPSIS, _MIDDLE_POINT):
            dots += 3 if point == _ELLIPSIS else 1
            row[DOTS] = max(row[DOTS], dots)
        elif kind != SPACE or space > 1:
            dots = 0
        _read_punctuation(points, kinds, k, body, stop, row)
    row[WIDTH] = column
    row[KEY_HASH] = np.int64(state >> np.uint64(1))


@_compiled
def _read_gap(kinds, k, row, space, column):  # type: ignore[no-untyped-def]
    row[SPACES] += 1
    typed = space == 2 and kinds[k - 3] in (STOP, QUOTE, CLOSE)  # two spaces after a sentence
    if space > 1 and not typed:
        row[GAPS] += 1
        if row[GAP] == 0:
            row[GAP] = column
    row[WIDE_GAPS] += space >= _WIDE_GAP


@_compiled
def _read_word(kinds, body, k, row):  # type: ignore[no-untyped-def]
    """Count a word within the line, and whether it has a capital though no sentence ended."""
    before = k - 1
    while before > body and kinds[before] == SPACE:
        before -= 1
    before = kinds[before]
    if kinds[k] <= UPPER and (before <= DIGIT or before == PAUSE):
        row[WORDS] += 1
        row[CAPITALS] += kinds[k] == UPPER


@_compiled
def _read_punctuation(points, kinds, k, body, stop, row):  # type: ignore[no-untyped-def]
    """Count the ends of sentences and the commas that something follows."""
    if k < body + 2 or k + 2 >= stop:
        return
    follows = kinds[k + 1] in (SPACE, CLOSE, QUOTE) or points[k] > 0x2FFF
    if follows and kinds[k] == STOP and kinds[k - 1] not in (UPPER, DIGIT, STOP):
        row[ENDED] += 1
    elif follows and kinds[k] == PAUSE:
        row[PAUSED] += 1


@_compiled
def _chunk(points, kinds, columns, scripts, k, stop):  # type: ignore[no-untyped-def]
    """Columns up to where the line could have been broken first."""
    column = 0
    while k < stop and kinds[k] != SPACE:
        unspaced = scripts[points[k]] == UNSPACED and kinds[k] != OPEN
        column += columns[points[k]]
        k += 1
        if unspaced:
            while k < stop and (kinds[k] in (STOP, PAUSE, CLOSE, MARK) or points[k] == 0x30FC):
                column += columns[points[k]]
                k += 1
            return column
    return column


@_compiled
def _read_edges(points, kinds, first, body, stop, row):  # type: ignore[no-untyped-def]
    k = body
    while k < stop - 1 and kinds[k] in (QUOTE, OPEN, MARK):
        k += 1
    row[BEGINS] = kinds[k] if k < stop else BREAK
    k = stop - 1
    while k > first and kinds[k] in (QUOTE, CLOSE, MARK):
        k -= 1
    row[CLOSES] = kinds[k] if k >= first else BREAK
    row[UNSTOPPED] = k >= first and _FIRST_THAI <= points[k] <= _LAST_LAO
    if row[CLOSES] == SYMBOL and points[k] == _DASH:
        row[CLOSES] = HYPHEN
