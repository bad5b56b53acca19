"""Two sides larger than the working memory, searched shard by shard and completed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from bitseam.mining.search.partial import PartialNeighbours, merge
from bitseam.mining.search.precision import Precision
from bitseam.mining.search.shards import Vectors, Workers
from bitseam.mining.search.tiles import (
    SEEDS,
    Rectangle,
    TileSearch,
    search_rectangle,
    shards,
    sweep_rows,
)


@dataclass(frozen=True)
class Sharding:
    """How one search is cut up; no choice here changes its answer.

    :ivar rows: rows of a shard.
    :ivar keep: candidates per row ranked exactly.
    """

    precision: Precision
    rows: int
    keep: int


def search_sides(
    x: Vectors, y: Vectors, k: int, sharding: Sharding, team: Workers
) -> tuple[PartialNeighbours, PartialNeighbours]:
    """Find the complete lists of `x` `(n, d)` among `y` `(m, d)` and of `y` among `x`."""
    search = TileSearch(k, sharding.keep, sharding.precision, team)
    whole = Rectangle(shards(len(x), sharding.rows), shards(len(y), sharding.rows))
    forward, backward = search_rectangle(x, y, whole, search)
    _complete(x, y, whole.columns, forward, search)
    _complete(y, x, whole.rows, backward, search)
    return forward, backward


def _complete(
    queries: Vectors,
    database: Vectors,
    parts: tuple[range, ...],
    found: PartialNeighbours,
    search: TileSearch,
) -> None:
    """Search the rows again whose lists are not proven, passing over nothing unproven."""
    unproven = np.flatnonzero(~found.complete)
    if not len(unproven):
        return
    floors = found.cosines[unproven, -1]
    fresh = PartialNeighbours.empty(len(unproven), search.k)
    for part in parts:
        shard = search.load(database, part, SEEDS[1])
        fresh = merge(fresh, sweep_rows(queries, unproven, floors, shard, search))
        del shard  # released before the next is loaded
    found.put(unproven, fresh)
