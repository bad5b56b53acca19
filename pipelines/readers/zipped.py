"""The members of a ZIP archive."""

from __future__ import annotations

import lzma
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import ExitStack
from functools import partial
from typing import IO, Any

from bitseam.pipelines.readers.members import Budget, Member
from bitseam.pipelines.readers.storage import one_line
from bitseam.pipelines.readers.streams import InputStream
from bitseam.schemas.errors import DamagedInputError
from bitseam.schemas.reasons import Reason

_DIRECTORY_BYTES = 128 << 20  # of the list of members, which is held in memory: about a million
_ERRORS = (
    zipfile.BadZipFile,
    zipfile.LargeZipFile,
    NotImplementedError,  # a compression that is not known
    RuntimeError,  # it is encrypted
    zlib.error,
    lzma.LZMAError,
    OSError,
    EOFError,
    ValueError,
    KeyError,
    struct.error,
    OverflowError,
)
ENCRYPTED = "it is encrypted: unpack it with its password"
_ENCRYPTED = 0x1
_METHODS = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA}
_NAMES = {1: "shrink", 6: "implode", 9: "deflate64", 20: "zstd", 93: "zstd", 95: "xz", 98: "PPMd"}


def zip_members(file: Any, stream: InputStream, resources: ExitStack) -> Iterator[Member]:
    """Yield the files of an archive in the order of its directory.

    :param file: open for reading at any place.
    :raises DamagedInputError: it is no ZIP archive, or its directory is damaged or too large.
    """
    file.seek(0, 2)
    size = file.tell()
    directory = _directory_bytes(file, size)
    if directory is None:
        raise stream.damage(Reason.TRUNCATED, "the archive ends before its list of members")
    if directory > _DIRECTORY_BYTES:
        raise stream.damage(Reason.BOMB, "its directory is too large: more than a million members")
    try:
        archive = resources.enter_context(zipfile.ZipFile(file))
    except _ERRORS as error:
        raise stream.damage(Reason.CORRUPT, one_line(error)) from error
    budget = Budget(lambda: size)
    files = [info for info in archive.infolist() if not info.is_dir()]
    for info in files:
        opened = partial(_open, archive, info, stream, budget)
        yield Member(info.filename, len(files) == 1, opened)


def _directory_bytes(file: Any, size: int) -> int | None:
    """Return what the end of the archive says of its directory; None: there is no such end."""
    tail_bytes = min(size, (1 << 16) + 22)
    file.seek(size - tail_bytes)
    tail = file.read(tail_bytes)
    file.seek(0)
    end = tail.rfind(b"PK\x05\x06")
    if end < 0 or len(tail) < end + 22:
        return None
    length: int = struct.unpack_from("<L", tail, end + 12)[0]
    locator = tail.rfind(b"PK\x06\x06", 0, end)
    if length == 0xFFFFFFFF and locator >= 0 and len(tail) >= locator + 56:
        length = struct.unpack_from("<Q", tail, locator + 40)[0]
    return length


def _open(
    archive: zipfile.ZipFile, info: zipfile.ZipInfo, stream: InputStream, budget: Budget
) -> MemberFile:
    if info.flag_bits & _ENCRYPTED:
        raise stream.damage(Reason.CORRUPT, ENCRYPTED)
    if info.compress_type not in _METHODS:
        method = _NAMES.get(info.compress_type, f"method {info.compress_type}")
        detail = f"it is compressed by {method}: expected stored, deflate, bzip2 or lzma"
        raise stream.damage(Reason.CORRUPT, detail)
    try:
        return MemberFile(archive.open(info), stream, budget)
    except _ERRORS as error:
        raise stream.damage(Reason.CORRUPT, one_line(error)) from error


class MemberFile:
    """The bytes of one member, within the budget of its archive."""

    errors: tuple[type[BaseException], ...] = _ERRORS

    def __init__(self, file: IO[bytes], stream: InputStream, budget: Budget) -> None:
        self._file, self._stream, self._budget = file, stream, budget
        self.bytes_read = 0

    def read(self, size: int = -1, /) -> bytes:
        """Return the next bytes.

        :raises DamagedInputError: they are damaged, or a bomb.
        """
        try:
            data = self._file.read(size)
        except self.errors as error:
            raise self._damage(_reason(error), one_line(error)) from error
        self.bytes_read += len(data)
        if not self._budget.spend(len(data)):
            raise self._damage(Reason.BOMB, "the archive decompresses beyond any plausible ratio")
        return data

    def close(self) -> None:
        self._file.close()

    def _damage(self, reason: Reason, detail: str) -> DamagedInputError:
        return DamagedInputError(reason, self._stream.file.source, "", detail)


def _reason(error: BaseException) -> Reason:
    is_cut = isinstance(error, EOFError) or "unexpected end" in str(error)
    return Reason.TRUNCATED if is_cut else Reason.CORRUPT
