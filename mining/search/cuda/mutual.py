"""Exact nearest neighbours in both directions, the products on a CUDA device."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np

from bitseam.mining.search.cuda.plan import DevicePlan, free_memory, plan_search
from bitseam.mining.search.cuda.rank import rank_lists, reachable, sweep_shard
from bitseam.mining.search.cuda.scan import scan
from bitseam.mining.search.cuda.shard import DeviceShard, device_bounds
from bitseam.mining.search.mutual import MutualNeighbours, check_sides
from bitseam.mining.search.partial import PartialNeighbours, merge
from bitseam.mining.search.pilot import kept_candidates
from bitseam.mining.search.shards import Vectors, Workers, workers

_SWEPT_ROWS = 1 << 13  # unproven rows searched again at a time


def mutual_neighbours_cuda(
    x: Vectors,
    y: Vectors,
    k: int,
    *,
    threads: int | None = None,
    device: str = "cuda",
    memory: int | None = None,
) -> MutualNeighbours:
    """Find the `k` nearest rows of `y` for each row of `x`, and of `x` for each row of `y`.

    The same bytes as the search on the CPU, whose parameters, result and errors these are (see
    `mining.knn.mutual_neighbours`): the device proposes candidates in bfloat16 with certificates,
    the host ranks them exactly.

    :param threads: of the ranking on the host.
    :param device: as torch names it; "cpu" runs the same steps without one.
    :param memory: bytes of the device to fill; nine tenths of what is free unless given.
    :raises UserError: there is no such device.
    """
    import torch

    check_sides(x, y, k, threads)
    keep = kept_candidates(k, "bf16")
    plan = plan_search(x.shape[1], keep, memory or free_memory(device))
    with workers(threads or torch.get_num_threads()) as team, _full_precision_sums():
        left, right = (_Side(side, seed, plan, device) for seed, side in enumerate((x, y)))
        found = _search(left, right, k, keep, team)
        _complete(left, right, found[0], team)
        _complete(right, left, found[1], team)
    to_y, to_x = min(k, len(y)), min(k, len(x))
    return (
        found[0].ids[:, :to_y],
        found[0].cosines[:, :to_y],
        found[1].ids[:, :to_x],
        found[1].cosines[:, :to_x],
    )


class _Side:
    """All rows of one side, sent to the device shard by shard; the latest shard stays there."""

    def __init__(self, vectors: Vectors, seed: int, plan: DevicePlan, device: str) -> None:
        self.vectors, self.plan, self.device, self._seed = vectors, plan, device, seed
        self._held: DeviceShard | None = None

    def __len__(self) -> int:
        return len(self.vectors)

    def shards(self) -> Iterator[DeviceShard]:
        """Load one shard after the other."""
        for start in range(0, len(self), self.plan.rows):
            if self._held is None or self._held.first != start:
                self._held = None  # released before the next is loaded
                rows = slice(start, min(start + self.plan.rows, len(self)))
                self._held = DeviceShard.load(self.vectors, rows, self._seed, self.device)
            yield self._held


def _search(
    left: _Side, right: _Side, k: int, keep: int, team: Workers
) -> tuple[PartialNeighbours, PartialNeighbours]:
    forward, backward = (PartialNeighbours.empty(len(side), k) for side in (left, right))
    for x in left.shards():
        for y in right.shards():
            _search_shards(x, y, (forward, backward), keep, left.plan, team)
            del y  # released before the next is loaded
        del x
    return forward, backward


def _search_shards(
    x: DeviceShard,
    y: DeviceShard,
    totals: tuple[PartialNeighbours, PartialNeighbours],
    keep: int,
    plan: DevicePlan,
    team: Workers,
) -> None:
    """Merge into `totals` what both shards find in each other."""
    import torch

    codes = x.encoded.codes, y.encoded.codes
    bounds = device_bounds(x.encoded, y.encoded), device_bounds(y.encoded, x.encoded)
    floors = tuple(
        torch.from_numpy(reachable(total.cosines[a.first + a.order, -1], bound)).to(codes[0].device)
        for a, total, bound in zip((x, y), totals, bounds, strict=True)
    )
    lists = scan(codes, floors, keep, plan)
    for a, b, total, listed, bound in zip((x, y), (y, x), totals, lists, bounds, strict=True):
        found = rank_lists(a, b, listed, bound, total.ids.shape[1], team)
        rows = slice(a.first, a.first + len(a))
        total.put(rows, merge(total.take(rows), found))


def _complete(queries: _Side, database: _Side, found: PartialNeighbours, team: Workers) -> None:
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
            sweep_shard(rows, floors[part], shard, fresh.take(part), database.plan, team)
        del shard
    found.put(unproven, fresh)


@contextmanager
def _full_precision_sums() -> Iterator[None]:
    """Let no product be the sum of parts rounded to bfloat16: no bound counts with that."""
    import torch

    matmul = torch.backends.cuda.matmul
    before = matmul.allow_bf16_reduced_precision_reduction
    matmul.allow_bf16_reduced_precision_reduction = False
    try:
        yield
    finally:
        matmul.allow_bf16_reduced_precision_reduction = before
