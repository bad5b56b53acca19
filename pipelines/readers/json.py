"""JSON files: an array of objects, one object, or, under that name, JSON Lines."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import orjson

from bitseam.pipelines.readers.batches import BatchBuilder
from bitseam.pipelines.readers.content import is_json
from bitseam.pipelines.readers.fields import FieldReader
from bitseam.pipelines.readers.json_array import cut_array
from bitseam.pipelines.readers.jsonl import read_json_row, read_jsonl
from bitseam.pipelines.readers.options import ReadOptions
from bitseam.pipelines.readers.streams import InputStream
from bitseam.schemas.reasons import Reason


def read_json(stream: InputStream, batch: BatchBuilder, options: ReadOptions) -> Iterator[None]:
    """Fill `batch` from a JSON file; yields now and then.

    One object is one row, or holds the rows under one of its names (`{"data": [...]}`).
    """
    head = stream.head().replace(b"\0", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n")
    first, newline, _ = head.partition(b"\n")
    if head.startswith(b"["):
        return _read_array(stream, batch, options)
    if not newline or is_json(first):
        return read_jsonl(stream, batch, options)
    return _read_object(stream, batch, options)


def _read_array(stream: InputStream, batch: BatchBuilder, options: ReadOptions) -> Iterator[None]:
    fields = FieldReader(stream.file.source, batch, options)
    for row in cut_array(stream, batch, options.max_line_bytes):
        read_json_row(row, batch, fields, unit="element")
        if batch.is_full:
            yield


def _read_object(stream: InputStream, batch: BatchBuilder, options: ReadOptions) -> Iterator[None]:
    data = b""
    for chunk in stream.text_chunks():
        data += chunk
        if len(data) > options.max_line_bytes:
            detail = f"one object of more than {options.max_line_bytes} bytes: expected an array"
            batch.add_reject("file", Reason.LINE_TOO_LONG, detail, text=data[:2000])
            return
    try:
        value: Any = orjson.loads(data)
    except orjson.JSONDecodeError as error:
        batch.add_reject("file", Reason.MALFORMED_ROW, str(error), text=data[:2000])
        return
    fields = FieldReader(stream.file.source, batch, options)
    for number, row in enumerate(_rows(value, fields), 1):
        if isinstance(row, dict):
            fields.read(row, number, excerpt=orjson.dumps(row)[:2000])
        else:
            detail = f"row {number}: expected a JSON object, found {type(row).__name__}"
            batch.add_reject("row", Reason.MALFORMED_ROW, detail)
        if batch.is_full:
            yield


def _rows(value: Any, fields: FieldReader) -> list[Any]:
    if not isinstance(value, dict) or fields.has_text(value):
        return [value]
    lists = [its for its in value.values() if isinstance(its, list) and its]
    of_objects = [its for its in lists if all(isinstance(row, dict) for row in its)]
    return of_objects[0] if len(of_objects) == 1 else [value]
