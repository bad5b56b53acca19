"""Two sides larger than the working memory, searched shard by shard and completed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from bitseam.mining.search.partial import PartialNeighbours, merge
from bitseam.mining.search.precision import Precision
from bitseam.mining.search.shards import Shard, Vectors, Workers, search_shards, sweep_shard

_SWEPT_ROWS = 1 << 13  # unproven rows searched again at a time


@dataclass(frozen=True)
class Sharding:
    """How one search is cut up; no choice here changes its answer.

    :ivar rows: rows of a shard.
    :ivar keep: candidates per row ranked exactly.
    """

    precision: Precision
    rows: int
    keep: int


class _Side:
    """All rows of one side, loaded shard by shard; the latest shard is held."""

    def __init__(self, vectors: Vectors, seed: int, sharding: Sharding, team: Workers) -> None:
        self.vectors, self._seed, self._sharding, self._team = vectors, seed, sharding, team
        self._held: Shard | None = None

    def __len__(self) -> int:
        return len(self.vectors)

    def shards(self) -> Iterator[Shard]:
        """Load one shard after the other."""
        for start in range(0, len(self), self._sharding.rows):
            if self._held is None or self._held.first != start:
                self._held = None  # released before the next is loaded
                rows = slice(start, min(start + self._sharding.rows, len(self)))
                precision = self._sharding.precision
                self._held = Shard.load(self.vectors, rows, precision, self._seed, self._team)
            yield self._held


def search_sides(
    x: Vectors, y: Vectors, k: int, sharding: Sharding, team: Workers
) -> tuple[PartialNeighbours, PartialNeighbours]:
    """Find the complete lists of `x` `(n, d)` among `y` `(m, d)` and of `y` among `x`."""
    left, right = _Side(x, 0, sharding, team), _Side(y, 1, sharding, team)
    forward, backward = (PartialNeighbours.empty(len(side), k) for side in (x, y))
    for x_shard in left.shards():
        for y_shard in right.shards():
            found = search_shards(x_shard, y_shard, k, sharding.keep, sharding.precision, team)
            _add(forward, x_shard, found[0])
            _add(backward, y_shard, found[1])
            del y_shard, found  # released before the next is loaded
        del x_shard
    _complete(left, right, forward, sharding, team)
    _complete(right, left, backward, sharding, team)
    return forward, backward


def _add(total: PartialNeighbours, shard: Shard, found: PartialNeighbours) -> None:
    rows = slice(shard.first, shard.first + len(shard))
    total.put(rows, merge(total.take(rows), found))


def _complete(
    queries: _Side, database: _Side, found: PartialNeighbours, sharding: Sharding, team: Workers
) -> None:
    """Search the rows again whose lists are not proven, passing over nothing unproven."""
    unproven = np.flatnonzero(~found.complete)
    if not len(unproven):
        return
    floors = found.cosines[unproven, -1]
    fresh = PartialNeighbours.empty(len(unproven), found.ids.shape[1])
    for shard in database.shards():
        for at in range(0, len(unproven), _SWEPT_ROWS):
            part = slice(at, at + _SWEPT_ROWS)
            rows = np.ascontiguousarray(queries.vectors[unproven[part]], np.float32)
            sweep_shard(rows, floors[part], shard, fresh.take(part), sharding.precision, team)
        del shard
    found.put(unproven, fresh)
