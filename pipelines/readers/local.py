"""Finds local files: by name, below a folder, by a glob; symbolic links are followed once."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from glob import has_magic
from pathlib import Path
from typing import NamedTuple

from bitseam.schemas.errors import UserError


class Found(NamedTuple):
    """A file that a pattern stands for."""

    path: str  # absolute, or a URL
    size: int | None
    is_named: bool  # by itself, not by a folder or a glob
    is_readable: bool = True  # as far as its kind tells: no device, no link to nothing


def expand_local(pattern: str) -> Iterator[Found]:
    """Yield the files that a path, a folder or a glob stands for, hidden ones left out.

    :raises UserError: a file that is named has a name that is no UTF-8, is a link to nothing, may
        not be read or is no regular file.
    """
    path = Path(pattern).expanduser()
    # A name with brackets that exists is that file, not a glob.
    if path.exists():
        yield from _files_below(path) if path.is_dir() else [_named(path)]
    elif path.is_symlink():
        raise UserError(f"{path} is a link to {path.readlink()}, which is not there")
    elif has_magic(pattern):
        for match in sorted(_matches(path)):
            yield from _files_below(match) if match.is_dir() else [_found(match, False)]


def _named(path: Path) -> Found:
    kind = path.stat().st_mode
    if not stat.S_ISREG(kind):
        raise UserError(f"{path} is no regular file: expected a file, a folder, a glob or a pipe")
    if not os.access(path, os.R_OK):
        raise UserError(f"{path} may not be read: change its permissions")
    return _found(path, True)


def _found(path: Path, is_named: bool) -> Found:
    """Refuse a name that cannot stand in a table: Linux allows any bytes, `doc_id` is text."""
    try:
        str(path).encode()
    except UnicodeEncodeError as error:
        shown = str(path).encode("utf-8", "backslashreplace").decode()
        raise UserError(f"{shown}: the name is no UTF-8: rename the file") from error
    try:
        status = path.stat()
    except OSError:  # a link to nothing, or it has just vanished
        return Found(path.absolute().as_posix(), None, is_named, is_readable=False)
    is_readable = stat.S_ISREG(status.st_mode) and os.access(path, os.R_OK)
    return Found(path.absolute().as_posix(), status.st_size, is_named, is_readable)


def _files_below(folder: Path) -> Iterator[Found]:
    """Yield the visible files below a folder; of a loop of links no folder comes twice."""
    seen: set[tuple[int, int]] = set()
    for root, folders, names in os.walk(folder, followlinks=True):
        status = os.stat(root)  # noqa: PTH116 (os.walk gives strings)
        place = status.st_dev, status.st_ino
        if place in seen:
            folders.clear()
            continue
        seen.add(place)
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            if not name.startswith("."):
                yield _found(Path(root, name), False)


def _matches(path: Path) -> Iterator[Path]:
    """Yield what a glob matches; `**` does not follow links, so that a loop of them ends."""
    parts = path.parts
    first = next(i for i, part in enumerate(parts) if has_magic(part))
    base, rest = Path(*parts[:first]), parts[first:]
    for match in base.glob("/".join(rest)):
        below = match.relative_to(base).parts
        hidden = sum(part.startswith(".") for part in below)
        if hidden <= sum(part.startswith(".") for part in rest):
            yield match
