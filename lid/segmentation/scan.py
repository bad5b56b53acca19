"""The compiled pass that finds places where a sentence may end; and the trimming of pieces.

All that it calls stands in this file, because the cache of a compiled function is renewed when its
own file changes, not when a function of another file does.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

from bitseam.lid.segmentation.kinds import (
    BRACKETED,
    BREAK,
    CLOSE,
    CLOSED,
    DASH,
    DIGIT,
    ELLIPSIS,
    FULL_STOP,
    LETTER,
    LINE,
    LOWER,
    NOT_CLOSED,
    OPEN,
    PUNCTUATION,
    QUOTE,
    SPACE,
    STOP,
    TERMINATED,
    TERMINATOR,
    UPPER,
    WHOLE,
    WIDE_TERMINATOR,
)

_LONGEST_MARK = 4  # characters of "12." or "b)", standing on a line of its own
_LONGEST_REMARK = 60  # characters in brackets behind a sentence
_LONGEST_NUMBER = 8  # characters of a verse's number between two double dandas
_LONGEST_NOTE = 20  # characters of "[note 3]", "[citation needed]"
_DIGITS_OF_NOTE = 3
_LEFT, _RIGHT = 0x28, 0x29
_LEFT_SQUARE, _RIGHT_SQUARE, _DOUBLE_DANDA, _DOUBLE_QUOTE, _SLASH = 0x5B, 0x5D, 0x965, 0x22, 0x2F

_compiled: Any = njit(cache=True, nogil=True)


@_compiled
def trim(kinds, starts, ends):  # type: ignore[no-untyped-def]
    """Move the starts and ends of pieces inwards over white space, in place."""
    for i in range(len(starts)):
        starts[i] = _skip_white(kinds, starts[i], ends[i])
        while ends[i] > starts[i] and kinds[ends[i] - 1] in (SPACE, BREAK):
            ends[i] -= 1


@_compiled
def scan(points, bounds, kinds, base, rows):  # type: ignore[no-untyped-def]
    """Write the places of all texts into the columns of `rows`; return how many."""
    n = 0
    for i in range(len(bounds) - 1):
        text = bounds[i], bounds[i + 1], i
        n = _find_in_text(points, kinds, base, text, rows, n)
    return n


@_compiled
def _find_in_text(points, kinds, base, text, rows, n):  # type: ignore[no-untyped-def]
    start, end, row = text
    k = line = seen = start
    inside = whole = False  # in a bracket; in one that was opened where a sentence begins
    quoted = False  # behind an odd number of " in the line
    small = _is_small(kinds, start, end)
    while k < end:
        kind = kinds[k]
        if not base[k] and (kind < STOP or kind == SPACE):  # most characters
            k += 1
            continue
        after = _skip_terminators(kinds, k, end)
        if after == k and kind != BREAK and not (base[k] and k > seen):
            inside = kind == OPEN or (inside and kind != CLOSE)
            whole = k in (line, seen) if kind == OPEN else whole
            quoted ^= points[k] == _DOUBLE_QUOTE
            k += 1
            continue
        wide = after > k and _is_wide(points, kinds, line, k, after, end)
        closed = after
        if after > k:
            closed = _skip_closing(points, kinds, after, end, wide, quoted)
        beginning = _skip_white(kinds, closed, end)
        if beginning == end:
            break
        seen = _skip_opening(kinds, beginning, end)
        ends = np.any(base[min(k + (after > k), beginning) : seen + 1])
        inside = inside and not np.any(kinds[after:closed] == CLOSE)
        is_place, stop = _stop(points, kinds, line, (k, after, closed, beginning), ends, wide)
        if is_place:
            rows[0, n], rows[1, n], rows[2, n] = closed, beginning, stop
            rows[3, n] = _closing(points, kinds, after, closed, whole)
            rows[4, n], rows[5, n] = ends, inside
            rows[6, n], rows[7, n], rows[8, n] = wide, small, row
            rows[9, n], rows[10, n] = k, line
            n += 1
        for mark in range(k, max(beginning, k + 1)):
            quoted ^= points[mark] == _DOUBLE_QUOTE
        k = max(beginning, k + 1)
        if np.any(kinds[closed:beginning] == BREAK):
            quoted, small = False, _is_small(kinds, beginning, end)
            if is_place:
                line, inside = beginning, False
    return n


@_compiled
def _is_small(kinds, k, end):  # type: ignore[no-untyped-def]
    """Tell whether a line that has small letters has no capitals."""
    letters = 0
    while k < end and kinds[k] != BREAK:
        if kinds[k] == UPPER:
            return False
        letters += kinds[k] == LOWER
        k += 1
    return letters > 0


@_compiled
def _stop(points, kinds, line, extent, ends, wide):  # type: ignore[no-untyped-def]
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
    if _is_ellipsis(points[after - 1]) or (kinds[after - 1] == STOP and after > k + 1):
        stop = ELLIPSIS
    elif kinds[after - 1] == STOP:
        stop = FULL_STOP
    if beginning > closed or wide:
        return True, stop
    return ends and _begins_unspaced(points, kinds, line, k, beginning), stop


@_compiled
def _is_ellipsis(point):  # type: ignore[no-untyped-def]
    return point == 0x2026 or point == 0x22EF or point == 0x2025


@_compiled
def _skip_terminators(kinds, k, end):  # type: ignore[no-untyped-def]
    while k < end and STOP <= kinds[k] <= WIDE_TERMINATOR:
        k += 1
    return k


@_compiled
def _is_wide(points, kinds, line, k, after, end):  # type: ignore[no-untyped-def]
    """Tell whether terminators stand in East Asian text, where no space need follow them."""
    if kinds[after - 1] == WIDE_TERMINATOR:
        return True
    if kinds[after - 1] != TERMINATOR:
        return False
    before = k > line and _is_east_asian(points[k - 1])
    return before or (after < end and _is_east_asian(points[after]))


@_compiled
def _is_east_asian(point):  # type: ignore[no-untyped-def]
    return 0x2E80 <= point <= 0x9FFF or 0xF900 <= point <= 0xFAFF or 0xFF00 <= point <= 0xFFEF


@_compiled
def _skip_closing(points, kinds, k, end, wide, quoted):  # type: ignore[no-untyped-def]
    """Skip what closes behind a terminator: marks, " »" after a space, and notes like "[3]"."""
    terminated = k
    while k < end:
        if kinds[k] == QUOTE or kinds[k] == CLOSE:
            if wide and _opens(points[k], quoted):
                break
            quoted ^= points[k] == _DOUBLE_QUOTE
            k += 1
        elif kinds[k] == WIDE_TERMINATOR and k > terminated:  # （真的！）。
            k += 1
        else:
            behind = _skip_note(points, kinds, k, end)
            if behind == k:
                behind = _skip_spaced(points, kinds, k, end)
            if behind == k:
                break
            k = behind
    return k


@_compiled
def _skip_note(points, kinds, k, end):  # type: ignore[no-untyped-def]
    """Skip what refers to a note: "[3]", "[a]", "[note 3]"; "(1)", "¹", "*", or emoji, before
    white space."""
    if points[k] == _LEFT_SQUARE:
        return _skip_square(points, kinds, k, end)
    note = k
    if points[k] == _LEFT and kinds[k - 1] != SPACE:
        note = k + 1
        while note < end and note - k <= _DIGITS_OF_NOTE and kinds[note] == DIGIT:
            note += 1
        if note == k + 1 or note == end or points[note] != _RIGHT:
            return k
        note += 1
    else:
        emoji = _is_emoji(points[k])
        while note < min(end, k + _LONGEST_NOTE) and (
            _is_emoji(points[note]) if emoji else _is_reference(points[note])
        ):
            note += 1
    return note if note == end or kinds[note] in (SPACE, BREAK, QUOTE, CLOSE) else k


@_compiled
def _skip_square(points, kinds, k, end):  # type: ignore[no-untyped-def]
    """Skip a note in square brackets: numbers, letters, a few words."""
    numbered = True  # "[3]", "[1, 2]": no space need follow
    for i in range(k + 1, min(end, k + _LONGEST_NOTE)):
        if points[i] == _RIGHT_SQUARE:
            spaced = i + 1 == end or kinds[i + 1] in (SPACE, BREAK, QUOTE, CLOSE, OPEN)
            return i + 1 if i > k + 1 and (numbered or spaced) else k
        numbered = numbered and kinds[i] > LETTER
        if kinds[i] > DIGIT and kinds[i] not in (SPACE, DASH, PUNCTUATION):
            break
    return k


@_compiled
def _is_emoji(point):  # type: ignore[no-untyped-def]
    """Tell whether a character is an emoji, or joins or varies one."""
    pictures = 0x1F000 <= point <= 0x1FAFF or 0x2600 <= point <= 0x27BF
    return pictures or point in (0x200D, 0xFE0F)


@_compiled
def _is_reference(point):  # type: ignore[no-untyped-def]
    """Tell whether a character refers to a note: ¹ ² ³ ⁰ to ⁹, * † ‡ § ※."""
    if point in (0xB9, 0xB2, 0xB3, 0x2A, 0x2020, 0x2021, 0xA7, 0x203B):
        return True
    return 0x2070 <= point <= 0x2079


@_compiled
def _skip_spaced(points, kinds, k, end):  # type: ignore[no-untyped-def]
    """Skip what closes behind a space: marks that open nothing, a verse's number, a remark."""
    if points[k - 1] == _DOUBLE_DANDA:
        return _skip_verse_number(points, kinds, k, end)
    if kinds[k] != SPACE or k + 1 == end:
        return k
    behind = k + 1
    if TERMINATOR <= kinds[behind] <= WIDE_TERMINATOR:  # "Quoi ! ?", "। ।"
        behind = _skip_terminators(kinds, behind, end)
        return behind if behind == end or kinds[behind] in (SPACE, BREAK) else k
    if kinds[behind] == OPEN:
        remark = _skip_remark(kinds, behind, end)
        return remark if remark > behind else k
    if not _closes_spaced(points[behind], kinds[behind]):
        return k
    while behind < end and kinds[behind] in (QUOTE, CLOSE):
        behind += 1
    closes = behind == end or kinds[behind] in (SPACE, BREAK)
    mark = kinds[behind] > STOP and kinds[behind] != OPEN and points[behind] != _SLASH
    closes = closes or (behind == k + 2 and mark)
    return behind if closes else k


@_compiled
def _skip_remark(kinds, k, end):  # type: ignore[no-untyped-def]
    """Skip "(see below)", words in brackets that are no sentence and no mark of an item."""
    words = 1
    for i in range(k + 1, min(end, k + _LONGEST_REMARK)):
        if STOP <= kinds[i] <= BREAK or kinds[i] == OPEN:
            break
        if kinds[i] == CLOSE:
            alone = i + 1 == end or kinds[i + 1] in (SPACE, BREAK)
            return i + 1 if alone and words > 1 else k
        words += kinds[i] == SPACE
    return k


@_compiled
def _skip_verse_number(points, kinds, k, end):  # type: ignore[no-untyped-def]
    """Skip "१२ ॥" behind "॥"."""
    last = min(end, k + _LONGEST_NUMBER)
    digits = 0
    for i in range(k, last):
        if points[i] == _DOUBLE_DANDA:
            return i + 1 if digits else k
        if kinds[i] != DIGIT and kinds[i] != SPACE:
            break
        digits += kinds[i] == DIGIT
    return k


@_compiled
def _opens(point, quoted):  # type: ignore[no-untyped-def]
    """Tell whether a quotation mark of East Asian text opens."""
    if point == _DOUBLE_QUOTE:
        return not quoted
    return point in (0x201C, 0x2018, 0x300C, 0x300E, 0xFF62)


@_compiled
def _closes_spaced(point, kind):  # type: ignore[no-untyped-def]
    """Tell whether a mark may close after a space: the right-hand ones do, and " where it must."""
    return kind == CLOSE or point in (0xBB, 0x201D, 0x2019, _DOUBLE_QUOTE)


@_compiled
def _closing(points, kinds, after, closed, whole):  # type: ignore[no-untyped-def]
    """What closes behind the last terminator."""
    for k in range(after, closed):
        if kinds[k] == WIDE_TERMINATOR:
            after = k + 1
    for k in range(after, closed):
        if kinds[k] == OPEN:  # a remark
            break
        if kinds[k] == CLOSE:
            is_title = points[k] == 0x300B or points[k] == 0x3009  # 》〉
            return WHOLE if whole and not is_title else BRACKETED
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
def _begins_unspaced(points, kinds, line, k, beginning):  # type: ignore[no-untyped-def]
    """Tell whether a sentence may begin without a space before it: never within a host or file."""
    kind = kinds[beginning]
    if kind != LETTER and kind != UPPER:
        return False
    if kinds[k] != STOP:
        return True
    # As many letters of a word before a full stop as no abbreviation has.
    fewest = 3 if kind == UPPER else 2 if _is_korean(points[k - 1]) else 4
    small = LOWER if kind == UPPER else LETTER
    if k - line < fewest or kinds[k - 1] != small or kinds[k - 2] != small:
        return False
    return not np.any(kinds[k - fewest : k - 2] > LETTER)


@_compiled
def _is_korean(point):  # type: ignore[no-untyped-def]
    return 0xAC00 <= point <= 0xD7A3


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
