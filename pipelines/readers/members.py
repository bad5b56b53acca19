"""Archives: each member is read as a file of its own, `archive.zip!member`; none touches the disk.

A member's name is only a name: it is never a path. What a folder's files would be passed over for,
members are, too.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import NamedTuple

from bitseam.pipelines.readers import streams
from bitseam.pipelines.readers.batches import BatchBuilder
from bitseam.pipelines.readers.formats import parse_name, shown_kinds
from bitseam.pipelines.readers.input_file import InputFile
from bitseam.pipelines.readers.options import ReadOptions
from bitseam.pipelines.readers.seekable import seekable
from bitseam.pipelines.readers.streams import InputStream, Stored
from bitseam.schemas.errors import DamagedInputError
from bitseam.schemas.reasons import Reason

MOST_NESTED = 3  # archives in each other


class Member(NamedTuple):
    """One file of an archive.

    :ivar open: returns its bytes; raises `DamagedInputError` where they cannot be read.
    """

    name: str
    is_alone: bool  # nothing else is in the archive
    open: Callable[[], Stored]
    is_reopened: bool = True  # a second time while the first is read


class Budget:
    """How much the members of one archive may decompress to together.

    :param stored_bytes: returns how much of the archive has been read, as stored; None: what they
        decompress to has been counted.
    """

    def __init__(self, stored_bytes: Callable[[], int] | None) -> None:
        self._stored_bytes = stored_bytes
        self._made = 0

    def spend(self, size: int) -> bool:
        """Count what was decompressed; return whether that is still plausible."""
        if self._stored_bytes is None:
            return True
        self._made += size
        limits = streams.BOMB_BYTES, streams.BOMB_RATIO * self._stored_bytes()
        return self._made <= max(limits)


def read_archive(
    stream: InputStream, kind: str, batch: BatchBuilder, options: ReadOptions, depth: int
) -> Iterator[None]:
    """Fill `batch` from the members of an archive (zip, tar, 7z), in their order.

    :raises DamagedInputError: the archive is damaged; the members before it have been read.
    """
    if depth >= MOST_NESTED:
        raise stream.damage(Reason.BOMB, f"more than {MOST_NESTED} archives in each other")
    with ExitStack() as resources:
        yield from _Reading(stream, batch, options, depth).read(_members(stream, kind, resources))


def _members(stream: InputStream, kind: str, resources: ExitStack) -> Iterator[Member]:
    """Return the members of an archive; what reads 7z is imported where one is met."""
    if kind == "tar":
        from bitseam.pipelines.readers.tarred import tar_members

        return tar_members(stream)
    file = seekable(stream, resources)
    if kind == "zip":
        from bitseam.pipelines.readers.zipped import zip_members

        return zip_members(file, stream, resources)
    from bitseam.pipelines.readers.seven_zip import seven_zip_members

    return seven_zip_members(file, stream, resources)


class _Reading:
    """Reads the members of one archive."""

    def __init__(
        self, stream: InputStream, batch: BatchBuilder, options: ReadOptions, depth: int
    ) -> None:
        self._stream, self._batch, self._options, self._depth = stream, batch, options, depth
        self._passed_over: Counter[str] = Counter()
        self._names: Counter[str] = Counter()
        self._read = 0

    def read(self, members: Iterator[Member]) -> Iterator[None]:
        from bitseam.pipelines.readers.documents import read_stream

        for member in members:
            file = self._file(member)
            if file is None:
                continue
            self._read += 1
            try:
                reopen = member.open if member.is_reopened else None
                opened = InputStream(file, member.open(), reopen=reopen)
            except DamagedInputError as error:
                self._reject(file, error)
                yield
                continue
            with opened:
                yield from read_stream(opened, self._batch, self._options, self._depth + 1)
        self._tell()

    def _file(self, member: Member) -> InputFile | None:
        """Return the member as an input, None where it is passed over."""
        name = _shown(member.name)
        parts = parse_name(name.rpartition("/")[2])
        if _is_hidden(name):
            return None
        if not is_read(name, is_alone=member.is_alone):
            self._passed_over[parts.ending or "without an ending"] += 1
            return None
        self._names[name] += 1
        if self._names[name] > 1:  # an archive may hold a name twice
            name = f"{name}~{self._names[name]}"
        archive = self._stream.file
        source = f"{archive.source}!{name}"
        return InputFile(
            archive.path, source, parts.format or "any", parts.compression, None, archive.lang_hint
        )

    def _reject(self, file: InputFile, error: DamagedInputError) -> None:
        self._batch.begin(file, file.format)
        self._batch.add_reject("file", Reason(error.reason), error.detail)
        self._batch.end("", None, ())

    def _tell(self) -> None:
        told = shown_kinds(self._passed_over)
        if not self._read:
            found = f"found {told}" if told else "it has no files"
            self._batch.add_reject("file", Reason.EMPTY, f"nothing in it can be read: {found}")
        elif told:
            self._stream.notes.append(f"passed over: {told}")


def is_read(name: str, *, is_alone: bool) -> bool:
    """Whether a member is read: by its ending or, where it is the only one, by its content."""
    parts = parse_name(name.rpartition("/")[2])
    known = parts.format is not None or (is_alone and not parts.is_foreign)
    return known and not _is_hidden(name)


def _is_hidden(name: str) -> bool:
    parts = name.split("/")
    hidden = any(part.startswith(".") and part.strip(".") for part in parts)
    return hidden or "__MACOSX" in parts


def _shown(name: str) -> str:
    """Return a member's name as it can stand in a table and on a terminal."""
    name = name.encode("utf-8", "backslashreplace").decode().replace("\\", "/")
    return "".join(c if c.isprintable() else f"\\x{ord(c):02x}" for c in name)[:500]
