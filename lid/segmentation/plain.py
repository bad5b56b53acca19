"""Where sentences may begin by their marks alone: behind every terminator, but not in brackets.

For languages that sentencex knows nothing of: it would read them by the rules and abbreviations of
English, and `am.`, `re.`, `no.` are words there that end sentences. And for marks that it does not
know, in whatever language they stand.
"""

from __future__ import annotations

from typing import Any

from numba import njit

from bitseam.lid.segmentation.kinds import (
    BREAK,
    CLOSE,
    OPEN,
    STOP,
    TERMINATOR,
    WIDE_TERMINATOR,
)

_FARTHEST = 300  # characters to the bracket that closes: of what is longer, sentences are wanted

_compiled: Any = njit(cache=True, nogil=True)


@_compiled
def mark_beginnings(points, kinds, bounds, all_marks, beginnings):  # type: ignore[no-untyped-def]
    """Set `beginnings` behind every run of terminators of all texts; of those not in `all_marks`
    `(texts,)` only behind marks of a script, not behind ".", "!", "?" and ellipses."""
    for row in range(len(bounds) - 1):
        extent = bounds[row], bounds[row + 1]
        _mark_in_text(points, kinds, extent, all_marks[row], beginnings)


@_compiled
def _mark_in_text(points, kinds, extent, all_marks, beginnings):  # type: ignore[no-untyped-def]
    start, end = extent
    depth = 0
    closing = start  # the next bracket that closes, or the end of the line
    for k in range(start, end - 1):
        kind = kinds[k]
        if kind == OPEN:
            depth += 1
        elif kind == BREAK:
            depth = 0
        elif kind == CLOSE:
            depth = max(0, depth - 1)
        elif STOP <= kind <= WIDE_TERMINATOR and not STOP <= kinds[k + 1] <= WIDE_TERMINATOR:
            closing = max(closing, k)
            while depth and closing < end and kinds[closing] not in (CLOSE, BREAK):
                closing += 1
            if closing == end or kinds[closing] != CLOSE or closing - k > _FARTHEST:
                depth = 0
            if all_marks or _is_of_script(points[k], kind):
                beginnings[k + 1] = depth == (kinds[k + 1] == CLOSE)


@_compiled
def _is_of_script(point, kind):  # type: ignore[no-untyped-def]
    return kind >= TERMINATOR and point > 0x7F and not 0x2000 <= point <= 0x22FF
