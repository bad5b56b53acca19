"""Marks before the text of a line that begin something new: bullets, numbers, options, keys."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from numba import njit

from bitseam.lid.paragraphs.classes import CLOSE, DIGIT, LETTER, SPACE, UNSPACED, UPPER
from bitseam.lid.paragraphs.lines import Integers, Lines

NO_ITEM, BULLET, NUMBER, LETTERED, SECTION, OPTION, KEY, BRACKETED = range(8)

_DASH, _SMALL_O, _POINT, _COLON, _WIDE_COMMA, _WIDE_POINT = 0x2D, 0x6F, 0x2E, 0x3A, 0x3001, 0xFF0E
_LEFT, _LEFT_SQUARE, _WIDE_LEFT, _SECTION_SIGN = 0x28, 0x5B, 0xFF08, 0xA7
_BULLETS = np.array(sorted(map(ord, "-*+•·●◦▪‣–—―‐・※○■□◆★☆►▶➢✓✔")), np.uint32)
_UNSPACED_BULLETS = np.array(sorted(map(ord, "・※●○■□◆★☆•▪")), np.uint32)
_LONGEST = 24  # characters of a mark or a key


class Items(NamedTuple):
    """Of n lines; every column `(n,)` int64."""

    item: Integers  # NO_ITEM to BRACKETED
    body: Integers  # where the text begins behind the mark


def find_items(
    points: npt.NDArray[np.uint32],
    kinds: npt.NDArray[np.uint8],
    scripts: npt.NDArray[np.uint8],
    lines: Lines,
) -> Items:
    """Return the marks of `lines`; `scripts` are those of all code points."""
    item, body = np.zeros(len(lines.text), np.int64), lines.first.copy()
    _find(points, kinds, scripts, (lines.first, lines.stop), (item, body))
    return Items(item, body)


_compiled: Any = njit(cache=True, nogil=True)


@_compiled
def _find(points, kinds, scripts, extents, columns):  # type: ignore[no-untyped-def]
    firsts, stops = extents
    for i in range(len(firsts)):
        columns[0][i], columns[1][i] = _item(points, kinds, scripts, firsts[i], stops[i])


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
        short = (digits < 5 and not letters) or (letters < 5 and not digits)
        return (BRACKETED, text) if closed and short else (NO_ITEM, first)
    if pointed or closed:
        kind = _kind(points, (begin, k), digits, letters, closed)
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
def _kind(points, extent, digits, letters, closed):  # type: ignore[no-untyped-def]
    """NUMBER or LETTERED, if the mark is short enough for it."""
    if not letters:
        return NUMBER if digits < 4 else NO_ITEM
    few = letters == 1 or (closed and letters < 5) or _is_roman(points, extent[0], extent[1])
    return LETTERED if few and not digits else NO_ITEM


@_compiled
def _is_roman(points, k, stop):  # type: ignore[no-untyped-def]
    for j in range(k, stop):
        lower = points[j] | 0x20
        if lower not in (0x69, 0x76, 0x78, 0x6C, 0x63):
            return False
    return stop - k < 6


@_compiled
def _skip(kinds, k, stop):  # type: ignore[no-untyped-def]
    while k < stop and kinds[k] == SPACE:
        k += 1
    return k
