"""Exact ranking, on the host, of what a device proposed: its bytes are those of any search."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from bitseam.mining.search.candidates import CandidateLists
from bitseam.mining.search.cuda.lists import DeviceLists, Hits
from bitseam.mining.search.cuda.plan import DevicePlan
from bitseam.mining.search.cuda.scan import tile_hits, tiles
from bitseam.mining.search.cuda.shard import DeviceShard, device_bounds, encode_on
from bitseam.mining.search.exact import rank_candidates
from bitseam.mining.search.partial import PartialNeighbours
from bitseam.mining.search.precision import Floats
from bitseam.mining.search.shards import Workers

_FETCHED_ROWS = 1 << 16  # lists copied to the host at a time
_RANKED_ROWS = 1 << 11  # lists ranked by one task
_SLACK = np.float32(2.0**-20)  # covers the rounding of a sum of bounds


def reachable(known: Floats, bounds: Floats) -> Floats:
    """Return scores `(n,)` exceeded by all candidates whose cosine reaches a `known` one."""
    scores: Floats = known - bounds - _SLACK * (np.abs(known) + bounds)
    return scores


def rank_lists(
    queries: DeviceShard,
    database: DeviceShard,
    lists: DeviceLists,
    bounds: Floats,
    k: int,
    team: Workers,
) -> PartialNeighbours:
    """Rank the candidates of a shard's rows; `bounds` `(n,)` say how far their scores are off."""
    found = PartialNeighbours.empty(len(queries), k)
    for start in range(0, len(queries), _FETCHED_ROWS):
        part = slice(start, start + _FETCHED_ROWS)
        order = queries.order[part]
        _rank(lists.on_host(part), bounds[part], queries.vectors, order, database, found, team)
    return found


def sweep_shard(
    queries: Floats,
    floors: Floats,
    database: DeviceShard,
    found: PartialNeighbours,
    plan: DevicePlan,
    team: Workers,
) -> None:
    """Rank into `found` all rows of a shard that may be among the nearest of `queries` `(n, d)`.

    :param floors: `(n,)` a lower bound of each k-th cosine; rows below it are passed over.
    """
    import torch

    codes = database.encoded.codes
    own = encode_on(queries, np.arange(len(queries)), str(codes.device))
    bounds = device_bounds(own, database.encoded)
    no_bars = torch.full((plan.tile,), torch.inf, device=codes.device)
    for rows in tiles(range(len(queries)), plan.tile):
        for columns in tiles(range(len(database)), plan.tile):
            known = np.maximum(floors[rows], found.cosines[rows, -1])
            bars = torch.from_numpy(reachable(known, bounds[rows])).to(codes.device)
            block = codes[columns]
            hits = tile_hits(own.codes[rows], block, bars, no_bars[: len(block)])
            lists = _listed(hits, columns.start, len(known))
            order = np.arange(rows.start, rows.stop)
            _rank(lists, bounds[rows], queries, order, database, found, team)


def _rank(
    lists: CandidateLists,
    bounds: Floats,
    queries: Floats,
    order: NDArray[np.int64],
    database: DeviceShard,
    found: PartialNeighbours,
    team: Workers,
) -> None:
    """Rank the lists of `queries[order]` into `found`, beside what is there."""

    def rank(start: int) -> None:
        rank_candidates(
            lists,
            bounds,
            queries,
            order,
            database.vectors,
            database.order,
            database.first,
            start,
            min(start + _RANKED_ROWS, len(order)),
            (found.ids, found.cosines, found.lost),
        )

    team.run(rank, range(0, len(order), _RANKED_ROWS))


def _listed(hits: Hits, first_column: int, n: int) -> CandidateLists:
    """Return hits, which come row by row, as lists that lost nothing."""
    rows, columns, scores = (part.cpu().numpy() for part in hits)
    counts = np.bincount(rows, minlength=n).astype(np.int32)
    slots = np.arange(len(rows)) - (np.cumsum(counts) - counts)[rows]
    values = np.empty((n, counts.max(initial=1)), np.float32)
    places = np.empty(values.shape, np.int32)
    values[rows, slots], places[rows, slots] = scores, first_column + columns
    nothing = np.full(n, -np.inf, np.float32)
    return CandidateLists(values, places, counts, counts, nothing, values.shape[1])
