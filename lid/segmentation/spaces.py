"""Sentences of scripts that end none with a mark, such as Thai and Lao: divided at spaces.

Thai writes a space between sentences, but between clauses, around numbers and before foreign
words, too: a fifth of the spaces ends a sentence. Of all ways to divide a paragraph that one is
taken whose spaces look most like ends and whose sentences are of the most usual lengths. What looks
like an end: certain words before or after it (`thai.txt`, `lao.txt`), a quotation that closes or
opens; what does not: other words, digits, Latin letters, an open bracket.

A paragraph with terminators, as Lao often has them, is left as it is. How often this is right,
beside the model of pythainlp, tells `benchmarks/spaces.md`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from numba import njit

from bitseam.lid.code_points import CodePoints
from bitseam.lid.hashing import FNV_OFFSET, FNV_PRIME
from bitseam.lid.segmentation.kinds import (
    BREAK,
    CLOSE,
    DIGIT,
    LETTER,
    LOWER,
    OPEN,
    PUNCTUATION,
    QUOTE,
    SPACE,
    STOP,
    UPPER,
    WIDE_TERMINATOR,
)
from bitseam.lid.segmentation.scan import trim

Integers = npt.NDArray[np.int64]

# Thai; Lao; Tai Le and New Tai Lue; Tai Tham; Tai Viet.
_BLOCKS = ((0xE00, 0xE7F), (0xE80, 0xEFF), (0x1950, 0x19DF), (0x1A20, 0x1AAF), (0xAA80, 0xAADF))
_WORDS = ("thai.txt", "lao.txt")
_SECTIONS = ("first", "never first", "last", "never last")
_SECTION_BITS = np.uint64(1) << np.arange(4, dtype=np.uint64)
_LONGEST_WORD = 16
_STRAIGHT = 0x22  # the quotation mark that opens and closes

# A paragraph that has a terminator in so many characters is not divided at spaces.
_PUNCTUATED = 250
# Sentences: the most usual length in characters, and how far the logarithms lie from it. The spread
# and the weights of a space were chosen by hand on FLORES' development set in Thai.
_USUAL, _SPREAD = 105.0, 0.45
_SPACE_ENDS = 0.5
_WORD_ENDS, _WORD_GOES_ON = 1.2, -3.0
_QUOTATION_ENDS, _WITHIN = 1.0, -2.5
_BEFORE_DIGIT, _LATIN = -3.0, -1.2
_MOST = 400  # characters of a sentence, and spaces within one, that are looked at


class _Spaces(NamedTuple):
    """The n spaces within some stretches of text."""

    before: Integers  # (n,), the code point before the space
    after: Integers  # (n,), the one after it
    stretch: Integers  # (n,), its number


def space_beginnings(texts: CodePoints, kinds: npt.NDArray[np.uint8], chosen: Integers) -> Integers:
    """Return where sentences begin, ascending: at `chosen`, and behind some spaces of paragraphs in
    a script without terminators.

    :param kinds: of the code points, white space that does not end a line as `SPACE`.
    :param chosen: where sentences begin by all other rules.
    """
    unmarked = _in_blocks(texts.points, _BLOCKS)
    if not unmarked.any():
        return chosen
    starts, ends = _stretches(texts.bounds, kinds, chosen)
    divided = _without_terminators(texts, kinds, unmarked, starts, ends)
    # Only of abbreviations are there full stops.
    line = _lines(texts.bounds, kinds, starts)
    goes_on = divided[1:] & (line[1:] == line[:-1]) & (kinds[ends[:-1] - 1] == STOP)
    chosen = np.setdiff1d(chosen, starts[1:][goes_on])
    starts, ends = _stretches(texts.bounds, kinds, chosen)
    divided = _without_terminators(texts, kinds, unmarked, starts, ends)
    starts, ends = starts[divided], ends[divided]
    spaces = _find_spaces(kinds, starts, ends)
    scores = _scores(texts.points, kinds, spaces, starts, ends)
    cuts = np.zeros(len(scores), np.bool_)
    firsts = np.searchsorted(spaces.stretch, np.arange(len(starts) + 1))
    _divide(starts, ends, firsts, spaces.after, scores, cuts)
    return np.union1d(chosen, spaces.after[cuts])


def _stretches(
    bounds: Integers, kinds: npt.NDArray[np.uint8], chosen: Integers
) -> tuple[Integers, Integers]:
    """Return where the sentences begin and end, without the white space around them."""
    edges = np.union1d(bounds, chosen)
    starts, ends = edges[:-1].copy(), edges[1:].copy()
    trim(kinds, starts, ends)
    some = ends > starts
    return starts[some], ends[some]


def _in_blocks(
    points: npt.NDArray[np.uint32], blocks: Iterable[tuple[int, int]]
) -> npt.NDArray[np.bool_]:
    found = np.zeros(len(points), np.bool_)
    for first, last in blocks:
        found |= (points >= first) & (points <= last)
    return found


def _without_terminators(
    texts: CodePoints,
    kinds: npt.NDArray[np.uint8],
    unmarked: npt.NDArray[np.bool_],
    starts: Integers,
    ends: Integers,
) -> npt.NDArray[np.bool_]:
    """Return which stretches are to be divided: most of their letters are of these scripts, and
    the line that they are of has hardly a terminator. A full stop after a Thai letter is none."""
    letters = np.cumsum(np.append(0, kinds <= LETTER))
    of_script = np.cumsum(np.append(0, unmarked & (kinds <= LETTER)))
    mostly = 2 * (of_script[ends] - of_script[starts]) > letters[ends] - letters[starts]
    closes = np.isin(kinds[ends - 1], (QUOTE, CLOSE))
    final = np.maximum(ends - 1 - closes, starts)
    terminated = (kinds[final] > STOP) & (kinds[final] <= WIDE_TERMINATOR)
    before = np.maximum(final - 1, starts)
    terminated |= (kinds[final] == STOP) & ~_in_blocks(texts.points[before], _BLOCKS[:1])
    line = _lines(texts.bounds, kinds, starts)
    size = np.bincount(line, (ends - starts) * mostly)
    terminators = np.bincount(line, terminated & mostly)
    result: npt.NDArray[np.bool_] = mostly & (size > _PUNCTUATED * terminators)[line]
    return result


def _lines(bounds: Integers, kinds: npt.NDArray[np.uint8], starts: Integers) -> Integers:
    """Return the number of the line that each stretch is of, counted over all texts."""
    breaks = np.union1d(bounds, np.flatnonzero(kinds == BREAK))
    return np.searchsorted(breaks, starts, "right")


def _find_spaces(kinds: npt.NDArray[np.uint8], starts: Integers, ends: Integers) -> _Spaces:
    """Find the runs of spaces within the stretches, which begin and end with something else."""
    is_space = np.concatenate([[False], kinds == SPACE, [False]])
    edges = np.flatnonzero(is_space[1:] != is_space[:-1])
    first, after = edges[::2], edges[1::2]
    stretch = np.searchsorted(starts, first, "right") - 1
    within = stretch >= 0
    within[within] = after[within] < ends[stretch[within]]
    return _Spaces(first[within] - 1, after[within], stretch[within])


def _scores(
    points: npt.NDArray[np.uint32],
    kinds: npt.NDArray[np.uint8],
    spaces: _Spaces,
    starts: Integers,
    ends: Integers,
) -> npt.NDArray[np.float64]:
    """Return for every space how much it looks like the end of a sentence, `(n,)`."""
    before, after, stretch = spaces
    first, never_first, _, _ = _words().found(points, after, ends[stretch] - after, 1)
    _, _, last, never_last = _words().found(points, before, before + 1 - starts[stretch], -1)
    quotes = np.cumsum(np.append(0, points == _STRAIGHT))
    opened = np.cumsum(np.append(0, (kinds == OPEN).astype(np.int64) - (kinds == CLOSE)))
    quoted = (quotes[after] - quotes[starts[stretch]]) % 2 == 1
    within = quoted | (opened[after] > opened[starts[stretch]])
    quotation = ~quoted & ((points[before] == _STRAIGHT) | (points[after] == _STRAIGHT))
    marks = (OPEN, PUNCTUATION)
    scores: npt.NDArray[np.float64] = (
        _SPACE_ENDS
        + _WORD_GOES_ON * never_first
        + _WORD_GOES_ON * never_last
        + _WORD_ENDS * (first & ~never_first)
        + _WORD_ENDS * (last & ~never_last)
        + _QUOTATION_ENDS * quotation
        + _WITHIN * (within | np.isin(kinds[after], marks))
        + _WITHIN * np.isin(kinds[before], marks)
        + _BEFORE_DIGIT * (kinds[after] == DIGIT)
        + _LATIN * np.isin(kinds[after], (LOWER, UPPER))
        + _LATIN * np.isin(kinds[before], (LOWER, UPPER, DIGIT))
    )
    return scores


class _Words(NamedTuple):
    """Words by their hashes forwards and backwards, with the bits of their sections."""

    hashes: tuple[npt.NDArray[np.uint64], npt.NDArray[np.uint64]]  # rising
    bits: tuple[npt.NDArray[np.uint64], npt.NDArray[np.uint64]]

    def found(
        self, points: npt.NDArray[np.uint32], where: Integers, left: Integers, step: int
    ) -> npt.NDArray[np.bool_]:
        """Return in which sections `(4, n)` words stand that begin at `where`, or end there.

        :param left: how many code points may be read.
        :param step: 1 for words that begin there, -1 for those that end.
        """
        hashes, bits = (column[step < 0] for column in self)
        found = np.zeros(len(where), np.uint64)
        state = np.full(len(where), FNV_OFFSET)
        for k in range(_LONGEST_WORD):
            at = np.where(k < left, where + step * k, where)
            state = (state ^ points[at]) * FNV_PRIME
            place = np.minimum(np.searchsorted(hashes, state), len(hashes) - 1)
            found |= np.where((hashes[place] == state) & (k < left), bits[place], np.uint64(0))
        sections: npt.NDArray[np.bool_] = found & _SECTION_BITS[:, None] > 0
        return sections


@lru_cache(maxsize=1)
def _words() -> _Words:
    """Read the words of all these languages."""
    sections: dict[str, int] = {}
    section = 0
    for name in _WORDS:
        for line in Path(__file__).with_name(name).read_text("utf-8").splitlines():
            if heading := re.fullmatch(r"\[(.+)\]", line.strip()):
                section = _SECTIONS.index(heading[1])
            elif not line.startswith("#"):
                for word in line.split():
                    sections[word] = sections.get(word, 0) | 1 << section
    bits = np.array([*sections.values()], np.uint64)
    forwards = np.array([_hash(word) for word in sections], np.uint64)
    backwards = np.array([_hash(word[::-1]) for word in sections], np.uint64)
    orders = np.argsort(forwards), np.argsort(backwards)
    return _Words((forwards[orders[0]], backwards[orders[1]]), (bits[orders[0]], bits[orders[1]]))


def _hash(word: str) -> int:
    state = int(FNV_OFFSET)
    for character in word:
        state = (state ^ ord(character)) * int(FNV_PRIME) & 0xFFFFFFFFFFFFFFFF
    return state


_compiled: Any = njit(cache=True, nogil=True)


@_compiled
def _divide(starts, ends, firsts, after, scores, cuts):  # type: ignore[no-untyped-def]
    """Mark the spaces at which each stretch is divided best: the sum of the scores of its cuts and
    of the lengths' log-densities (log-normal, without the constant) is greatest."""
    for i in range(len(starts)):
        first, count = firsts[i], firsts[i + 1] - firsts[i]
        best = np.zeros(count + 2)
        back = np.zeros(count + 2, np.int64)
        for j in range(1, count + 2):
            end = ends[i] if j == count + 1 else after[first + j - 1]
            gain = 0.0 if j == count + 1 else scores[first + j - 1]
            best[j] = -np.inf
            for k in range(j - 1, max(j - 1 - _MOST, -1), -1):
                length = end - (starts[i] if k == 0 else after[first + k - 1])
                if length > _MOST and k < j - 1:
                    break
                value = best[k] + gain - 0.5 * (np.log(length / _USUAL) / _SPREAD) ** 2
                if value > best[j]:
                    best[j], back[j] = value, k
        j = back[count + 1]
        while j > 0:
            cuts[first + j - 1] = True
            j = back[j]
