"""What a search costs, before it runs: its shards, its seconds, its memory.

The time of a search is that of its products and that of keeping and ranking the lists of a row,
once for each tile the row is in. Two small searches of made-up vectors tell both.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import get_args

import numpy as np

from bitseam.mining.search.mutual import default_sharding, search_memory
from bitseam.mining.search.pilot import fast_precisions, kept_candidates
from bitseam.mining.search.precision import Floats, Precision
from bitseam.mining.search.shards import Shard, Workers, search_shards, unproven_share
from bitseam.mining.search.tiles import SEEDS, Grid, list_bytes

SHARD_ROWS = 1 << 18  # a tile of them takes about a minute: what a killed run does again
_PRODUCT_SHAPE = (1024, 1 << 15)  # mostly products
_LIST_SHAPE = (4096, 4096)  # mostly lists
_CLUSTER_ROWS = 50
_REPEATS = 2


def shard_rows(d: int, k: int) -> int:
    """Return the rows of a shard that fits the working memory whatever the precision."""
    return min(SHARD_ROWS, *(default_sharding(d, k, p).rows for p in get_args(Precision)))


def search_grid(n: int, m: int, d: int, k: int) -> Grid:
    """Cut a search into tiles that fit the working memory, from the data alone."""
    return Grid.cut(n, m, shard_rows(d, k))


def worker_memory(grid: Grid, d: int, k: int, *, threads: int) -> int:
    """Return the most bytes a worker allocates for its rectangles, beside mapped vectors.

    Counts a tile's search, the lists of its rectangle, and the lists of all rows: merged as far
    as the worker has found them, and once more when it hands them on.
    """
    rows, columns = (max(map(len, side), default=0) for side in (grid.rows, grid.columns))
    lists = (rows + columns) * grid.edge + 2 * (grid.n + grid.m)
    return search_memory(rows, columns, d, k, threads=threads) + lists * list_bytes(k)


@dataclass(frozen=True)
class SearchCost:
    """Seconds of wall time of one worker.

    :ivar product: of one inner product and its comparison with both thresholds.
    :ivar row: of the lists of one row in one tile.
    """

    product: float
    row: float

    def seconds(self, grid: Grid) -> float:
        """Predict a search of all tiles, one after the other."""
        rows = grid.n * len(grid.columns) + grid.m * len(grid.rows)
        return self.product * grid.n * grid.m + self.row * rows


# Of searches over in a second or two, which are not worth a pilot.
NOMINAL = SearchCost(1e-9, 1e-5)


def measure_cost(d: int, k: int, team: Workers) -> SearchCost:
    """Time two small searches of made-up vectors of `d` dimensions, in about a second."""
    x, y = (
        made_up_vectors(rows, d, seed, rows // _CLUSTER_ROWS)
        for seed, rows in enumerate((_LIST_SHAPE[0], _PRODUCT_SHAPE[1]))
    )
    precision: Precision = next(iter(fast_precisions()), "fp32")
    keep = kept_candidates(k, precision)

    def load(side: Floats, rows: int, seed: int) -> Shard:
        return Shard.load(side, slice(0, rows), precision, SEEDS[seed], team)

    few, many = load(x, _PRODUCT_SHAPE[0], 0), load(y, _PRODUCT_SHAPE[1], 1)
    left, right = load(x, _LIST_SHAPE[0], 0), load(y, _LIST_SHAPE[1], 1)
    times = [
        _least_seconds(lambda: unproven_share(few, many, k, keep, precision, team)),
        _least_seconds(lambda: search_shards(left, right, k, keep, precision, team)),
    ]
    # Of the first search only the rows have lists, of the second the columns as well.
    shapes = np.array(
        [
            [_PRODUCT_SHAPE[0] * _PRODUCT_SHAPE[1], _PRODUCT_SHAPE[0]],
            [_LIST_SHAPE[0] * _LIST_SHAPE[1], sum(_LIST_SHAPE)],
        ]
    )
    product, row = np.maximum(np.linalg.solve(shapes, times), 0)
    return SearchCost(float(product), float(row))


def made_up_vectors(n: int, d: int, seed: int, clusters: int) -> Floats:
    """Return `n` clustered unit vectors `(n, d)`; the clusters of all seeds are the same."""
    centres = np.random.default_rng(0).standard_normal((clusters, d), np.float32)
    rng = np.random.default_rng([1, seed])
    vectors = centres[rng.integers(0, clusters, n)]
    vectors += rng.standard_normal((n, d), np.float32) / 2
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return vectors


def _least_seconds(search: Callable[[], object]) -> float:
    seconds = []
    for _ in range(_REPEATS):
        start = time.perf_counter()
        search()
        seconds.append(time.perf_counter() - start)
    return min(seconds)
