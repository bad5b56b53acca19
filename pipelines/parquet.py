"""Parquet in and out: zstd, whole files only, one row group a flush."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from bitseam.pipelines.atomic import replacing


def write_table(path: Path, table: pa.Table) -> int:
    """Write `table` as one file that appears whole or not at all; return its rows."""
    with replacing(path) as temporary:
        pq.write_table(table, temporary, compression="zstd")
    return int(table.num_rows)


def to_table(batches: Sequence[pa.RecordBatch], schema: pa.Schema) -> pa.Table:
    """Concatenate batches (none is legal) under `schema`, metadata included."""
    return pa.Table.from_batches([batch.cast(schema) for batch in batches], schema).combine_chunks()


def read_batches(path: Path, columns: Sequence[str] | None = None) -> Iterator[pa.RecordBatch]:
    """Stream a file's record batches, 8,192 rows each."""
    with pq.ParquetFile(path) as file:
        yield from file.iter_batches(8192, columns=columns)


def count_rows(path: Path) -> int:
    """Return a file's number of rows from its footer."""
    return int(pq.read_metadata(path).num_rows)


def read_column(paths: Sequence[Path], name: str) -> NDArray[Any]:
    """Return a column of numbers of all files, one after the other."""
    return np.concatenate([pq.read_table(path, columns=[name])[name].to_numpy() for path in paths])


def rows_by_file(
    paths: Sequence[Path], rows: NDArray[np.int64]
) -> Iterator[tuple[Path, NDArray[np.int64]]]:
    """Yield each file and which of `rows`, ascending over all files, are in it, from its start."""
    first = 0
    for path in paths:
        last = first + count_rows(path)
        yield path, rows[np.searchsorted(rows, first) : np.searchsorted(rows, last)] - first
        first = last
