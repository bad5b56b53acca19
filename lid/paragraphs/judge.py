"""Wrapped or not: a paragraph is what its line ends, line beginnings and widths make likelier.

Lines of a wrapped paragraph end like any word of a text and begin like any word, and the next word
would not have fitted. Of what else stands on lines one by one, sentences end like sentences,
headlines without a mark, verse with a comma, and all of them begin with a capital as a rule; items
and code do not, and none of them fills a column but by chance. The tables below give the chance of
each event under each of these; what a run of lines is follows by Bayes' rule.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from bitseam.lid.paragraphs.classes import HYPHEN, LOWER, PAUSE, STOP, UPPER
from bitseam.lid.paragraphs.lines import Integers, Lines
from bitseam.lid.paragraphs.margins import Margins
from bitseam.lid.paragraphs.measure import Measures
from bitseam.lid.paragraphs.shapes import ITEM, TEXT, UNCERTAIN, Mask, Shapes

Floats = npt.NDArray[np.float64]

# wrapped, sentences, headlines, verse, verse in lower case, items and code, a heading and sentences
_PRIORS = np.log([0.50, 0.18, 0.12, 0.06, 0.02, 0.09, 0.03])
_HEADLINES, _TITLED = 2, 6
# How a line ends that another follows: no mark, comma, end of a sentence, hyphen.
_ENDS = np.log(
    [
        [0.82, 0.02, 0.93, 0.30, 0.40, 0.84, 0.02],
        [0.09, 0.02, 0.04, 0.45, 0.45, 0.10, 0.02],
        [0.07, 0.955, 0.025, 0.245, 0.145, 0.055, 0.955],
        [0.02, 0.005, 0.005, 0.005, 0.005, 0.005, 0.005],
    ]
)
_LAST = np.log(  # how the last line of them ends
    [
        [0.12, 0.02, 0.93, 0.20, 0.30, 0.84, 0.02],
        [0.07, 0.02, 0.04, 0.25, 0.30, 0.10, 0.02],
        [0.80, 0.955, 0.025, 0.545, 0.395, 0.055, 0.955],
        [0.01, 0.005, 0.005, 0.005, 0.005, 0.005, 0.005],
    ]
)
# How a line begins that follows another: a capital, a small letter. What has no case tells nothing.
_CAPITAL = np.array([0.97, 0.97, 0.92, 0.30, 0.45, 0.97])  # of the wrapped, the text tells
_AFTER_STOP = 0.97
_FIRST = np.array([0.88, 0.95, 0.92, 0.90, 0.30, 0.45, 0.95])  # how the first of them begins
# An item of a list needs no full stop where it is wrapped, a paragraph does.
_UNENDED_ITEM, _UNENDED = np.log([0.25, 0.06])
# What is within a line: the end of a sentence, a comma, neither.
_WITHIN = np.log(
    [
        [0.30, 0.15, 0.05, 0.08, 0.05, 0.05, 0.15],
        [0.35, 0.40, 0.20, 0.32, 0.30, 0.25, 0.40],
        [0.35, 0.45, 0.75, 0.60, 0.65, 0.70, 0.45],
    ]
)
# How full a line is that another follows: beyond the margin, full, nearly full, short.
_FULL_WRAPPED = np.log([0.02, 0.90, 0.06, 0.02])
_FULL_LINES = np.log([0.25, 0.20, 0.15, 0.40])
_FULL_UNKNOWN = np.log([0.25, 0.35, 0.15, 0.25])  # by a margin that only these lines suggest
_FULL_FIRST = np.log(0.45)  # the first of them: with one line more, the longer one is full
_HANGING = np.log(6)  # for a line that hangs below the text of an item
_FULL_LETTER, _LETTER = np.log(0.12), 4  # where a letter more would not have fitted: columns
_BEYOND, FULL, NEARLY, _SHORT = range(4)
_NEAR = 0.85  # of the space between indentation and margin
_FEWEST = 24  # columns of that space
_USUAL = 50  # columns of a margin, at least
_TOLERANCE = 1  # a column beyond the margin: a full stop that hangs


def find_wrapped(lines: Lines, measures: Measures, shapes: Shapes, margins: Margins) -> Mask:
    """Return which lines only go on with the line before: `(n,)`."""
    fullness = find_fullness(measures, margins)
    linked = margins.linked & ~_is_end(measures, shapes, margins, fullness)
    firsts = np.flatnonzero(~linked)
    if len(firsts) == len(linked):
        return linked
    follows = np.zeros(len(linked), np.bool_)  # another line of its run follows
    follows[:-1] = linked[1:]
    evidence = _evidence(lines, measures, shapes, linked, follows)
    evidence += _evidence_of_widths(measures, margins, fullness, linked, follows)
    evidence[_hangs(measures, shapes, linked), 0] += _HANGING
    totals = np.add.reduceat(evidence, firsts, axis=0) + _PRIORS
    totals[:, 0] += _evidence_around(margins)[firsts]
    others = np.logaddexp.reduce(totals[:, 1:], axis=1)
    run = np.cumsum(~linked) - 1
    wrapped: Mask = linked & (totals[:, 0] > others)[run]
    return wrapped


def _hangs(m: Measures, shapes: Shapes, linked: Mask) -> Mask:
    """Tell which lines stand below the text of an item, behind its mark."""
    above = np.append(False, (shapes.item[:-1] == ITEM) & (shapes.body > m.indent)[:-1])
    hangs: Mask = above & linked & (m.indent == np.append(-1, shapes.body[:-1]))
    return hangs


def find_fullness(m: Measures, margins: Margins) -> Integers:
    """Return how full each line is, by the margin and the first word of the next line."""
    needed = np.append(margins.needed[1:], 0)
    room = margins.margin - m.indent
    taken = m.width + needed - m.indent
    result = np.where(taken > _NEAR * room, NEARLY, _SHORT)
    result[taken > room] = FULL
    result[m.width > margins.margin + _TOLERANCE] = _BEYOND
    return result


def _is_end(m: Measures, shapes: Shapes, margins: Margins, fullness: Integers) -> Mask:
    """Tell before which lines a paragraph has ended for certain: the line before was short.

    Above a line that stands farther in, it is a heading, as in manual pages.
    """
    above = np.append(_SHORT, fullness[:-1])
    closes = np.append(STOP, m.closes[:-1])
    goes_on = (closes != STOP) & (m.begins == LOWER) & (shapes.item != UNCERTAIN)
    narrow = margins.margin - m.indent < _FEWEST
    uncertain = (above != FULL) & (shapes.item == UNCERTAIN)
    below_text = np.append(False, shapes.item[:-1] == TEXT)
    inner = below_text & (m.indent > np.append(0, m.indent[:-1]) + 1)
    end: Mask = narrow | uncertain | ((above == _SHORT) & (~goes_on | inner))
    return end


def _evidence(lines: Lines, m: Measures, shapes: Shapes, linked: Mask, follows: Mask) -> Floats:
    """Return the log likelihood of each line's ends under each hypothesis, `(n, 7)`."""
    closes = np.select([m.closes == PAUSE, m.closes == STOP, m.closes == HYPHEN], [1, 2, 3], 0)
    evidence: Floats = np.where(follows[:, None], _ENDS[closes], _LAST[closes])
    begun = np.maximum.accumulate(np.where(linked, 0, np.arange(len(linked))))
    unended = ~follows & (closes == 0)
    evidence[unended, 0] = np.where(shapes.item[begun] == TEXT, _UNENDED, _UNENDED_ITEM)[unended]
    title = follows & ~linked
    evidence[title, _TITLED] = evidence[title, _HEADLINES]
    evidence = evidence + _WITHIN[np.select([m.ended > 0, m.paused > 0], [0, 1], 2)]
    evidence[m.unstopped > 0] = 0
    return evidence + _evidence_of_case(lines, m, shapes, linked)


def _evidence_of_case(lines: Lines, m: Measures, shapes: Shapes, linked: Mask) -> Floats:
    """Return the log likelihood of each line's first letter, `(n, 7)`; 0 where it has no case."""
    after_stop = np.append(False, m.closes[:-1] == STOP)
    wrapped = np.where(after_stop, _AFTER_STOP, _capital_rate(lines, m))
    chances = np.column_stack([wrapped, np.broadcast_to(_CAPITAL, (len(linked), len(_CAPITAL)))])
    chances[~linked] = _FIRST
    begins = np.log(np.where((m.begins == UPPER)[:, None], chances, 1 - chances))
    cased = (m.begins <= UPPER) & (linked | (shapes.item == TEXT))
    return np.where(cased[:, None], begins, 0.0)


def _capital_rate(lines: Lines, m: Measures) -> Floats:
    """Return how often a word within a sentence has a capital, in the text of each line."""
    n = int(lines.text[-1]) + 1
    words = np.bincount(lines.text, m.words, n)
    capitals = np.bincount(lines.text, m.capitals, n)
    rates: Floats = np.clip((capitals + 1) / (words + 10), 0.05, 0.4)[lines.text]
    return rates


def _evidence_of_widths(
    m: Measures, margins: Margins, fullness: Integers, linked: Mask, follows: Mask
) -> Floats:
    """Return the log likelihood of how full each line is, `(n, 7)`."""
    known = (margins.support >= 2) & (margins.support >= 0.3 * margins.around)
    lines = np.where(known, _FULL_LINES[fullness], _FULL_UNKNOWN[fullness])
    full = fullness == FULL
    lines[full & (np.append(margins.needed[1:], 0) <= _LETTER)] = _FULL_LETTER
    first = full & ~known & ~linked
    lines[first] = np.where(m.unstopped > 0, _FULL_WRAPPED[FULL], _FULL_FIRST)[first]
    evidence = np.repeat(lines[:, None], len(_PRIORS), axis=1)
    evidence[:, 0] = _FULL_WRAPPED[fullness]
    evidence[~follows & (fullness != _BEYOND)] = 0
    return evidence


def _evidence_around(margins: Margins) -> Floats:
    """Return how much the margin and the breaks around speak for it here, as log odds."""
    share = (margins.support + 1) / (margins.around + 2)
    odds: Floats = np.clip(np.log(share / (1 - share) / 0.5), -3, 1.5)
    narrow = np.clip((_USUAL - margins.margin) / 10, 0, 1) * (margins.support < 2)
    return odds * np.minimum(1, margins.around / 8) - 2 * narrow
