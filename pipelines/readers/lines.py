"""Cuts a stream of bytes into lines, without ever holding a line beyond the limit."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from bitseam.pipelines.readers.batches import BatchBuilder
from bitseam.pipelines.readers.encodings import UTF_8, Encoding
from bitseam.pipelines.readers.input_report import CUT_OFF
from bitseam.pipelines.readers.streams import InputStream
from bitseam.schemas.errors import DamagedInputError
from bitseam.schemas.reasons import Reason

_DAMAGE_BYTES = 3  # a byte that could not be decoded, as it stands in a row
_HEAD = 2000  # bytes of a long line kept for its reject


class Row(NamedTuple):
    """One line without its ending, as UTF-8 or with bytes that are none."""

    data: bytes
    start: int  # byte in the decompressed input
    number: int  # 1-based
    encoding: Encoding = UTF_8  # of the input

    @property
    def end(self) -> int:
        return self.start + self.encoding.size(self.data)


class Block(NamedTuple):
    """Whole lines; only the last line of the input may lack its ending."""

    data: bytes
    start: int  # byte in the decompressed input
    number: int  # of its first line, 1-based
    encoding: Encoding = UTF_8  # of the input

    def rows(self) -> Iterator[Row]:
        """Yield the lines; only LF and CR LF end one."""
        start = self.start
        lines = self.data.split(b"\n")
        ending = lines.pop()
        for number, line in enumerate(lines, self.number):
            yield Row(line.removesuffix(b"\r"), start, number, self.encoding)
            start += self.encoding.size(line) + self.encoding.size(b"\n")
        if ending:
            yield Row(ending, start, self.number + len(lines), self.encoding)


def line_blocks(stream: InputStream, batch: BatchBuilder, max_line_bytes: int) -> Iterator[Block]:
    """Yield the stream in blocks of whole lines; lines beyond the limit go to the rejects.

    :raises DamagedInputError: the archive is damaged; the lines before it have been yielded.
    """
    gatherer = _Gatherer(batch, max_line_bytes, stream)
    try:
        for chunk in stream.text_chunks():
            yield from gatherer.add(chunk)
    except DamagedInputError as error:
        detail = error.detail + gatherer.cut_off()
        raise DamagedInputError(error.reason, error.source, error.position, detail) from error
    yield from gatherer.finish()


def decode_row(row: Row, batch: BatchBuilder, unit: str = "line") -> str | None:
    """Return the line's text, or None after rejecting it for a NUL or for invalid UTF-8."""
    nul = row.data.find(b"\0")
    if nul >= 0:
        reason, detail = Reason.NUL_BYTE, f"NUL at byte {row.start + nul}"
    else:
        try:
            return row.data.decode()
        except UnicodeDecodeError as error:
            reason, encoding = Reason.INVALID_UTF8, row.encoding
            byte = encoding.byte_at(row.data, error.start)
            detail = f"0x{byte:02x} at byte {row.start + encoding.size(row.data[: error.start])}"
            if _is_cut(row, error):
                detail = f"{CUT_OFF}, after {detail}"
            elif not encoding.is_utf8:
                detail += f" is no {encoding.label}"
    reject_row(row, batch, reason, detail, unit)
    return None


def _is_cut(row: Row, error: UnicodeDecodeError) -> bool:
    """Whether a line lacks but the rest of its last character."""
    rest = len(row.data) - error.start
    if row.encoding.is_utf8:
        is_begun = error.reason == "unexpected end of data"
        # One byte alone may be the last letter of a text in another encoding.
        return is_begun and (rest > 1 or not row.data[: error.start].isascii())
    widest = 4 if row.encoding.codec.startswith("utf-32") else 2
    return not row.encoding.is_single_byte and rest < widest * _DAMAGE_BYTES


def reject_row(
    row: Row, batch: BatchBuilder, reason: Reason, detail: str, unit: str = "line"
) -> None:
    """Reject one line (or what else a row is) of the input."""
    text = row.encoding.shown(row.data)
    batch.add_reject(
        "row", reason, f"{unit} {row.number}: {detail}", start=row.start, end=row.end, text=text
    )


class _Gatherer:
    """Joins chunks up to their last line ending, and skips lines that grow too long."""

    def __init__(self, batch: BatchBuilder, max_line_bytes: int, stream: InputStream) -> None:
        self._batch = batch
        self._limit = max_line_bytes
        self._stream = stream
        self._start: int | None = None  # of the waiting line; known when the first chunk is there
        self._number = 1  # of the waiting line
        self._waiting: list[bytes] = []
        self._length = 0  # of the waiting line as UTF-8, also while it is skipped
        self._size = 0  # of the same in the input

    def add(self, chunk: bytes) -> Iterator[Block]:
        if self._start is None:
            self._start = self._encoding.mark
        # In pieces no longer than the limit, only the line that was waiting can exceed it.
        step = self._limit if self._encoding.is_utf8 else len(chunk)
        for begin in range(0, len(chunk), step):
            yield from self._add(chunk[begin : begin + step])

    @property
    def _encoding(self) -> Encoding:
        return self._stream.encoding

    def _add(self, chunk: bytes) -> Iterator[Block]:
        first = chunk.find(b"\n")
        if first < 0:
            self._wait(chunk)
            return
        if self._length + first > self._limit:
            self._wait(chunk[:first])
            self._reject()
            yield self._block(b"\n")  # what stood around it is not joined
            self._pass(b"\n")
            chunk = chunk[first + 1 :]
        last = chunk.rfind(b"\n") + 1
        if last:
            block = self._block(b"".join([*self._waiting, chunk[:last]]))
            self._pass(chunk[:last])
            yield block
        if last < len(chunk):
            self._wait(chunk[last:])

    def _block(self, data: bytes) -> Block:
        return Block(data, self._start or 0, self._number, self._encoding)

    def _pass(self, data: bytes) -> None:
        """Go on to the line after the waiting one and these bytes, which end in a line's end."""
        self._start = (self._start or 0) + self._size + self._encoding.size(data)
        self._number += data.count(b"\n")
        self._waiting, self._length, self._size = [], 0, 0

    def finish(self) -> Iterator[Block]:
        if self._length > self._limit:
            self._reject()
        elif self._length:
            yield self._block(b"".join(self._waiting))

    def cut_off(self) -> str:
        """Say what line waits for its end."""
        if not self._length:
            return ""
        return f"; line {self._number} is cut off: {b''.join(self._waiting)[:80]!r}"

    def _wait(self, piece: bytes) -> None:
        self._length += len(piece)
        self._size += self._encoding.size(piece)
        self._waiting.append(piece)
        if self._length > self._limit:
            self._waiting = [b"".join(self._waiting)[:_HEAD]]

    def _reject(self) -> None:
        start = self._start or 0
        self._batch.add_reject(
            "row",
            Reason.LINE_TOO_LONG,
            f"line {self._number}: {self._size} bytes, at most {self._limit} are read",
            start=start,
            end=start + self._size,
            text=self._encoding.shown(self._waiting[0][:_HEAD]),
        )
