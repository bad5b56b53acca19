"""One fused search of a pair of shards, in threads: both directions from the same tiles.

Both sides are cut into one stripe per thread. In round r, thread t works on row stripe t and
column stripe t + r: no two threads share a list, and nothing is locked or copied.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bitseam.mining.search.candidates import CandidateLists, new_lists
from bitseam.mining.search.compiled import ListedSide
from bitseam.mining.search.exact import rank_candidates, sweep_tile
from bitseam.mining.search.partial import PartialNeighbours
from bitseam.mining.search.precision import (
    Encoded,
    Floats,
    Multiplier,
    Precision,
    encode,
    error_bounds,
)
from bitseam.mining.search.scanning import TILE_COLUMNS, TILE_ROWS, new_scanner

Vectors = NDArray[np.float32] | NDArray[np.float16]

_RANKED_ROWS = 2048  # lists ranked by one task


class Workers:
    """Threads, each with a library of its own single thread, mapping over blocks."""

    def __init__(self, pool: ThreadPoolExecutor, threads: int) -> None:
        self._pool, self.threads = pool, threads

    def run(self, function: Callable[[int], None], items: Iterable[int]) -> None:
        """Call `function` for every item and wait; the first error is raised."""
        for _ in self._pool.map(function, items):
            pass


@contextmanager
def workers(threads: int) -> Iterator[Workers]:
    """Yield threads for a search; torch's own threads rest meanwhile, in the whole process."""
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        with ThreadPoolExecutor(threads, initializer=torch.set_num_threads, initargs=(1,)) as pool:
            yield Workers(pool, threads)
    finally:
        torch.set_num_threads(before)


@dataclass(frozen=True)
class Shard:
    """Consecutive rows of one side, ready to be searched.

    :ivar vectors: `(n, d)` float32.
    :ivar first: id of the first row.
    :ivar order: `(n,)` the shuffled order in which they are encoded.
    """

    vectors: Floats
    first: int
    order: NDArray[np.int64]
    encoded: Encoded

    def __len__(self) -> int:
        return len(self.order)

    @classmethod
    def load(
        cls, side: Vectors, rows: slice, precision: Precision, seed: int, team: Workers
    ) -> Shard:
        """Encode `side[rows]`; equal seeds shuffle equally."""
        vectors = np.ascontiguousarray(side[rows], np.float32)
        order = np.random.default_rng(seed).permutation(len(vectors))
        return cls(vectors, rows.start, order, encode(vectors, order, precision, team.run))


def search_shards(
    x: Shard, y: Shard, k: int, keep: int, precision: Precision, team: Workers
) -> tuple[PartialNeighbours, PartialNeighbours]:
    """Find the `k` nearest rows of `y` for every row of `x`, and of `x` for every row of `y`.

    :param keep: candidates ranked exactly per row, more than k.
    """
    rows, columns = new_lists(len(x), keep), new_lists(len(y), keep)
    _scan(x, y, rows, columns, precision, team)
    return _ranked(x, y, rows, k, precision, team), _ranked(y, x, columns, k, precision, team)


def unproven_share(
    x: Shard, y: Shard, k: int, keep: int, precision: Precision, team: Workers
) -> float:
    """Return the share of the rows of `x` that a search in `y` alone would leave unproven."""
    rows, columns = new_lists(len(x), keep), new_lists(len(y), keep, np.inf)
    _scan(x, y, rows, columns, precision, team)
    return float(np.mean(~_ranked(x, y, rows, k, precision, team).complete))


def _scan(
    x: Shard,
    y: Shard,
    rows: CandidateLists,
    columns: CandidateLists,
    precision: Precision,
    team: Workers,
) -> None:
    x_cuts, y_cuts = (
        [len(side) * t // team.threads for t in range(team.threads + 1)] for side in (x, y)
    )
    sides = ListedSide(x.encoded, rows), ListedSide(y.encoded, columns)
    scanners = [new_scanner(*sides, precision) for _ in range(team.threads)]

    def scan_stripes(task: int) -> None:
        turn, thread = divmod(task, team.threads)
        other = (thread + turn) % team.threads
        before = turn / team.threads  # share of the other side seen in the rounds so far
        x_range, y_range = range(*x_cuts[thread : thread + 2]), range(*y_cuts[other : other + 2])
        for j in y_range[::TILE_COLUMNS]:
            y_stop = min(j + TILE_COLUMNS, y_range.stop)
            row_share = before + (y_stop - y_range.start) / len(y)
            scanners[thread](x_range, range(j, y_stop), row_share, before)

    for turn in range(team.threads):
        team.run(scan_stripes, range(turn * team.threads, (turn + 1) * team.threads))


def _ranked(
    queries: Shard,
    database: Shard,
    lists: CandidateLists,
    k: int,
    precision: Precision,
    team: Workers,
) -> PartialNeighbours:
    found = PartialNeighbours.empty(len(queries), k)
    errors = error_bounds(queries.encoded, database.encoded, precision)

    def rank(start: int) -> None:
        rank_candidates(
            lists,
            errors,
            queries.vectors,
            queries.order,
            database.vectors,
            database.order,
            database.first,
            start,
            min(start + _RANKED_ROWS, len(queries)),
            (found.ids, found.cosines, found.lost),
        )

    team.run(rank, range(0, len(queries), _RANKED_ROWS))
    return found


def sweep_shard(
    queries: Floats,
    floors: Floats,
    database: Shard,
    found: PartialNeighbours,
    precision: Precision,
    team: Workers,
) -> None:
    """Rank into `found` all rows of a shard that may be among the nearest of `queries` `(n, d)`.

    :param floors: `(n,)` a lower bound of each k-th cosine; rows below it are passed over.
    """
    encoded = encode(queries, np.arange(len(queries)), precision, team.run)
    errors = error_bounds(encoded, database.encoded, precision)

    def sweep(start: int) -> None:
        part = slice(start, min(start + TILE_ROWS, len(queries)))
        multiply = Multiplier(precision, TILE_ROWS, TILE_COLUMNS)
        for j in range(0, len(database), TILE_COLUMNS):
            columns = slice(j, min(j + TILE_COLUMNS, len(database)))
            sweep_tile(
                multiply(encoded.codes[part], database.encoded.codes[columns]),
                encoded.scales[part],
                database.encoded.scales[columns],
                errors[part],
                floors[part],
                queries[part],
                database.vectors,
                database.order[columns],
                database.first,
                (found.ids[part], found.cosines[part]),
            )

    team.run(sweep, range(0, len(queries), TILE_ROWS))
