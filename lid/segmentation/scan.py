"""The compiled passes of this room but that over lines: the places and their words, trimming.

All of it stands in this file, because the cache of a compiled function is renewed when its own file
changes, not when a function of another file does.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

from bitseam.lid.hashing import FNV_PRIME
from bitseam.lid.segmentation.kinds import (
    BREAK,
    CLOSE,
    CLOSED,
    DASH,
    DIGIT,
    ELLIPSIS,
    FULL_STOP,
    HYPHEN,
    INITIAL,
    LETTER,
    LINE,
    LONG_NUMBER,
    LOWER,
    NO_WORD,
    NOT_CLOSED,
    NUMBER,
    OPEN,
    QUOTE,
    ROMAN,
    SPACE,
    STOP,
    TERMINATED,
    UPPER,
    WHOLE,
    WIDE_TERMINATOR,
    WORD,
)

_LONGEST_WORD = 24  # code points; of a longer one the last are read
_LONGEST_ORDINAL = 2  # digits
_LONGEST_MARK = 4  # characters of "12." or "b)", standing on a line of its own
_LONGEST_OPENING = 8  # marks before the first letter of a sentence
_BLANK, _HYPHEN_MINUS, _COLON, _LEFT_SQUARE, _RIGHT_SQUARE = 0x20, 0x2D, 0x3A, 0x5B, 0x5D
_ELLIPSIS = 0x2026

_compiled: Any = njit(cache=True, nogil=True)


@_compiled
def hash_word(points, start, end, seed):  # type: ignore[no-untyped-def]
    state = seed
    for k in range(start, end):
        if points[k] == _BLANK:  # "z. B." is "z.B."
            continue
        state = (state ^ np.uint64(points[k])) * FNV_PRIME
    return state


@_compiled
def trim(kinds, starts, ends):  # type: ignore[no-untyped-def]
    """Move the starts and ends of pieces inwards over white space, in place."""
    for i in range(len(starts)):
        starts[i] = _skip_white(kinds, starts[i], ends[i])
        while ends[i] > starts[i] and kinds[ends[i] - 1] in (SPACE, BREAK):
            ends[i] -= 1


@_compiled
def scan(points, bounds, kinds, base, seeds, rows, words):  # type: ignore[no-untyped-def]
    """Write the places of all texts into the columns of `rows` and `words`; return how many."""
    n = 0
    for i in range(len(bounds) - 1):
        text = bounds[i], bounds[i + 1], seeds[i]
        n = _find_in_text(points, kinds, base, text, rows, words, n)
    return n


@_compiled
def _find_in_text(points, kinds, base, text, rows, words, n):  # type: ignore[no-untyped-def]
    start, end, seed = text
    k = line = seen = start
    inside = whole = False  # in a bracket; in one that was opened where a sentence begins
    while k < end:
        kind = kinds[k]
        if STOP <= kind <= WIDE_TERMINATOR:
            after = _skip_terminators(kinds, k, end)
            closed = _skip_closing(points, kinds, after, end)
        elif kind == BREAK or (base[k] and k > seen):
            after = closed = k
        else:
            inside = kind == OPEN or (inside and kind != CLOSE)
            whole = k in (line, seen) if kind == OPEN else whole
            k += 1
            continue
        beginning = _skip_white(kinds, closed, end)
        if beginning == end:
            break
        seen = _skip_opening(kinds, beginning, end)
        ends = np.any(base[min(k + (after > k), beginning) : seen + 1])
        inside = inside and not np.any(kinds[after:closed] == CLOSE)
        is_place, stop = _stop(points, kinds, line, (k, after, closed, beginning), ends)
        if is_place:
            rows[0, n], rows[1, n], rows[2, n] = closed, beginning, stop
            rows[3, n] = _closing(kinds, after, closed, whole)
            rows[4, n], rows[5, n] = ends, inside
            _read_before(points, kinds, line, k, seed, rows[:, n], words[:, n])
            _read_next(points, kinds, beginning, end, seed, rows[:, n], words[:, n])
            n += 1
            if stop == LINE:
                line, inside = beginning, False
        k = max(beginning, k + 1)
    return n


@_compiled
def _stop(points, kinds, line, extent, ends):  # type: ignore[no-untyped-def]
    """Tell whether a place is there, and what ends there.

    `extent` is where its terminators begin, where they end, where the marks behind them end, and
    where the next sentence would begin.
    """
    k, after, closed, beginning = extent
    if np.any(kinds[closed:beginning] == BREAK):
        return not _is_mark(kinds, line, closed), LINE
    if after == k:
        return True, TERMINATED
    stop = TERMINATED
    if points[after - 1] == _ELLIPSIS or (kinds[after - 1] == STOP and after > k + 1):
        stop = ELLIPSIS
    elif kinds[after - 1] == STOP:
        stop = FULL_STOP
    if beginning > closed or kinds[after - 1] == WIDE_TERMINATOR:
        return True, stop
    return ends and _begins_unspaced(kinds, line, k, beginning), stop


@_compiled
def _skip_terminators(kinds, k, end):  # type: ignore[no-untyped-def]
    while k < end and STOP <= kinds[k] <= WIDE_TERMINATOR:
        k += 1
    return k


@_compiled
def _skip_closing(points, kinds, k, end):  # type: ignore[no-untyped-def]
    """Skip what closes behind a terminator: marks, " »" after a space, and notes like "[3]"."""
    while k < end:
        if kinds[k] == QUOTE or kinds[k] == CLOSE:
            k += 1
        elif points[k] == _LEFT_SQUARE:
            note = k + 1
            while note < end and kinds[note] == DIGIT:
                note += 1
            if note == end or points[note] != _RIGHT_SQUARE:
                break
            k = note + 1
        elif kinds[k] == SPACE and k + 1 < end and _closes_spaced(points[k + 1], kinds[k + 1]):
            if k + 2 < end and (kinds[k + 2] <= STOP or kinds[k + 2] in (QUOTE, OPEN)):
                break  # it opens what follows
            k += 2
        else:
            break
    return k


@_compiled
def _closes_spaced(point, kind):  # type: ignore[no-untyped-def]
    """Tell whether a mark may close after a space: the right-hand ones do, and " where it must."""
    return kind == CLOSE or point in (0xBB, 0x201D, 0x2019, 0x22)


@_compiled
def _closing(kinds, after, closed, whole):  # type: ignore[no-untyped-def]
    for k in range(after, closed):
        if kinds[k] == CLOSE and whole:
            return WHOLE
    return CLOSED if closed > after else NOT_CLOSED


@_compiled
def _skip_opening(kinds, k, end):  # type: ignore[no-untyped-def]
    """Skip the quotation marks before a sentence: sentencex sees spaces there."""
    while k < end - 1 and kinds[k] in (QUOTE, SPACE):
        k += 1
    return k


@_compiled
def _skip_white(kinds, k, end):  # type: ignore[no-untyped-def]
    while k < end and kinds[k] in (SPACE, BREAK):
        k += 1
    return k


@_compiled
def _begins_unspaced(kinds, line, k, beginning):  # type: ignore[no-untyped-def]
    """Tell whether a sentence may begin without a space before it: never within a host or file."""
    if kinds[beginning] == LETTER:
        return True
    if kinds[beginning] != UPPER or k - line < 3:
        return False
    return kinds[k - 1] == LOWER and kinds[k - 2] == LOWER and kinds[k - 3] <= LETTER


@_compiled
def _is_mark(kinds, line, end):  # type: ignore[no-untyped-def]
    """Tell whether a line is only the number, the letter or the bullet of the item below it."""
    if end - line == 1:
        return kinds[line] == DASH
    if not 2 <= end - line <= _LONGEST_MARK:
        return False
    for k in range(line, end - 1):
        if kinds[k] != DIGIT and not (end - line == 2 and kinds[k] <= LETTER):
            return False
    return kinds[end - 1] == STOP or kinds[end - 1] == CLOSE


@_compiled
def _read_before(points, kinds, line, k, seed, row, words):  # type: ignore[no-untyped-def]
    """Describe the word before the full stop at `k`, and the word before that word."""
    first = _word_start(points, kinds, line, k)
    row[6] = _shape(points, kinds, first, k)
    words[0] = hash_word(points, _abbreviation_start(kinds, line, first, k), k, seed)
    before = first
    while before > line and (kinds[before - 1] == SPACE or kinds[before - 1] == OPEN):
        before -= 1
    row[7] = _leads(points, kinds, line, first, before)
    stop = before - (before > line and kinds[before - 1] == STOP)
    start = _word_start(points, kinds, line, stop)
    row[8] = _shape(points, kinds, start, stop)
    words[1] = hash_word(points, start, stop, seed)


@_compiled
def _leads(points, kinds, line, first, before):  # type: ignore[no-untyped-def]
    if before == line or kinds[before - 1] == STOP:
        return True
    if points[before - 1] == _COLON:  # "as follows: 1. Open it."
        return points[first] == 0x31 or points[first] == 0x61
    return before - 1 == line and kinds[line] == DASH


@_compiled
def _read_next(points, kinds, k, end, seed, row, words):  # type: ignore[no-untyped-def]
    """Describe the first word after a place."""
    last = min(end - 1, k + _LONGEST_OPENING)
    while k < last and kinds[k] in (QUOTE, OPEN, DASH, SPACE):
        k += 1
    stop = k
    while stop < end and stop - k < _LONGEST_WORD and kinds[stop] <= DIGIT:
        stop += 1
    row[9] = _case(points, kinds, k, end)
    row[10] = _shape(points, kinds, k, stop)
    if row[10] == INITIAL and (stop == end or kinds[stop] != STOP):
        row[10] = WORD
    unspaced = row[0] == row[1] and row[9] == LETTER
    words[2] = hash_word(points, k, k + 1 if unspaced else stop, seed)


@_compiled
def _case(points, kinds, k, end):  # type: ignore[no-untyped-def]
    """The kind of the character at `k`: upper case, too, for "iPhone" and Dutch "'s Avonds"."""
    if kinds[k] == LOWER and k + 1 < end:
        if kinds[k + 1] == UPPER:
            return UPPER
        if kinds[k - 1] == QUOTE and k + 2 < end and kinds[k + 2] == UPPER:
            spaced = kinds[k + 1] == SPACE or points[k + 1] == _HYPHEN_MINUS
            return UPPER if spaced else LOWER
    return kinds[k]


@_compiled
def _word_start(points, kinds, line, k):  # type: ignore[no-untyped-def]
    """Where the word begins that ends at `k`, with the hyphens and full stops within it."""
    first = k
    while first > max(line, k - _LONGEST_WORD) and (
        kinds[first - 1] <= STOP or points[first - 1] == _HYPHEN_MINUS
    ):
        first -= 1
    while first < k and (kinds[first] >= HYPHEN):
        first += 1
    return first


@_compiled
def _abbreviation_start(kinds, line, first, k):  # type: ignore[no-untyped-def]
    """Where "z. B" begins, of which `first` is the "B": letters, each with a full stop, spaced."""
    if k - first != 1:
        return first
    while (
        first - 3 >= line
        and k - first < _LONGEST_WORD
        and kinds[first - 1] == SPACE
        and kinds[first - 2] == STOP
        and kinds[first - 3] <= LETTER
        and (first - 3 == line or kinds[first - 4] > STOP)
    ):
        first -= 3
    return first


@_compiled
def _shape(points, kinds, first, end):  # type: ignore[no-untyped-def]
    if first >= end:
        return NO_WORD
    letters = digits = capitals = numerals = pairs = 0
    for k in range(first, end):
        kind = kinds[k]
        letter = kind in (LOWER, UPPER)
        letters += letter
        digits += kind == DIGIT
        capitals += kind == UPPER
        numerals += _is_roman(points[k])
        pairs += letter and k > first and kinds[k - 1] <= DIGIT and kinds[k - 1] != LETTER
    if digits and digits == end - first:
        return NUMBER if digits <= _LONGEST_ORDINAL else LONG_NUMBER
    if digits and not letters:
        return LONG_NUMBER
    if capitals and capitals == letters and not digits:
        if pairs == 0:
            return INITIAL
        if numerals == end - first:
            return ROMAN
    return WORD


@_compiled
def _is_roman(point):  # type: ignore[no-untyped-def]
    return point == 0x49 or point == 0x56 or point == 0x58 or point == 0x4C or point == 0x43
