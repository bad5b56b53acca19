"""Marks before the text of a line that begin something new: bullets, numbers, options, keys."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from numba import njit

from bitseam.lid.paragraphs.classes import CLOSE, DIGIT, LETTER, LOWER, SPACE, UNSPACED, UPPER
from bitseam.lid.paragraphs.lines import Integers, Lines

NO_ITEM, BULLET, NUMBER, LETTERED, SECTION, OPTION, KEY, BRACKETED = range(8)

_DASH, _SMALL_O, _POINT, _COLON, _WIDE_COMMA, _WIDE_POINT = 0x2D, 0x6F, 0x2E, 0x3A, 0x3001, 0xFF0E
_LEFT, _LEFT_SQUARE, _WIDE_LEFT, _SECTION_SIGN = 0x28, 0x5B, 0xFF08, 0xA7
_BULLETS = np.array(sorted(map(ord, "-*+•·●◦▪‣–—―‐・※○■□◆★☆►▶➢✓✔")), np.uint32)
_UNSPACED_BULLETS = np.array(sorted(map(ord, "・※●○■□◆★☆•▪")), np.uint32)
_C, _L, _X, _V, _I = map(ord, "clxvi")
_LONGEST = 24  # characters of a mark or a key
_LONGEST_COUNT = 6  # letters that count something are fewer
_SHORT_WORD = 4  # letters of an article or a preposition


class Items(NamedTuple):
    """Of n lines; every column `(n,)` int64."""

    item: Integers  # NO_ITEM to BRACKETED
    body: Integers  # where the text begins behind the mark
    within: Integers  # 1 where the line above ends within a sentence: "der", "A.", "i.e."


def find_items(
    points: npt.NDArray[np.uint32],
    kinds: npt.NDArray[np.uint8],
    scripts: npt.NDArray[np.uint8],
    lines: Lines,
) -> Items:
    """Return the marks of `lines`; `scripts` are those of all code points."""
    item, body = np.zeros(len(lines.text), np.int64), lines.first.copy()
    within = np.zeros(len(lines.text), np.int64)
    extents = lines.text, lines.first, lines.stop
    _find(points, kinds, scripts, extents, (item, body, within))
    return Items(item, body, within)


_compiled: Any = njit(cache=True, nogil=True)


@_compiled
def _find(points, kinds, scripts, extents, columns):  # type: ignore[no-untyped-def]
    texts, firsts, stops = extents
    for i in range(len(firsts)):
        columns[0][i], columns[1][i] = _item(points, kinds, scripts, firsts[i], stops[i])
        if i and texts[i] == texts[i - 1]:
            columns[2][i] = _ends_within(points, kinds, firsts[i - 1], stops[i - 1])


@_compiled
def _ends_within(points, kinds, first, stop):  # type: ignore[no-untyped-def]
    """Tell whether a line ends with a short word in small letters, or a letter and its point."""
    k = stop
    while k > first and stop - k <= _SHORT_WORD and kinds[k - 1] == LOWER:
        k -= 1
    if 0 < stop - k <= _SHORT_WORD:
        return k == first or kinds[k - 1] == SPACE
    letter = stop - 2
    if letter < first or points[stop - 1] != _POINT or kinds[letter] > UPPER:
        return False
    return letter == first or kinds[letter - 1] == SPACE or points[letter - 1] == _POINT


@_compiled
def _item(points, kinds, scripts, k, stop):  # type: ignore[no-untyped-def]
    """The mark of an item at the beginning of a line, and where its text begins."""
    if k >= stop:
        return NO_ITEM, k
    point = points[k]
    if k + 1 < stop:
        spaced = kinds[k + 1] == SPACE
        if spaced and (np.any(point == _BULLETS) or (point == _SMALL_O and k + 2 < stop)):
            return BULLET, _skip(kinds, k + 1, stop)
        if np.any(point == _UNSPACED_BULLETS):
            return BULLET, k + 1
        if point == _SECTION_SIGN:
            return SECTION, k
    if point == _DASH:
        return _option(points, kinds, k, stop), k
    begin = k + (point in (_LEFT, _LEFT_SQUARE, _WIDE_LEFT))
    if begin < stop and kinds[begin] <= DIGIT:
        return _numbered(points, kinds, scripts, k, begin, stop)
    return NO_ITEM, k


@_compiled
def _option(points, kinds, first, stop):  # type: ignore[no-untyped-def]
    k = first
    while k < stop and points[k] == _DASH:
        k += 1
    return OPTION if k - first < 3 and k < stop and kinds[k] <= UPPER else NO_ITEM


@_compiled
def _numbered(points, kinds, scripts, first, begin, stop):  # type: ignore[no-untyped-def]
    """`12.`, `12)`, `(12)`, `[12]`, `3.1.2`, `b)`, `(iv)`, `一、`, `Key: value`."""
    k, digits, letters, dots = _read_mark(points, kinds, begin, stop)
    text = _skip(kinds, k + 1, stop)
    if text >= stop:
        return NO_ITEM, first
    mark, closed = points[k], kinds[k] == CLOSE
    pointed = mark in (_POINT, _WIDE_COMMA, _WIDE_POINT)
    spaced = text > k + 1 or scripts[mark] == UNSPACED
    if dots and not letters and digits < 9 and (kinds[k] == SPACE or (pointed and spaced)):
        return SECTION, text
    if not spaced:
        return NO_ITEM, first
    if begin > first:
        short = digits < 5 if not letters else not digits and _is_letter(points, scripts, begin, k)
        return (BRACKETED, text) if closed and short else (NO_ITEM, first)
    if pointed or closed:
        kind = _kind(points, scripts, (begin, k), digits, letters)
        return (kind, text) if kind else (NO_ITEM, first)
    return (KEY, first) if letters > 1 and not digits and mark == _COLON else (NO_ITEM, first)


@_compiled
def _read_mark(points, kinds, begin, stop):  # type: ignore[no-untyped-def]
    """Where a mark of digits or letters ends, and how many it has of digits, letters, points."""
    k, digits, letters, dots = begin, 0, 0, 0
    while k < stop and k - begin < _LONGEST:
        if kinds[k] == DIGIT:
            digits += 1
        elif kinds[k] <= LETTER or (points[k] == _DASH and letters):
            letters += 1
        elif points[k] == _POINT and k + 1 < stop and kinds[k + 1] == DIGIT:
            dots += 1
        else:
            break
        k += 1
    return k, digits, letters, dots


@_compiled
def _kind(points, scripts, extent, digits, letters):  # type: ignore[no-untyped-def]
    """NUMBER or LETTERED, if the mark is short enough for it."""
    if not letters:
        return NUMBER if digits < 4 else NO_ITEM
    few = not digits and _is_letter(points, scripts, extent[0], extent[1])
    return LETTERED if few else NO_ITEM


@_compiled
def _is_letter(points, scripts, k, stop):  # type: ignore[no-untyped-def]
    """Tell whether letters count something: `b`, `aa`, `xiv`, `XL`, `十二`."""
    if stop - k >= _LONGEST_COUNT:
        return False
    if scripts[points[k]] == UNSPACED or np.all(points[k:stop] == points[k]):
        return True
    small = points[k] & 0x20
    if np.any((points[k:stop] & 0x20) != small):
        return False
    letters = points[k:stop] | 0x20
    if small and np.any((letters == _L) | (letters == _C)):  # "ill", "civil"
        return False
    tens = _skip_numeral(points, k, stop, (_C, _L, _X))
    return _skip_numeral(points, tens, stop, (_X, _V, _I)) == stop


@_compiled
def _skip_numeral(points, k, stop, numerals):  # type: ignore[no-untyped-def]
    """Skip the Roman numeral of one decimal place, of its `ten`, `five` and `one`."""
    ten, five, one = numerals
    if k + 1 < stop and points[k] | 0x20 == one and points[k + 1] | 0x20 in (five, ten):
        return k + 2
    k += k < stop and points[k] | 0x20 == five
    last = k + 3
    while k < min(stop, last) and points[k] | 0x20 == one:
        k += 1
    return k


@_compiled
def _skip(kinds, k, stop):  # type: ignore[no-untyped-def]
    while k < stop and kinds[k] == SPACE:
        k += 1
    return k
