"""Vectors an earlier run in the same folder left, so that a second run embeds only what is new."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from bitseam.mining.encoders import Encoder
from bitseam.schemas.tables import embeddings_schema

_NAME = re.compile(r"(src|tgt)-(\d+)-of-(\d+)\.parquet")


def shard_name(side: str, number: int, partitions: int) -> str:
    """Return the file name of one partition's embeddings: `src-00003-of-00008.parquet`."""
    return f"{side}-{number:05d}-of-{partitions:05d}.parquet"


class VectorCache:
    """An earlier run's committed embeddings that cover one partition, if of the same encoder."""

    def __init__(self, folder: Path | None, number: int, partitions: int, encoder: Encoder) -> None:
        self._schema = embeddings_schema(encoder.dimension, encoder.name, encoder.revision)
        paths = sorted(folder.glob("*.parquet")) if folder else []
        self._files = [path for path in paths if _covers(path, number, partitions)]

    def load(self, side: str) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """Return ids `(n,)`, ascending, and their vectors `(n, d)`."""
        dimension = int(self._schema.metadata[b"bitseam.dimension"])
        tables = [pq.read_table(path) for path in self._files if path.name.startswith(side)]
        tables = [table for table in tables if table.schema.metadata == self._schema.metadata]
        if not tables:
            return np.empty(0, np.int64), np.empty((0, dimension), np.float32)
        table = pa.concat_tables(tables).sort_by("sentence_id")
        return table["sentence_id"].to_numpy(), vectors_of(table)


def vectors_of(table: pa.Table | pa.RecordBatch) -> NDArray[np.float32]:
    """Return a table's `vector` column as `(n, d)` float32."""
    column = table["vector"]
    if isinstance(column, pa.ChunkedArray):
        column = column.combine_chunks()
    flat: NDArray[np.float32] = column.flatten().to_numpy()
    return flat.reshape(len(column), column.type.list_size)


def _covers(path: Path, number: int, partitions: int) -> bool:
    """Partitions are leading bits of one key: the ranges of two numbers of them nest."""
    match = _NAME.fullmatch(path.name)
    if match is None:
        return False
    other, others = int(match[2]), int(match[3])
    if others >= partitions:
        return other * partitions // others == number
    return number * others // partitions == other
