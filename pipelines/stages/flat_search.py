"""Engine `faiss`: two complete searches by faiss' flat index, ranked exactly.

Slower than the tiles of engine `exact`, whose reference it is. The neighbours are the same, but
where cosines differ by less than the rounding of float32 products.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import apache_beam as beam
import pyarrow as pa

from bitseam.mining.knn import nearest_neighbours
from bitseam.pipelines.forecast import SearchForecast
from bitseam.pipelines.parquet import write_table
from bitseam.pipelines.stages.engine import Engine, SearchTask
from bitseam.pipelines.stages.sides import (
    DIRECTIONS,
    load_side,
    neighbours_batch,
    queries_of,
)
from bitseam.pipelines.step import Once, Step
from bitseam.pipelines.work import Outcome, Work
from bitseam.schemas import tables

_TICK_ROWS = 1 << 12


@dataclass(frozen=True)
class NearestNeighbours(Step):
    """a file of neighbours -> that file (twin of `mining.knn`)."""

    name: ClassVar[str] = "search"
    task: SearchTask

    def run(self, name: str) -> Outcome:
        direction = name.split("-")[0]
        queries, database = (
            load_side(self.work, side, self.task.dimension) for side in DIRECTIONS[direction]
        )
        part = queries_of(name, len(queries.ids))[1]
        ticker = self.work.ticker(f"{self.name}.{name}")
        batches = []
        for at in range(part.start, part.stop, _TICK_ROWS):
            rows = slice(at, min(at + _TICK_ROWS, part.stop))
            found = nearest_neighbours(queries.vectors[rows], database.vectors, self.task.k)
            batches.append(
                neighbours_batch(queries.ids[rows], database.ids, found.rows, found.cosines)
            )
            ticker.add(rows.stop - rows.start)
        ticker.close()
        table = pa.Table.from_batches(batches, tables.NEIGHBOURS)
        write_table(self.work.path("neighbours", f"{name}.parquet"), table)
        return Outcome((), {f"searched {direction}": table.num_rows})


class FlatSearch(Engine):
    """Every product, twice."""

    name: ClassVar[str] = "faiss"

    def forecast(self) -> SearchForecast:
        return SearchForecast("every product twice, by faiss", 0, 0)

    def steps(self, ready: beam.PCollection, work: Work) -> beam.PCollection:
        search = NearestNeighbours(work, self.task)
        return ready | Once(self.task.files()) | search.transform()

    def record(self, work: Work) -> Mapping[str, Any]:
        return {"counts": dict(work.counts("search"))}

    def steps_shown(self) -> Mapping[str, tuple[str, int | None]]:
        return {"search": ("queries", sum(self.task.rows.values()))}
