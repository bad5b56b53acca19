"""Lines of files and of standard input, in batches, whatever is in them: every line is a text."""

from __future__ import annotations

import logging
import os
import select
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa

from bitseam.pipelines.readers.input_report import encoding_cure
from bitseam.pipelines.readers.inputs import COMPRESSIONS, InputFile
from bitseam.pipelines.readers.storage import is_remote
from bitseam.pipelines.readers.streams import RAW_BYTES, InputStream
from bitseam.schemas.errors import BitseamError, DamagedInputError, UserError

log = logging.getLogger("bitseam")

STANDARD_INPUT = "-"
BATCH_BYTES = 1 << 20  # thousands of lines
_MANY = 5  # lines in an encoding that is not sure: the file is
MAX_LINE_BYTES = 1 << 20  # of a longer line only so much is read


class LineBatches:
    """The lines of one file (plain or compressed; local or URL) or of `-`, in batches.

    Only LF and CR LF end a line. Text in another encoding is decoded where that is sure; `warn`
    tells. Other bytes that are no UTF-8 are replaced (U+FFFD) and longer lines
    than `MAX_LINE_BYTES` are cut there; `warn` tells how many. From a pipe a batch is given out as
    soon as nothing more waits in it.

    :raises UserError: there is no such file.
    """

    def __init__(self, path: str) -> None:
        self._stream = _StandardInput() if path == STANDARD_INPUT else InputStream(_file(path))
        self.source = self._stream.file.source
        self._read = self._replaced = self._cut = 0

    def __iter__(self) -> Iterator[pa.StringArray]:
        """Yield batches of lines.

        :raises DamagedInputError: the archive is damaged; the lines before it have been yielded.
        """
        with self._stream:
            for block in self._blocks():
                yield pa.array(self._lines(block), pa.string())

    def warn(self) -> None:
        """Log what was changed in the lines read so far.

        :raises BitseamError: most of them are in an encoding that is not sure.
        """
        for note in self._stream.notes:
            log.warning("%s: %s", self.source, note)
        if self._stream.told_encoding:
            log.warning("%s: read as %s", self.source, self._stream.told_encoding)
        if self._replaced >= _MANY and self._replaced * 2 > self._read:
            raise BitseamError(
                f"{self.source}: {self._replaced:,} of {self._read:,} lines are no UTF-8, and what "
                f"they are is not sure: {encoding_cure(self._stream.guess)}"
            )
        if self._replaced:
            log.warning("%s: lines with bytes that are no UTF-8: %d", self.source, self._replaced)
        if self._cut:
            log.warning("%s: lines cut after %d bytes: %d", self.source, MAX_LINE_BYTES, self._cut)

    def _blocks(self) -> Iterator[bytes]:
        """Yield whole lines, the too long ones one byte longer than the limit."""
        waiting, skipping, end = bytearray(), False, 0
        try:
            for chunk in self._stream.text_chunks():
                if skipping:
                    ending = chunk.find(b"\n")
                    if ending < 0:
                        continue
                    chunk, skipping = chunk[ending:], False
                waiting += chunk
                end = waiting.rfind(b"\n") + 1
                if len(waiting) - end > MAX_LINE_BYTES:
                    del waiting[end + MAX_LINE_BYTES + 1 :]
                    skipping = True
                if end >= BATCH_BYTES or (end and not self._more_waits()):
                    yield bytes(waiting[:end])
                    del waiting[:end]
                    end = 0
        except DamagedInputError:
            if end:
                yield bytes(waiting[:end])
            raise
        if waiting:
            yield bytes(waiting)

    def _more_waits(self) -> bool:
        stream = self._stream
        return stream.more_waits() if isinstance(stream, _StandardInput) else True

    def _lines(self, block: bytes) -> list[str]:
        if block.endswith(b"\n"):
            block = block[:-1].removesuffix(b"\r")
        lines = block.split(b"\n")
        self._read += len(lines)
        if max(map(len, lines)) > MAX_LINE_BYTES:
            self._cut += sum(len(line) > MAX_LINE_BYTES for line in lines)
            block = b"\n".join(map(_cut, lines))
        try:
            text = block.decode()
        except UnicodeDecodeError:
            self._replaced += sum(not _is_utf8(line) for line in block.split(b"\n"))
            text = block.decode(errors="replace")
        return text.replace("\r\n", "\n").split("\n")


class _StandardInput(InputStream):
    """Standard input, read as it comes."""

    looks_ahead = 1  # what is typed is answered

    def __init__(self) -> None:
        file = InputFile(STANDARD_INPUT, "standard input", "text", None, None)
        super().__init__(file, _Descriptor(0))

    def more_waits(self) -> bool:
        """Whether reading would not block."""
        return bool(select.select([0], [], [], 0)[0])


class _Descriptor:
    """What an `InputStream` needs of a stored file; a read returns what is there."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self.bytes_read = 0

    def read(self, size: int = RAW_BYTES, /) -> bytes:
        data = os.read(self._descriptor, size)
        self.bytes_read += len(data)
        return data

    def close(self) -> None:
        """Leave standard input open."""


def _file(path: str) -> InputFile:
    """Return the input of that name; its extension tells of compression only."""
    if not is_remote(path):
        if Path(path).is_dir():
            raise UserError(f"{path} is a folder: expected a file of lines")
        if not Path(path).exists():
            raise UserError(f"{path}: no such file; expected a file of lines, or - for stdin")
    compression = COMPRESSIONS.get(Path(path).suffix.lower())
    return InputFile(path, path, "text", compression, None)


def _cut(line: bytes) -> bytes:
    """Return the line up to the limit, or up to the character that stands on it."""
    end = MAX_LINE_BYTES
    while 0 < end < len(line) and end > MAX_LINE_BYTES - 3 and line[end] & 0xC0 == 0x80:
        end -= 1  # a continuation byte
    return line[:end]


def _is_utf8(line: bytes) -> bool:
    try:
        line.decode()
    except UnicodeDecodeError:
        return False
    return True
