"""The decompressed bytes of an input, in bounded memory, with the position of any damage."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import Protocol

from bitseam.pipelines.readers.compression import (
    CHUNK_BYTES,
    DECOMPRESSION_ERRORS,
    Decompressor,
    new_decompressor,
)
from bitseam.pipelines.readers.content import (
    HEAD_BYTES,
    archive_of,
    compression_of,
    foreign_kind,
    is_parquet,
    looks_like_text,
)
from bitseam.pipelines.readers.encodings import UTF_8, Encoding, find_encoding
from bitseam.pipelines.readers.formats import ARCHIVES
from bitseam.pipelines.readers.input_file import InputFile
from bitseam.pipelines.readers.peeking import peek
from bitseam.pipelines.readers.storage import StoredFile, one_line
from bitseam.schemas.errors import DamagedInputError
from bitseam.schemas.reasons import Reason

RAW_BYTES = 64 << 10

# Text shrinks to a tenth, repetitive text to a hundredth. Nothing is a bomb before BOMB_BYTES.
BOMB_BYTES = 256 << 20
BOMB_RATIO = 1000
_MOST_LAYERS = 4  # of compression: corpus.txt.gz.bz2 has two


class Stored(Protocol):
    """What a stream reads from: a `StoredFile`, or a member of an archive."""

    bytes_read: int  # as stored

    def read(self, size: int = -1, /) -> bytes: ...
    def close(self) -> None: ...


class InputStream(AbstractContextManager["InputStream"]):
    """One open input. What it is, its first bytes decide; its name only where they leave a doubt.

    :ivar encoding: of the text given out by `text_chunks`, as far as it has been seen.
    :ivar notes: what the user should know about how it was read.
    :raises BitseamError: the file cannot be opened.
    """

    looks_ahead = HEAD_BYTES

    def __init__(
        self,
        file: InputFile,
        stored: Stored | None = None,
        *,
        by_content: bool = False,
        reopen: Callable[[], Stored] | None = None,
    ) -> None:
        self.file = file
        self._by_content = by_content  # any kind is right
        self._reopen = reopen
        self.is_member = stored is not None
        self.stored: Stored = stored or StoredFile(file.path)
        self.position = 0  # decompressed bytes given out
        self.encoding: Encoding = UTF_8
        self.guess: str | None = None  # of an encoding that is not sure
        self.notes: list[str] = []
        self._layers: list[str] = []  # of compression
        self._opened: tuple[bytes, Iterator[bytes]] | None = None

    def again(self) -> InputStream | None:
        """Return the same input opened anew, to be read from its beginning.

        None: it can be read but once, as a member of a tar archive.
        """
        if not self.is_member:
            return InputStream(self.file)
        return InputStream(self.file, self._reopen(), reopen=self._reopen) if self._reopen else None

    def __exit__(self, *_: object) -> None:
        self.stored.close()

    @property
    def told_encoding(self) -> str:
        """What the user should know about the encoding; nothing of UTF-8."""
        return "" if self.encoding.is_utf8 else f"{self.encoding.label} {self.encoding.how}"

    @property
    def is_plain(self) -> bool:
        """Whether the stored bytes are the input's own; known once its head was read."""
        return not self._layers and not self.is_member

    def head(self) -> bytes:
        """Return the first decompressed bytes, which `chunks` will give out, too.

        :raises DamagedInputError: as `chunks`. :raises BitseamError: the storage fails.
        """
        if self._opened is None:
            head, pieces = peek(self._read(), self.looks_ahead)
            kind = compression_of(head)
            while kind and len(self._layers) < _MOST_LAYERS:
                self._layers.append(kind)
                head, pieces = peek(self._decompress(kind, pieces), self.looks_ahead)
                kind = compression_of(head)
            self._check_kind(head)
            self._opened = head, pieces
        return self._opened[0]

    def text_head(self) -> bytes:
        """Return the first bytes, of a text as UTF-8; nothing can be read after that.

        :raises DamagedInputError: as `chunks`.
        """
        head = self.head()
        if archive_of(head) or is_parquet(head):
            return head
        return next(self.text_chunks(), b"")[:HEAD_BYTES]

    def chunks(self) -> Iterator[bytes]:
        """Yield the decompressed bytes in non-empty pieces; once.

        :raises DamagedInputError: the archive is truncated, corrupt, a bomb, or no such archive.
        :raises BitseamError: the storage fails.
        """
        self.head()
        assert self._opened is not None
        _, pieces = self._opened
        try:
            for chunk in pieces:
                self.position += len(chunk)
                yield chunk
        except DamagedInputError as error:  # it was met ahead of what is given out
            raise self.damage(Reason(error.reason), error.detail) from error

    def text_chunks(self) -> Iterator[bytes]:
        """Yield the text as UTF-8, without a byte order mark; see `encodings` for what is decoded.

        Bytes that are no text in its encoding are no UTF-8 either: a reader rejects their line.

        :raises DamagedInputError: as `chunks`.
        """
        if archive := archive_of(self.head()):
            raise self.damage(Reason.CORRUPT, f"it is a {archive} archive: expected text")
        choice = find_encoding(self.chunks(), self.file.lang_hint)
        self.encoding = choice.encoding
        for chunk in choice.chunks:
            self.encoding = choice.encoding  # ASCII may stand before what tells
            self.guess = choice.guess
            yield chunk

    def damage(self, reason: Reason, detail: str) -> DamagedInputError:
        """Return the error that says this stream cannot be read on from here."""
        position = f"byte {self.position}"
        if self._layers:
            position += f" (after {self.stored.bytes_read} bytes of {self._layers[0]})"
        return DamagedInputError(reason, self.file.source, position, detail)

    def _read(self) -> Iterator[bytes]:
        while data := self.stored.read(RAW_BYTES):
            yield data

    def _decompress(self, kind: str, pieces: Iterator[bytes]) -> Iterator[bytes]:
        """Decompress the members one after the other; NUL padding between them is allowed."""
        made = 0
        data = next(pieces, b"")
        while data:
            member = new_decompressor(kind)
            for chunk in self._member(member, data, pieces):
                made += len(chunk)
                if made > max(BOMB_BYTES, BOMB_RATIO * self.stored.bytes_read):
                    stored = self.stored.bytes_read
                    detail = f"{stored} bytes decompress to more than {BOMB_RATIO} times as many"
                    raise self.damage(Reason.BOMB, detail)
                yield chunk
            data = member.unused_data.lstrip(b"\0")
            while not data and (more := next(pieces, b"")):
                data = more.lstrip(b"\0")

    def _member(
        self, member: Decompressor, data: bytes, pieces: Iterator[bytes]
    ) -> Iterator[bytes]:
        while not member.eof:
            try:
                chunk = member.decompress(data, CHUNK_BYTES)
            except DECOMPRESSION_ERRORS as error:
                raise self.damage(Reason.CORRUPT, one_line(error)) from error
            data = b""
            if chunk:
                yield chunk
            elif not member.eof:
                data = next(pieces, b"")
                if not data:
                    raise self.damage(Reason.TRUNCATED, "the archive ends before its end mark")

    def _check_kind(self, head: bytes) -> None:
        """Compare what the name promises with the first bytes."""
        promised = self.file.compression or ""
        if not head and not self._layers and (promised or self.file.format == "parquet"):
            expected = promised or "Parquet"
            raise self.damage(Reason.TRUNCATED, f"the file is empty: expected {expected} data")
        if foreign := foreign_kind(head):
            raise self._unlike(foreign, head)
        if self._by_content:
            pass
        elif self.file.format == "parquet" or self.file.format in ARCHIVES:
            self._check_binary(head)
        elif is_parquet(head) and not archive_of(head):
            raise self._unlike("Parquet", head)
        if self._layers and self._layers[0] != promised:
            self.notes.append(f"is {' in '.join(reversed(self._layers))}, whatever its name says")
        elif promised and not self._layers:
            if not (looks_like_text(head) or is_parquet(head) or archive_of(head)):
                raise self._unlike("other", head)
            self.notes.append(f"is not {promised}, whatever its name says: read as it is")

    def _check_binary(self, head: bytes) -> None:
        format_ = self.file.format
        found = "parquet" if is_parquet(head) else archive_of(head)
        is_empty_tar = format_ == "tar" and not head.strip(b"\0")
        if not found and not is_empty_tar:
            raise self._unlike("other", head)

    def _unlike(self, found: str, head: bytes) -> DamagedInputError:
        promised = self.file.compression or {"parquet": "Parquet"}.get(self.file.format)
        if self.file.format in ARCHIVES:
            promised = self.file.format
        detail = f"named as {promised or 'plain text'}, but starts like {found} data: {head[:8]!r}"
        return self.damage(Reason.CORRUPT, detail)
