"""JSON Lines: one object a line, with `text` and optional `id`, `url`, `title`, `lang`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import orjson

from bitseam.pipelines.readers.batches import BatchBuilder
from bitseam.pipelines.readers.fields import FieldReader
from bitseam.pipelines.readers.lines import Row, decode_row, line_blocks, reject_row
from bitseam.pipelines.readers.options import ReadOptions
from bitseam.pipelines.readers.streams import InputStream
from bitseam.schemas.reasons import Reason


def read_jsonl(stream: InputStream, batch: BatchBuilder, options: ReadOptions) -> Iterator[None]:
    """Fill `batch` from JSON Lines; yields after every block of lines. Blank lines are no rows."""
    fields = FieldReader(stream.file.source, batch, options)
    for block in line_blocks(stream, batch, options.max_line_bytes):
        for row in block.rows():
            if row.data.strip():
                read_json_row(row, batch, fields)
        yield


def read_json_row(row: Row, batch: BatchBuilder, fields: FieldReader, unit: str = "line") -> None:
    """Add one row that should be a JSON object, or reject it."""
    try:
        value: Any = orjson.loads(row.data)
    except orjson.JSONDecodeError as error:
        # Bytes that are no text at all are the better reason, if they are there.
        if decode_row(row, batch, unit) is not None:
            reject_row(row, batch, Reason.MALFORMED_ROW, str(error), unit)
        return
    if not isinstance(value, dict):
        detail = f"expected a JSON object, found {type(value).__name__}"
        reject_row(row, batch, Reason.MALFORMED_ROW, detail, unit)
        return
    fields.read(value, row.number, start=row.start, end=row.end, excerpt=row.data)
