"""Comma-separated values (RFC 4180), also with `;` as Excel writes them: a header, then rows.

A cell in quotation marks may hold separators, line ends and, doubled, quotation marks.
"""

from __future__ import annotations

from collections.abc import Iterator

from bitseam.pipelines.readers.batches import BatchBuilder
from bitseam.pipelines.readers.csv_records import Malformed, parse_record, records, separator_of
from bitseam.pipelines.readers.fields import FieldReader, translation_columns
from bitseam.pipelines.readers.lines import Row, decode_row, line_blocks, reject_row
from bitseam.pipelines.readers.options import ReadOptions
from bitseam.pipelines.readers.streams import InputStream
from bitseam.pipelines.readers.tsv import Header, read_header
from bitseam.schemas.reasons import Reason

_EXCEL = b"sep="  # its first line may name the separator


def read_csv(stream: InputStream, batch: BatchBuilder, options: ReadOptions) -> Iterator[None]:
    """Fill `batch` from a CSV file; yields when a batch is full. Blank lines are no rows."""
    blocks = line_blocks(stream, batch, options.max_line_bytes)
    rows = (row for block in blocks for row in block.rows())
    first = next(rows, None)
    if first is not None and first.data.lower().startswith(_EXCEL):
        first = next(rows, None)
        first = first and first._replace(number=1)
    if first is None:
        return
    separator, cells = separator_of(
        first.data.decode("utf-8", "backslashreplace"),
        lambda cells: options.text_column in cells or bool(translation_columns(cells)),
    )
    header = read_header(first, cells, batch, options.text_column)
    if header is None:
        return
    fields = FieldReader(stream.file.source, batch, options)
    for row in records(rows, separator, len(header.names), options.max_line_bytes):
        _read_row(row, separator, header, batch, fields)
        if batch.is_full:
            yield


def _read_row(
    row: Row, separator: str, header: Header, batch: BatchBuilder, fields: FieldReader
) -> None:
    if not row.data.strip():
        return
    text = decode_row(row, batch)
    if text is None:
        return
    try:
        cells = parse_record(text, separator)
    except Malformed as malformed:
        reject_row(row, batch, Reason.MALFORMED_ROW, str(malformed))
        return
    if len(cells) != len(header.names):
        detail = f"{len(cells)} fields, the header has {len(header.names)}"
        reject_row(row, batch, Reason.MALFORMED_ROW, detail)
        return
    fields.read(header.values(cells), row.number, start=row.start, end=row.end, excerpt=row.data)
