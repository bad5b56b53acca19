"""Where selected sentences stand in the corpus: their first occurrence, and how many there are.

scratch/<shard>.parquet     the selected sentences that occur in a shard
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import polars as pl

from bitseam.pipelines.parquet import write_table
from bitseam.pipelines.stages.bead_pairs import beads_sentences
from bitseam.pipelines.stages.cut import selected_beads, selected_pairs
from bitseam.pipelines.step import Step
from bitseam.pipelines.work import Outcome, Work


@dataclass(frozen=True)
class LookUpSentences(Step):
    """sentences shard -> first occurrence and count of every selected sentence in it."""

    name: ClassVar[str] = "look-up"
    sentences: Path

    def run(self, shard: str) -> Outcome:
        selected = selected_pairs(self.work)
        wanted = pl.concat([selected["src_id"], selected["tgt_id"]])
        beads = selected_beads(self.work, "src_ids", "tgt_ids")
        if beads is not None:
            wanted = pl.concat([wanted, beads_sentences(beads)])
        found = (
            pl.scan_parquet(self.sentences / shard, glob=False)
            .filter(pl.col("sentence_id").is_in(wanted.implode()))
            .group_by("sentence_id", maintain_order=True)
            .agg(
                pl.col("lang", "lang_score", "text", "doc_id", "start", "end").first(),
                count=pl.len().cast(pl.Int32),
            )
            .collect()
        )
        write_table(self.work.path("scratch", shard), found.to_arrow())
        return Outcome()


def load_occurrences(work: Work) -> pl.DataFrame:
    """Return what was looked up in all shards, a row a sentence."""
    return (
        pl.scan_parquet(sorted(work.path("scratch").glob("*.parquet")), glob=False)
        .group_by("sentence_id", maintain_order=True)
        .agg(pl.exclude("sentence_id", "count").first(), pl.col("count").sum())
        .collect()
    )


def with_origins(pairs: pl.DataFrame, occurrences: pl.DataFrame) -> pl.DataFrame:
    """Add to pairs of ids what the occurrences say of both sides."""
    for side in ("src", "tgt"):
        columns = {name: f"{side}_{name.removesuffix('_id')}" for name in occurrences.columns[1:]}
        pairs = pairs.join(
            occurrences.rename({"sentence_id": f"{side}_id", **columns}),
            on=f"{side}_id",
            how="left",
            maintain_order="left",
        )
    return pairs.with_columns(alignment=pl.lit("sentences"))
