"""Parquet: one document a row, read in slices of bounded size and only in the columns needed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from itertools import chain
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from bitseam.pipelines.readers.batches import BatchBuilder
from bitseam.pipelines.readers.fields import TRANSLATION, FieldReader
from bitseam.pipelines.readers.options import ReadOptions
from bitseam.pipelines.readers.seekable import seekable
from bitseam.pipelines.readers.storage import one_line
from bitseam.pipelines.readers.streams import InputStream
from bitseam.schemas.reasons import Reason

MAX_SLICE = 8192  # rows
# What the Parquet library raises for damaged files; storage errors are BitseamErrors by then.
_PARQUET_ERRORS = (pa.ArrowException, OSError, ValueError, MemoryError, OverflowError)


def read_parquet(stream: InputStream, batch: BatchBuilder, options: ReadOptions) -> Iterator[None]:
    """Fill `batch` from a Parquet file; yields after every slice of rows.

    Damage costs the rest of the row group it is in. A compressed file (`.parquet.gz`) is first
    decompressed into a temporary file, because Parquet is read from its end.
    """
    fields = FieldReader(stream.file.source, batch, options)
    with ExitStack() as resources:
        file, columns = _open(seekable(stream, resources), stream, options)
        rows = _rows_per_slice(file.metadata, options.batch_bytes)
        number = 0
        for group in range(file.num_row_groups):
            end = number + file.metadata.row_group(group).num_rows
            try:
                slices = file.iter_batches(
                    rows, row_groups=[group], columns=columns, use_threads=False
                )
                for row in chain.from_iterable(map(_rows, slices)):
                    fields.read(row, number)
                    number += 1
                    if batch.is_full:
                        yield
                if number != end:
                    raise ValueError(f"there are only {number}")
            except _PARQUET_ERRORS as error:
                detail = f"rows {number} to {end - 1}: {one_line(error)}"
                batch.add_reject("file", Reason.CORRUPT, detail)
            number = end
            yield


def _open(
    stored: Any, stream: InputStream, options: ReadOptions
) -> tuple[pq.ParquetFile, list[str]]:
    try:
        file = pq.ParquetFile(stored, buffer_size=1 << 20, page_checksum_verification=True)
        return file, _columns(file.schema_arrow, stream, options)
    except _PARQUET_ERRORS as error:
        raise stream.damage(Reason.CORRUPT, one_line(error)) from error


def _columns(schema: pa.Schema, stream: InputStream, options: ReadOptions) -> list[str]:
    """Return the columns to read; optional ones of another type are left out.

    :raises DamagedInputError: there is no column of strings with the name of the text column.
    """
    text = options.text_column
    kinds = {field.name: _value_type(field.type) for field in schema}
    if text not in kinds and is_translation(kinds.get(TRANSLATION)):
        return [TRANSLATION, *([options.id_column] if options.id_column in kinds else [])]
    if not _is_string(kinds.get(text)):
        found = ", ".join(f"{field.name}: {field.type}" for field in schema)[:500]
        detail = (
            f"expected a column {text!r} of strings, found {found or 'no columns'}: name the one "
            "to read by --text-column"
        )
        raise stream.damage(Reason.MISSING_TEXT, detail)
    wanted = [name for name in options.optional_columns if _is_string(kinds.get(name))]
    if options.id_column in kinds and pa.types.is_integer(kinds[options.id_column]):
        wanted.append(options.id_column)
    return [text, *wanted]


def _value_type(kind: pa.DataType) -> pa.DataType:
    return kind.value_type if pa.types.is_dictionary(kind) else kind


def _is_string(kind: pa.DataType | None) -> bool:
    return kind is not None and (
        pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind)
    )


def is_translation(kind: pa.DataType | None) -> bool:
    """Whether this is a struct of texts, one a language, as Hugging Face has it."""
    return kind is not None and pa.types.is_struct(kind) and all(_is_string(f.type) for f in kind)


def _rows_per_slice(metadata: pq.FileMetaData, batch_bytes: int) -> int:
    stored = sum(metadata.row_group(i).total_byte_size for i in range(metadata.num_row_groups))
    row_bytes = max(1, stored // max(1, metadata.num_rows))
    return int(max(1, min(MAX_SLICE, batch_bytes // row_bytes)))


def _rows(batch: pa.RecordBatch) -> Iterator[dict[str, object]]:
    columns = [_values(column) for column in batch.columns]
    for values in zip(*columns, strict=True):
        yield dict(zip(batch.schema.names, values, strict=True))


def _values(column: pa.Array) -> list[object]:
    """Return Python values; a string that is no UTF-8 comes as the bytes it is."""
    if pa.types.is_dictionary(column.type):
        column = column.dictionary_decode()
    try:
        return list(column.to_pylist())
    except UnicodeDecodeError:
        return [_string_or_bytes(value) for value in column.cast(pa.large_binary()).to_pylist()]


def _string_or_bytes(value: bytes | None) -> object:
    try:
        return None if value is None else value.decode()
    except UnicodeDecodeError:
        return value
