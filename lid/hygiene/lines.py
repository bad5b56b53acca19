"""Lines of documents: which ones stand in many documents, and which are the items of a menu."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from numba import njit

from bitseam.lid.character_classes import SENTENCE_ENDS
from bitseam.lid.code_points import CodePoints
from bitseam.lid.hashing import FNV_OFFSET, FNV_PRIME
from bitseam.lid.hygiene.kinds import DIGIT, LETTER, MARK, SPACE, UNSPACED, word_kinds

# A line is boilerplate if it stands in so many documents, and these are so large a share of all,
# or so many that the share does not matter; the first document keeps it, unless it has the shape of
# a menu's item. Longer lines are text; copies of its sentences are dropped later, but for one.
MIN_DOCUMENTS = 5
MIN_SHARE = 0.01
ENOUGH_DOCUMENTS = 100
MAX_LINE = 250  # characters

# A menu: a run of short lines that do not end as a line of prose or of a poem does.
MENU_LINES = 6
_ITEM_CHARACTERS = 40
_ITEM_HALF_WORDS = 8  # a letter of a script that sets no words apart is half a word
_PROSE_HALF_WORDS = 12
_ENDS = np.array([ord(end) for end in SENTENCE_ENDS + ",;:，；：、،؛"], np.uint32)

# Signs of a number: hyphens, the dash that German sets for a minus, the minus; in full width, too.
# (numba's cache of the function below is renewed when this file changes.)
_MINUS = (0x2D, 0x2010, 0x2011, 0x2012, 0x2013, 0x2212, 0xFE63, 0xFF0D)
_PLUS = (0x2B, 0xFE62, 0xFF0B)


class Lines(NamedTuple):
    """The n lines with a letter of some documents, in order."""

    document: npt.NDArray[np.int64]  # (n,) row of the document
    start: npt.NDArray[np.int64]  # (n,) code points into all documents, one after the other
    end: npt.NDArray[np.int64]  # (n,)
    key: npt.NDArray[np.int64]  # (n,) hash of the lower-cased letters and the numbers
    half_words: npt.NDArray[np.int64]  # (n,)
    is_ended: npt.NDArray[np.bool_]  # (n,) by punctuation


def find_lines(texts: CodePoints) -> Lines:
    """Return the lines of the lower-cased `texts` that hold a letter."""
    points, bounds = texts
    breaks = np.flatnonzero(
        ((points >= 0x0A) & (points <= 0x0D))
        | (points == 0x85)
        | ((points >= 0x2028) & (points <= 0x2029))
    )
    starts = np.union1d(bounds[:-1], breaks + 1)
    starts = starts[starts < bounds[-1]]
    ends = np.append(starts[1:], bounds[-1:])[: len(starts)]
    keys = np.zeros(len(starts), np.uint64)
    facts = np.zeros((len(starts), 3), np.int64)
    _read_lines(points, starts, ends, word_kinds(), _ENDS, keys, facts)
    letters, half_words, ended = facts.T
    found = np.flatnonzero(letters)
    return Lines(
        np.searchsorted(bounds, starts[found], side="right") - 1,
        starts[found],
        ends[found],
        keys[found].view(np.int64),
        half_words[found],
        ended[found] > 0,
    )


def is_boilerplate(counts: npt.NDArray[np.int64], documents: int) -> npt.NDArray[np.bool_]:
    """Tell which lines stand in too many of all `documents`, from their `counts` `(n,)`."""
    return (counts >= MIN_DOCUMENTS) & (
        (counts >= MIN_SHARE * documents) | (counts >= ENOUGH_DOCUMENTS)
    )


def like_items(lines: Lines) -> npt.NDArray[np.bool_]:
    """Return `(n,)`: which lines have the shape of a menu's item, wherever they stand."""
    short = (lines.half_words <= _ITEM_HALF_WORDS) & (lines.end - lines.start <= _ITEM_CHARACTERS)
    return short & ~lines.is_ended


def in_menu(lines: Lines) -> npt.NDArray[np.bool_]:
    """Return `(n,)`: which lines are items of a menu.

    Only in a document that also has a line of prose: one of nothing but short lines is a list.
    """
    item = like_items(lines)
    prose = lines.is_ended & (lines.half_words >= _PROSE_HALF_WORDS)
    item &= np.isin(lines.document, lines.document[prose])
    # Runs of the same document and the same kind of line.
    new = np.ones(len(item), bool)
    new[1:] = (item[1:] != item[:-1]) | (lines.document[1:] != lines.document[:-1])
    run = np.cumsum(new) - 1
    is_long: npt.NDArray[np.bool_] = np.bincount(run, minlength=1)[run] >= MENU_LINES
    return item & is_long


_compiled: Any = njit(cache=True, nogil=True)


@_compiled
def _read_lines(points, starts, ends, kinds, end_marks, keys, facts):  # type: ignore[no-untyped-def]
    """Write each line's key; its letters, half words, and whether punctuation ends it."""
    for i in range(len(starts)):
        key, previous, last = FNV_OFFSET, SPACE, np.uint32(0)
        for k in range(starts[i], ends[i]):
            kind = kinds[points[k]]
            if kind in (LETTER, MARK, UNSPACED):
                key = (key ^ np.uint64(points[k])) * FNV_PRIME
                facts[i, 0] += kind != MARK
            elif kind == DIGIT:
                if previous != DIGIT:  # 1 2 is not 12, nor -3 the same as 3
                    before = points[k - 1] if k > starts[i] else np.uint32(0)
                    sign = 1 * (before in _MINUS) + 2 * (before in _PLUS)
                    key = (key ^ np.uint64(2 + sign)) * FNV_PRIME
                key = (key ^ np.uint64(points[k])) * FNV_PRIME
            if kind == UNSPACED:
                facts[i, 1] += 1
            elif kind != SPACE and previous in (SPACE, UNSPACED):
                facts[i, 1] += 2
            if kind != SPACE:
                last = points[k]
            previous = kind
        keys[i] = key
        facts[i, 2] = np.any(end_marks == last)
