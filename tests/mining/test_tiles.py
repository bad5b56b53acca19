"""However a search is cut into tiles and merged, its answer is the same bytes."""

from __future__ import annotations

import random
from functools import reduce

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bitseam.mining.search.cost import SearchCost, made_up_vectors, search_grid, worker_memory
from bitseam.mining.search.mutual import mutual_neighbours
from bitseam.mining.search.partial import PartialNeighbours, merge
from bitseam.mining.search.pilot import kept_candidates
from bitseam.mining.search.shards import workers
from bitseam.mining.search.tiles import (
    Grid,
    TileSearch,
    list_bytes,
    partial_bytes,
    search_rectangle,
    shuffled_bytes,
    sweep_rows,
)

SIZES = st.integers(0, 10**7)


@given(SIZES, SIZES, st.integers(10**5, 10**6))
def test_every_product_is_in_one_tile_of_one_rectangle(n, m, shard_rows) -> None:
    grid = Grid.cut(n, m, shard_rows)
    for rows, side in ((n, grid.rows), (m, grid.columns)):
        assert [part.start for part in side[1:]] == [part.stop for part in side[:-1]]
        assert sum(map(len, side)) == rows
        assert max(map(len, side), default=0) <= shard_rows
        assert max(map(len, side), default=0) - min(map(len, side), default=0) <= 1
    tiles = [
        (rows, columns)
        for rectangle in grid.rectangles()
        for rows in rectangle.rows
        for columns in rectangle.columns
    ]
    assert len(tiles) == len(set(tiles)) == grid.tiles


def vectors(n: int, seed: int) -> np.ndarray:
    """Made-up vectors, every fourth a copy of another: the order of equal cosines matters."""
    made = made_up_vectors(n, 24, seed, 5)
    made[::4] = made[: len(made[::4])]
    return made


@pytest.fixture(scope="module")
def team():
    with workers(2) as its:
        yield its


@settings(max_examples=30)
@given(
    n=st.integers(1, 90),
    m=st.integers(1, 90),
    k=st.integers(1, 6),
    shard_rows=st.integers(7, 60),
    edge=st.integers(1, 4),
    precision=st.sampled_from(["int8", "bf16", "fp32"]),
    chance=st.randoms(use_true_random=False),
)
def test_the_answer_does_not_depend_on_tiles_rectangles_or_precision(
    team, n, m, k, shard_rows, edge, precision, chance
) -> None:
    x, y = vectors(n, 1), vectors(m, 2)
    cut = Grid.cut(n, m, shard_rows)
    grid = Grid(cut.rows, cut.columns, edge)
    search = TileSearch(k, kept_candidates(k, precision), precision, team)
    forward, backward = PartialNeighbours.empty(n, k), PartialNeighbours.empty(m, k)
    rectangles = grid.rectangles()
    chance.shuffle(rectangles)
    for rectangle in rectangles:
        found = search_rectangle(x, y, rectangle, search)
        for total, parts, lists in zip(
            (forward, backward), (rectangle.rows, rectangle.columns), found, strict=True
        ):
            rows = slice(parts[0].start, parts[-1].stop)
            total.put(rows, merge(total.take(rows), lists))
    complete(x, y, forward, grid.columns, search)
    complete(y, x, backward, grid.rows, search)
    x_ids, x_cosines, y_ids, y_cosines = mutual_neighbours(x, y, k)
    for lists, ids, cosines in ((forward, x_ids, x_cosines), (backward, y_ids, y_cosines)):
        assert lists.ids[:, : ids.shape[1]].tobytes() == ids.tobytes()
        assert lists.cosines[:, : ids.shape[1]].tobytes() == cosines.tobytes()
        assert (lists.ids[:, ids.shape[1] :] == -1).all()


def complete(queries, database, lists, shards, search) -> None:
    """Sweep the unproven rows, shard by shard."""
    unproven = np.flatnonzero(~lists.complete)
    floors = lists.cosines[unproven, -1]
    parts = [
        sweep_rows(queries, unproven, floors, search.load(database, rows, 1), search)
        for rows in shards
    ]
    if len(unproven):
        lists.put(unproven, reduce(merge, parts))


def made_up_lists(chance: random.Random, first: int, k: int) -> PartialNeighbours:
    """Return lists of three rows over ten rows of the database from `first` on."""
    lists = PartialNeighbours.empty(3, k)
    for row in range(3):
        known = chance.sample(range(first, first + 10), chance.randint(0, min(k, 10)))
        entries = sorted((-chance.choice([0.1, 0.2, 0.3]), its) for its in known)
        for at, (cosine, its) in enumerate(entries):
            lists.ids[row, at], lists.cosines[row, at] = its, -cosine
        lists.lost[row] = chance.choice([-np.inf, 0.05, 0.25])
    return lists


@given(st.randoms(use_true_random=False), st.integers(1, 5))
def test_lists_may_be_merged_in_any_order_and_grouping(chance, k) -> None:
    a, b, c = (made_up_lists(chance, first, k) for first in (0, 10, 20))
    assert same(merge(a, b), merge(b, a))
    assert same(merge(merge(a, b), c), merge(a, merge(b, c)))
    assert same(merge(a, PartialNeighbours.empty(3, k)), a)


def same(a: PartialNeighbours, b: PartialNeighbours) -> bool:
    return all(
        left.tobytes() == right.tobytes()
        for left, right in ((a.ids, b.ids), (a.cosines, b.cosines), (a.lost, b.lost))
    )


def test_rectangles_and_workers_bound_what_moves() -> None:
    grid = Grid.cut(10**8, 10**8, 10**6)
    assert len(grid.rows) == 100
    tiles_alone = Grid(grid.rows, grid.columns, 1)
    rectangles = Grid(grid.rows, grid.columns, 10)
    # 3.8 TB, and 384 GB, of entries of 12 bytes, and a bound of 4 bytes for each list.
    assert partial_bytes(tiles_alone, 16) == 2 * 10**8 * 100 * (16 * 12 + 4)
    assert partial_bytes(rectangles, 16) == 2 * 10**8 * 10 * (16 * 12 + 4)
    assert shuffled_bytes(rectangles, 16, 4) == 4 * 2 * 10**8 * list_bytes(16)
    assert shuffled_bytes(rectangles, 16, 100) == partial_bytes(rectangles, 16)


def test_a_large_search_takes_longer_and_bounded_memory() -> None:
    cost = SearchCost(1e-9, 1e-5)
    small, large = (search_grid(n, n, 256, 4) for n in (50_000, 5_000_000))
    assert cost.seconds(small) == pytest.approx(2.5 + 1)
    assert cost.seconds(large) > 10_000 * 2.5
    assert worker_memory(large, 256, 4, threads=2) < 3 << 30
    assert worker_memory(small, 256, 4, threads=2) < worker_memory(small, 1024, 4, threads=2)
