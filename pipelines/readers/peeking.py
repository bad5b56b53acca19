"""Looks ahead in an iterator of bytes, whatever comes of it."""

from __future__ import annotations

from collections.abc import Iterator

from bitseam.schemas.errors import DamagedInputError


def peek(pieces: Iterator[bytes], size: int) -> tuple[bytes, Iterator[bytes]]:
    """Return the first `size` bytes (or what there is), and all pieces as they were.

    Damage that is met while looking ahead is raised when the pieces before it have been given out.
    """
    taken: list[bytes] = []
    length = 0
    damage: DamagedInputError | None = None
    try:
        while length < size and (piece := next(pieces, b"")):
            taken.append(piece)
            length += len(piece)
    except DamagedInputError as error:
        damage = error
    return b"".join(taken)[:size], _again(taken, pieces, damage)


def _again(
    taken: list[bytes], pieces: Iterator[bytes], damage: DamagedInputError | None
) -> Iterator[bytes]:
    yield from taken
    if damage is not None:
        raise damage
    yield from pieces
