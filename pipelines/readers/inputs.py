"""Finds the input files of a run: globs, folders, single files and pipes, local or behind a URL."""

from __future__ import annotations

import logging
import os
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from glob import has_magic
from pathlib import Path

from bitseam.pipelines.readers.content import format_of
from bitseam.pipelines.readers.formats import COMPRESSIONS, EXPECTED, parse_name, shown_kinds
from bitseam.pipelines.readers.input_file import InputFile
from bitseam.pipelines.readers.local import Found, expand_local
from bitseam.pipelines.readers.pipes import StoredPipe, is_pipe, spool
from bitseam.pipelines.readers.storage import is_remote, one_line, remote_filesystem
from bitseam.pipelines.readers.streams import InputStream
from bitseam.schemas.errors import BitseamError, DamagedInputError, UserError
from bitseam.schemas.languages import parse_language

__all__ = ["COMPRESSIONS", "InputFile", "distinct_sources", "find_inputs"]

log = logging.getLogger("bitseam")


def find_inputs(
    patterns: Sequence[str], *, lang_hint: str | None = None, scratch: Path | None = None
) -> list[InputFile]:
    """Expand globs, folders and URLs into input files, sorted by path, each once.

    A folder or a glob stands for every file with a known extension; hidden files are passed over,
    and the log says how many others. A file that is named itself is known by its content, too. What
    a pipe (`-` is standard input) gives is stored first.

    :param lang_hint: the language of all these files (any code `parse_language` understands).
    :param scratch: where pipes are stored; None: in the system's folder for temporary files.
    :raises UserError: a pattern matches nothing, or names a file of an unknown format.
    """
    hint = parse_language(lang_hint) if lang_hint else None
    pipes = [spool(pattern, scratch) for pattern in patterns if is_pipe(pattern)]
    found: dict[str, Found] = {}
    files = []
    for pattern in patterns:
        if is_pipe(pattern):
            continue
        matches = list(_expand(pattern))
        if not matches and _is_folder(pattern):
            raise UserError(f"{pattern} is a folder without files that are read: {EXPECTED}")
        if not matches:
            raise UserError(f"no input matches {pattern!r}: expected a file, a folder or a glob")
        kept = {match.path: match for match in matches if _is_wanted(match)}
        _tell_passed_over(pattern, [match for match in matches if match.path not in kept])
        if not kept:
            raise UserError(f"{pattern}: nothing in it can be read: {EXPECTED}")
        for match in kept.values():
            found.setdefault(real_path(match.path), match)
    for match in sorted(found.values()):
        format_, compression = _classify(match.path)
        files.append(InputFile(match.path, match.path, format_, compression, match.size, hint))
    files += [_of_pipe(pipe, hint) for pipe in pipes]
    return distinct_sources(files)[0]


def distinct_sources(*groups: list[InputFile]) -> list[list[InputFile]]:
    """Name the files of several lists so that `source` is unique over all of them.

    A source is the base name or, where base names collide, the shortest end of the path that tells
    the files apart: a run gives the same names wherever its folder lies.
    """
    by_name: dict[str, set[str]] = defaultdict(set)
    for file in (file for group in groups for file in group):
        by_name[_tail(file.path, 1)].add(file.path)
    sources: dict[str, str] = {}
    for paths in by_name.values():
        depth = 1
        while len({_tail(path, depth) for path in paths}) < len(paths):
            depth += 1
        sources.update({path: _tail(path, depth) for path in paths})
    return [[replace(file, source=sources[file.path]) for file in group] for group in groups]


def _tail(path: str, parts: int) -> str:
    return "/".join(path.split("/")[-parts:])


def real_path(path: str) -> str:
    """Return the one name of a file that may be reached by several."""
    return path if is_remote(path) else os.path.realpath(path)


def _is_folder(pattern: str) -> bool:
    return not is_remote(pattern) and Path(pattern.removeprefix("file://")).expanduser().is_dir()


def _is_wanted(match: Found) -> bool:
    return match.is_named or (
        match.is_readable and parse_name(_name(match.path)).format is not None
    )


def _name(path: str) -> str:
    address = path.partition("?")[0] if is_remote(path) else path
    return address.rpartition("/")[2]


def _tell_passed_over(pattern: str, others: Sequence[Found]) -> None:
    """Name the kinds of files of a folder or a glob that are not read."""
    if others:
        log.info("%s: passed over: %s", pattern, shown_kinds(Counter(map(_kind, others))))


def _kind(match: Found) -> str:
    if not match.is_readable:
        return "that cannot be read"
    return parse_name(_name(match.path)).ending or "without an ending"


def _classify(path: str) -> tuple[str, str | None]:
    """Return the format and the compression of a file: by its name, else by its content.

    :raises UserError: it is nothing that is read.
    """
    parts = parse_name(_name(path))
    if parts.format:
        return parts.format, parts.compression
    refused = f"{path}: unknown extension {parts.ending or '(none)'!r}"
    if parts.is_foreign:
        raise UserError(f"{refused}: {EXPECTED}")
    format_ = _format_by_content(path, parts.compression, refused)
    log.info("%s: its name tells no format: read as %s", path, format_)
    return format_, parts.compression


def _format_by_content(path: str, compression: str | None, refused: str) -> str:
    file = InputFile(path, path, "text", compression, None)
    try:
        with InputStream(file, by_content=True) as stream:
            head = stream.text_head()
    except DamagedInputError as error:
        raise UserError(f"{refused}, and {error.detail}: {EXPECTED}") from error
    format_ = format_of(head)
    if format_ is None:
        found = f"it starts with {head[:40]!r}"
        raise UserError(f"{refused}, and its content is nothing that is read, {found}: {EXPECTED}")
    return format_


def _of_pipe(pipe: StoredPipe, hint: str | None) -> InputFile:
    path = pipe.path.as_posix()
    format_ = _format_by_content(path, None, f"{pipe.path.name}: no name tells its format")
    return InputFile(path, path, format_, None, pipe.size, hint, pipe.content)


def _expand(pattern: str) -> Iterator[Found]:
    if not pattern.strip():
        raise UserError("an input is named '': expected a file, a folder or a glob")
    pattern = pattern.removeprefix("file://")
    yield from _expand_remote(pattern) if is_remote(pattern) else expand_local(pattern)


def _expand_remote(pattern: str) -> Iterator[Found]:
    filesystem, path = remote_filesystem(pattern)
    is_http = pattern.startswith(("http://", "https://"))
    try:
        if is_http:  # a web server has no folders, and "?" belongs to the address
            listing = {path: filesystem.info(path)}
        elif has_magic(path):
            listing = filesystem.glob(path, detail=True)
        else:
            listing = filesystem.find(path, detail=True)
    except FileNotFoundError:
        return
    except Exception as error:  # each storage library has its own error tree
        raise BitseamError(f"{pattern}: cannot list: {one_line(error)}") from error
    is_named = len(listing) == 1 and not has_magic(path)
    for name, info in sorted(listing.items()):
        hidden = not is_named and name.rpartition("/")[2].startswith(".")
        if info.get("type") == "file" and not hidden:
            full = pattern if is_http else filesystem.unstrip_protocol(name)
            yield Found(full, info.get("size"), is_named)
