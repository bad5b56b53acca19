"""The compiled pass over places where a sentence may end: the words around each of them.

All that it calls stands in this file: see `scan.py`.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

from bitseam.lid.hashing import FNV_PRIME
from bitseam.lid.segmentation.kinds import (
    CLOSE,
    DASH,
    DIGIT,
    HYPHEN,
    INITIAL,
    LETTER,
    LONG_NUMBER,
    LOWER,
    MARKED,
    NO_WORD,
    NUMBER,
    OPEN,
    PUNCTUATION,
    QUOTE,
    ROMAN,
    SPACE,
    STOP,
    UPPER,
    WIDE_TERMINATOR,
    WORD,
)

_LONGEST_WORD = 24  # code points; of a longer one the last are read
_LONGEST_OPENING = 8  # marks before the first letter of a sentence
_LONGEST_PART = 4  # code points between the full stops of an abbreviation
_LONGEST_LISTED = 30  # characters of a quotation among others
_LONGEST_SPEAKER = 10  # characters of a clause that names the speaker behind a quotation
_APOSTROPHES = (0x27, 0x2019)
_SMALL_T = 0x74
_BLANK, _HYPHEN_MINUS, _COLON, _SLASH, _TSHEG = 0x20, 0x2D, 0x3A, 0x2F, 0xF0B

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
def describe(points, bounds, kinds, seeds, found, rows, words):  # type: ignore[no-untyped-def]
    """Write what stands around the places of `found` (`scan`) into `rows` and `words`."""
    for n in range(found.shape[1]):
        text = found[8, n]
        extent = found[9, n], found[10, n], found[0, n], found[1, n], bounds[text + 1]
        _read_before(points, kinds, extent, seeds[text], rows[:, n], words[:, n])
        _read_next(points, kinds, extent, seeds[text], rows[:, n], words[:, n])
        if found[6, n]:
            rows[7, n] = _names_speaker(points, kinds, found[1, n], bounds[text + 1])
            rows[7, n] |= _is_listed(points, found[10, n], found[9, n])


@_compiled
def _read_before(points, kinds, extent, seed, row, words):  # type: ignore[no-untyped-def]
    """Describe the word before a full stop, and the word before that word."""
    k, line, _, _, _ = extent
    if k > line and points[k - 1] == _TSHEG:
        k -= 1
    first = _word_start(points, kinds, line, k)
    row[0] = _shape(points, kinds, first, k)
    if first == k > line and kinds[k - 1] in (QUOTE, CLOSE):
        row[0] = MARKED
    row[1] = _letters(kinds, first, k)
    words[0] = hash_word(points, _abbreviation_start(kinds, line, first, k), k, seed)
    before = first
    while before > line and (kinds[before - 1] == SPACE or kinds[before - 1] == OPEN):
        before -= 1
    row[2] = _leads(points, kinds, line, first, before)
    if row[2] == 2 and _is_small_numeral(points, first, k):
        row[0] = ROMAN
    stop = before - (before > line and kinds[before - 1] == STOP)
    start = _word_start(points, kinds, line, stop)
    row[3] = _shape(points, kinds, start, stop)
    words[1] = hash_word(points, start, stop, seed)


@_compiled
def _letters(kinds, first, k):  # type: ignore[no-untyped-def]
    """How many letters a word ends with, or digits a number."""
    last = k
    while (
        last > first
        and kinds[last - 1] <= DIGIT
        and (kinds[last - 1] == DIGIT) == (kinds[k - 1] == DIGIT)
    ):
        last -= 1
    return k - last


@_compiled
def _leads(points, kinds, line, first, before):  # type: ignore[no-untyped-def]
    """1 where a word is the first of its sentence or item, 2 where it is of its line, else 0."""
    if before == line:
        return 2
    if kinds[before - 1] == STOP:
        return 1
    if points[before - 1] == _COLON:  # "as follows: 1. Open it."
        return 1 * (points[first] == 0x31 or points[first] == 0x61)
    return 1 * (before - 1 == line and kinds[line] == DASH)


@_compiled
def _read_next(points, kinds, extent, seed, row, words):  # type: ignore[no-untyped-def]
    """Describe the first word after a place."""
    _, _, closed, beginning, end = extent
    k = beginning
    last = min(end - 1, k + _LONGEST_OPENING)
    while k < last and (
        kinds[k] in (QUOTE, OPEN, DASH, SPACE) or (points[k] == _SLASH and kinds[k + 1] <= DIGIT)
    ):
        k += 1
    stop = k
    while stop < end and stop - k < _LONGEST_WORD and kinds[stop] <= DIGIT:
        stop += 1
    row[4] = _case(points, kinds, k, end)
    row[5] = _shape(points, kinds, k, stop)
    if row[5] == INITIAL and (stop == end or kinds[stop] != STOP):
        row[5] = WORD
    if row[5] == NUMBER and _is_month(kinds, k, stop, end):
        row[5] = LONG_NUMBER
    opening = kinds[beginning:k]
    row[6] = 2 if np.any(opening == OPEN) else np.any(opening == QUOTE)
    unspaced = closed == beginning and row[4] == LETTER
    words[2] = hash_word(points, k, k + 1 if unspaced else stop, seed)


@_compiled
def _is_month(kinds, k, stop, end):  # type: ignore[no-untyped-def]
    """Tell whether a number is the month of a date like Korean "2020. 5. 3.", begun by its year."""
    if stop - k > 2 or stop == end or kinds[stop] != STOP:
        return False
    stop += 1
    stop += stop < end and kinds[stop] == SPACE
    return stop < end and kinds[stop] in (DIGIT, LETTER)


@_compiled
def _case(points, kinds, k, end):  # type: ignore[no-untyped-def]
    """The kind of the character at `k`: upper case, too, for "iPhone" and Dutch "'s Avonds", and
    for "'t", of which Luxembourgish and Dutch know no capital."""
    if kinds[k] == LOWER and k + 1 < end:
        if kinds[k + 1] == UPPER:
            return UPPER
        if kinds[k - 1] == QUOTE and k + 2 < end and kinds[k + 2] == UPPER:
            spaced = kinds[k + 1] == SPACE or points[k + 1] == _HYPHEN_MINUS
            return UPPER if spaced else LOWER
        if points[k - 1] in _APOSTROPHES and points[k] == _SMALL_T and kinds[k + 1] == SPACE:
            return UPPER
    return kinds[k]


@_compiled
def _names_speaker(points, kinds, k, end):  # type: ignore[no-untyped-def]
    """Tell whether a Chinese clause like "他大声说，" stands at `k`."""
    verb = -2
    for i in range(k, min(end, k + _LONGEST_SPEAKER)):
        if kinds[i] != LETTER:
            is_end = kinds[i] == PUNCTUATION or kinds[i] == WIDE_TERMINATOR
            return is_end and i > k + 1 and i - verb <= 2
        if _is_speaking(points[i]):
            verb = i
    return False


@_compiled
def _is_listed(points, line, k):  # type: ignore[no-untyped-def]
    """Tell whether the quotation that ends at `k` follows another: “好。”、“不好。”"""
    for i in range(k - 1, max(line, k - _LONGEST_LISTED), -1):
        if points[i] in (0x201D, 0x300D, 0x300F):
            return False
        if points[i] in (0x201C, 0x300C, 0x300E):
            return points[i - 1] == 0x3001
    return False


@_compiled
def _is_speaking(point):  # type: ignore[no-untyped-def]
    """说 說 问 問 喊 叫 答 吼 嚷"""
    return point in (0x8BF4, 0x8AAA, 0x95EE, 0x554F, 0x558A, 0x53EB, 0x7B54, 0x543C, 0x56B7)


@_compiled
def _word_start(points, kinds, line, k):  # type: ignore[no-untyped-def]
    """Where the word begins that ends at `k`, with the hyphens and full stops within it."""
    first = k
    while first > max(line, k - _LONGEST_WORD) and (
        kinds[first - 1] <= STOP or points[first - 1] == _HYPHEN_MINUS
    ):
        if _is_east_asian(points[first - 1]):  # 他叫J. Smith
            break
        first -= 1
    while first < k and (kinds[first] >= HYPHEN):
        first += 1
    return first


@_compiled
def _is_east_asian(point):  # type: ignore[no-untyped-def]
    return 0x2E80 <= point <= 0x9FFF or 0xFF00 <= point <= 0xFFEF


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
    if _is_stopped(points, kinds, first, end):
        return INITIAL
    for k in range(first, end):
        kind = kinds[k]
        letter = kind in (LOWER, UPPER) or (kind == LETTER and _is_alphabetic(points[k]))
        letters += letter
        digits += kind == DIGIT
        capitals += letter and kind != LOWER
        numerals += _is_roman(points[k])
        pairs += letter and k > first and kinds[k - 1] <= DIGIT
    if digits and not letters:
        return NUMBER if digits == end - first else LONG_NUMBER
    if capitals and capitals == letters and not digits:
        if pairs == 0:
            return INITIAL
        if numerals == end - first:
            return ROMAN
    return WORD


@_compiled
def _is_stopped(points, kinds, first, end):  # type: ignore[no-untyped-def]
    """Tell whether a word is like Hindi "यू.एस": short parts without case, with full stops."""
    stops = part = 0
    for k in range(first, end):
        if kinds[k] == STOP:
            stops, part = stops + 1, 0
        elif kinds[k] == LETTER and points[k] < 0x2E80:
            part += 1
        else:
            return False
        if part > _LONGEST_PART:
            return False
    return stops > 0 and part > 0


@_compiled
def _is_alphabetic(point):  # type: ignore[no-untyped-def]
    """Tell whether a letter without case may be an initial: Hebrew, Arabic, Georgian."""
    return 0x590 <= point <= 0x6FF or 0x10A0 <= point <= 0x10FF


@_compiled
def _is_roman(point):  # type: ignore[no-untyped-def]
    return point == 0x49 or point == 0x56 or point == 0x58 or point == 0x4C or point == 0x43


@_compiled
def _is_small_numeral(points, first, k):  # type: ignore[no-untyped-def]
    """Tell whether a word is like "iv": a few of the letters i, v and x."""
    for i in range(first, k):
        if points[i] not in (0x69, 0x76, 0x78):
            return False
    return 0 < k - first <= _LONGEST_PART
