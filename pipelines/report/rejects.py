"""What was thrown away: how much for which reason, with examples, and in which languages."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import polars as pl
import pyarrow as pa

from bitseam.lid.identity import sentence_ids
from bitseam.pipelines.report.origins import Origins, inputs_of
from bitseam.pipelines.report.reasons import EXPLAINED
from bitseam.pipelines.report.run import Run
from bitseam.pipelines.report.scores import LEFT_OUT
from bitseam.pipelines.report.sums import Sums
from bitseam.schemas.reasons import Reason

EXAMPLES = 4  # of each reason

# Their detail is the language that was found, and how certain: "eng_Latn 0.98".
_OF_LANGUAGE = (Reason.OTHER_LANGUAGE, Reason.LOW_LANG_SCORE, Reason.OTHER_SCRIPT)
_SHOWN = ("reason", "what", "source", "doc_id", "text", "detail")


class Example(NamedTuple):
    what: str
    where: str
    text: str | None
    detail: str | None


@dataclass(frozen=True)
class Rejected:
    """What was thrown away for one reason."""

    stage: str
    reason: str
    count: int
    examples: list[Example]

    @property
    def explanation(self) -> str:
        """What the reason means, in words; empty where it is not known here."""
        return EXPLAINED.get(self.reason, "")


@dataclass(frozen=True)
class Rejects:
    """All rejects of a run.

    :ivar found: input, hint (null: none), language, reason, count: texts in no wanted language.
    """

    reasons: list[Rejected]
    found: pl.DataFrame

    @property
    def stages(self) -> list[str]:
        """The stages that threw something away, in order."""
        return [*dict.fromkeys(its.stage for its in self.reasons)]

    @property
    def count(self) -> int:
        return sum(its.count for its in self.reasons)

    @property
    def pairs(self) -> int:
        """How many of them are pairs."""
        return sum(its.count for its in self.reasons if its.stage == "pairs")


def read_rejects(run: Run, origins: Origins) -> Rejects:
    """Return what the manifests count and the rejects tables show."""
    found = Sums(("input", "hint", "language", "reason"), ("count",))
    reasons = []
    for stage, manifest in run.stages.items():
        counts = {
            name.removeprefix("rejected "): int(count)
            for name, count in manifest.get("counts", {}).items()
            if name.startswith("rejected ") and count
        }
        sample = _Sample()
        for frame in run.frames(f"rejects/{stage}", *_SHOWN) if counts else ():
            sample.add(frame)
            if stage == "sentences":
                found.add(_languages(frame, origins))
        examples = sample.by_reason()
        reasons += [
            Rejected(stage, reason, count, examples.get(reason, []))
            for reason, count in sorted(counts.items(), key=lambda its: (-its[1], its[0]))
        ]
    return Rejects(reasons, found.total())


class _Sample:
    """A few rejects of each reason, drawn by a hash: the same ones however the table is cut."""

    def __init__(self) -> None:
        self._drawn: dict[str, dict[int, Example]] = {}

    def add(self, rejects: pl.DataFrame) -> None:
        # Pairs left out are shown among the samples, with their texts.
        rows = rejects.filter(~pl.col("reason").is_in([*map(str, LEFT_OUT)]))
        said = rows.select(pl.coalesce("text", "detail", "doc_id", pl.lit(""))).to_series()
        keys = sentence_ids("", said.to_arrow().cast(pa.string()))
        few = (
            rows.with_columns(key=pl.Series(keys))
            .sort("key", maintain_order=True)
            .unique(["reason", "key"], keep="first", maintain_order=True)
            .group_by("reason", maintain_order=True)
            .head(EXAMPLES)
        )
        for row in few.iter_rows(named=True):
            where = row["doc_id"] or row["source"]
            example = Example(row["what"], where, row["text"], row["detail"])
            self._drawn.setdefault(row["reason"], {}).setdefault(row["key"], example)
        for reason, examples in self._drawn.items():
            self._drawn[reason] = dict(sorted(examples.items())[:EXAMPLES])

    def by_reason(self) -> dict[str, list[Example]]:
        return {reason: [*examples.values()] for reason, examples in self._drawn.items()}


def _languages(rejects: pl.DataFrame, origins: Origins) -> pl.DataFrame:
    rows = rejects.filter(pl.col("reason").is_in([*map(str, _OF_LANGUAGE)]))
    ids = rows["doc_id"].fill_null("")
    return rows.select(
        "reason",
        input=inputs_of(ids),
        hint=origins.hints_of(ids),
        language=pl.col("detail").str.extract(r"^(\S+)"),
        count=pl.lit(1, pl.Int64),
    )
