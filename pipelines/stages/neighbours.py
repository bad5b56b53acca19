"""Stage `neighbours`: embeddings -> the k nearest of the other side, for every unique sentence.

The vectors of a side lie in one memory-mapped file, ordered by sentence id: every worker maps the
same pages, and equal cosines are ranked by id.
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

from bitseam.mining.knn import nearest_neighbours
from bitseam.pipelines.atomic import replacing
from bitseam.pipelines.parquet import write_table
from bitseam.pipelines.stages.stage import Stage
from bitseam.pipelines.step import Once, Step
from bitseam.pipelines.vector_cache import vectors_of
from bitseam.pipelines.work import Outcome, Work
from bitseam.schemas import tables

QUERY_ROWS = 1 << 15  # queries of one task
TICK_ROWS = 1 << 12
DIRECTIONS = {"forward": ("src", "tgt"), "backward": ("tgt", "src")}  # queries, database


@dataclass(frozen=True)
class AssembleVectors(Step):
    """embeddings shards of one side -> ids and vectors ordered by id, as `.npy` files."""

    name: ClassVar[str] = "assemble"
    embeddings: Path

    def run(self, side: str) -> Outcome:
        shards = sorted(self.embeddings.glob(f"{side}-*.parquet"))
        dimension = int(pq.read_schema(shards[0]).metadata[b"bitseam.dimension"])
        parts = [pq.read_table(path, columns=["sentence_id"])["sentence_id"] for path in shards]
        ids = np.concatenate([part.to_numpy() for part in parts])
        order = np.argsort(ids, kind="stable")
        place = np.empty_like(order)
        place[order] = np.arange(len(order))
        with replacing(_vectors(self.work, side)) as path:
            self._fill(path, shards, place, dimension)
        with replacing(_ids(self.work, side)) as path, path.open("wb") as file:
            np.save(file, ids[order], allow_pickle=False)
        return Outcome()

    def _fill(
        self, path: Path, shards: list[Path], place: NDArray[np.int64], dimension: int
    ) -> None:
        with path.open("wb") as file:
            file.truncate(max(1, len(place)) * dimension * 4)  # a map of no bytes is refused
        vectors = np.memmap(path, np.float32, "r+", shape=(max(1, len(place)), dimension))
        at = 0
        for shard in shards:
            with pq.ParquetFile(shard) as source:
                for batch in source.iter_batches(1 << 13, columns=["vector"]):
                    vectors[place[at : at + batch.num_rows]] = vectors_of(batch)
                    at += batch.num_rows
        vectors.flush()


@dataclass(frozen=True)
class NearestNeighbours(Step):
    """a direction and a range of queries -> their neighbours (twin of `mining.knn`)."""

    name: ClassVar[str] = "search"
    k: int
    dimension: int

    def run(self, task: str) -> Outcome:
        direction, start = task.split("-")
        (query_ids, queries), (ids, database) = (
            load_side(self.work, side, self.dimension) for side in DIRECTIONS[direction]
        )
        first, last = int(start), min(int(start) + QUERY_ROWS, len(query_ids))
        ticker = self.work.ticker(f"{self.name}.{task}")
        batches = []
        for at in range(first, last, TICK_ROWS):
            part = slice(at, min(at + TICK_ROWS, last))
            found = nearest_neighbours(queries[part], database, self.k)
            batches.append(_batch(query_ids[part], ids[found.rows], found.cosines))
            ticker.add(part.stop - part.start)
        ticker.close()
        table = pa.Table.from_batches(batches, tables.NEIGHBOURS)
        write_table(self.work.path("neighbours", f"{task}.parquet"), table)
        return Outcome((), {f"searched {direction}": table.num_rows})


class NeighbourSearch(Stage):
    """`embeddings` -> `neighbours`: files `forward-...` (sources) and `backward-...` (targets)."""

    name: ClassVar[str] = "neighbours"
    upstream: ClassVar[str] = "embeddings"

    def ingredients(self) -> Mapping[str, Any]:
        return {"k": self.options.k}

    def _rows(self) -> dict[str, int]:
        counts = (self.store.committed("embeddings") or {"counts": {}})["counts"]
        return {side: counts.get(f"unique {side}", 0) for side in ("src", "tgt")}

    def steps(self, pipeline: beam.Pipeline, work: Work) -> beam.PCollection:
        manifest = self.store.committed("embeddings") or {}
        assemble = AssembleVectors(work, self.store.root / "embeddings")
        search = NearestNeighbours(work, self.options.k, manifest["dimension"])
        rows = self._rows()
        tasks = [
            f"{direction}-{start:012d}"
            for direction, (queries, _) in DIRECTIONS.items()
            for start in range(0, max(1, rows[queries]), QUERY_ROWS)
        ]
        return (
            pipeline
            | beam.Create(["src", "tgt"])
            | assemble.transform()
            | Once(tasks)
            | search.transform()
        )

    def record(self, work: Work) -> Mapping[str, Any]:
        return {"counts": dict(work.counts("search"))}

    def steps_shown(self, work: Work) -> Mapping[str, tuple[str, int | None]]:
        return {"assemble": ("sides", 2), "search": ("queries", sum(self._rows().values()))}


def _vectors(work: Work, side: str) -> Path:
    return work.path("scratch", f"{side}.vectors")


def _ids(work: Work, side: str) -> Path:
    return work.path("scratch", f"{side}.ids.npy")


def load_side(
    work: Work, side: str, dimension: int
) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """Return a side's ids `(n,)`, ascending, and its vectors `(n, d)`, both memory-mapped."""
    ids: NDArray[np.int64] = np.load(_ids(work, side), allow_pickle=False)
    vectors = np.memmap(_vectors(work, side), np.float32, "r").reshape(-1, dimension)
    return ids, vectors[: len(ids)]


def _batch(
    query_ids: NDArray[np.int64], ids: NDArray[np.int64], cosines: NDArray[np.float32]
) -> pa.RecordBatch:
    offsets = np.arange(len(ids) + 1, dtype=np.int32) * ids.shape[1]
    return pa.record_batch(
        [
            pa.array(query_ids),
            pa.ListArray.from_arrays(offsets, ids.ravel()),
            pa.ListArray.from_arrays(offsets, cosines.ravel()),
        ],
        schema=tables.NEIGHBOURS,
    )
