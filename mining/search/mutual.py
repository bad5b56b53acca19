"""Exact nearest neighbours in both directions from one pass over all inner products."""

from __future__ import annotations

from typing import get_args

import numpy as np
from numpy.typing import NDArray

from bitseam.mining.search.candidates import list_capacity
from bitseam.mining.search.pilot import choose_precision, kept_candidates
from bitseam.mining.search.precision import Precision, code_bytes
from bitseam.mining.search.scanning import TILE_COLUMNS, TILE_ROWS
from bitseam.mining.search.shards import Vectors, workers
from bitseam.mining.search.sides import Sharding, search_sides

MutualNeighbours = tuple[
    NDArray[np.int64], NDArray[np.float32], NDArray[np.int64], NDArray[np.float32]
]

MAX_K = 1024
_SHARD_BYTES = 1 << 30  # working memory of one shard of a side
_CHECKED_ROWS = 1 << 13


def mutual_neighbours(
    x: Vectors, y: Vectors, k: int, *, threads: int | None = None
) -> MutualNeighbours:
    """Search on the CPU; see `bitseam.mining.knn.mutual_neighbours`."""
    import torch

    check_sides(x, y, k, threads)
    with workers(threads or torch.get_num_threads()) as team:
        precision = choose_precision(x, y, k, team)
        sharding = default_sharding(x.shape[1], k, precision)
        forward, backward = search_sides(x, y, k, sharding, team)
    to_y, to_x = min(k, len(y)), min(k, len(x))
    return (
        forward.ids[:, :to_y],
        forward.cosines[:, :to_y],
        backward.ids[:, :to_x],
        backward.cosines[:, :to_x],
    )


def default_sharding(d: int, k: int, precision: Precision) -> Sharding:
    """Return shards as large as the working memory of one side allows."""
    rows = max(TILE_ROWS, _SHARD_BYTES // _row_bytes(d, k, precision))
    return Sharding(precision, rows, kept_candidates(k, precision))


def search_memory(
    n: int,
    m: int,
    d: int,
    k: int,
    *,
    threads: int,
    precision: Precision | None = None,
    half: bool = True,
) -> int:
    """Return the most bytes a search allocates beside its inputs.

    Counts the lists, the encoded rows, tiles and the result.

    :param precision: the most at any precision unless given.
    :param half: whether the inputs are float16, of which a shard is a float32 copy.
    """
    most = 0
    for one in (precision,) if precision else get_args(Precision):
        rows = default_sharding(d, k, one).rows
        row = _row_bytes(d, k, one) - (0 if half else 4 * d)
        most = max(most, (min(n, rows) + min(m, rows)) * row)
    tiles = threads * TILE_COLUMNS * (6 * TILE_ROWS + 2 * d)  # products, and what a kernel packs
    return most + tiles + (n + m) * (12 * k + 4)


def _row_bytes(d: int, k: int, precision: Precision) -> int:
    """Return the working memory of a row of a shard."""
    listed = 8 * list_capacity(kept_candidates(k, precision)) + 12
    partial = 12 * k + 4
    merging = 6 * partial  # after the lists are gone
    return max(listed, merging) + partial + code_bytes(precision, d) + 4 * d + 8


def check_sides(x: Vectors, y: Vectors, k: int, threads: int | None) -> None:
    """Raise for what cannot be searched. :raises ValueError: see `mutual_neighbours`."""
    for name, side in (("x", x), ("y", y)):
        if side.ndim != 2 or side.dtype not in (np.float32, np.float16):
            raise ValueError(
                f"{name} is {side.dtype} of shape {side.shape}: expected (rows, dimensions), "
                "float32 or float16"
            )
    if x.shape[1] != y.shape[1] or x.shape[1] == 0:
        raise ValueError(
            f"x has {x.shape[1]} dimensions, y {y.shape[1]}: expected vectors of one encoder"
        )
    if not 1 <= k <= MAX_K:
        raise ValueError(f"k is {k}: expected 1 to {MAX_K}")
    if threads is not None and threads < 1:
        raise ValueError(f"threads is {threads}: expected at least 1")
    for name, side in (("x", x), ("y", y)):
        for start in range(0, len(side), _CHECKED_ROWS):
            block = side[start : start + _CHECKED_ROWS].astype(np.float32, copy=False)
            finite = np.isfinite(np.einsum("ij,ij->i", block, block))
            if not finite.all():
                row = start + int(np.argmin(finite))
                raise ValueError(
                    f"row {row} of {name} holds NaN, infinite or huge values: encode it anew"
                )
