"""Margins and estimated precisions of all selected pairs: those of `pairs` and those left out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from bitseam.mining.evaluate.bands import band_edges
from bitseam.pipelines.report.run import Run
from bitseam.schemas.reasons import Reason

LEFT_OUT = (Reason.BELOW_THRESHOLD, Reason.BELOW_PRECISION)

# As the stage `pairs` writes it: "margin 1.2, precision 0.31, of -12 and 34".
_DETAIL = r"^margin ([^ ,]+),? (?:precision ([^ ,]+), )?of (-?\d+) and (-?\d+)$"

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Scores:
    """Scores of n selected pairs: the first `kept` are the rows of `pairs`, best margin first.

    :ivar margin: `(n,)`. :ivar precision: `(n,)`, NaN where nothing was estimated.
    :ivar left_out: `(n - kept, 2)` int64, ids of the sentences of the pairs left out.
    """

    kept: int
    margin: Floats
    precision: Floats
    left_out: NDArray[np.int64]

    @property
    def has_precision(self) -> bool:
        return bool(np.isfinite(self.precision).any())


class Bar(NamedTuple):
    """The pairs with `low` <= margin < `high`; `precision` is their mean, if it was estimated."""

    low: float
    high: float
    kept: int
    left_out: int
    precision: float | None


def read_scores(run: Run) -> Scores:
    """Read what `pairs` and its rejects say of every selected pair."""
    estimated = run.has_column("pairs", "precision")
    columns = ("margin", "precision") if estimated else ("margin",)
    margins, precisions = [np.zeros(0, np.float32)], [np.zeros(0, np.float32)]
    for frame in run.frames("pairs", *columns):
        margins.append(frame["margin"].to_numpy())
        precisions.append(_precision(frame) if estimated else np.full(len(frame), np.nan))
    kept = sum(map(len, margins))
    ids = [np.zeros((0, 2), np.int64)]
    for frame in run.frames("rejects/pairs", "reason", "detail"):
        left_out = _left_out(frame)
        margins.append(left_out["margin"].to_numpy())
        precisions.append(_precision(left_out))
        ids.append(left_out.select("src_id", "tgt_id").to_numpy())
    return Scores(
        kept,
        np.concatenate(margins, dtype=np.float32),
        np.concatenate(precisions, dtype=np.float32),
        np.concatenate(ids),
    )


def _left_out(rejects: pl.DataFrame) -> pl.DataFrame:
    """Return margin, precision and ids of the rejected pairs whose detail tells them."""
    return (
        rejects.filter(pl.col("reason").is_in(LEFT_OUT))
        .select(parts=pl.col("detail").str.extract_groups(_DETAIL))
        .unnest("parts")
        .select(
            margin=pl.col("1").cast(pl.Float32, strict=False),
            precision=pl.col("2").cast(pl.Float32, strict=False),
            src_id=pl.col("3").cast(pl.Int64, strict=False),
            tgt_id=pl.col("4").cast(pl.Int64, strict=False),
        )
        .drop_nulls(["margin", "src_id", "tgt_id"])
        .filter(pl.col("margin").is_finite())
    )


def _precision(frame: pl.DataFrame) -> Floats:
    return frame["precision"].cast(pl.Float32).fill_null(float("nan")).to_numpy()


def histogram(scores: Scores) -> list[Bar]:
    """Count kept and left-out pairs by bands of margin, lowest first."""
    if not len(scores.margin):
        return []
    edges = band_edges(scores.margin.astype(np.float64))
    place = np.searchsorted(edges, scores.margin.astype(np.float64), side="right") - 1
    bands = len(edges) - 1
    kept = np.bincount(place[: scores.kept], minlength=bands)
    left_out = np.bincount(place[scores.kept :], minlength=bands)
    known = np.isfinite(scores.precision)
    estimates = np.bincount(place[known], minlength=bands)
    sums = np.bincount(place[known], weights=scores.precision[known], minlength=bands)
    return [
        Bar(
            float(edges[band]),
            float(edges[band + 1]),
            int(kept[band]),
            int(left_out[band]),
            float(sums[band] / estimates[band]) if estimates[band] else None,
        )
        for band in range(bands)
    ]
