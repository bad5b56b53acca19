"""Stores what comes through a pipe: it can be read but once, and by this process alone."""

from __future__ import annotations

import atexit
import shutil
import stat
import sys
import tempfile
from functools import cache
from pathlib import Path
from typing import IO, NamedTuple

import xxhash

from bitseam.pipelines.readers.storage import one_line
from bitseam.schemas.errors import BitseamError, UserError

STANDARD_INPUT = "-"
_COPIED = 1 << 20  # bytes at a time
_READ: set[str] = set()  # pipes of which nothing is left


class StoredPipe(NamedTuple):
    """What came through a pipe.

    :ivar path: where it lies as long as this process runs.
    :ivar content: its hash: a run is continued where the same comes again.
    """

    path: Path
    size: int
    content: str


def is_pipe(pattern: str) -> bool:
    """Whether this names standard input (`-`), a FIFO, or a shell's `<(...)`."""
    if pattern == STANDARD_INPUT:
        return True
    try:
        mode = Path(pattern).stat().st_mode
    except (OSError, ValueError):
        return False
    return stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode)


def spool(pattern: str, folder: Path | None) -> StoredPipe:
    """Store all that a pipe gives, in a file of `folder` that is removed when this process ends.

    :raises UserError: a pipe is named twice. :raises BitseamError: the disk is full.
    """
    pipe = pattern if pattern == STANDARD_INPUT else str(Path(pattern).absolute())
    if pipe in _READ:
        raise UserError(f"{pattern} is given more than once: a pipe can be read only once")
    _READ.add(pipe)
    name = "standard-input" if pattern == STANDARD_INPUT else f"pipe-{Path(pattern).name}"
    place = _spool_folder(folder) / name
    while place.exists():  # /a/pipe and /b/pipe
        place = place.with_name(f"{place.name}+")
    digest = xxhash.xxh3_128()
    size = 0
    try:
        with _open(pattern) as source, place.open("wb") as sink:
            while data := source.read(_COPIED):
                digest.update(data)
                size += sink.write(data)
    except OSError as error:
        raise BitseamError(f"{pattern}: cannot be stored in {place}: {one_line(error)}") from error
    return StoredPipe(place, size, digest.hexdigest())


@cache
def stored_pipe(pattern: str) -> Path:
    """Return where all that a pipe gave lies, also where it is asked for again."""
    return spool(pattern, None).path


def _open(pattern: str) -> IO[bytes]:
    if pattern == STANDARD_INPUT:
        return open(sys.stdin.fileno(), "rb", closefd=False)
    return Path(pattern).open("rb")


@cache
def _spool_folder(folder: Path | None) -> Path:
    if folder is not None:
        folder.mkdir(parents=True, exist_ok=True)
    made = Path(tempfile.mkdtemp(prefix=".bitseam-pipes-", dir=folder))
    atexit.register(shutil.rmtree, made, ignore_errors=True)
    return made
