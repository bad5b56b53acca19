"""Where the pairs that are kept end.

selected.parquet            ids and scores of the kept pairs of global mining
beads.parquet               the kept beads, where documents were aligned
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import polars as pl
from numpy.typing import NDArray

from bitseam.mining.precision import kept_at
from bitseam.pipelines.atomic import read_json, replacing, write_json
from bitseam.pipelines.rejects import rejected_pairs, write_rejects
from bitseam.pipelines.stages.bead_pairs import scored_beads
from bitseam.pipelines.stages.selection import SCORES, scored_pairs
from bitseam.pipelines.step import Step
from bitseam.pipelines.work import Outcome, Work
from bitseam.schemas.reasons import Reason

_IDS = ["src_id", "tgt_id"]


@dataclass(frozen=True)
class Cut:
    """Keep as many pairs as can be for their mean estimated precision, or those of a margin.

    :ivar precision: what is promised of all kept pairs together, or None: then
    :ivar threshold: the lowest margin.
    """

    precision: float | None
    threshold: float | None

    @property
    def reason(self) -> Reason:
        """Why a pair is not kept."""
        return Reason.BELOW_THRESHOLD if self.precision is None else Reason.BELOW_PRECISION

    def keeps(
        self, margin: NDArray[np.float32], precision: NDArray[np.float32]
    ) -> NDArray[np.bool_]:
        """Tell which pairs are kept, `(p,)`, by the margin and estimated precision of each."""
        if self.precision is not None:
            return kept_at(precision, self.precision)
        kept: NDArray[np.bool_] = margin >= np.float32(self.threshold or 0.0)
        return kept

    def note(self, work: Work, precision: NDArray[np.float32], kept: NDArray[np.bool_]) -> None:
        """Write down by what pairs were kept, and what is expected of them.

        The estimated recall is that among the selected pairs, kept or not. A pair of which
        nothing was estimated counts as wrong.
        """
        right = np.nan_to_num(precision.astype(np.float64))
        found, every = float(right[kept].sum()), float(right.sum())
        estimated = {
            "precision": round(found / kept.sum(), 4) if kept.any() else None,
            "recall": round(found / every, 4) if every else None,
        }
        told = {"precision": self.precision, "threshold": self.threshold, "estimated": estimated}
        write_json(_path(work), told)


@dataclass(frozen=True)
class CutPairs(Step):
    """scored pairs and beads -> those that are kept.

    Both are cut as one table, a pair found both ways once: a promise is made of all pairs of a
    run, and what only one of two ways would keep is not thrown away.
    """

    name: ClassVar[str] = "cut"
    cut: Cut

    def run(self, task: str) -> Outcome:
        beads = scored_beads(self.work)
        mined, alone = _every_pair(scored_pairs(self.work), beads)
        every = pl.concat([its.select(*_IDS, "margin", "precision") for its in (mined, alone)])
        kept = self.cut.keeps(every["margin"].to_numpy(), every["precision"].to_numpy())
        self.cut.note(self.work, every["precision"].to_numpy(), kept)
        _write(_selected_path(self.work), mined.filter(kept[: len(mined)]))
        if beads is not None:
            ours = beads.join(every.filter(kept), on=_IDS, how="semi", maintain_order="left")
            _write(_beads_path(self.work), ours)
        reason = str(self.cut.reason)
        dropped = mined.filter(~kept[: len(mined)]), alone.filter(~kept[len(mined) :])
        for source, pairs in zip(("neighbours", "alignments"), dropped, strict=True):
            rows = rejected_pairs(pairs.with_columns(reason=pl.lit(reason)), source=source)
            write_rejects(self.work, f"below-{source}", rows)
        return Outcome((), {f"rejected {reason}": int((~kept).sum())})


def _every_pair(
    mined: pl.DataFrame, beads: pl.DataFrame | None
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return the mined pairs, with the margin of the bead where it is better, and other beads."""
    if beads is None:
        return mined, pl.DataFrame(schema=SCORES)
    again = beads.select(*_IDS, again="margin")
    better = mined.join(again, on=_IDS, how="left", maintain_order="left").with_columns(
        margin=pl.max_horizontal("margin", "again")
    )
    return better.drop("again"), beads.join(mined, on=_IDS, how="anti", maintain_order="left")


def _write(path: Path, kept: pl.DataFrame) -> None:
    with replacing(path) as temporary:
        kept.write_parquet(temporary)


def selected_pairs(work: Work) -> pl.DataFrame:
    """Return the kept pairs of global mining."""
    return pl.read_parquet(_selected_path(work), glob=False)


def selected_beads(work: Work, *columns: str) -> pl.DataFrame | None:
    """Return the kept beads, or some columns of them; None where nothing was aligned."""
    path = _beads_path(work)
    return pl.read_parquet(path, columns=[*columns] or None, glob=False) if path.exists() else None


def _selected_path(work: Work) -> Path:
    return work.path("selected.parquet")


def _beads_path(work: Work) -> Path:
    return work.path("beads.parquet")


def read_cut(work: Work) -> dict[str, Any]:
    """Return what `Cut.note` wrote down."""
    return dict(read_json(_path(work)))


def cut_in_signature(told: Mapping[str, Any]) -> str:
    """Return what a signature says of it."""
    if told["precision"] is None:
        return f"threshold:{told['threshold']:.4f}"
    return f"precision:{told['precision']:g}"


def _path(work: Work) -> Path:
    return work.path("cut.json")
