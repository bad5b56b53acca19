"""The `rejects` table: rows of what the later stages drop, and files of any stage's."""

from __future__ import annotations

import polars as pl
import pyarrow as pa

from bitseam.pipelines.parquet import write_table
from bitseam.pipelines.work import Work
from bitseam.schemas.tables import EXCERPT, REJECTS


def write_rejects(work: Work, name: str, rejects: pa.Table) -> None:
    """Write one file of a stage's rejects, unless they are only counted."""
    if work.keep_rejects:
        write_table(work.path("rejects", f"{name}.parquet"), rejects)


def rejected_pairs(dropped: pl.DataFrame, *, source: str) -> pa.Table:
    """Return pairs (reason, ids, margin, precision, perhaps src_text) as `rejects` rows.

    `mine report` reads their scores off the detail.
    """
    detail = pl.format(
        "margin {}, precision {}, of {} and {}", "margin", "precision", "src_id", "tgt_id"
    )
    text = ["src_text"] if "src_text" in dropped.columns else []
    rows = dropped.select("reason", *text, detail=detail).rename(dict.fromkeys(text, "text"))
    return reject_rows(rows, what="pair", stage="pairs", source=source)


def reject_rows(dropped: pl.DataFrame, *, what: str, stage: str, source: str) -> pa.Table:
    """Return `dropped` (columns reason, detail, perhaps text) as `rejects` rows."""
    given = {"what": pl.lit(what), "stage": pl.lit(stage), "source": pl.lit(source)}
    columns = {
        name: given.get(name, pl.col(name) if name in dropped.columns else pl.lit(None))
        for name in REJECTS.names
    }
    columns["text"] = columns["text"].cast(pl.String).str.slice(0, EXCERPT)
    return dropped.select(**columns).to_arrow().cast(REJECTS)
