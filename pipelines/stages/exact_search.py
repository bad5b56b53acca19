"""Engine `exact`: both directions from one pass over all products, tile by tile.

    rectangles -> partial lists of both directions -> merged -> unproven rows swept -> the table

The answer is the same bytes however the search is cut and whatever precision it takes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any, ClassVar

import apache_beam as beam

from bitseam.mining.search.cost import search_grid
from bitseam.mining.search.tiles import Grid
from bitseam.pipelines.forecast import SearchForecast, forecast_exact
from bitseam.pipelines.stages.engine import Engine, SearchTask
from bitseam.pipelines.stages.partial_lists import MergePartialLists
from bitseam.pipelines.stages.sides import DIRECTIONS
from bitseam.pipelines.stages.tile_steps import (
    ChoosePrecision,
    SearchRectangles,
    SweepShards,
    WriteNeighbours,
    read_precision,
)
from bitseam.pipelines.step import Once
from bitseam.pipelines.work import Work


class ExactSearch(Engine):
    """The fused search of `mining.search`."""

    name: ClassVar[str] = "exact"

    def __init__(self, task: SearchTask, grid: Grid | None = None) -> None:
        super().__init__(task)
        n, m = task.rows["src"], task.rows["tgt"]
        self.grid = grid or search_grid(n, m, task.dimension, task.k)

    def forecast(self) -> SearchForecast:
        return forecast_exact(self.grid, self.task.dimension, self.task.k, self.task.workers)

    def steps(self, ready: beam.PCollection, work: Work) -> beam.PCollection:
        pilot, search, sweep, write = (
            step(work, self.task, self.grid)
            for step in (ChoosePrecision, SearchRectangles, SweepShards, WriteNeighbours)
        )
        rectangles = [f"{number:06d}" for number in range(len(self.grid.rectangles()))]
        sweeps = [
            f"{direction}-{number}"
            for direction, (_, database) in DIRECTIONS.items()
            for number in range(len(search.shards(database)))
        ]
        return (
            ready
            | "Pilot" >> Once(["all"])
            | pilot.transform()
            | "Rectangles" >> Once(rectangles)
            | search.transform()
            | "MergeFound" >> MergePartialLists(search.found)
            | "Sweeps" >> Once(sweeps)
            | sweep.transform()
            | "MergeSwept" >> MergePartialLists(sweep.swept)
            | "Files" >> Once(self.task.files())
            | write.transform()
        )

    def record(self, work: Work) -> Mapping[str, Any]:
        counts: Counter[str] = Counter()
        for step in (SearchRectangles, SweepShards, WriteNeighbours):
            counts.update(work.counts(step.name))
        seconds = counts.pop("search milliseconds", 0) / 1000  # of all workers
        precision = read_precision(work)
        return {"counts": dict(counts), "precision": precision, "search_seconds": seconds}

    def steps_shown(self) -> Mapping[str, tuple[str, int | None]]:
        return {"search": ("tiles", self.grid.tiles)}
