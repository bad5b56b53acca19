"""Decompressors of one interface: one member of a compressed file, bounded output a call."""

from __future__ import annotations

import bz2
import lzma
import zlib
from collections.abc import Callable
from typing import Protocol

import zstandard

# Small, because what a decompressor made in the call that meets the damage is lost.
CHUNK_BYTES = 64 << 10

XZ_MEMORY = 256 << 20  # `xz -9` needs 65 MiB
ZSTD_WINDOW = 128 << 20  # the limit of the `zstd` program too
# The zstd library cannot be told how much to give out in one call, and 4 bytes can stand for
# 128 KiB: 2 KiB of input give 64 MiB at most.
ZSTD_INPUT = 2 << 10

DECOMPRESSION_ERRORS = (
    OSError,
    ValueError,
    EOFError,
    zlib.error,
    lzma.LZMAError,
    zstandard.ZstdError,
)


class Decompressor(Protocol):
    """What `bz2` and `lzma` offer."""

    @property
    def eof(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    def decompress(self, data: bytes, max_length: int) -> bytes: ...


def new_decompressor(compression: str) -> Decompressor:
    """Return a decompressor for one member of a file compressed so: a key of `_DECOMPRESSORS`."""
    return _DECOMPRESSORS[compression]()


class _Gzip:
    def __init__(self) -> None:
        self._inner = zlib.decompressobj(wbits=31)

    @property
    def eof(self) -> bool:
        return self._inner.eof

    @property
    def unused_data(self) -> bytes:
        return self._inner.unused_data

    def decompress(self, data: bytes, max_length: int) -> bytes:
        return self._inner.decompress(self._inner.unconsumed_tail + data, max_length)


class _Zstd:
    def __init__(self) -> None:
        decompressor = zstandard.ZstdDecompressor(max_window_size=ZSTD_WINDOW)
        self._inner = decompressor.decompressobj(write_size=CHUNK_BYTES)
        self._waiting = b""

    @property
    def eof(self) -> bool:
        return self._inner.eof

    @property
    def unused_data(self) -> bytes:
        return self._inner.unused_data + self._waiting

    def decompress(self, data: bytes, max_length: int) -> bytes:
        waiting = self._waiting + data
        produced: list[bytes] = []
        size = used = 0
        while used < len(waiting) and size < max_length and not self.eof:
            produced.append(self._inner.decompress(waiting[used : used + ZSTD_INPUT]))
            size += len(produced[-1])
            used += ZSTD_INPUT
        self._waiting = waiting[used:]
        return b"".join(produced)


_DECOMPRESSORS: dict[str, Callable[[], Decompressor]] = {
    "gzip": _Gzip,
    "bzip2": bz2.BZ2Decompressor,
    "xz": lambda: lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=XZ_MEMORY),
    "lzma": lambda: lzma.LZMADecompressor(lzma.FORMAT_ALONE, memlimit=XZ_MEMORY),
    "zstd": _Zstd,
}
