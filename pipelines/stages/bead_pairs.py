"""Beads of aligned documents as pairs, beside or among those of global mining.

A side of several sentences is their texts joined by a space, from the first one's start to the last
one's end; its language score is the lowest of theirs, and it occurs as often as it is such a side.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import polars as pl
import pyarrow as pa

from bitseam.lid.identity import fold_keys, sentence_ids
from bitseam.mining.precision import estimate_precision
from bitseam.pipelines.atomic import replacing
from bitseam.pipelines.rejects import rejected_pairs, write_rejects
from bitseam.pipelines.step import Step
from bitseam.pipelines.work import Outcome, Work, tally
from bitseam.schemas.reasons import Reason

_SIDES = ("src", "tgt")


@dataclass(frozen=True)
class SelectBeads(Step):
    """`alignments` -> the beads that may be pairs: both sides, no copies, each once."""

    name: ClassVar[str] = "select-beads"
    alignments: Path
    languages: tuple[str, str]
    max_chars: int

    def run(self, task: str) -> Outcome:
        beads, unfit = self._fit()
        with replacing(_scored_path(self.work)) as path:
            beads.drop("src_key", "tgt_key", "reason").write_parquet(path)
        rejects = rejected_pairs(unfit, source="alignments")
        write_rejects(self.work, "beads", rejects)
        return Outcome((), tally(rejects["reason"], "rejected"))

    def _fit(self) -> tuple[pl.DataFrame, pl.DataFrame]:
        """Return the beads that may be pairs, and those that may not, each with its `reason`."""
        lengths = pl.max_horizontal(pl.col(f"{side}_text").str.len_chars() for side in _SIDES)
        beads = self._beads().with_columns(
            reason=pl.when(pl.col("src_key") == pl.col("tgt_key"))
            .then(pl.lit(str(Reason.COPY_OF_SOURCE)))
            .when(lengths > self.max_chars)
            .then(pl.lit(str(Reason.TOO_LONG)))
        )
        is_fit = pl.col("reason").is_null()
        return beads.filter(is_fit), beads.filter(~is_fit)

    def _beads(self) -> pl.DataFrame:
        """Return the beads with both sides, each once: with ids, folded keys and precision."""
        beads = (
            pl.scan_parquet(sorted(self.alignments.glob("*.parquet")), glob=False)
            .filter(pl.col("margin").is_not_null())
            .collect()
        )
        for side, language in zip(_SIDES, self.languages, strict=True):
            texts = beads[f"{side}_text"].to_arrow().cast(pa.string())
            beads = beads.with_columns(
                pl.Series(f"{side}_id", sentence_ids(language, texts)),
                pl.Series(f"{side}_key", fold_keys(texts)),
            ).with_columns(pl.len().over(f"{side}_id").cast(pl.Int32).alias(f"{side}_count"))
        # Found again in other documents, it is the same pair.
        beads = beads.unique(["src_key", "tgt_key"], keep="first", maintain_order=True)
        precision = estimate_precision(beads["log_odds"].to_numpy())
        return beads.with_columns(precision=pl.Series(precision, dtype=pl.Float32))


def scored_beads(work: Work) -> pl.DataFrame | None:
    """Return the beads that may be pairs, kept or not; None where nothing was aligned."""
    path = _scored_path(work)
    return pl.read_parquet(path, glob=False) if path.exists() else None


def _scored_path(work: Work) -> Path:
    return work.path("scored-beads.parquet")


def beads_sentences(beads: pl.DataFrame) -> pl.Series:
    """Return the ids of the sentences that beads are made of."""
    return pl.concat([beads["src_ids"].explode(), beads["tgt_ids"].explode()]).unique()


def beads_as_pairs(
    beads: pl.DataFrame, occurrences: pl.DataFrame, languages: tuple[str, str]
) -> pl.DataFrame:
    """Return beads with the columns of `pairs`.

    :param occurrences: sentence_id, lang_score and count of the sentences they are made of.
    """
    beads = beads.with_row_index("bead")
    for side, language in zip(_SIDES, languages, strict=True):
        of_bead = (
            beads.select("bead", sentence_id=f"{side}_ids")
            .explode("sentence_id")
            .join(occurrences.select("sentence_id", "lang_score", "count"), on="sentence_id")
            .group_by("bead")
            .agg(
                pl.col("lang_score").min().alias(f"{side}_lang_score"),
                pl.col("count").first().alias("single"),
            )
        )
        is_single = pl.col(f"{side}_ids").list.len() == 1
        beads = (
            beads.join(of_bead, on="bead", how="left", maintain_order="left")
            .with_columns(
                pl.lit(language).alias(f"{side}_lang"),
                pl.lit(0, pl.Int16).alias(f"{side}_rank"),
                pl.when(is_single).then("single").otherwise(f"{side}_count").alias(f"{side}_count"),
            )
            .drop("single")
        )
    return beads.with_columns(alignment=pl.lit("documents"))


def merge_pairs(mined: pl.DataFrame, beads: pl.DataFrame) -> pl.DataFrame:
    """Return each pair once, best margin first: of both origins, with the ranks of mining.

    A pair found both ways keeps its place in the aligned documents, the better margin and the
    precision of mining.

    :param mined: pairs with `alignment` "sentences"; :param beads: with "documents".
    """
    columns = mined.columns
    both = beads.join(
        mined.select("src_id", "tgt_id", "margin", "src_rank", "tgt_rank", "precision"),
        on=["src_id", "tgt_id"],
        how="left",
        suffix="_mined",
        maintain_order="left",
    )
    beads = both.with_columns(
        pl.max_horizontal("margin", "margin_mined").alias("margin"),
        *(
            pl.coalesce(f"{name}_mined", name).alias(name)
            for name in ("src_rank", "tgt_rank", "precision")
        ),
        pl.when(pl.col("margin_mined").is_null())
        .then("alignment")
        .otherwise(pl.lit("both"))
        .alias("alignment"),
    ).select(columns)
    rest = mined.join(beads, on=["src_id", "tgt_id"], how="anti", maintain_order="left")
    return pl.concat([rest, beads]).sort(
        ["margin", "src_id", "tgt_id"], descending=[True, False, False]
    )
