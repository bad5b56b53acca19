"""Stage `encoder`: what a first pass found -> an encoder adapted to its surest pairs.

encoder/pairs.parquet       the pairs: beads of aligned documents, or of mining
encoder/model.safetensors   the encoder, if it finds more of the pairs held aside than before
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import apache_beam as beam
import polars as pl
import pyarrow as pa

from bitseam.mining.training.bootstrap import FEWEST_PAIRS
from bitseam.pipelines.atomic import read_json, write_json
from bitseam.pipelines.bootstrap import (
    MODEL,
    PAIRS,
    adapt_encoder,
    surest_beads,
    surest_pairs,
    write_encoder,
)
from bitseam.pipelines.models import shared_encoder
from bitseam.pipelines.parquet import write_table
from bitseam.pipelines.stages.stage import Stage
from bitseam.pipelines.step import Step
from bitseam.pipelines.work import Outcome, Work


@dataclass(frozen=True)
class AdaptEncoder(Step):
    """pairs of a first pass -> an adapted encoder (twin of `training.bootstrap.adapt_static`)."""

    name: ClassVar[str] = "adapt"
    root: Path
    encoder: str
    languages: tuple[str, str]
    aligned: bool  # whether documents were aligned

    def run(self, task: str) -> Outcome:
        pairs = self._pairs()
        adapted = adapt_encoder(pairs, shared_encoder(self.encoder), self.languages)
        folder, facts = self.work.path("encoder"), {"pairs": len(pairs), "helps": False}
        if adapted is not None:
            facts |= adapted.held_out._asdict() | {"helps": adapted.held_out.helps}
        if adapted is not None and adapted.held_out.helps:
            write_encoder(folder, adapted, pairs)
        else:
            write_table(folder / PAIRS, pairs)
        write_json(self.work.path("facts.json"), facts)
        return Outcome((), {"sure pairs": len(pairs)})

    def _pairs(self) -> pa.Table:
        """Beads are the better source: mined pairs of an unknown language are names and numbers."""
        if self.aligned:
            beads = surest_beads(_read(self.root / "alignments"))
            if len(beads) >= FEWEST_PAIRS:
                return beads
        return surest_pairs(_read(self.root / "pairs"))


def _read(folder: Path) -> pl.DataFrame:
    return pl.read_parquet(sorted(folder.glob("*.parquet")), glob=False)


class EncoderAdaptation(Stage):
    """The stages of a first pass -> `encoder`; what it depends on is what decides that pass."""

    name: ClassVar[str] = "encoder"
    upstream: ClassVar[str] = "sentences"

    def ingredients(self) -> Mapping[str, Any]:
        options, encoder = self.options, shared_encoder(self.options.encoder)
        return {
            "encoder": [encoder.name, encoder.revision],
            "first pass": [options.scope, options.k, options.engine, options.index],
            "select": [options.margin, options.retrieval, options.rescore],
            "kept by": [options.precision, options.threshold, options.max_chars],
            "near_duplicates": options.near_duplicates,
        }

    def is_done(self) -> bool:
        """Whether an earlier run has adapted the encoder to the same sentences."""
        known = self.store.committed(self.name)
        return known is not None and known["key"] == self.key()

    def model(self) -> Path | None:
        """Return the adapted encoder, if it is of use."""
        known = self.store.committed(self.name) or {}
        return self.store.root / self.name / MODEL if known.get("helps") else None

    def steps(self, pipeline: beam.Pipeline, work: Work) -> beam.PCollection:
        options, root = self.options, self.store.root
        aligned = options.scope != "sentences"
        adapt = AdaptEncoder(work, root, options.encoder, (options.src, options.tgt), aligned)
        return pipeline | beam.Create(["all"]) | adapt.transform()

    def record(self, work: Work) -> Mapping[str, Any]:
        return {"counts": dict(work.counts("adapt")), **read_json(work.path("facts.json"))}

    def steps_shown(self, work: Work) -> Mapping[str, tuple[str, int | None]]:
        return {}
