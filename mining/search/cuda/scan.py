"""One pass over all scores of two shards on a device, both directions from the same tiles.

A threshold must be high when scores stream past, or all of them are hits. So both sides, which
come shuffled, are visited in blocks that double: the first scores of a sample set the thresholds,
and after each block the lists, cut to the share of the other side that they have seen, raise them.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from bitseam.mining.search.cuda.lists import DeviceLists, Hits
from bitseam.mining.search.cuda.plan import DevicePlan

if TYPE_CHECKING:
    import torch

_SAMPLE = 1 << 12


def scan(
    codes: tuple[torch.Tensor, ...],
    floors: tuple[torch.Tensor, ...],
    keep: int,
    plan: DevicePlan,
) -> tuple[DeviceLists, DeviceLists]:
    """Return the `keep` best candidates of all rows of either side on the other side.

    :param codes: x `(n, d)` and y `(m, d)`, shuffled.
    :param floors: `(n,)` and `(m,)` scores that a candidate must exceed.
    """
    import torch

    x, y = codes
    rows, columns = (
        DeviceLists.new(keep, torch.maximum(floor, _sampled_bars(side, other, keep, plan)))
        for side, other, floor in ((x, y, floors[0]), (y, x, floors[1]))
    )
    for y_block in blocks(len(y), plan.block):
        for x_block in blocks(len(x), plan.block):
            shares = y_block.stop / len(y), x_block.stop / len(x)
            for hits in _gathered(_hits(x, y, x_block, y_block, rows, columns, plan), plan.hits):
                own = hits.above(rows.thresholds[hits.rows])
                rows.add(x_block, own, wanted(shares[0], keep))
                own = hits.above(columns.thresholds[hits.columns])
                columns.add(y_block, own.turned(), wanted(shares[1], keep))
    return rows, columns


def wanted(share: float, keep: int) -> int:
    """Return how many of a list's `keep` best entries may lie in a share of a shuffled side.

    Three standard deviations above the mean; where chance has it otherwise the certificate fails.
    """
    expected = share * keep
    return min(keep, int(expected + 3 * expected**0.5) + 4)


def blocks(n: int, largest: int) -> Iterator[range]:
    """Cut `n` rows into blocks, each as long as all before it, up to a largest length."""
    start = 0
    while start < n:
        stop = min(n, start + min(largest, max(start, _SAMPLE)))
        yield range(start, stop)
        start = stop


def tiles(rows: range, side: int) -> Iterator[slice]:
    """Cut a range into slices of at most `side` rows."""
    for start in range(rows.start, rows.stop, side):
        yield slice(start, min(start + side, rows.stop))


def _sampled_bars(
    side: torch.Tensor, other: torch.Tensor, keep: int, plan: DevicePlan
) -> torch.Tensor:
    """Return a score of each row `(n,)` that more than enough of the other side reach."""
    import torch

    sample = other[: max(_SAMPLE, 4 * keep)]
    bars = torch.full((len(side),), -torch.inf, device=side.device)
    if len(sample) > keep:
        rank = wanted(len(sample) / len(other), keep)
        for part in tiles(range(len(side)), max(1, plan.tile * plan.tile // len(sample))):
            bars[part] = (side[part] @ sample.T).topk(rank, dim=1).values[:, -1].float()
    return bars


def _hits(
    x: torch.Tensor,
    y: torch.Tensor,
    x_block: range,
    y_block: range,
    rows: DeviceLists,
    columns: DeviceLists,
    plan: DevicePlan,
) -> Iterator[Hits]:
    """Yield the hits of each tile of two blocks, by their places in the shards."""
    for y_part in tiles(y_block, plan.tile):
        for x_part in tiles(x_block, plan.tile):
            found = tile_hits(
                x[x_part], y[y_part], rows.thresholds[x_part], columns.thresholds[y_part]
            )
            yield Hits(found.rows + x_part.start, found.columns + y_part.start, found.scores)


def tile_hits(
    x: torch.Tensor, y: torch.Tensor, row_bars: torch.Tensor, column_bars: torch.Tensor
) -> Hits:
    """Return the scores of `x` `(b, d)` with `y` `(c, d)` above their row's or column's bar."""
    tile = x @ y.T
    hit = tile > row_bars[:, None]
    hit |= tile > column_bars
    rows, columns = hit.nonzero(as_tuple=True)
    return Hits(rows, columns, tile[rows, columns].float())


def _gathered(hits: Iterator[Hits], most: int) -> Iterator[Hits]:
    """Join the hits of tiles until there are `most`; thresholds rise when they are merged."""
    import torch

    held: list[Hits] = []
    for found in hits:
        held.append(found)
        if sum(len(part.rows) for part in held) >= most:
            yield Hits(*(torch.cat(parts) for parts in zip(*held, strict=True)))
            held = []
    if held:
        yield Hits(*(torch.cat(parts) for parts in zip(*held, strict=True)))
