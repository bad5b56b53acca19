"""A large search cut into tiles: a tile is every product of one shard of `x` with one of `y`.

Tiles are grouped into rectangles. One worker searches a rectangle and merges what its tiles find,
so that a row leaves it with one list, not with one for each tile.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bitseam.mining.search.partial import PartialNeighbours, merge
from bitseam.mining.search.precision import Precision
from bitseam.mining.search.shards import Shard, Vectors, Workers, search_shards, sweep_shard

SEEDS = (0, 1)  # of the shuffles of both sides: they must differ
_BANDS = 8  # rectangles along a side, until they reach their greatest size
_MAX_EDGE = 8  # shards along a rectangle: what a killed run does again stays small
_SWEPT_ROWS = 1 << 13  # unproven rows searched again at a time


@dataclass(frozen=True)
class Rectangle:
    """Neighbouring tiles: every shard of `rows` of `x` meets every shard of `columns` of `y`."""

    rows: tuple[range, ...]
    columns: tuple[range, ...]

    @property
    def tiles(self) -> int:
        """The number of tiles."""
        return len(self.rows) * len(self.columns)


@dataclass(frozen=True)
class Grid:
    """All tiles of a search.

    :ivar rows: the shards of `x`, in order.
    :ivar columns: the shards of `y`.
    :ivar edge: shards along each side of a rectangle.
    """

    rows: tuple[range, ...]
    columns: tuple[range, ...]
    edge: int

    @classmethod
    def cut(cls, n: int, m: int, shard_rows: int) -> Grid:
        """Cut `n` by `m` products into tiles of at most `shard_rows` a side, about equal."""
        rows, columns = shards(n, shard_rows), shards(m, shard_rows)
        edge = -(-max(len(rows), len(columns)) // _BANDS)
        return cls(rows, columns, max(1, min(_MAX_EDGE, edge)))

    @property
    def n(self) -> int:
        """The rows of `x`."""
        return sum(map(len, self.rows))

    @property
    def m(self) -> int:
        """The rows of `y`."""
        return sum(map(len, self.columns))

    @property
    def tiles(self) -> int:
        """The number of tiles."""
        return len(self.rows) * len(self.columns)

    def rectangles(self) -> list[Rectangle]:
        """Return the rectangles: each tile is in one of them."""
        return [
            Rectangle(rows, columns)
            for rows in _bands(self.rows, self.edge)
            for columns in _bands(self.columns, self.edge)
        ]


def shards(n: int, shard_rows: int) -> tuple[range, ...]:
    """Cut `n` rows into the fewest shards of at most `shard_rows`, as equal as can be."""
    count = -(-n // shard_rows)
    bounds = [n * i // count for i in range(count)] + [n]
    return tuple(range(*bounds[i : i + 2]) for i in range(count))


def _bands(parts: tuple[range, ...], edge: int) -> list[tuple[range, ...]]:
    return [parts[at : at + edge] for at in range(0, len(parts), edge)]


def list_bytes(k: int) -> int:
    """Return the size of one row's partial list: k ids, k cosines and what was lost."""
    return 12 * k + 4


def partial_bytes(grid: Grid, k: int) -> int:
    """Return the size of all partial lists that the rectangles of a search leave.

    A row of `x` leaves each rectangle of its band with one list, so with as many as there are
    bands of columns, C; a row of `y` with as many as there are bands of rows, R. In all
    `(n C + m R) (12 k + 4)` bytes: 832 MB for a million by a million, k = 4, C = R = 8.
    """
    row_bands, column_bands = (-(-len(side) // grid.edge) for side in (grid.rows, grid.columns))
    return (grid.n * column_bands + grid.m * row_bands) * list_bytes(k)


def shuffled_bytes(grid: Grid, k: int, workers: int) -> int:
    """Return the most bytes of partial lists that move between workers.

    A worker merges the lists of a row that it has found itself before it hands them on: no more
    than one list a row leaves it, `(n + m) (12 k + 4)` bytes, and never more than there are.
    """
    return min(partial_bytes(grid, k), workers * (grid.n + grid.m) * list_bytes(k))


@dataclass(frozen=True)
class TileSearch:
    """How tiles are searched; no choice here changes the answer.

    :ivar keep: candidates per row ranked exactly, in each tile.
    """

    k: int
    keep: int
    precision: Precision
    team: Workers

    def load(self, side: Vectors, rows: range, seed: int) -> Shard:
        """Encode one shard of a side."""
        return Shard.load(side, slice(rows.start, rows.stop), self.precision, seed, self.team)


def search_rectangle(
    x: Vectors,
    y: Vectors,
    rectangle: Rectangle,
    search: TileSearch,
    after_tile: Callable[[], None] = lambda: None,
) -> tuple[PartialNeighbours, PartialNeighbours]:
    """Search the tiles of a rectangle of `x` `(n, d)` and `y` `(m, d)`.

    :return: the lists of the rectangle's rows, and of its columns; ids count from the start of
        the other side.
    """
    forward, backward = (
        PartialNeighbours.empty(sum(map(len, parts)), search.k)
        for parts in (rectangle.rows, rectangle.columns)
    )
    x_shard: Shard | None = None
    y_shard: Shard | None = None
    for rows, columns in _serpentine(rectangle):
        if x_shard is None or x_shard.first != rows.start:
            x_shard = None  # released before the next is loaded
            x_shard = search.load(x, rows, SEEDS[0])
        if y_shard is None or y_shard.first != columns.start:
            y_shard = None
            y_shard = search.load(y, columns, SEEDS[1])
        found = search_shards(
            x_shard, y_shard, search.k, search.keep, search.precision, search.team
        )
        _add(forward, place(rows, rectangle.rows), found[0])
        _add(backward, place(columns, rectangle.columns), found[1])
        after_tile()
    return forward, backward


def place(shard: range, shards: tuple[range, ...]) -> slice:
    """Return where the rows of a shard stand among those of neighbouring `shards`."""
    return slice(shard.start - shards[0].start, shard.stop - shards[0].start)


def _add(total: PartialNeighbours, rows: slice, found: PartialNeighbours) -> None:
    total.put(rows, merge(total.take(rows), found))


def _serpentine(rectangle: Rectangle) -> Iterator[tuple[range, range]]:
    """Yield every tile, turning round at the ends: a turn keeps the shard it stands at."""
    for i, rows in enumerate(rectangle.rows):
        for columns in rectangle.columns[:: -1 if i % 2 else 1]:
            yield rows, columns


def sweep_rows(
    queries: Vectors,
    rows: NDArray[np.int64],
    floors: NDArray[np.float32],
    database: Shard,
    search: TileSearch,
) -> PartialNeighbours:
    """Search a shard for `rows` `(u,)` of `queries`, passing over nothing unproven.

    :param floors: `(u,)` a lower bound of each row's k-th cosine.
    """
    found = PartialNeighbours.empty(len(rows), search.k)
    for at in range(0, len(rows), _SWEPT_ROWS):
        part = slice(at, at + _SWEPT_ROWS)
        vectors = np.ascontiguousarray(queries[rows[part]], np.float32)
        sweep_shard(
            vectors, floors[part], database, found.take(part), search.precision, search.team
        )
    return found
