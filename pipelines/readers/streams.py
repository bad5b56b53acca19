"""The decompressed bytes of an input, in bounded memory, with the position of any damage."""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from contextlib import AbstractContextManager

from bitseam.pipelines.readers.archives import (
    CHUNK_BYTES,
    DECOMPRESSION_ERRORS,
    Decompressor,
    new_decompressor,
    sniff,
)
from bitseam.pipelines.readers.inputs import InputFile
from bitseam.pipelines.readers.storage import StoredFile, one_line
from bitseam.schemas.errors import DamagedInputError
from bitseam.schemas.reasons import Reason

RAW_BYTES = 64 << 10

# Text shrinks to a tenth, repetitive text to a hundredth. Nothing is a bomb before BOMB_BYTES.
BOMB_BYTES = 256 << 20
BOMB_RATIO = 1000

_FOREIGN_BOMS = {
    codecs.BOM_UTF32_LE: "UTF-32",  # before UTF-16, whose mark it starts with
    codecs.BOM_UTF32_BE: "UTF-32",
    codecs.BOM_UTF16_LE: "UTF-16",
    codecs.BOM_UTF16_BE: "UTF-16",
}


class InputStream(AbstractContextManager["InputStream"]):
    """One open input.

    :raises BitseamError: the file cannot be opened.
    """

    def __init__(self, file: InputFile) -> None:
        self.file = file
        self.stored = StoredFile(file.path)
        self.position = 0  # decompressed bytes given out

    def __exit__(self, *_: object) -> None:
        self.stored.close()

    def chunks(self) -> Iterator[bytes]:
        """Yield the decompressed bytes in non-empty pieces.

        :raises DamagedInputError: the archive is truncated, corrupt, a bomb, or no such archive.
        :raises BitseamError: the storage fails.
        """
        head = self.stored.read(RAW_BYTES)
        self._check_kind(head)
        for chunk in self._decompress(head) if self.file.compression else self._plain(head):
            self.position += len(chunk)
            if self.position > max(BOMB_BYTES, BOMB_RATIO * self.stored.bytes_read):
                stored = self.stored.bytes_read
                detail = f"{stored} bytes decompress to more than {BOMB_RATIO} times as many"
                raise self.damage(Reason.BOMB, detail)
            yield chunk

    def text_chunks(self) -> Iterator[bytes]:
        """Yield the chunks of UTF-8 text, without a byte order mark.

        :raises DamagedInputError: as `chunks`, and for a file in UTF-16 or UTF-32.
        """
        chunks = self.chunks()
        head = b""
        for chunk in chunks:
            head += chunk
            if len(head) >= len(codecs.BOM_UTF32_LE):
                break
        for mark, encoding in _FOREIGN_BOMS.items():
            if head.startswith(mark):
                remedy = f"convert it with `iconv -f {encoding} -t UTF-8`"
                raise self.damage(Reason.INVALID_UTF8, f"the file is {encoding}: {remedy}")
        if head := head.removeprefix(codecs.BOM_UTF8):
            yield head
        yield from chunks

    def damage(self, reason: Reason, detail: str) -> DamagedInputError:
        """Return the error that says this stream cannot be read on from here."""
        position = f"byte {self.position}"
        if self.file.compression:
            position += f" (after {self.stored.bytes_read} bytes of {self.file.compression})"
        return DamagedInputError(reason, self.file.source, position, detail)

    def _plain(self, data: bytes) -> Iterator[bytes]:
        while data:
            yield data
            data = self.stored.read(RAW_BYTES)

    def _decompress(self, data: bytes) -> Iterator[bytes]:
        """Decompress the members one after the other; NUL padding between them is allowed."""
        assert self.file.compression is not None
        while data:
            member = new_decompressor(self.file.compression)
            yield from self._member(member, data)
            data = member.unused_data.lstrip(b"\0")
            while not data and (more := self.stored.read(RAW_BYTES)):
                data = more.lstrip(b"\0")

    def _member(self, member: Decompressor, data: bytes) -> Iterator[bytes]:
        while not member.eof:
            try:
                chunk = member.decompress(data, CHUNK_BYTES)
            except DECOMPRESSION_ERRORS as error:
                raise self.damage(Reason.CORRUPT, one_line(error)) from error
            data = b""
            if chunk:
                yield chunk
            elif not member.eof:
                data = self.stored.read(RAW_BYTES)
                if not data:
                    raise self.damage(Reason.TRUNCATED, "the archive ends before its end mark")

    def _check_kind(self, head: bytes) -> None:
        """Compare what the name promises with the first bytes."""
        expected = self.file.compression or ("Parquet" if self.file.format == "parquet" else None)
        found = sniff(head)
        if found == expected:
            return
        if not head:
            raise self.damage(Reason.TRUNCATED, f"the file is empty: expected {expected} data")
        raise self.damage(
            Reason.CORRUPT,
            f"named as {expected or 'plain text'}, but starts like {found or 'other'} data: "
            f"{head[:8]!r}",
        )
