"""Output files: written beside their place, compressed as their name says, then moved there."""

from __future__ import annotations

import bz2
import gzip
import lzma
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from functools import partial
from pathlib import Path
from typing import IO, Any

from bitseam.pipelines.atomic import replacing
from bitseam.schemas.errors import UserError

STANDARD_OUTPUT = Path("-")


def _gzip(raw: IO[bytes]) -> gzip.GzipFile:
    # Neither time nor name goes into the header: the same pairs give the same bytes.
    return gzip.GzipFile(filename="", mode="wb", compresslevel=6, fileobj=raw, mtime=0)


def _zstd(raw: IO[bytes]) -> AbstractContextManager[Any]:
    import zstandard

    return zstandard.ZstdCompressor().stream_writer(raw, closefd=False)


_COMPRESSORS: dict[str, Callable[[IO[bytes]], AbstractContextManager[Any]]] = {
    ".gz": _gzip,
    ".bz2": partial(bz2.BZ2File, mode="wb"),
    ".xz": partial(lzma.LZMAFile, mode="wb"),
    ".zst": _zstd,
}


@contextmanager
def open_sink(path: Path) -> Iterator[IO[bytes]]:
    """Open `path` for bytes; a name that ends in .gz, .bz2, .xz or .zst is compressed so.

    `-` is standard output.

    :raises UserError: `path` is a folder.
    """
    refuse_folder(path)
    if path == STANDARD_OUTPUT:
        with _standard_output() as file:
            yield file
        return
    compress = _COMPRESSORS.get(path.suffix, nullcontext)
    with replacing(path) as temporary, temporary.open("wb") as raw, compress(raw) as file:
        yield file


@contextmanager
def _standard_output() -> Iterator[IO[bytes]]:
    """Its reader may stop early, as `head` does: that ends the output quietly."""
    try:
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
    except BrokenPipeError:
        # Python flushes standard output once more at its exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def refuse_folder(path: Path) -> None:
    """Refuse a folder where a file (or the common part of several names) is to be written."""
    if path.is_dir():
        raise UserError(f"--output {path} is a folder: expected a name in it, as {path / 'pairs'}")
