"""What judged sheets say of a run: as an object, as a table, as JSON."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from bitseam.mining.benchmark.judging import Estimate
from bitseam.mining.evaluate.wilson import wilson_interval
from bitseam.pipelines.evalset.sheet_rows import VERDICTS

RIGHT, PARTLY, WRONG, UNSURE = range(len(VERDICTS))


@dataclass(frozen=True)
class Tier:
    """The judged pairs of one tier.

    :ivar counts: right, partly, wrong and unsure ones.
    :ivar estimated: the mean estimated precision of all its pairs; None where none is.
    """

    name: str
    pairs: int
    counts: tuple[int, int, int, int]
    estimated: float | None

    @property
    def judged(self) -> int:
        """The pairs that count: not the unsure ones."""
        return sum(self.counts[:UNSURE])

    @property
    def precision(self) -> Estimate:
        """The share of right ones, and its Wilson interval."""
        right = self.counts[RIGHT]
        return Estimate(right / max(self.judged, 1), wilson_interval(right, self.judged))


@dataclass(frozen=True)
class Agreement:
    """Two judges on the pairs that both judged."""

    judges: tuple[str, str]
    pairs: int
    same: int
    kappa: float


@dataclass(frozen=True)
class Judged:
    """What the sheets say of a run.

    :ivar precision: the share of right pairs; `lenient`: with the partly right ones.
    :ivar estimated: the mean estimated precision in the tiers that count for these; None where none
        is.
    :ivar unjudged: pairs of the sheets on which no verdict counts.
    :ivar disputed: pairs that judges differ on.
    """

    score: str
    tiers: tuple[Tier, ...]
    agreements: tuple[Agreement, ...]
    precision: Estimate
    lenient: Estimate
    estimated: float | None
    judges: int
    unjudged: int
    disputed: int


def as_table(judged: Judged) -> Iterator[str]:
    """Yield lines for the terminal."""
    rows = [_row(tier) for tier in judged.tiers]
    for cells in [(judged.score, "pairs", *VERDICTS, "precision", "estimated"), *rows]:
        yield "{:15}{:>10}{:>7}{:>8}{:>7}{:>8}  {:23}{}".format(*cells).rstrip()
    yield ""
    yield f"precision of all pairs: {_shown(judged.precision)}"
    yield f"with the partly right:  {_shown(judged.lenient)}"
    if judged.estimated is not None:
        yield f"estimated:              {judged.estimated:.3f}"
    for its in judged.agreements:
        judges = " and ".join(its.judges)
        yield (f"{judges} agree on {its.same} of {its.pairs} pairs, Cohen's kappa {its.kappa:.2f}")
    if judged.disputed:
        yield f"pairs that judges differ on, where most or the stricter won: {judged.disputed}"
    if judged.unjudged:
        yield f"pairs of the sheets without a verdict that counts: {judged.unjudged}"
    if lost := sum(tier.pairs for tier in judged.tiers if not tier.judged):
        yield f"pairs in tiers of which none was judged, left out of all: {lost:,}"


def _row(tier: Tier) -> tuple[str, ...]:
    """Return the cells of a tier; an estimate outside the interval is marked."""
    low, high = tier.precision.interval
    estimated = "" if tier.estimated is None else f"{tier.estimated:.3f}"
    if tier.estimated is not None and tier.judged and not low <= tier.estimated <= high:
        estimated += " (too high)" if tier.estimated > high else " (too low)"
    precision = _shown(tier.precision) if tier.judged else "-"
    return tier.name, f"{tier.pairs:,}", *map(str, tier.counts), precision, estimated


def _shown(estimate: Estimate) -> str:
    low, high = estimate.interval
    return f"{estimate.value:.3f} [{low:.3f}, {high:.3f}]"


def as_json(judged: Judged) -> dict[str, Any]:
    """Return everything as plain values."""

    def estimate(its: Estimate) -> dict[str, float]:
        return {"value": its.value, "low": its.interval.low, "high": its.interval.high}

    return {
        "score": judged.score,
        "precision": estimate(judged.precision),
        "precision_with_partly": estimate(judged.lenient),
        "estimated": judged.estimated,
        "judges": judged.judges,
        "unjudged": judged.unjudged,
        "disputed": judged.disputed,
        "tiers": [
            {
                "tier": its.name,
                "pairs": its.pairs,
                **dict(zip(VERDICTS, its.counts, strict=True)),
                "precision": estimate(its.precision) if its.judged else None,
                "estimated": its.estimated,
            }
            for its in judged.tiers
        ],
        "agreements": [
            {"judges": its.judges, "pairs": its.pairs, "same": its.same, "kappa": its.kappa}
            for its in judged.agreements
        ],
    }
