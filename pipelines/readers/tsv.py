"""Tab-separated values: a header line that names the columns, then a document a line.

There is no quoting and no escaping: a tab ends a field and a line ending ends a row, always
(the IANA definition of text/tab-separated-values). A quotation mark is a character like any other.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from bitseam.pipelines.readers.batches import BatchBuilder
from bitseam.pipelines.readers.fields import (
    TRANSLATION,
    FieldReader,
    no_text_column,
    translation_columns,
)
from bitseam.pipelines.readers.lines import Row, decode_row, line_blocks, reject_row
from bitseam.pipelines.readers.options import ReadOptions
from bitseam.pipelines.readers.streams import InputStream
from bitseam.schemas.reasons import Reason


def read_tsv(stream: InputStream, batch: BatchBuilder, options: ReadOptions) -> Iterator[None]:
    """Fill `batch` from a TSV file; yields after every block of lines. Blank lines are no rows."""
    fields = FieldReader(stream.file.source, batch, options)
    header: Header | None = None
    for block in line_blocks(stream, batch, options.max_line_bytes):
        for row in block.rows():
            if header is not None:
                _read_row(row, header, batch, fields)
                continue
            cells = row.data.decode("utf-8", "backslashreplace").split("\t")
            header = read_header(row, cells, batch, options.text_column)
            if header is None:
                return
        yield


def read_header(row: Row, cells: list[str], batch: BatchBuilder, text_column: str) -> Header | None:
    """Return the column names of the first line, or None after rejecting the file."""
    translations = [] if text_column in cells else translation_columns(cells)
    if row.number == 1 and (text_column in cells or translations):
        return Header(cells, translations)
    told = no_text_column(text_column, cells)
    detail = f"line {row.number} must be a header that names the columns: {told}"
    text = row.encoding.shown(row.data)
    batch.add_reject("file", Reason.MISSING_TEXT, detail[:1000], start=row.start, text=text)
    return None


class Header(NamedTuple):
    """The names of the columns, and those of them that are translations of each other."""

    names: list[str]
    translations: list[str]

    def values(self, cells: list[str]) -> dict[str, object]:
        """Return the fields of a row."""
        row: dict[str, object] = dict(zip(self.names, cells, strict=True))
        if self.translations:
            row[TRANSLATION] = {name: row[name] for name in self.translations}
        return row


def _read_row(row: Row, header: Header, batch: BatchBuilder, fields: FieldReader) -> None:
    if not row.data.strip():
        return
    text = decode_row(row, batch)
    if text is None:
        return
    cells = text.split("\t")
    if len(cells) != len(header.names):
        detail = f"{len(cells)} fields, the header has {len(header.names)}"
        reject_row(row, batch, Reason.MALFORMED_ROW, detail)
        return
    fields.read(header.values(cells), row.number, start=row.start, end=row.end, excerpt=row.data)
