"""Cuts a stream of bytes into lines, without ever holding a line beyond the limit."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from typing import NamedTuple

from bitseam.pipelines.readers.batches import BatchBuilder
from bitseam.pipelines.readers.streams import InputStream
from bitseam.schemas.errors import DamagedInputError
from bitseam.schemas.reasons import Reason

_HEAD = 2000  # bytes of a long line kept for its reject


class Row(NamedTuple):
    """One line without its ending."""

    data: bytes
    start: int  # byte in the decompressed input
    number: int  # 1-based

    @property
    def end(self) -> int:
        return self.start + len(self.data)


class Block(NamedTuple):
    """Whole lines; only the last line of the input may lack its ending."""

    data: bytes
    start: int  # byte in the decompressed input
    number: int  # of its first line, 1-based

    def rows(self) -> Iterator[Row]:
        """Yield the lines; only LF and CR LF end one."""
        start = self.start
        lines = self.data.split(b"\n")
        ending = lines.pop()
        for number, line in enumerate(lines, self.number):
            yield Row(line.removesuffix(b"\r"), start, number)
            start += len(line) + 1
        if ending:
            yield Row(ending, start, self.number + len(lines))


def line_blocks(stream: InputStream, batch: BatchBuilder, max_line_bytes: int) -> Iterator[Block]:
    """Yield the stream in blocks of whole lines; lines beyond the limit go to the rejects.

    :raises DamagedInputError: the archive is damaged; the lines before it have been yielded.
    """
    chunks = stream.text_chunks()
    first = next(chunks, b"")
    gatherer = _Gatherer(batch, max_line_bytes, start=stream.position - len(first))
    try:
        for chunk in chain([first], chunks):
            yield from gatherer.add(chunk)
    except DamagedInputError as error:
        detail = error.detail + gatherer.cut_off()
        raise DamagedInputError(error.reason, error.source, error.position, detail) from error
    yield from gatherer.finish()


def decode_row(row: Row, batch: BatchBuilder) -> str | None:
    """Return the line's text, or None after rejecting it for a NUL or for invalid UTF-8."""
    nul = row.data.find(b"\0")
    if nul >= 0:
        reason, detail = Reason.NUL_BYTE, f"NUL at byte {row.start + nul}"
    else:
        try:
            return row.data.decode()
        except UnicodeDecodeError as error:
            reason = Reason.INVALID_UTF8
            detail = f"0x{row.data[error.start]:02x} at byte {row.start + error.start}"
    reject_row(row, batch, reason, detail)
    return None


def reject_row(row: Row, batch: BatchBuilder, reason: Reason, detail: str) -> None:
    """Reject one line of the input."""
    batch.add_reject(
        "row", reason, f"line {row.number}: {detail}", start=row.start, end=row.end, text=row.data
    )


class _Gatherer:
    """Joins chunks up to their last line ending, and skips lines that grow too long."""

    def __init__(self, batch: BatchBuilder, max_line_bytes: int, start: int) -> None:
        self._batch = batch
        self._limit = max_line_bytes
        self._start = start  # of the waiting line
        self._number = 1  # of the waiting line
        self._waiting: list[bytes] = []
        self._length = 0  # of the waiting line, also while it is skipped

    def add(self, chunk: bytes) -> Iterator[Block]:
        # In pieces no longer than the limit, only the line that was waiting can exceed it.
        for begin in range(0, len(chunk), self._limit):
            yield from self._add(chunk[begin : begin + self._limit])

    def _add(self, chunk: bytes) -> Iterator[Block]:
        first = chunk.find(b"\n")
        if first < 0:
            self._wait(chunk)
            return
        if self._length + first > self._limit:
            self._wait(chunk[:first])
            self._reject(self._length)
            yield Block(b"\n", self._start, self._number)  # what stood around it is not joined
            self._start += self._length + 1
            self._number += 1
            self._waiting, self._length = [], 0
            chunk = chunk[first + 1 :]
        last = chunk.rfind(b"\n") + 1
        if last:
            block = Block(b"".join([*self._waiting, chunk[:last]]), self._start, self._number)
            self._start += len(block.data)
            self._number += block.data.count(b"\n")
            self._waiting, self._length = [], 0
            yield block
        if last < len(chunk):
            self._wait(chunk[last:])

    def finish(self) -> Iterator[Block]:
        if self._length > self._limit:
            self._reject(self._length)
        elif self._length:
            yield Block(b"".join(self._waiting), self._start, self._number)

    def cut_off(self) -> str:
        """Say what line waits for its end."""
        if not self._length:
            return ""
        return f"; line {self._number} is cut off: {b''.join(self._waiting)[:80]!r}"

    def _wait(self, piece: bytes) -> None:
        self._length += len(piece)
        self._waiting.append(piece)
        if self._length > self._limit:
            self._waiting = [b"".join(self._waiting)[:_HEAD]]

    def _reject(self, length: int) -> None:
        self._batch.add_reject(
            "row",
            Reason.LINE_TOO_LONG,
            f"line {self._number}: {length} bytes, at most {self._limit} are read",
            start=self._start,
            end=self._start + length,
            text=self._waiting[0][:_HEAD],
        )
