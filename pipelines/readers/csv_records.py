"""Joins the lines of a CSV file into records: a cell in quotation marks may hold line ends.

A quotation mark that is never closed costs its line, not the rest of the file: what should end its
cell is looked for in a bounded number of places.
"""

from __future__ import annotations

import csv
from collections import deque
from collections.abc import Callable, Iterator

from bitseam.pipelines.readers.lines import Row

SEPARATORS = (",", ";", "\t", "|")
QUOTE = b'"'
_MOST_LINES = 2000  # of one record
_MOST_TRIES = 3  # places where its cell may end
# Of a cell. (The library's limit is one for the whole process.)
csv.field_size_limit(1 << 30)


class Malformed(ValueError):  # noqa: N818  (a row is malformed, the program is not)
    """Why a line is no record."""

    def __init__(self, detail: str, is_open: bool) -> None:
        self.is_open = is_open  # the line ends within quotation marks
        super().__init__(detail)


def separator_of(
    header: str, is_header: Callable[[list[str]], bool] | None = None
) -> tuple[str, list[str]]:
    """Return what separates the cells of a file's first line, and its cells.

    :param is_header: whether these cells can only be meant; else the separator that makes most.
    """
    found: dict[str, list[str]] = {}
    for separator in SEPARATORS:
        try:
            cells = [cell.strip() for cell in parse_record(header, separator)]
        except Malformed:
            continue
        if is_header is not None and is_header(cells):
            return separator, cells
        found[separator] = cells
    return max(found.items(), key=lambda item: len(item[1]), default=(SEPARATORS[0], [header]))


def parse_record(text: str, separator: str) -> list[str]:
    """Return the cells of one record.

    :raises Malformed: it ends within quotation marks, or text stands around such a cell.
    """
    try:
        return next(csv.reader([text], delimiter=separator, strict=True), [])
    except csv.Error as error:
        is_open = "unexpected end" in str(error)
        detail = "a quotation mark is not closed" if is_open else str(error)
        raise Malformed(detail, is_open) from error


def records(rows: Iterator[Row], separator: str, width: int, limit: int) -> Iterator[Row]:
    """Yield each record as one row; lines that open a cell and never close it come as they are.

    :param width: cells of a record.
    :param limit: bytes of one.
    """
    lines = _Lines(rows)
    for row in lines:
        if QUOTE in row.data and _width(row.data, separator) is None:
            yield _closed(row, lines, separator, width, limit) or row
        else:
            yield row


class _Lines:
    """Rows, some of which come again."""

    def __init__(self, rows: Iterator[Row]) -> None:
        self._rows = rows
        self._again: deque[Row] = deque()

    def __iter__(self) -> Iterator[Row]:
        return self

    def __next__(self) -> Row:
        return self._again.popleft() if self._again else next(self._rows)

    def push(self, rows: list[Row]) -> None:
        self._again.extendleft(reversed(rows))


def _closed(row: Row, lines: _Lines, separator: str, width: int, limit: int) -> Row | None:
    """Return the record that begins with `row`, whose cell ends in a later line; None: it is none.

    An even number of quotation marks is tried only, so that each line is looked at a few times.
    """
    taken = [row]
    size, quotes, tries = len(row.data), row.data.count(QUOTE), 0
    for line in lines:
        taken.append(line)
        size += len(line.data) + 1
        quotes += line.data.count(QUOTE)
        if size > limit or len(taken) > _MOST_LINES:
            break
        if QUOTE not in line.data or quotes % 2:
            continue
        data = b"\n".join(its.data for its in taken)
        if _width(data, separator) == width:
            return row._replace(data=data)
        tries += 1
        if tries == _MOST_TRIES:
            break
    lines.push(taken[1:])
    return None


def _width(data: bytes, separator: str) -> int | None:
    """Return the number of cells; None where the last one is open."""
    try:
        return len(parse_record(data.decode(errors="replace"), separator))
    except Malformed as malformed:
        return None if malformed.is_open else 0
