"""The pairs of a run that people judge: their scores, their tiers, and names for sheets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import polars as pl
import xxhash
from numpy.typing import NDArray

from bitseam.lid.hashing import MURMUR_MIX
from bitseam.mining.benchmark.tiers import Tiers, make_tiers
from bitseam.mining.evaluate.statistics import Floats, Rows
from bitseam.pipelines.exporters.pairs import Pairs, open_pairs
from bitseam.schemas.errors import UserError

_IDS = ("src_id", "tgt_id")
_TEXTS = ("src_text", "tgt_text")


@dataclass(frozen=True)
class SheetPairs:
    """p pairs of one run in t tiers of a score.

    :ivar asked: how many tiers were asked for: there may be fewer, or one more without a score.
    :ivar score: what it is: "precision", estimated, or "margin" where none is.
    :ivar scores: `(p,)`, NaN where there is none.
    :ivar keys: `(p,)` uint64, a hash of the two sentences' ids.
    :ivar fingerprint: 8 hex digits that tell this run's pairs and scores from all others'.
    """

    run: Pairs
    asked: int
    score: str
    scores: Floats
    keys: NDArray[np.uint64]
    tiers: Tiers
    fingerprint: str

    @cached_property
    def estimates(self) -> Floats | None:
        """The mean estimated precision of each tier, `(t,)`; NaN: not known; None: of none is."""
        if self.score != "precision":
            return None
        known = ~np.isnan(self.scores)
        sizes = np.bincount(self.tiers.tier[known], minlength=len(self.tiers.sizes))
        sums = np.bincount(self.tiers.tier[known], self.scores[known], len(sizes))
        means: Floats = np.full(len(sizes), np.nan)
        return np.divide(sums, sizes, out=means, where=sizes > 0)

    def name_tier(self, tier: int) -> str:
        """Return the scores of a tier: `0.91-0.95`."""
        edges = self.tiers.edges
        if tier >= len(edges) - 1:
            return f"no {self.score}"
        return f"{edges[tier]:.3f}-{edges[tier + 1]:.3f}"

    def names(self, rows: Rows) -> list[str]:
        """Return what a sheet calls the pairs of these rows: tiers, run and pair."""
        head = f"p{self.asked}-{self.fingerprint}"
        return [f"{head}-{key:016x}" for key in self.keys[rows].tolist()]

    def rows_of(self, keys: Sequence[int]) -> Rows:
        """Return the row of each key, -1 where there is no such pair."""
        order = np.argsort(self.keys, kind="stable")
        wanted = np.array(keys, np.uint64)
        at = np.minimum(np.searchsorted(self.keys[order], wanted), len(order) - 1)
        return np.where(self.keys[order[at]] == wanted, order[at], -1)

    def texts(self, rows: Rows) -> list[tuple[str, str]]:
        """Return source and target of these rows."""
        found: dict[int, tuple[str, str]] = {}
        wanted, first = np.sort(rows), 0
        for frame in self.run.frames(*_TEXTS):
            low, high = np.searchsorted(wanted, [first, first + len(frame)])
            here = frame[(wanted[low:high] - first).tolist()]
            found |= zip(wanted[low:high].tolist(), here.iter_rows(), strict=True)
            first += len(frame)
        return [found[row] for row in rows.tolist()]


def read_sheet_pairs(directory: Path, tiers: int) -> SheetPairs:
    """Read the scores of the pairs of a run, and put them in tiers.

    :raises UserError: there are no pairs; :raises BitseamError: a file is damaged.
    """
    run = open_pairs(directory)
    estimated = "precision" in run.schema.names
    names = (*_IDS, "margin", "precision") if estimated else (*_IDS, "margin")
    frame = pl.concat([pl.DataFrame(run.schema.empty_table()).select(names), *run.frames(*names)])
    if not len(frame):
        raise UserError(f"{directory} has no pairs to judge: the run found none")
    # Nothing is known of runs whose precision was not estimated: their margins tell, at least.
    score = "precision" if estimated and frame["precision"].null_count() < len(frame) else "margin"
    scores = frame[score].cast(pl.Float64).fill_null(np.nan).to_numpy()
    src, tgt = (frame[name].to_numpy().view(np.uint64) for name in _IDS)
    digest = xxhash.xxh3_64(run.signature.encode())
    for column in (src, tgt, scores):
        digest.update(np.ascontiguousarray(column).tobytes())
    fingerprint = digest.hexdigest()[:8]
    made = make_tiers(scores, tiers)
    return SheetPairs(run, tiers, score, scores, _keys(src, tgt), made, fingerprint)


def _keys(src: NDArray[np.uint64], tgt: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Return one 64-bit hash of each pair: the ids are hashes, so that little mixing is needed."""
    mixed = (src ^ (src >> np.uint64(29))) * MURMUR_MIX + tgt
    mixed ^= mixed >> np.uint64(32)
    return np.asarray(mixed * MURMUR_MIX, np.uint64)
