"""From what was measured on each system to figures: a score, its interval, what differs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import pyarrow as pa

from bitseam.mining.evaluate.bands import Band, band_edges, margin_bands
from bitseam.mining.evaluate.bootstrap import compare, interval
from bitseam.mining.evaluate.judged import JudgedPairs
from bitseam.mining.evaluate.statistics import Statistics, score
from bitseam.schemas.choices import Score
from bitseam.schemas.tables import FIGURES


class Measure(NamedTuple):
    """One metric of one system on one set."""

    metric: str
    direction: str  # lb-de; empty where there is none
    statistics: Statistics
    signature: str


@dataclass(frozen=True)
class Evaluation:
    """All that was measured of one system (an encoder, a miner's output) on one set.

    :ivar score: what the margins of `pairs` are, if they are none.
    """

    set: str
    system: str
    measures: list[Measure]
    details: dict[str, Any] = field(default_factory=dict)
    pairs: JudgedPairs | None = None
    score: Score = "margin"

    @property
    def bands(self) -> list[Band]:
        """The pairs by bands of margin, lowest first."""
        if self.pairs is None:
            return []
        return margin_bands(self.pairs.margin, self.pairs.right, band_edges(self.pairs.margin))


class Figure(NamedTuple):
    """A row of the `figures` table."""

    set: str
    system: str
    metric: str
    direction: str
    units: int
    value: float
    low: float
    high: float
    against: str | None  # the first system of the set
    difference: float | None
    p_value: float | None
    signature: str


def figures_of(evaluations: Sequence[Evaluation]) -> list[Figure]:
    """Return the figures of all systems; on each set every one is compared with the first."""
    firsts: dict[str, Evaluation] = {}
    for evaluation in evaluations:
        firsts.setdefault(evaluation.set, evaluation)
    return [
        _figure(evaluation, measure, firsts[evaluation.set])
        for evaluation in evaluations
        for measure in evaluation.measures
    ]


def figures_table(figures: Sequence[Figure]) -> pa.Table:
    """Return the figures as the table `FIGURES`."""
    columns = zip(*figures, strict=True) if figures else [[] for _ in FIGURES]
    return pa.table([pa.array(c, f.type) for c, f in zip(columns, FIGURES, strict=True)], FIGURES)


def _figure(evaluation: Evaluation, measure: Measure, first: Evaluation) -> Figure:
    metric, direction, statistics, signature = measure
    value = score(statistics)
    against = next(
        (its for its in first.measures if (its.metric, its.direction) == (metric, direction)), None
    )
    shared = evaluation.set, evaluation.system, metric, direction, len(statistics.kinds), value
    if against is None or first is evaluation:
        return Figure(*shared, *interval(statistics), None, None, None, signature)
    compared = compare(against.statistics, statistics)
    return Figure(
        *shared,
        *interval(statistics),
        first.system,
        compared.difference,
        compared.p_value,
        signature,
    )
