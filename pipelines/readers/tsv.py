"""Tab-separated values: a header line that names the columns, then a document a line.

There is no quoting and no escaping: a tab ends a field and a line ending ends a row, always
(the IANA definition of text/tab-separated-values). A quotation mark is a character like any other.
"""

from __future__ import annotations

from collections.abc import Iterator

from bitseam.pipelines.readers.batches import BatchBuilder
from bitseam.pipelines.readers.fields import FieldReader
from bitseam.pipelines.readers.lines import Row, decode_row, line_blocks, reject_row
from bitseam.pipelines.readers.options import ReadOptions
from bitseam.pipelines.readers.streams import InputStream
from bitseam.schemas.reasons import Reason


def read_tsv(stream: InputStream, batch: BatchBuilder, options: ReadOptions) -> Iterator[None]:
    """Fill `batch` from a TSV file; yields after every block of lines. Blank lines are no rows."""
    fields = FieldReader(stream.file.source, batch, options)
    header: list[str] | None = None
    for block in line_blocks(stream, batch, options.max_line_bytes):
        for row in block.rows():
            if header is not None:
                _read_row(row, header, batch, fields)
                continue
            header = _read_header(row, batch, options.text_column)
            if header is None:
                return
        yield


def _read_header(row: Row, batch: BatchBuilder, text_column: str) -> list[str] | None:
    """Return the column names of the first line, or None after rejecting the file."""
    header = row.data.decode("utf-8", "backslashreplace").split("\t")
    if row.number == 1 and text_column in header:
        return header
    found = ", ".join(map(repr, header[:20]))
    detail = f"line {row.number} must be a header with a column {text_column!r}: found {found}"
    batch.add_reject("file", Reason.MISSING_TEXT, detail[:1000], start=row.start, text=row.data)
    return None


def _read_row(row: Row, header: list[str], batch: BatchBuilder, fields: FieldReader) -> None:
    if not row.data.strip():
        return
    text = decode_row(row, batch)
    if text is None:
        return
    cells = text.split("\t")
    if len(cells) != len(header):
        detail = f"{len(cells)} fields, the header has {len(header)}"
        reject_row(row, batch, Reason.MALFORMED_ROW, detail)
        return
    values = dict(zip(header, cells, strict=True))
    fields.read(values, row.number, start=row.start, end=row.end, excerpt=row.data)
