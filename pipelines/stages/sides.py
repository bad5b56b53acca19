"""Both sides of a search as memory-mapped files, and the table it ends in.

    scratch/<side>.vectors     the vectors of a side, ordered by sentence id
    scratch/<side>.ids.npy     those ids

Every worker maps the same pages: vectors never go through a shuffle. Equal cosines are ranked by
row, and so by id.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from bitseam.pipelines.atomic import replacing
from bitseam.pipelines.step import Step
from bitseam.pipelines.vector_cache import vectors_of
from bitseam.pipelines.work import Outcome, Work
from bitseam.schemas import tables
from bitseam.schemas.errors import BitseamError

QUERY_ROWS = 1 << 15  # of one file of neighbours
DIRECTIONS = {"forward": ("src", "tgt"), "backward": ("tgt", "src")}  # queries, database


@dataclass(frozen=True)
class AssembleVectors(Step):
    """embeddings shards of one side -> ids and vectors ordered by id, as mapped files."""

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
        with replacing(vectors_path(self.work, side)) as path:
            vectors = new_vectors(path, len(ids), dimension)
            at = 0
            for shard in shards:
                with pq.ParquetFile(shard) as source:
                    for batch in source.iter_batches(1 << 13, columns=["vector"]):
                        vectors[place[at : at + batch.num_rows]] = _finite(vectors_of(batch), shard)
                        at += batch.num_rows
            vectors.flush()
        write_ids(self.work, side, ids[order])
        return Outcome()


def _finite(vectors: NDArray[np.float32], source: Path) -> NDArray[np.float32]:
    if not np.isfinite(vectors).all():
        raise BitseamError(
            f"found NaN or infinite values in {source}: expected unit vectors; encode them anew, "
            "with --no-resume"
        )
    return vectors


@dataclass(frozen=True)
class Side:
    """One side of a search.

    :ivar ids: `(n,)` int64, ascending.
    :ivar vectors: `(n, d)` float32 unit rows, memory-mapped.
    """

    ids: NDArray[np.int64]
    vectors: NDArray[np.float32]


def load_side(work: Work, side: str, dimension: int) -> Side:
    """Map a side's files."""
    ids: NDArray[np.int64] = np.load(_ids_path(work, side), allow_pickle=False)
    vectors = np.memmap(vectors_path(work, side), np.float32, "r").reshape(-1, dimension)
    return Side(ids, vectors[: len(ids)])


def vectors_path(work: Work, side: str) -> Path:
    """Return where a side's vectors lie."""
    return work.path("scratch", f"{side}.vectors")


def new_vectors(path: Path, n: int, dimension: int) -> np.memmap[Any, np.dtype[np.float32]]:
    """Make a file of `n` vectors, mapped to be written; a map of no bytes would be refused."""
    shape = (max(1, n), dimension)
    size = shape[0] * dimension * 4
    with path.open("wb") as file:
        # Reserved where that can be done: writing into a hole on a full disk kills the process.
        if hasattr(os, "posix_fallocate"):
            os.posix_fallocate(file.fileno(), 0, size)
        else:
            file.truncate(size)
    return np.memmap(path, np.float32, "r+", shape=shape)


def write_ids(work: Work, side: str, ids: NDArray[np.int64]) -> None:
    """Write the ids `(n,)` of a side's vectors."""
    with replacing(_ids_path(work, side)) as path, path.open("wb") as file:
        np.save(file, ids, allow_pickle=False)


def _ids_path(work: Work, side: str) -> Path:
    return work.path("scratch", f"{side}.ids.npy")


def neighbours_files(direction: str, rows: int) -> list[str]:
    """Return the names of a direction's files, from the data alone: `forward-000000032768`."""
    return [f"{direction}-{start:012d}" for start in range(0, max(1, rows), QUERY_ROWS)]


def queries_of(name: str, rows: int) -> tuple[str, range]:
    """Return the direction of a file of neighbours and which of all `rows` queries are in it."""
    direction, start = name.split("-")
    return direction, range(int(start), min(int(start) + QUERY_ROWS, rows))


def neighbours_batch(
    query_ids: NDArray[np.int64],
    database_ids: NDArray[np.int64],
    rows: NDArray[np.int64],
    cosines: NDArray[np.float32],
) -> pa.RecordBatch:
    """Return rows of the `neighbours` table from lists of rows of the database `(n, k)`.

    A row of -1 marks the end of a short list.
    """
    known = rows >= 0
    offsets = np.zeros(len(rows) + 1, np.int32)
    np.cumsum(known.sum(axis=1), out=offsets[1:])
    return pa.record_batch(
        [
            pa.array(query_ids),
            pa.ListArray.from_arrays(offsets, database_ids[rows[known]]),
            pa.ListArray.from_arrays(offsets, cosines[known]),
        ],
        schema=tables.NEIGHBOURS,
    )
