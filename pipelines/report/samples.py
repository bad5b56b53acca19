"""A few pairs of every level: from the best ones down to those that were left out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice, pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bitseam.pipelines.report.differences import Names, Piece, differences
from bitseam.pipelines.report.run import Run
from bitseam.pipelines.report.scores import Floats, Scores

OF_A_LEVEL = 4
LONGEST = 1000  # characters of a sentence that are shown
_BEST = 20_000  # pairs that tell which names translations keep
# A level holds its lower end, not its upper one: 1 is in the first.
_PRECISIONS = (1.01, 0.99, 0.95, 0.9, 0.8, 0.7, 0.5, 0.25, 0.0)
_DECILES, _FIFTHS = 10, 5

_COLUMNS = ("src_text", "tgt_text", "cosine", "src_rank", "tgt_rank", "src_doc", "tgt_doc")

Rows = NDArray[np.int64]


@dataclass(frozen=True)
class Sample:
    """A pair to look at; what a pair that was left out has no column for is missing in `facts`."""

    src: list[Piece]
    tgt: list[Piece]
    is_kept: bool
    margin: float
    precision: float | None
    facts: dict[str, Any]


@dataclass(frozen=True)
class Level:
    """The pairs whose precision, or margin, is from `low` to `high`."""

    by: str
    low: float
    high: float
    kept: int
    left_out: int
    samples: list[Sample]


def read_samples(run: Run, scores: Scores) -> list[Level]:
    """Return the levels, best first, each with pairs from all over it."""
    levels = [its for its in _levels(scores) if len(its[3])]
    drawn = [_spread(rows, scores.kept) for *_, rows in levels]
    wanted = np.unique(np.concatenate([*drawn, np.zeros(0, np.int64)]))
    facts = {**_kept_facts(run, scores, wanted), **_left_out_facts(run, scores, wanted)}
    names = Names(run.languages, _best_pairs(run))
    return [
        Level(
            by,
            low,
            high,
            int((rows < scores.kept).sum()),
            int((rows >= scores.kept).sum()),
            [_sample(row, scores, facts[row], names) for row in some.tolist() if row in facts],
        )
        for (by, low, high, rows), some in zip(levels, drawn, strict=True)
    ]


def _levels(scores: Scores) -> Iterator[tuple[str, float, float, Rows]]:
    """Yield what a level is of, its ends and the rows in it, best first."""
    if not scores.has_precision:
        yield from _by_margin(scores, np.arange(len(scores.margin)))
        return
    for high, low in pairwise(_PRECISIONS):
        rows = np.flatnonzero((scores.precision >= low) & (scores.precision < high))
        yield "precision", low, min(high, 1.0), _ordered(scores.precision, rows)
    yield from _by_margin(scores, np.flatnonzero(np.isnan(scores.precision)))


def _by_margin(scores: Scores, rows: Rows) -> Iterator[tuple[str, float, float, Rows]]:
    """Yield tenths of the kept pairs, and fifths of those left out; fewer where there are few."""
    for part, most in ((rows[rows < scores.kept], _DECILES), (rows[rows >= scores.kept], _FIFTHS)):
        levels = max(1, min(most, len(part) // OF_A_LEVEL))
        for level in np.array_split(_ordered(scores.margin, part), levels):
            ends = scores.margin[level[[-1, 0]]] if len(level) else np.zeros(2)
            yield "margin", float(ends[0]), float(ends[1]), level


def _ordered(values: Floats, rows: Rows) -> Rows:
    ordered: Rows = rows[np.argsort(-values[rows], kind="stable")]
    return ordered


def _spread(rows: Rows, kept: int) -> Rows:
    """Return rows from all over a level, as many kept ones as there may be of either kind."""
    parts = [part for part in (rows[rows < kept], rows[rows >= kept]) if len(part)]
    each = OF_A_LEVEL // len(parts)
    chosen = [part[((np.arange(each) + 0.5) * len(part) / each).astype(np.int64)] for part in parts]
    found = np.concatenate(chosen)
    _, first = np.unique(found, return_index=True)
    spread: Rows = found[np.sort(first)]
    return spread


def _kept_facts(run: Run, scores: Scores, wanted: Rows) -> dict[int, dict[str, Any]]:
    rows = wanted[wanted < scores.kept]
    alignment = ["alignment"] if run.has_column("pairs", "alignment") else []
    found = run.take("pairs", rows, *_COLUMNS, *alignment)
    return dict(zip(rows.tolist(), found.iter_rows(named=True), strict=True))


def _left_out_facts(run: Run, scores: Scores, wanted: Rows) -> dict[int, dict[str, Any]]:
    """Look up the sentences of pairs that were left out; those of alignments are not there."""
    rows = wanted[wanted >= scores.kept]
    pairs = scores.left_out[rows - scores.kept]
    ids = np.unique(pairs)
    places = np.full(len(ids), -1, np.int64)
    first = 0
    for frame in run.frames("sentences", "sentence_id") if len(ids) else ():
        met, where = np.unique(frame["sentence_id"].to_numpy(), return_index=True)
        _, here, there = np.intersect1d(ids, met, assume_unique=True, return_indices=True)
        new = places[here] < 0
        places[here[new]] = first + where[there[new]]
        first += len(frame)
    known = places >= 0
    order = np.argsort(places[known])
    texts = run.take("sentences", places[known][order], "text", "doc_id")
    by_id = dict(zip(ids[known][order].tolist(), texts.iter_rows(), strict=True))
    return {
        row: {"src_text": src[0], "tgt_text": tgt[0], "src_doc": src[1], "tgt_doc": tgt[1]}
        for row, (src, tgt) in (
            (row, (by_id.get(pair[0]), by_id.get(pair[1])))
            for row, pair in zip(rows.tolist(), pairs.tolist(), strict=True)
        )
        if src and tgt
    }


def _best_pairs(run: Run) -> Iterator[tuple[str, str]]:
    frames = run.frames("pairs", "src_text", "tgt_text")
    return islice((pair for frame in frames for pair in frame.iter_rows()), _BEST)


def _sample(row: int, scores: Scores, facts: dict[str, Any], names: Names) -> Sample:
    src, tgt = (_excerpt(facts[name]) for name in ("src_text", "tgt_text"))
    precision = float(scores.precision[row])
    return Sample(
        *differences(src, tgt, names),
        row < scores.kept,
        float(scores.margin[row]),
        None if np.isnan(precision) else precision,
        facts,
    )


def _excerpt(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"
