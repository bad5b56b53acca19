"""What a line is by its own looks and its neighbours': a line of its own, an item, or text."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from numpy.typing import NDArray

from bitseam.lid.paragraphs.classes import CLOSE, DIGIT, HYPHEN, SYMBOL
from bitseam.lid.paragraphs.items import KEY, LETTERED, NO_ITEM, NUMBER, SECTION, Items
from bitseam.lid.paragraphs.lines import Integers, Lines
from bitseam.lid.paragraphs.measure import Measures

Mask = npt.NDArray[np.bool_]
Points = npt.NDArray[np.uint32]

_WIDEST = 130  # columns and letters of text; a longer line is a paragraph of its own
LONGEST_NUMBER = 9  # columns: "- 12 -"
_LEADER = 4  # full stops before a number of a page
_SYMBOLS = 0.25  # of the characters of a line of code
_CODE_ENDS = np.array(list(map(ord, "{}")), np.uint32)
_CUE_DIGITS = 10  # of two times in minutes, seconds and thousandths, at least
_BLANK, _SEMICOLON, _BACKSLASH, _EQUALS, _DASH, _GREATER = map(ord, " ;\\=->")
_FENCES = tuple(map(ord, "`~"))
_PROMPTS = np.array(list(map(ord, "$#%>|")), np.uint32)

# Whether a line begins an item; an uncertain one may be text that wraps before a dash or a number.
TEXT, ITEM, UNCERTAIN = range(3)


class Shapes(NamedTuple):
    """Of n lines; every column `(n,)`."""

    blank: Mask
    alone: Mask  # joined with no other line: a rule, a row of a table, code, a heading, blank
    item: NDArray[np.int64]  # TEXT, ITEM or UNCERTAIN
    body: Integers  # the column where the lines of an item go on


def find_shapes(points: Points, lines: Lines, items: Items, measures: Measures) -> Shapes:
    """Tell what the lines are."""
    m = measures
    blank = lines.first == lines.stop
    rule = ~blank & (m.letters + m.digits == 0)
    last = points[np.maximum(lines.stop - 1, 0)]
    head = points[np.minimum(lines.first, len(points) - 1)]
    second = points[np.minimum(lines.first + 1, len(points) - 1)]
    edge = _is_edge(lines, blank)
    block = np.cumsum(edge | blank)
    term = _is_term(lines, m)
    alone = blank | rule | _in_table(lines, m, term) | _is_code(m, block, (head, second), last)
    alone |= (m.dots >= _LEADER) & ((m.closes == DIGIT) | (m.dots >= 2 * _LEADER))
    size = np.minimum(m.width - m.indent, lines.stop - lines.first)
    alone |= (size > _WIDEST) & (m.chunk < _WIDEST)
    alone |= _in_fence(points, lines, m) | (head == _EQUALS) & (last == _EQUALS)
    alone |= _is_underlined(lines, blank, rule) | is_number(m) | _is_cue(points, lines, m)
    body = np.where(term, m.gap, m.body)
    return Shapes(blank, alone, _certainty(items, m, block, edge, term), body)


def _next(values: NDArray[np.int64], lines: Lines, absent: int) -> NDArray[np.int64]:
    """Return the value of the next line of the same text and prefix."""
    result = np.full_like(values, absent)
    same = _goes_on(lines)
    result[:-1][same] = values[1:][same]
    return result


def _before(values: NDArray[np.int64], lines: Lines, absent: int) -> NDArray[np.int64]:
    """Return the value of the line before, of the same text and prefix."""
    result = np.full_like(values, absent)
    same = _goes_on(lines)
    result[1:][same] = values[:-1][same]
    return result


def _goes_on(lines: Lines) -> Mask:
    """Tell after which lines, but the last, one of the same text and prefix follows."""
    same: Mask = (lines.text[1:] == lines.text[:-1]) & (lines.prefix[1:] == lines.prefix[:-1])
    return same


def _is_term(lines: Lines, m: Measures) -> Mask:
    """Tell which lines are a term, a gap, and text that goes on below where it begins."""
    below = _next(m.indent, lines, -1)
    term: Mask = (m.gap > 0) & (below == m.gap) & (below > m.indent + 1)
    return term & (m.wide_gaps <= 1)


def _in_table(lines: Lines, m: Measures, term: Mask) -> Mask:
    """Tell which lines are rows of a table, by boxes, pipes, wide gaps or gaps in columns."""
    beside = (_next(m.pipes, lines, 0) > 0) | (_before(m.pipes, lines, 0) > 0)
    piped = (m.pipes >= 2) | ((m.pipes == 1) & beside)
    gap = np.where((m.gaps > 0) & (m.gaps <= 3), m.gap, -1)
    above = (gap > 0) & (gap == _before(gap, lines, -2))
    chain = above & (_next(above.astype(np.int64), lines, 0) > 0)
    nearby = chain | (_next(chain.astype(np.int64), lines, 0) > 0)
    nearby |= _before(chain.astype(np.int64), lines, 0) > 0
    table: Mask = (m.boxes > 0) | piped | (((m.wide_gaps > 0) | nearby) & ~term)
    return table


def _is_code(m: Measures, block: Integers, head: tuple[Points, Points], last: Points) -> Mask:
    """Tell which lines are commands, or stand in a block half of whose lines look like code."""
    shown = m.letters + m.digits + m.symbols
    looks = (m.symbols > _SYMBOLS * shown) | np.isin(last, _CODE_ENDS)
    looks |= (last == _SEMICOLON) & (m.symbols > 0) | (m.calls > 0) & (m.symbols > 0)
    share = np.bincount(block, looks) / np.maximum(np.bincount(block), 1)
    prompt = np.isin(head[0], _PROMPTS) & (head[1] == _BLANK)
    code: Mask = prompt | (last == _BACKSLASH) | (looks & (share[block] > 0.5))
    return code


def is_number(m: Measures) -> Mask:
    """Tell which lines hold only a number, such as that of a page."""
    found: Mask = (m.letters == 0) & (m.digits > 0) & (m.digits <= 4)
    found &= (m.width - m.indent <= LONGEST_NUMBER) & (m.spaces <= 2)
    return found & np.isin(m.closes, [DIGIT, HYPHEN, SYMBOL, CLOSE])


def _is_cue(points: Points, lines: Lines, m: Measures) -> Mask:
    """Tell which lines say when a subtitle is shown: `00:04.500 --> 00:06.000 align:start`."""
    arrow = (points[:-2] == _DASH) & (points[1:-1] == _DASH) & (points[2:] == _GREATER)
    cue = np.zeros(len(lines.start), np.bool_)
    cue[np.searchsorted(lines.start, np.flatnonzero(arrow), side="right") - 1] = True
    return cue & (m.digits >= _CUE_DIGITS)


def _in_fence(points: Points, lines: Lines, m: Measures) -> Mask:
    """Tell which lines stand between two fences (three back quotes or tildes)."""
    fence = np.zeros(len(lines.first), np.bool_)
    wide = np.flatnonzero(lines.stop - lines.first >= 3)
    for mark in _FENCES:
        begins = points[lines.first[wide, None] + np.arange(3)] == mark
        found = wide[begins.all(axis=1)]
        # A rule of tildes is no fence: it stands alone anyway.
        fence[found] |= (lines.stop - lines.first)[found] < 24
    if not fence.any():
        return fence
    seen = np.cumsum(fence)
    firsts = np.searchsorted(lines.text, lines.text)
    within: Integers = seen - np.where(firsts > 0, seen[firsts - 1], 0)
    total: Integers = within[np.searchsorted(lines.text, lines.text, side="right") - 1]
    fenced: Mask = (within % 2 == 1) & (within < total)  # a fence that nothing closes is a line
    return fence | fenced


def _is_underlined(lines: Lines, blank: Mask, rule: Mask) -> Mask:
    """Tell which lines are headings with a rule below, and nothing above."""
    below = _next(rule.astype(np.int64), lines, 0) > 0
    above = _before((blank | rule).astype(np.int64), lines, 1) > 0
    return below & above


def _is_edge(lines: Lines, blank: Mask) -> Mask:
    """Tell which lines have nothing above: a blank line, another text or another prefix."""
    edge = np.ones(len(blank), np.bool_)
    edge[1:] = blank[:-1] | (lines.text[1:] != lines.text[:-1])
    edge[1:] |= lines.prefix[1:] != lines.prefix[:-1]
    return edge


def _certainty(items: Items, m: Measures, block: Integers, edge: Mask, term: Mask) -> Integers:
    """Return TEXT, ITEM or UNCERTAIN: an item has others like it around, or nothing above."""
    item = items.item
    keys = (block * 1024 + np.minimum(m.indent, 1023)) * 16 + item
    _, inverse, counts = np.unique(keys, return_inverse=True, return_counts=True)
    siblings = counts[inverse] > 1
    result = np.where(siblings | edge, ITEM, UNCERTAIN)
    counted = (items.within > 0) & np.isin(item, (NUMBER, LETTERED, SECTION)) & ~edge
    result[((counted | (item == KEY)) & ~siblings) | (item == NO_ITEM)] = TEXT
    result[term] = ITEM
    return result
