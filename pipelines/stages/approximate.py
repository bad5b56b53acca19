"""Engine `approximate`: an index of each side is asked for what is near; the recall is measured.

    both sides -> an index of each -> the table -> a sample of it beside the exact engine

The recall of every run stands in its report and manifest, for each direction.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import apache_beam as beam
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from bitseam.mining.approximate.index import (
    build_index,
    faiss_threads,
    index_bytes,
    open_index,
    sample_size,
    write_index,
)
from bitseam.mining.approximate.recall import count_found, sample_queries
from bitseam.mining.approximate.search import search_index
from bitseam.mining.approximate.spec import (
    AUTO,
    NO_INDEX,
    IndexSpec,
    check_index_spec,
    index_spec,
    parse_index_spec,
)
from bitseam.pipelines.atomic import replacing
from bitseam.pipelines.forecast import SearchForecast, threads_per_task
from bitseam.pipelines.parquet import write_table
from bitseam.pipelines.stages.engine import Engine, SearchTask
from bitseam.pipelines.stages.sides import (
    DIRECTIONS,
    load_side,
    neighbours_batch,
    neighbours_files,
    queries_of,
)
from bitseam.pipelines.step import Once, Step
from bitseam.pipelines.work import Outcome, Work
from bitseam.schemas import tables

_TICK_ROWS = 1 << 12


@dataclass(frozen=True)
class IndexStep(Step):
    """What the steps of an approximate search share.

    :ivar specs: the index of each side; none of a side without vectors.
    """

    task: SearchTask
    specs: Mapping[str, IndexSpec]

    def index_path(self, side: str) -> Path:
        """Return where the index of a side lies."""
        return self.work.path("scratch", f"{side}.index")

    def threads(self, tasks: int) -> int:
        """Return the threads of one of `tasks`."""
        return threads_per_task(self.task.workers, tasks)


@dataclass(frozen=True)
class BuildIndex(IndexStep):
    """a side -> its index (twin of `mining.approximate.index`)."""

    name: ClassVar[str] = "index"

    def run(self, side: str) -> Outcome:
        vectors = load_side(self.work, side, self.task.dimension).vectors
        if side not in self.specs:
            return Outcome()
        ticker = self.work.ticker(f"{self.name}.{side}")
        with faiss_threads(self.threads(len(self.specs))):
            index = build_index(vectors, self.specs[side], ticker.add)
        with replacing(self.index_path(side)) as path:
            write_index(index, path)
        ticker.close()
        return Outcome()


@dataclass(frozen=True)
class SearchIndex(IndexStep):
    """a file of neighbours -> that file (twin of `mining.approximate.search`)."""

    name: ClassVar[str] = "search"

    def run(self, name: str) -> Outcome:
        direction = name.split("-")[0]
        side = DIRECTIONS[direction][1]
        queries, database = (
            load_side(self.work, side, self.task.dimension) for side in DIRECTIONS[direction]
        )
        spec = self.specs.get(side, NO_INDEX)
        index = open_index(self.index_path(side)) if len(database.ids) else None
        part = queries_of(name, len(queries.ids))[1]
        ticker = self.work.ticker(f"{self.name}.{name}")
        batches = []
        with faiss_threads(self.threads(len(self.task.files()))):
            for at in range(part.start, part.stop, _TICK_ROWS):
                rows = slice(at, min(at + _TICK_ROWS, part.stop))
                found = search_index(
                    index, queries.vectors[rows], database.vectors, self.task.k, spec
                )
                batches.append(
                    neighbours_batch(queries.ids[rows], database.ids, found.rows, found.cosines)
                )
                ticker.add(rows.stop - rows.start)
        ticker.close()
        table = pa.Table.from_batches(batches, tables.NEIGHBOURS)
        write_table(self.work.path("neighbours", f"{name}.parquet"), table)
        return Outcome((), {f"searched {direction}": table.num_rows})


@dataclass(frozen=True)
class MeasureRecall(IndexStep):
    """a direction -> how much of a sample was found (twin of `mining.approximate.recall`)."""

    name: ClassVar[str] = "recall"

    def run(self, direction: str) -> Outcome:
        queries, database = (
            load_side(self.work, side, self.task.dimension) for side in DIRECTIONS[direction]
        )
        sample = sample_queries(len(queries.ids))
        cosines = self._found(direction, sample)
        with faiss_threads(self.threads(len(DIRECTIONS))):
            found = count_found(cosines, queries.vectors[sample], database.vectors)
        return Outcome((), {f"found {direction}": found, f"nearest {direction}": cosines.size})

    def _found(self, direction: str, sample: NDArray[np.int64]) -> NDArray[np.float32]:
        """Read the cosines of some queries `(s, k)` as they were written."""
        queries, database = (self.task.rows[side] for side in DIRECTIONS[direction])
        parts = []
        for name in neighbours_files(direction, queries):
            rows = queries_of(name, queries)[1]
            inside = sample[(sample >= rows.start) & (sample < rows.stop)] - rows.start
            if len(inside):
                path = self.work.path("neighbours", f"{name}.parquet")
                column = pq.read_table(path, columns=["cosines"])["cosines"]
                parts.append(column.take(pa.array(inside)).combine_chunks().flatten().to_numpy())
        width = min(self.task.k, database)
        return np.concatenate([np.empty(0, np.float32), *parts]).reshape(len(sample), width)


class ApproximateSearch(Engine):
    """An index of each side, and queries that look at a part of it."""

    name: ClassVar[str] = "approximate"

    def __init__(self, task: SearchTask, index: str) -> None:
        super().__init__(task)
        self._asked = index
        self.specs = {
            side: index_spec(n, task.dimension) if index == AUTO else parse_index_spec(index)
            for side, n in task.rows.items()
            if n
        }
        for side, spec in self.specs.items():
            check_index_spec(spec, task.rows[side], task.dimension)

    @property
    def key(self) -> str:
        return f"approximate ({self._asked})"

    def forecast(self) -> SearchForecast:
        sizes = [
            index_bytes(spec, self.task.rows[side], self.task.dimension)
            for side, spec in self.specs.items()
        ]
        names = " and ".join(dict.fromkeys(map(str, self.specs.values())))
        how = f"approximate, by {names or 'no index'}; the recall is measured"
        return SearchForecast(how, max(sizes, default=0), sum(sizes))

    def steps(self, ready: beam.PCollection, work: Work) -> beam.PCollection:
        build, search, measure = (
            step(work, self.task, self.specs) for step in (BuildIndex, SearchIndex, MeasureRecall)
        )
        built = ready | "Assembled" >> Once(list(DIRECTIONS["forward"])) | build.transform()
        searched = built | "Built" >> Once(self.task.files()) | search.transform()
        return searched | "Searched" >> Once(list(DIRECTIONS)) | measure.transform()

    def record(self, work: Work) -> Mapping[str, Any]:
        sampled = work.counts("recall")
        recall = {
            f"recall@{self.task.k} {direction}": sampled[f"found {direction}"] / nearest
            for direction in DIRECTIONS
            if (nearest := sampled[f"nearest {direction}"])
        }
        return {
            "counts": dict(work.counts("search")),
            "index": {
                side: {"spec": str(spec), "trained_on": sample_size(spec, self.task.rows[side])}
                for side, spec in self.specs.items()
            },
            "recall": {name: round(share, 4) for name, share in recall.items()},
        }

    def steps_shown(self) -> Mapping[str, tuple[str, int | None]]:
        rows = sum(self.task.rows.values())
        return {"index": ("vectors", rows), "search": ("queries", rows), "recall": ("samples", 2)}
