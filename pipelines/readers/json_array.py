"""Cuts a JSON array into its elements, each of bounded size and with its place in the input.

The streaming parsers there are hold an element of any size, lose what stands after the first fault,
and tell no places. Here damage costs the element it is in: a line's end cannot stand in a string of
JSON, so that a missing quotation mark ends there, and where elements begin lines, the next is
found.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from bitseam.pipelines.readers.batches import BatchBuilder
from bitseam.pipelines.readers.content import is_json
from bitseam.pipelines.readers.encodings import Encoding
from bitseam.pipelines.readers.lines import Row
from bitseam.pipelines.readers.streams import InputStream
from bitseam.schemas.reasons import Reason

_HEAD = 2000  # bytes of a long element kept for its reject
_SPACE = b" \t\r\n"
# A string at one go or, where its end is not there, its beginning.
_STRING = rb'"[^"\\\n]*(?:\\.[^"\\\n]*)*"'
_BETWEEN = re.compile(_STRING + rb'|["\[\]{},]')  # at the level of the elements
_WITHIN = re.compile(_STRING + rb'|["\[\]{}]')
_OPENS = {b"]": ord("["), b"}": ord("{")}
_MOST_RETRIES = 100
_IN_STRING = re.compile(rb'["\\\n]')


def cut_array(stream: InputStream, batch: BatchBuilder, limit: int) -> Iterator[Row]:
    """Yield the elements of the array that `stream` is; those beyond the limit are rejected.

    :raises DamagedInputError: the array has no end, or something stands behind it.
    """
    cutter = _Cutter(stream, batch, limit)
    for chunk in stream.text_chunks():
        yield from cutter.add(chunk)
        if cutter.is_after and cutter.rest.strip(_SPACE):
            detail = f"after the end of the array: {cutter.rest.strip(_SPACE)[:40]!r}"
            raise stream.damage(Reason.CORRUPT, detail)
    if not cutter.is_after:
        yield from cutter.finish()
        raise stream.damage(Reason.TRUNCATED, "the array ends before its ]")


class _Cutter:
    """Where the scan stands: how deep, and whether in a string."""

    def __init__(self, stream: InputStream, batch: BatchBuilder, limit: int) -> None:
        self._stream, self._batch, self._limit = stream, batch, limit
        self._buffer = b""
        self._begin = 0  # of the element, in the buffer
        self._scanned = 0  # where the scan stands in the buffer
        self._start = -1  # of the element, in the input
        self._skipped = 0  # bytes of an element too long that are no longer in the buffer
        self._kept = b""  # its beginning
        self._number = 0
        self._open = bytearray()  # brackets
        self._retries = 0
        self._in_string = False
        self._is_lost = False  # a fault was met: the next element has to be found
        self._indent: bytes | None = None  # what stands before elements that begin lines
        self.is_after = False

    @property
    def rest(self) -> bytes:
        """What stands behind the array."""
        return self._buffer[self._begin :]

    @property
    def _encoding(self) -> Encoding:
        return self._stream.encoding

    def add(self, chunk: bytes) -> Iterator[Row]:
        if self._start < 0:
            self._start = self._encoding.mark
        self._buffer = self._buffer[self._begin :] + chunk
        self._scanned -= self._begin
        self._begin = 0
        while not self.is_after and (row := self._next()) is not None:
            if row.data.strip(_SPACE):
                yield row
        too_long = len(self.rest) + self._skipped > self._limit
        has_lines = b"\n" in self.rest.strip(_SPACE)
        if too_long and not self.is_after and has_lines and self._may_retry():
            yield from self._again()
        elif too_long and not self.is_after:
            self._kept = self._kept or self.rest[:_HEAD]
            self._skipped += self._scanned - self._begin
            self._go_to(self._scanned)

    def finish(self) -> Iterator[Row]:
        """Yield the element without an end, and what may follow it after all."""
        while self.rest.strip(_SPACE) and self._open and not self.is_after:
            if not self._may_retry():
                yield self._row(len(self._buffer))
                return
            yield from self._again()

    def _may_retry(self) -> bool:
        """Whether a bracket that is never closed may be looked for: only so often, for time."""
        return bool(self._indent) and self._retries < _MOST_RETRIES

    def _again(self) -> Iterator[Row]:
        """Yield the first line of an element that has no end, then those that follow."""
        yield self._restart()
        while not self.is_after and (row := self._next()) is not None:
            if row.data.strip(_SPACE):
                yield row

    def _restart(self) -> Row:
        """Give up the first line of the element: a bracket is missing in it."""
        self._retries += 1
        rest = self.rest
        blank = len(rest) - len(rest.lstrip(_SPACE))
        end = rest.find(b"\n", blank)
        place = len(self._buffer) if end < 0 else self._begin + end
        row = self._row(place)
        self._lose(place)
        return row

    def _next(self) -> Row | None:
        """Scan on to the end of an element; None where the buffer ends before it."""
        while True:
            if self._is_lost and not self._find_next():
                return None
            token = self._pattern().search(self._buffer, self._scanned)
            if token is None:
                self._scanned = len(self._buffer)
                return None
            if token[0] == b"\\":
                if token.end() == len(self._buffer):  # what it escapes is not there yet
                    self._scanned = token.start()
                    return None
                self._scanned = token.end() + 1
                continue
            self._scanned = token.end()
            if len(token[0]) > 1:  # a whole string
                continue
            if (row := self._take(token[0])) is not None:
                return row

    def _pattern(self) -> re.Pattern[bytes]:
        if self._in_string:
            return _IN_STRING
        return _BETWEEN if len(self._open) == 1 else _WITHIN

    def _take(self, token: bytes) -> Row | None:
        """Take in one token; return the element that ends with it."""
        if token == b'"':
            self._in_string = not self._in_string
        elif token == b"\n":  # in a string
            return self._fault()
        elif token in b"[{":
            self._go_in(token)
        elif token in b"]}":
            return self._go_out(token)
        elif token == b",":
            return self._element()
        return None

    def _go_in(self, bracket: bytes) -> None:
        self._open += bracket
        if len(self._open) == 1:  # the array itself
            self._go_to(self._scanned)
        elif len(self._open) == 2 and self._indent is None:
            before = self._buffer[self._begin : self._scanned - 1]
            self._indent = before if b"\n" in before and not before.strip(_SPACE) else b""

    def _go_out(self, bracket: bytes) -> Row | None:
        if not self._open or self._open[-1] != _OPENS[bracket]:
            return self._restart() if self._may_retry() else None
        self._open.pop()
        if self._open:
            return None
        self.is_after = True
        return self._element()

    def _element(self) -> Row:
        if self._swallows() and self._may_retry():
            return self._restart()
        row = self._row(self._scanned - 1)
        self._go_to(self._scanned)
        self._skipped, self._kept = 0, b""
        return row

    def _swallows(self) -> bool:
        """Whether the element holds others: a bracket that one of them lacks is closed by another.

        Sound elements do so only where nothing is indented: they are JSON for all that.
        """
        data = self._buffer[self._begin : self._scanned - 1].strip(_SPACE)
        indent = (self._indent or b"").rpartition(b"\n")[2]
        return bool(self._indent) and b"\n" + indent + b"{" in data and not is_json(data)

    def _fault(self) -> Row:
        """Give out what is damaged up to the line's end; what follows may belong to it, too."""
        if self._swallows() and self._may_retry():
            return self._restart()
        row = self._row(self._scanned - 1)
        self._lose(self._scanned - 1)  # the line's end may stand before the next element
        return row

    def _lose(self, place: int) -> None:
        """Look for the next element from there on."""
        self._in_string, self._is_lost = False, True
        del self._open[1:]
        self._skipped, self._kept = 0, b""
        self._scanned = place
        self._go_to(place)

    def _find_next(self) -> bool:
        """Go on to where an element begins a line as the first one did."""
        indent = (self._indent or b"").rpartition(b"\n")[2]
        pattern = b"\n" + re.escape(indent) + rb"(?=[{\[])" if self._indent else rb"\Z(?!)"
        found = re.compile(pattern).search(self._buffer, self._begin)
        if found is None:
            self._go_to(max(self._begin, len(self._buffer) - len(indent) - 2))
            self._scanned = len(self._buffer)
            return False
        self._go_to(found.end())
        self._is_lost, self._scanned = False, found.end()
        return True

    def _row(self, end: int) -> Row:
        """Return the element up to there; one too long goes to the rejects and an empty comes."""
        data = self._buffer[self._begin : end]
        start = self._start
        if data.strip(_SPACE) or self._skipped:
            self._number += 1
        if self._skipped or len(data) > self._limit:
            self._reject(data)
            return Row(b"", start, self._number)
        before = len(data) - len(data.lstrip(_SPACE))
        start += self._encoding.size(data[:before])
        return Row(data.strip(_SPACE), start, self._number, self._encoding)

    def _reject(self, data: bytes) -> None:
        """Reject an element too long, whose end this is."""
        end = self._start + self._encoding.size(data)
        start = self._start - self._skipped
        self._batch.add_reject(
            "row",
            Reason.LINE_TOO_LONG,
            f"element {self._number}: {end - start} bytes, at most {self._limit} are read",
            start=start,
            end=end,
            text=self._encoding.shown(self._kept or data[:_HEAD]),
        )

    def _go_to(self, place: int) -> None:
        """Let the element begin at a place of the buffer that lies ahead."""
        self._start += self._encoding.size(self._buffer[self._begin : place])
        self._begin = place
