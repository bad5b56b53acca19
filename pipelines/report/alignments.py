"""What aligned documents gave: beads by their type, and pairs by how they were found."""

from __future__ import annotations

import polars as pl

from bitseam.pipelines.report.run import Run
from bitseam.pipelines.report.sums import Sums

# As `pairs.alignment` says it.
KINDS = {
    "sentences": "among all sentences",
    "documents": "in aligned documents",
    "both": "both ways",
}


def pairs_by_kind(run: Run) -> list[tuple[str, int]]:
    """Return how many pairs were found in which way; nothing of a run that aligned nothing."""
    if not (run.files("alignments") and run.has_column("pairs", "alignment")):
        return []
    counts = dict(_counts(run, "pairs", "alignment"))
    return [(name, counts[kind]) for kind, name in KINDS.items() if kind in counts]


def beads_by_type(run: Run) -> list[tuple[str, int]]:
    """Return how many beads have how many sentences on either side (`1-2`), most first."""
    return _counts(run, "alignments", "type")


def _counts(run: Run, table: str, column: str) -> list[tuple[str, int]]:
    sums = Sums((column,), ("count",))
    for frame in run.frames(table, column):
        sums.add(frame.with_columns(count=pl.lit(1, pl.Int64)))
    return sums.total().sort(["count", column], descending=[True, False]).rows()
