"""Sentence segmentation with lossless offsets: `text[start:end]` gives back every sentence.

The library is `sentencex` (Wikimedia): hundreds of languages, small wheels, and by
`benchmarks/segmenters.py` as good as pysbd and blingfire. Around it stand rules for lines, and for
what it gets wrong. A batch of texts passes through as a whole:

    code points -> lines -> parts in one language -> stand-ins -> where sentences may begin (`base`)
    -> places -> rules -> length
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import polars as pl
import pyarrow as pa

from bitseam.lid.code_points import CodePoints, code_points
from bitseam.lid.segmentation.base import base_beginnings
from bitseam.lid.segmentation.learned import NOTHING_LEARNED, extended
from bitseam.lid.segmentation.length import split_long
from bitseam.lid.segmentation.lexicon import read_lexicon, seed_of
from bitseam.lid.segmentation.lines import read_lines
from bitseam.lid.segmentation.parts import Identify, divide_by_language
from bitseam.lid.segmentation.places import find_places
from bitseam.lid.segmentation.rules import choose_ends
from bitseam.lid.segmentation.scan import trim
from bitseam.lid.segmentation.spaces import space_beginnings
from bitseam.lid.segmentation.stand_ins import mark_stand_ins

log = logging.getLogger("bitseam")

Integers = npt.NDArray[np.int64]


class Offsets(NamedTuple):
    """Where the sentences of a text stand, in code points: in order, disjoint, not blank."""

    starts: Integers  # (n,)
    ends: Integers  # (n,)


class Sentences(NamedTuple):
    """The n sentences of a batch of texts, in order; starts and ends as of `Offsets`."""

    texts: Integers  # (n,), row of the text
    starts: Integers  # (n,)
    ends: Integers  # (n,)
    unlocated: int = 0  # chunks of some KB that the library did not give back whole


def segment(text: str, language: str, longest: int | None = None) -> Offsets:
    """Return the offsets of the sentences of `text`: `segment_batch` of one."""
    sentences = segment_batch(pa.array([text], pa.string()), [language], longest)
    return Offsets(sentences.starts, sentences.ends)


def segment_batch(
    texts: pa.StringArray,
    languages: Sequence[str],
    longest: int | None = None,
    learned: pl.DataFrame = NOTHING_LEARNED,
    identify: Identify | None = None,
) -> Sentences:
    """Return the sentences of `texts`, none of them null, without the white space around them.

    A line break ends a sentence, but for those that only wrap a paragraph (`lid.paragraphs`), which
    is judged paragraph by paragraph. What stands between the sentences is white space, or the ">"
    of an empty quoted line. Each text is segmented by itself.

    :param languages: of each text, `ltz_Latn`.
    :param longest: code points of a sentence, any white space counted as one; a longer one is
        split (see `split_long`).
    :param learned: what `learned.py` found in the corpus of the texts.
    :param identify: tells the language of lines, where it differs from that of their text.
    """
    points = code_points(texts)
    lines = read_lines(points)
    parts = divide_by_language(points, lines.kinds, languages, identify)
    divided = CodePoints(points.points, parts.bounds)
    stand_ins = mark_stand_ins(divided, lines.kinds)
    base = base_beginnings(lines, *parts)
    base.beginnings[stand_ins + 1] = True
    if base.unlocated:
        log.warning("sentencex changed %d parts of texts: divided plainly", base.unlocated)
    seeds = np.array([seed_of(language) for language in parts.languages], np.uint64)
    places = find_places(divided, lines.kinds, base.beginnings, seeds)
    lexicon = extended(read_lexicon(frozenset(parts.languages)), learned)
    chosen = places.beginning[choose_ends(places, lexicon, base.plain)]
    chosen = space_beginnings(divided, lines.kinds, chosen)
    starts, ends = _trimmed(divided, lines.kinds, chosen)
    if longest is not None:
        starts, ends = _bounded(points, starts, ends, longest)
    rows = np.searchsorted(points.bounds, starts, side="right") - 1
    before = points.bounds[rows]
    return Sentences(rows, starts - before, ends - before, base.unlocated)


def _trimmed(points: CodePoints, kinds: npt.NDArray[np.uint8], chosen: Integers) -> Offsets:
    """Return the sentences that begin where a text does and at `chosen`, without white space."""
    edges = np.union1d(points.bounds, chosen)
    starts, ends = edges[:-1].copy(), edges[1:].copy()
    trim(kinds, starts, ends)
    some = ends > starts
    return Offsets(starts[some], ends[some])


def _bounded(points: CodePoints, starts: Integers, ends: Integers, longest: int) -> Offsets:
    """Return the sentences, those longer than `longest` in parts."""
    long = ends - starts > longest
    if not long.any():
        return Offsets(starts, ends)
    parts = [
        part
        for start, end in zip(starts[long].tolist(), ends[long].tolist(), strict=True)
        for part in _parts(points, start, end, longest)
    ]
    bounded = np.concatenate([np.stack([starts[~long], ends[~long]], 1), np.array(parts, np.int64)])
    return Offsets(*bounded[np.argsort(bounded[:, 0])].T)


def _parts(points: CodePoints, start: int, end: int, longest: int) -> Iterator[tuple[int, int]]:
    """Yield where the parts of one long sentence begin and end, without white space around them."""
    text = points.points[start:end].astype("<u4").tobytes().decode("utf-32-le")
    cuts = split_long(text, longest) if len(" ".join(text.split())) > longest else []
    for first, last in pairwise([0, *cuts, len(text)]):
        part = text[first:last]
        if not part.isspace():
            yield start + last - len(part.lstrip()), start + first + len(part.rstrip())
