"""Stage `neighbours`: embeddings -> the k nearest of the other side, for every unique sentence.

Both sides are laid out as mapped files (see `sides`); then an engine searches them.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any, ClassVar

import apache_beam as beam

from bitseam.pipelines.forecast import EXACT_PRODUCTS
from bitseam.pipelines.stages.approximate import ApproximateSearch
from bitseam.pipelines.stages.engine import Engine, SearchTask
from bitseam.pipelines.stages.exact_search import ExactSearch
from bitseam.pipelines.stages.flat_search import FlatSearch
from bitseam.pipelines.stages.sides import AssembleVectors
from bitseam.pipelines.stages.stage import Stage
from bitseam.pipelines.work import Work
from bitseam.schemas.choices import Engine as EngineChoice

log = logging.getLogger("bitseam")


class NeighbourSearch(Stage):
    """`embeddings` -> `neighbours`: files `forward-...` (sources) and `backward-...` (targets)."""

    name: ClassVar[str] = "neighbours"
    upstream: ClassVar[str] = "embeddings"

    def ingredients(self) -> Mapping[str, Any]:
        return {"k": self.options.k, "engine": self._engine().key}

    def _engine(self) -> Engine:
        options = self.options
        embeddings = self.store.committed("embeddings") or {"counts": {}, "dimension": 1}
        rows = {side: embeddings["counts"].get(f"unique {side}", 0) for side in ("src", "tgt")}
        task = SearchTask(options.k, embeddings["dimension"], rows, options.workers)
        return choose_engine(task, options.engine, options.index)

    def steps(self, pipeline: beam.Pipeline, work: Work) -> beam.PCollection:
        engine = self._engine()
        n, m = engine.task.rows.values()
        log.info(
            "%s: %s x %s vectors of %d dimensions, %s",
            self.name, f"{n:,}", f"{m:,}", engine.task.dimension, engine.forecast(),
        )  # fmt: skip
        assemble = AssembleVectors(work, self.store.root / "embeddings")
        ready = pipeline | beam.Create(["src", "tgt"]) | assemble.transform()
        return engine.steps(ready, work)

    def record(self, work: Work) -> Mapping[str, Any]:
        engine = self._engine()
        return {"engine": engine.key, **engine.record(work)}

    def steps_shown(self, work: Work) -> Mapping[str, tuple[str, int | None]]:
        return {"assemble": ("sides", 2), **self._engine().steps_shown()}


def choose_engine(task: SearchTask, engine: EngineChoice, index: str | None) -> Engine:
    """Return the engine that was asked for; `auto` is exact as long as that is affordable.

    :param index: a faiss index, or "auto": approximate search, by faiss.
    """
    n, m = task.rows.values()
    if index is None and engine == "auto" and n * m > EXACT_PRODUCTS:
        index = "auto"
    if index is not None:
        return ApproximateSearch(task, index)
    return FlatSearch(task) if engine == "faiss" else ExactSearch(task)
