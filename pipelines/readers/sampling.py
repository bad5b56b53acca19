"""The part of a text that its encoding is told by: where bytes beyond ASCII are met first."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from bitseam.schemas.errors import DamagedInputError

SAMPLE_BYTES = 64 << 10
_MOST_BYTES = 1 << 20  # of a text that has hardly any bytes beyond ASCII
_ENOUGH = 2000  # of them
# Of the bytes beyond ASCII in lines that are UTF-8: a text in another encoding has 3 % by chance.
UTF_8_SHARE = 0.1

_NOT_ASCII = re.compile(rb"[\x80-\xff]+")


class Sample(NamedTuple):
    """A part of a text.

    :ivar is_start: whether it begins with the text: what is two bytes wide can be told only then.
    :ivar is_whole: whether nothing follows it.
    """

    data: bytes
    is_start: bool
    is_whole: bool


def gather_sample(
    first: bytes, chunks: Iterator[bytes], is_start: bool
) -> tuple[Sample, Iterator[bytes]]:
    """Take as much as tells; return it, and all chunks from `first` on."""
    taken = [first]
    length, others = len(first), count_others(first)
    damage: DamagedInputError | None = None
    is_whole = False
    try:
        while not _is_enough(taken, length, others):
            chunk = next(chunks, b"")
            if not chunk:
                is_whole = True
                break
            taken.append(chunk)
            length += len(chunk)
            others += count_others(chunk)
    except DamagedInputError as error:
        damage = error
    return Sample(b"".join(taken), is_start, is_whole), _again(taken, chunks, damage)


def _is_enough(taken: list[bytes], length: int, others: int) -> bool:
    if len(taken) == 1 and others and utf8_share(taken[0]) == 1:
        return True  # nearly every text: nothing has to be kept waiting
    return length >= _MOST_BYTES or (length >= SAMPLE_BYTES and others >= _ENOUGH)


def _again(
    taken: list[bytes], chunks: Iterator[bytes], damage: DamagedInputError | None
) -> Iterator[bytes]:
    yield from taken
    if damage is not None:
        raise damage
    yield from chunks


def is_wide(data: bytes) -> bool:
    """Whether these bytes may be UTF-16 or UTF-32: NULs at one parity or everywhere."""
    nuls = data.count(0)
    at_one_parity = max(data[::2].count(0), data[1::2].count(0)) > 0.95 * nuls
    return nuls * 100 > len(data) and (at_one_parity or nuls * 2 > len(data))


def count_others(data: bytes) -> int:
    """Return the number of bytes beyond ASCII."""
    return sum(map(len, _NOT_ASCII.findall(data)))


def utf8_share(data: bytes) -> float:
    """Return the share of bytes beyond ASCII that stand in lines of UTF-8.

    The last line may end within a character. 1 where all are ASCII.
    """
    try:
        data.decode()
        return 1.0
    except UnicodeDecodeError as error:
        if error.reason == "unexpected end of data" and len(data) - error.start < 4:
            return 1.0
    lines = [line for line in data.split(b"\n") if not line.isascii()]
    if len(lines) == 1:
        return _share_of_characters(lines[0])
    counts = [(count_others(line), is_utf8(line)) for line in lines]
    return sum(n for n, valid in counts if valid) / sum(n for n, _ in counts)


def _share_of_characters(line: bytes) -> float:
    """The same of a text without lines, by its characters: by chance it is a third."""
    text = line.decode(errors="replace")
    bad = text.count("\ufffd")
    others = sum(not character.isascii() for character in text)
    return 1.0 if others > 4 * bad else 0.0


def is_utf8(line: bytes) -> bool:
    """Whether these bytes are UTF-8."""
    try:
        line.decode()
    except UnicodeDecodeError:
        return False
    return True
