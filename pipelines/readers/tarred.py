"""The members of a tar archive, read from its beginning to its end, whatever compresses it."""

from __future__ import annotations

import tarfile
from collections.abc import Iterator
from functools import partial
from typing import IO, Any, Self, cast

from bitseam.pipelines.readers.members import Budget, Member
from bitseam.pipelines.readers.storage import one_line
from bitseam.pipelines.readers.streams import InputStream
from bitseam.pipelines.readers.zipped import MemberFile
from bitseam.schemas.errors import DamagedInputError
from bitseam.schemas.reasons import Reason

_HEADER_BYTES = 1 << 20  # of a long name or of pax records, which are held in memory
_LONG = (tarfile.XHDTYPE, tarfile.XGLTYPE, tarfile.SOLARIS_XHDTYPE)
_LONG_NAMES = (tarfile.GNUTYPE_LONGNAME, tarfile.GNUTYPE_LONGLINK)
_ERRORS = (tarfile.TarError, OSError, EOFError, ValueError, KeyError, OverflowError)


def tar_members(stream: InputStream) -> Iterator[Member]:
    """Yield the regular files of an archive; each must be read before the next one.

    :raises DamagedInputError: it is damaged, or ends before its end mark.
    """
    header = cast(type[_Header], type("_HeaderOfOne", (_Header,), {}))  # one may lie in another
    budget = Budget(lambda: stream.stored.bytes_read)
    chunks = _Chunks(stream)
    try:
        with tarfile.open(fileobj=cast(IO[bytes], chunks), mode="r|", tarinfo=header) as archive:
            while (info := archive.next()) is not None:
                archive.members = []  # type: ignore[attr-defined]  # else it keeps all of them
                if info.isreg():
                    yield Member(
                        info.name, False, partial(_open, archive, info, stream, budget), False
                    )
    except DamagedInputError:
        raise
    except _ERRORS as error:
        raise stream.damage(_reason(error), one_line(error)) from error
    chunks.drain()
    if not header.met_end:
        raise stream.damage(Reason.TRUNCATED, "the archive ends before its end mark")


def _open(
    archive: tarfile.TarFile, info: tarfile.TarInfo, stream: InputStream, budget: Budget
) -> MemberFile:
    file = archive.extractfile(info)
    assert file is not None  # it is a regular file
    return _TarMember(file, stream, budget)


class _TarMember(MemberFile):
    errors = _ERRORS


def _reason(error: BaseException) -> Reason:
    return Reason.TRUNCATED if "unexpected end" in str(error) else Reason.CORRUPT


class _Header(tarfile.TarInfo):
    """Headers of bounded size; a damaged one is an error, not the end of the archive."""

    met_end = False

    @classmethod
    def frombuf(cls, buf: bytes | bytearray, encoding: str, errors: str) -> Self:
        try:
            return super().frombuf(buf, encoding, errors)
        except tarfile.EOFHeaderError:  # type: ignore[attr-defined]
            cls.met_end = True
            raise
        except tarfile.EmptyHeaderError:  # type: ignore[attr-defined]
            raise
        except tarfile.HeaderError as error:
            raise tarfile.ReadError(f"damaged header: {error}") from error

    def _proc_member(self, archive: tarfile.TarFile) -> Any:
        if self.type in (*_LONG, *_LONG_NAMES) and self.size > _HEADER_BYTES:
            raise tarfile.ReadError(f"a name or record of {self.size} bytes")
        return super()._proc_member(archive)  # type: ignore[misc]


class _Chunks:
    """What `tarfile` reads from: the decompressed bytes of a stream."""

    def __init__(self, stream: InputStream) -> None:
        self._chunks = stream.chunks()
        self._rest = b""

    def read(self, size: int) -> bytes:
        while len(self._rest) < size and (chunk := next(self._chunks, b"")):
            self._rest += chunk
        data, self._rest = self._rest[:size], self._rest[size:]
        return data

    def drain(self) -> None:
        """Read what follows the end mark: what compresses the archive may be damaged there."""
        for _ in self._chunks:
            pass
