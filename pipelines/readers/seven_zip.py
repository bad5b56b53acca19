"""The members of a 7z archive, by `py7zr` (`pip install 'bitseam[7z]'`).

Several files are compressed as one there, so that all that are read are unpacked first, into
temporary files without names.
"""

from __future__ import annotations

import io
import lzma
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import IO, Any

from bitseam.pipelines.readers.compression import XZ_MEMORY
from bitseam.pipelines.readers.members import Budget, Member, is_read
from bitseam.pipelines.readers.storage import one_line
from bitseam.pipelines.readers.streams import InputStream
from bitseam.pipelines.readers.zipped import ENCRYPTED, MemberFile
from bitseam.schemas.errors import BitseamError
from bitseam.schemas.reasons import Reason

_ERRORS = (
    lzma.LZMAError,
    OSError,
    EOFError,
    ValueError,
    KeyError,
    TypeError,
    IndexError,
    AttributeError,
    MemoryError,
    OverflowError,
    AssertionError,
)
_LZMA, _LZMA2, _PPMD = b"\x03\x01\x01", b"\x21", b"\x03\x04\x01"
_WHERE_MEMORY = {_LZMA: slice(1, 5), _PPMD: slice(1, 5)}  # in a method's properties


def seven_zip_members(file: Any, stream: InputStream, resources: ExitStack) -> Iterator[Member]:
    """Yield the files of an archive in its order.

    :param file: open for reading at any place.
    :raises DamagedInputError: it is damaged, encrypted, needs too much memory, or `py7zr` is not
        installed.
    """
    try:
        import py7zr
        from py7zr.exceptions import AbsolutePathError, ArchiveError, PasswordRequired
    except ImportError as error:
        detail = "7z needs a package of its own: pip install 'bitseam[7z]'"
        raise stream.damage(Reason.CORRUPT, detail) from error
    file.seek(0, 2)
    size = file.tell()
    file.seek(0)
    try:
        archive = resources.enter_context(py7zr.SevenZipFile(io.BufferedReader(_Raw(file)), "r"))
        if archive.needs_password():
            raise PasswordRequired(ENCRYPTED)
        _check_memory(archive, stream)
        names = _names(archive)
        wanted = {name for name in names.values() if is_read(name, is_alone=len(names) == 1)}
        unpacked = _Unpacked(Budget(lambda: size), resources, stream)
        archive.extract(targets=wanted, factory=unpacked.factory())
    except BitseamError:
        raise
    except PasswordRequired as error:
        raise stream.damage(Reason.CORRUPT, ENCRYPTED) from error
    except (AbsolutePathError, ArchiveError, *_ERRORS) as error:
        raise stream.damage(Reason.CORRUPT, one_line(error)) from error
    for place, name in names.items():
        opened = partial(unpacked.open, place)
        yield Member(name, len(names) == 1, opened, is_reopened=False)


class _Raw(io.RawIOBase):
    """The file as one of Python's own, which `py7zr` insists on."""

    def __init__(self, file: Any) -> None:
        self._file = file

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        data = self._file.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)

    def seek(self, offset: int, whence: int = 0) -> int:
        return int(self._file.seek(offset, whence))

    def tell(self) -> int:
        return int(self._file.tell())


def _check_memory(archive: Any, stream: InputStream) -> None:
    """Refuse a dictionary beyond what `xz -9` needs four times over: it is reserved at once."""
    streams = archive.header.main_streams
    for folder in streams.unpackinfo.folders if streams else []:
        for coder in folder.coders:
            needed = _memory(coder["method"], coder["properties"] or b"")
            if needed > XZ_MEMORY:
                raise stream.damage(Reason.BOMB, f"it needs {needed >> 20} MB to be unpacked")


def _memory(method: bytes, properties: bytes) -> int:
    if method == _LZMA2 and properties:
        bits = properties[0]
        return (2 | (bits & 1)) << (bits // 2 + 11)
    return int.from_bytes(properties[_WHERE_MEMORY.get(method, slice(0))], "little")


def _names(archive: Any) -> dict[str, str]:
    """Return the name of each file by the place that `py7zr` would write it to."""
    met: dict[str, int] = {}
    found = {}
    for file in archive.files:
        name = file.filename
        place = name if name not in met else f"{name}_{met[name]}"
        met[name] = met.get(name, -1) + 1
        if file.is_file:
            found[Path(place).as_posix()] = name
    return found


class _Unpacked:
    """Temporary files with what was unpacked."""

    def __init__(self, budget: Budget, resources: ExitStack, stream: InputStream) -> None:
        self._budget, self._resources, self._stream = budget, resources, stream
        self._files: dict[str, IO[bytes]] = {}

    def factory(self) -> Any:
        """Return what `py7zr` makes its files by."""
        from py7zr.io import Py7zIO, WriterFactory

        unpacked = self

        class Sink(Py7zIO):
            """A temporary file within the budget."""

            def __init__(self, file: IO[bytes]) -> None:
                self._file = file

            def write(self, data: bytes | bytearray) -> int:
                unpacked.spend(len(data))
                return self._file.write(data)

            def read(self, size: int | None = None) -> bytes:
                return self._file.read(-1 if size is None else size)

            def seek(self, offset: int, whence: int = 0) -> int:
                return self._file.seek(offset, whence)

            def flush(self) -> None:
                self._file.flush()

            def size(self) -> int:
                return self._file.tell()

        class Factory(WriterFactory):
            def create(self, filename: str) -> Py7zIO:
                return Sink(unpacked.create(filename))

        return Factory()

    def create(self, place: str) -> IO[bytes]:
        """Return a new temporary file for what would be written there."""
        file = self._resources.enter_context(tempfile.TemporaryFile())  # noqa: SIM115
        here = Path.cwd().as_posix() + "/"  # some releases put it before
        self._files[place.removeprefix(here)] = file
        return file

    def spend(self, size: int) -> None:
        """Count what was unpacked.

        :raises DamagedInputError: it is more than any text would be.
        """
        if not self._budget.spend(size):
            detail = "the archive decompresses beyond any plausible ratio"
            raise self._stream.damage(Reason.BOMB, detail)

    def open(self, place: str) -> MemberFile:
        """Return one of them, to be read from its beginning."""
        file = self._files.get(place)
        if file is None:
            raise self._stream.damage(Reason.CORRUPT, "it could not be unpacked")
        file.seek(0)
        return MemberFile(file, self._stream, Budget(None))
