"""Parts of texts in one language each: a document may hold paragraphs in several."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from bitseam.lid.code_points import CodePoints
from bitseam.lid.segmentation.kinds import BREAK

_SHORTEST = 40  # characters of a line that tells its language; a shorter one follows its neighbour
_SAMPLE = 80  # characters of it that are looked at

Integers = npt.NDArray[np.int64]
# The language of n pieces of texts, None where it is not certain; of each piece the row of its
# text, and where it begins and ends there, in code points.
Identify = Callable[[Integers, Integers, Integers], Sequence[str | None]]


class Parts(NamedTuple):
    """n parts of a batch of texts, whole lines each, in order."""

    bounds: Integers  # (n + 1,), code points of the batch
    languages: Sequence[str]  # of each part, `ltz_Latn`


def divide_by_language(
    texts: CodePoints,
    kinds: npt.NDArray[np.uint8],
    languages: Sequence[str],
    identify: Identify | None,
) -> Parts:
    """Return the parts of `texts`: one a text, if there is nothing to identify its lines with.

    :param languages: of each text, what its lines are in where none of them is certain.
    """
    if identify is None or not len(texts.points):
        return Parts(texts.bounds, languages)
    breaks = np.flatnonzero(kinds == BREAK) + 1
    edges = np.union1d(texts.bounds, breaks)
    starts, ends = edges[:-1], edges[1:]
    rows = np.searchsorted(texts.bounds, starts, side="right") - 1
    long = np.flatnonzero(ends - starts >= _SHORTEST)
    before = texts.bounds[rows[long]]
    sampled = np.minimum(ends[long], starts[long] + _SAMPLE)
    names = identify(rows[long], starts[long] - before, sampled - before)
    told = _neighbours(rows, long[np.array([name is not None for name in names], np.bool_)])
    line_names = np.array(languages, object)[rows]
    line_names[long] = names
    line_names = np.where(told >= 0, line_names[told], np.array(languages, object)[rows])
    changes = (rows[1:] != rows[:-1]) | (line_names[1:] != line_names[:-1])
    first = np.flatnonzero(np.append(True, changes))
    return Parts(np.append(starts[first], edges[-1]), line_names[first].tolist())


def _neighbours(rows: Integers, known: Integers) -> Integers:
    """Return for every line which of the `known` ones tells its language: the next of its text
    from itself on, else the last before it, else -1."""
    if not len(known):
        return np.full(len(rows), -1)
    lines = np.arange(len(rows))
    after = np.searchsorted(known, lines)
    following = known[np.minimum(after, len(known) - 1)]
    preceding = known[np.maximum(after - 1, 0)]
    follows = (following >= lines) & (rows[following] == rows)
    precedes = (preceding < lines) & (rows[preceding] == rows)
    return np.where(follows, following, np.where(precedes, preceding, -1))
