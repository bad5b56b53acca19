"""Opens stored files, local or behind a URL; whatever a storage library raises becomes one line."""

from __future__ import annotations

from pathlib import Path
from typing import IO, Any, cast

import xxhash

from bitseam.schemas.errors import BitseamError, UserError

_ENDS = 1 << 16  # bytes of a file's start and end that its fingerprint holds


def is_remote(path: str) -> bool:
    """Whether `path` is a URL."""
    return "://" in path


def remote_filesystem(url: str) -> tuple[Any, str]:
    """Return fsspec's file system for `url`, and the path in it.

    :raises UserError: the scheme is unknown, or its package is not installed.
    """
    import fsspec

    try:
        filesystem, path = fsspec.core.url_to_fs(url)
    except (ImportError, ValueError) as error:
        raise UserError(
            f"{url}: cannot be opened: {one_line(error)}; "
            "for https://, gs:// and s3:// run: pip install 'bitseam[remote]'"
        ) from error
    return filesystem, path


def fingerprint(path: str) -> str:
    """Return what tells a changed file from the same one, read in a moment.

    Local: size, time of change, and the hash of its first and last bytes. Remote: what the storage
    says of it (size, ETag, time of change).
    """
    if is_remote(path):
        filesystem, inner = remote_filesystem(path)
        return str(filesystem.ukey(inner))
    file = Path(path)
    status = file.stat()
    digest = xxhash.xxh3_64(f"{status.st_size} {status.st_mtime_ns} ".encode())
    with file.open("rb") as stream:
        digest.update(stream.read(_ENDS))
        stream.seek(max(0, status.st_size - _ENDS))
        digest.update(stream.read(_ENDS))
    return digest.hexdigest()


def one_line(error: BaseException) -> str:
    """Return an error's message on one line, or its type where it has none."""
    return " ".join(str(error).split()) or type(error).__name__


class StoredFile:
    """A file open for reading, as stored, that counts what was read of it.

    It has the methods that pyarrow asks of a Python file.

    :raises BitseamError: the file cannot be opened or read.
    """

    def __init__(self, path: str) -> None:
        self.path = path
        self.bytes_read = 0
        try:
            self._file = self._open()
        except BitseamError:
            raise
        except Exception as error:  # each storage library has its own error tree
            raise BitseamError(f"{path}: cannot be opened: {one_line(error)}") from error

    def _open(self) -> IO[bytes]:
        if not is_remote(self.path):
            return Path(self.path).open("rb")
        filesystem, path = remote_filesystem(self.path)
        return cast(IO[bytes], filesystem.open(path, "rb"))

    def read(self, size: int = -1) -> bytes:
        try:
            data = self._file.read(size)
        except Exception as error:  # each storage library has its own error tree
            raise BitseamError(
                f"{self.path}: reading failed after {self.bytes_read} bytes: {one_line(error)}"
            ) from error
        self.bytes_read += len(data)
        return data

    def seek(self, offset: int, whence: int = 0) -> int:
        return self._file.seek(offset, whence)

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._file.tell()

    def close(self) -> None:
        self._file.close()

    @property
    def closed(self) -> bool:
        return self._file.closed
