"""How lines are joined: by a space, by nothing, or by nothing and without the hyphen."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from bitseam.lid.code_points import CodePoints, lowered
from bitseam.lid.paragraphs.attested import Breaks, Known, count_known
from bitseam.lid.paragraphs.classes import (
    DIGIT,
    HANGUL,
    HYPHEN,
    LOWER,
    MARK,
    SPACED,
    UNSPACED,
    UPPER,
    line_classes,
)
from bitseam.lid.paragraphs.roles import WRAP
from bitseam.lid.paragraphs.shapes import Mask

# How two lines are joined.
SPACE, NOTHING, NO_HYPHEN = range(3)

_SOFT = np.array([0xAD, 0xAC], np.uint32)  # hyphens that only break a word
_TYPESET = 0x2010  # the hyphen of a typesetter
_DASHES = np.array([0x2014, 0x2E3A], np.uint32)
_HYPHEN_MINUS, _SLASH = 0x2D, 0x2F
# After a hyphen that stands for the rest of a word: "Nord- und Südseite", "pre- and post-war".
_SUSPENDED = (
    *("und", "oder", "bzw", "sowie", "bis", "noch", "an", "and", "or", "nor", "to", "en"),
    *("of", "tot", "et", "ou", "och", "eller", "og", "y", "o", "e", "ed", "i", "lub", "oraz", "a"),
    *("nebo", "ja", "tai", "és", "vagy", "и", "или", "і", "або"),
)
_LONGEST_SUSPENDED = 5
# Hyphens at line ends, in all and of all lines: more than a text has that breaks no words.
_MANY, _OFTEN = 3, 0.05


def find_breaks(texts: CodePoints, roles: npt.NDArray[np.uint8]) -> Breaks:
    """Return the breaks of `texts` that only wrap."""
    wrap = roles == WRAP
    starts = np.flatnonzero(wrap & ~np.append(False, wrap[:-1]))
    ends = np.flatnonzero(wrap & ~np.append(wrap[1:], False))
    rows = np.searchsorted(texts.bounds, starts, side="right") - 1
    return Breaks(rows, starts - 1, ends + 1)


def choose_glue(
    texts: pa.StringArray, points: CodePoints, kinds: npt.NDArray[np.uint8], breaks: Breaks
) -> npt.NDArray[np.int64]:
    """Return how the lines at each of the breaks are joined: SPACE, NOTHING or NO_HYPHEN."""
    glue = np.full(len(breaks.text), SPACE)
    if not len(glue):
        return glue
    scripts = line_classes().script[points.points]
    known = count_known(lowered(texts).points, kinds, points.bounds, breaks)
    left, right = scripts[breaks.left], scripts[breaks.right]
    mixed = (left == UNSPACED) != (right == UNSPACED)
    glue[(left == UNSPACED) & (right == UNSPACED)] = NOTHING
    glue[mixed & ~_sets_apart(points, kinds, scripts)[breaks.text]] = NOTHING
    hangul = (left == HANGUL) & (right == HANGUL)
    glue[hangul & _is_broken(known, hangul, breaks)] = NOTHING
    glue[_is_path(points, kinds, breaks) | _is_dash(points, kinds, breaks)] = NOTHING
    hyphen = _is_hyphen(kinds, breaks)
    glue[hyphen] = _choose_hyphens(points, kinds, breaks, known, hyphen)[hyphen]
    return glue


def _is_hyphen(kinds: npt.NDArray[np.uint8], breaks: Breaks) -> Mask:
    """Tell which breaks stand behind a hyphen within a word."""
    before = kinds[np.maximum(breaks.left - 1, 0)]
    after = kinds[breaks.right]
    hyphen: Mask = (kinds[breaks.left] == HYPHEN) & (before <= DIGIT) & (after <= DIGIT)
    return hyphen


def _choose_hyphens(
    points: CodePoints,
    kinds: npt.NDArray[np.uint8],
    breaks: Breaks,
    known: Known,
    hyphen: Mask,
) -> npt.NDArray[np.int64]:
    """Return NO_HYPHEN where it only broke a word, NOTHING where it belongs to the word.

    What the document knows decides; where it knows neither, what it does elsewhere.
    """
    marks = points.points[breaks.left]
    before, after = kinds[np.maximum(breaks.left - 1, 0)], kinds[breaks.right]
    soft = np.isin(marks, _SOFT)
    letters = (before <= MARK) & (after <= MARK)
    same_case = (after == LOWER) | ((before == UPPER) & (after == UPPER)) | (after > UPPER)
    broken = hyphen & letters & same_case & (known.joined > known.hyphened)
    kept = hyphen & (known.hyphened > 0) & ~broken
    open_ = hyphen & letters & (after == LOWER) & ~broken & ~kept & (known.apart == 0)
    n = len(points.bounds) - 1
    breaks_words = _counts(breaks, broken, n) + _counts(breaks, open_ & (marks == _TYPESET), n)
    kept_words = _counts(breaks, kept, n)
    often = np.maximum(_MANY, _OFTEN * np.bincount(breaks.text, minlength=n))
    habit = breaks_words > kept_words
    different = np.zeros(len(open_), np.bool_)  # each word once
    different[np.flatnonzero(open_)[np.unique(known.word[open_], return_index=True)[1]]] = True
    habit |= (_counts(breaks, different, n) >= often) & (kept_words == 0)
    broken |= open_ & habit[breaks.text] | (hyphen & soft)
    glue = np.where(broken, NO_HYPHEN, NOTHING)
    unsure = np.flatnonzero(hyphen & ~broken & ~kept)
    suspended = _is_suspended(points, kinds, Breaks(*(column[unsure] for column in breaks)))
    glue[unsure[suspended]] = SPACE
    return glue


def _counts(breaks: Breaks, which: Mask, n: int) -> npt.NDArray[np.int64]:
    return np.bincount(breaks.text[which], minlength=n)


def _is_suspended(points: CodePoints, kinds: npt.NDArray[np.uint8], breaks: Breaks) -> Mask:
    """Tell behind which breaks a conjunction stands."""
    places = breaks.right[:, None] + np.arange(_LONGEST_SUSPENDED + 1)
    inside = places < points.bounds[breaks.text + 1][:, None]
    places = np.minimum(places, len(kinds) - 1)
    letter = np.logical_and.accumulate(inside & (kinds[places] <= MARK), axis=1)
    words = np.where(letter, points.points[places], 0).astype("<u4")
    conjunctions = np.zeros((len(_SUSPENDED), _LONGEST_SUSPENDED + 1), "<u4")
    for row, word in enumerate(_SUSPENDED):
        conjunctions[row, : len(word)] = list(map(ord, word))
    found: Mask = (words[:, None, :] == conjunctions[None]).all(axis=2).any(axis=1)
    return found


def _is_path(points: CodePoints, kinds: npt.NDArray[np.uint8], breaks: Breaks) -> Mask:
    """Tell which breaks stand in a path or URL: behind a slash, with another in the same word."""
    found = np.zeros(len(breaks.left), np.bool_)
    slashed = points.points[breaks.left] == _SLASH
    for i in np.flatnonzero(slashed & (kinds[breaks.right] <= DIGIT)).tolist():
        first = max(int(breaks.left[i]) - 100, int(points.bounds[breaks.text[i]]))
        line = points.points[first : breaks.left[i]]
        blank = np.flatnonzero((line == 0x20) | (line == 0x0A))
        found[i] = np.any(line[blank[-1] + 1 if len(blank) else 0 :] == _SLASH)
    return found


def _is_dash(points: CodePoints, kinds: npt.NDArray[np.uint8], breaks: Breaks) -> Mask:
    """Tell which breaks stand behind a dash that no space parts from the word before it."""
    marks = points.points
    last = np.maximum(breaks.left, 2)
    long = np.isin(marks[last], _DASHES) & (kinds[last - 1] <= DIGIT)
    double = (marks[last] == _HYPHEN_MINUS) & (marks[last - 1] == _HYPHEN_MINUS)
    double &= kinds[last - 2] <= DIGIT
    dash: Mask = (long | double) & (kinds[breaks.right] <= DIGIT)
    return dash


def _sets_apart(
    points: CodePoints, kinds: npt.NDArray[np.uint8], scripts: npt.NDArray[np.uint8]
) -> Mask:
    """Tell which documents put a space between an unspaced script and another."""
    n = len(points.bounds) - 1
    letter = kinds <= DIGIT
    latin, east = letter & (scripts == SPACED), letter & (scripts == UNSPACED)
    close = (latin[:-1] & east[1:]) | (east[:-1] & latin[1:])
    blank = points.points[1:-1] == 0x20
    wide = ((latin[:-2] & east[2:]) | (east[:-2] & latin[2:])) & blank
    edges = points.bounds

    def count(mask: Mask) -> npt.NDArray[np.int64]:
        rows = np.searchsorted(edges, np.flatnonzero(mask), side="right") - 1
        return np.bincount(rows, minlength=n)

    return count(wide) > count(close)


def _is_broken(known: Known, hangul: Mask, breaks: Breaks) -> Mask:
    """Tell which breaks are within a Korean word: where lines are broken after any syllable."""
    inside = hangul & (known.joined > known.apart)
    between = hangul & (known.apart > known.joined)
    n = int(breaks.text[-1]) + 1
    habit = _counts(breaks, inside, n) > _counts(breaks, between, n)
    broken: Mask = inside | (~between & habit[breaks.text])
    return broken
