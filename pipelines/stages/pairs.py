"""Stage `pairs`: neighbours -> margins -> selected pairs -> pairs with their texts and origins."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any, ClassVar

import apache_beam as beam
import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from bitseam.mining.knn import Neighbours
from bitseam.mining.retrieval import Pairs, candidate_pairs, select_pairs
from bitseam.mining.threshold import auto_threshold
from bitseam.pipelines.atomic import read_json, write_json
from bitseam.pipelines.parquet import write_table
from bitseam.pipelines.rejects import reject_rows, write_rejects
from bitseam.pipelines.stages.bead_pairs import (
    SelectBeads,
    beads_as_pairs,
    beads_path,
    merge_pairs,
)
from bitseam.pipelines.stages.occurrences import (
    LookUpSentences,
    load_occurrences,
    selected_pairs,
    selected_path,
    with_origins,
)
from bitseam.pipelines.stages.stage import Stage
from bitseam.pipelines.step import Once, Step
from bitseam.pipelines.store import STAGES_OF
from bitseam.pipelines.work import Outcome, Work
from bitseam.schemas import tables
from bitseam.schemas.choices import Margin, Retrieval
from bitseam.schemas.reasons import Reason

PAIRS_ROWS = 1 << 19  # rows of one file


@dataclass(frozen=True)
class SelectPairs(Step):
    """all neighbours -> ids and scores of the pairs (twin of `mining.retrieval`)."""

    name: ClassVar[str] = "select"
    neighbours: Path
    margin: Margin
    retrieval: Retrieval
    threshold: float | None

    def run(self, task: str) -> Outcome:
        src_ids, forward = self._load("forward")
        tgt_ids, backward = self._load("backward")
        forward = Neighbours(np.searchsorted(tgt_ids, forward.rows), forward.cosines)
        backward = Neighbours(np.searchsorted(src_ids, backward.rows), backward.cosines)
        candidates = candidate_pairs(forward, backward, self.margin)
        selected = select_pairs(candidates, self.retrieval)
        threshold = self.threshold
        if threshold is None:
            threshold = auto_threshold(candidates, selected, self.margin)
        above = selected.margin >= np.float32(threshold)
        kept, below = selected.take(above), selected.take(~above)
        _scores(kept, src_ids, tgt_ids).write_parquet(selected_path(self.work))
        write_json(self.work.path("threshold.json"), threshold)
        rejects = _rejects(_scores(below, src_ids, tgt_ids))
        write_rejects(self.work, "below-threshold", rejects)
        return Outcome(
            (),
            {
                "candidates": len(candidates),
                f"rejected {Reason.BELOW_THRESHOLD}": len(below),
            },
        )

    def _load(self, direction: str) -> tuple[NDArray[np.int64], Neighbours]:
        """Return the query ids `(n,)` and their lists as `(n, k)` *ids*."""
        files = sorted(self.neighbours.glob(f"{direction}-*.parquet"))
        table = pa.concat_tables(
            [tables.NEIGHBOURS.empty_table(), *(pq.read_table(path) for path in files)]
        ).combine_chunks()
        rows = table.num_rows
        ids = table["neighbour_ids"].combine_chunks().flatten().to_numpy()
        cosines = table["cosines"].combine_chunks().flatten().to_numpy()
        width = len(ids) // rows if rows else 0  # every list has min(k, size of the other side)
        return table["sentence_id"].to_numpy(), Neighbours(
            ids.reshape(rows, width), cosines.reshape(rows, width)
        )


@dataclass(frozen=True)
class WritePairs(Step):
    """selected pairs, beads and occurrences -> the `pairs` table."""

    name: ClassVar[str] = "write"
    signature: str
    languages: tuple[str, str]

    def run(self, task: str) -> Outcome:
        occurrences = load_occurrences(self.work)
        pairs = with_origins(selected_pairs(self.work), occurrences)
        if beads_path(self.work).exists():
            beads = beads_as_pairs(self.work, occurrences, self.languages)
            pairs = merge_pairs(pairs, beads)
        signature = _with_threshold(self.signature, read_json(self.work.path("threshold.json")))
        schema = tables.PAIRS.with_metadata(
            {**tables.PAIRS.metadata, "bitseam.signature": signature}
        )
        table = pairs.select(schema.names).to_arrow().cast(schema)
        for number, at in enumerate(range(0, max(1, table.num_rows), PAIRS_ROWS)):
            path = self.work.path("pairs", f"pairs-{number:05d}.parquet")
            write_table(path, table.slice(at, PAIRS_ROWS))
        return Outcome((), {"pairs": table.num_rows})


class PairSelection(Stage):
    """`neighbours`, `alignments` and `sentences` -> `pairs`, best margin first, ties by ids."""

    name: ClassVar[str] = "pairs"
    upstream: ClassVar[str | None] = None  # by --scope one or both, see `ingredients`

    def ingredients(self) -> Mapping[str, Any]:
        options = self.options
        return {
            "select": [options.margin, options.retrieval, options.threshold],
            "scope": [options.scope, options.max_chars],
            "content": [
                (self.store.committed(stage) or {}).get("content")
                for stage in ("sentences", "neighbours", "alignments")
                if stage in STAGES_OF[options.scope]
            ],
            "signature": self.signature(),
            "keep_rejects": options.keep_rejects,
        }

    def signature(self) -> str:
        """Return what a score depends on, as sacrebleu writes it; the threshold is added later."""
        embeddings = self.store.committed("embeddings") or {}
        parts = {
            "bitseam": version("bitseam"),
            "encoder": f"{embeddings.get('encoder')}@{embeddings.get('revision')}",
            "k": self.options.k,
            "margin": self.options.margin,
            "retrieval": self.options.retrieval,
            "norm": "l2",
            "search": (self.store.committed("neighbours") or {}).get("engine"),
        }
        if self.options.scope != "sentences":
            parts["scope"] = self.options.scope
        if self.options.scope == "documents":
            parts["search"] = "exact"  # what an earlier run of another scope left tells nothing
        return "|".join(f"{name}:{value}" for name, value in parts.items())

    def steps(self, pipeline: beam.Pipeline, work: Work) -> beam.PCollection:
        options, root = self.options, self.store.root
        languages = options.src, options.tgt
        done = pipeline | beam.Create(["all"])
        if options.scope != "documents":
            select = SelectPairs(
                work, root / "neighbours", options.margin, options.retrieval, options.threshold
            )
            done = done | select.transform()
        if options.scope != "sentences":
            select_beads = SelectBeads(
                work,
                root / "alignments",
                languages,
                options.margin,
                options.threshold,
                options.max_chars,
                alone=options.scope == "documents",
            )
            done = done | "Beads" >> Once(["all"]) | select_beads.transform()
        return (
            done
            | "Shards" >> Once([path.name for path in self.store.files("sentences")])
            | LookUpSentences(work, root / "sentences").transform()
            | "Pairs" >> Once(["all"])
            | WritePairs(work, self.signature(), languages).transform()
        )

    def record(self, work: Work) -> Mapping[str, Any]:
        threshold = read_json(work.path("threshold.json"))
        return {
            "counts": dict(
                work.counts("select") + work.counts("select-beads") + work.counts("write")
            ),
            "threshold": threshold,
            "signature": _with_threshold(self.signature(), threshold),
        }

    def steps_shown(self, work: Work) -> Mapping[str, tuple[str, int | None]]:
        return {"look-up": ("shards", len(self.store.files("sentences")))}


def _with_threshold(signature: str, threshold: float) -> str:
    return f"{signature}|threshold:{threshold:.4f}"


def _scores(pairs: Pairs, src_ids: NDArray[np.int64], tgt_ids: NDArray[np.int64]) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "src_id": src_ids[pairs.src],
            "tgt_id": tgt_ids[pairs.tgt],
            "margin": pairs.margin,
            "cosine": pairs.cosine,
            "src_rank": pairs.src_rank,
            "tgt_rank": pairs.tgt_rank,
        }
    )


def _rejects(below: pl.DataFrame) -> pa.Table:
    dropped = below.select(
        reason=pl.lit(str(Reason.BELOW_THRESHOLD)),
        detail=pl.format("margin {} of {} and {}", "margin", "src_id", "tgt_id"),
    )
    return reject_rows(dropped, what="pair", stage="pairs", source="neighbours")
