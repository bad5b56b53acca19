"""What a search will take: told before it starts, and by `--dry-run`."""

from __future__ import annotations

import os
from dataclasses import dataclass

from bitseam.mining.search.cost import (
    NOMINAL,
    SearchCost,
    measure_cost,
    worker_memory,
)
from bitseam.mining.search.tiles import Grid, list_bytes, partial_bytes
from bitseam.pipelines.units import readable_size, readable_time

# Of --engine auto, beyond it an index: five million a side. Two cores search that in three hours
# at 256 dimensions, and an index loses neighbours.
EXACT_PRODUCTS = 25 * 10**12
_PILOT_PRODUCTS = 1 << 30  # fewer take a second or two: a pilot would be most of it


@dataclass(frozen=True)
class SearchForecast:
    """What a search will take.

    :ivar how: in words.
    :ivar memory: bytes of one worker, beside mapped vectors and what it takes anyway.
    :ivar disk: bytes of scratch files, beside the vectors.
    :ivar seconds: wall time, if nothing else runs; None where no pilot tells.
    """

    how: str
    memory: int
    disk: int
    seconds: float | None = None

    def __str__(self) -> str:
        """Return the forecast as a line of plain text."""
        parts = [] if self.seconds is None else [f"about {readable_time(self.seconds)}"]
        if self.memory:
            parts.append(f"{readable_size(self.memory)} of memory a worker beside mapped files")
        if self.disk:
            parts.append(f"{readable_size(self.disk)} of lists on disk")
        return f"{self.how}: {', '.join(parts)}" if parts else self.how


def forecast_exact(grid: Grid, dimension: int, k: int, workers: int) -> SearchForecast:
    """Predict the exact search of a grid on this machine, from a pilot of under a second."""
    tasks = len(grid.rectangles())
    threads = threads_per_task(workers, tasks)
    cost = _cost(dimension, k, threads) if grid.n * grid.m > _PILOT_PRODUCTS else NOMINAL
    return SearchForecast(
        f"exact, both directions from {grid.tiles:,} tile{'s' * (grid.tiles != 1)}",
        worker_memory(grid, dimension, k, threads=threads),
        partial_bytes(grid, k) + (grid.n + grid.m) * list_bytes(k),
        cost.seconds(grid) / max(1, min(workers, tasks)),
    )


def _cost(dimension: int, k: int, threads: int) -> SearchCost:
    from bitseam.mining.search.shards import workers

    with workers(threads) as team:
        return measure_cost(dimension, k, team)


def threads_per_task(workers: int, tasks: int) -> int:
    """Return the threads of each of `tasks` in `workers` processes, so that cores are used once.

    One worker takes as many as torch would, which follows OMP_NUM_THREADS.
    """
    import torch

    if workers == 1:
        return torch.get_num_threads()
    return max(1, (os.cpu_count() or 1) // max(1, min(workers, tasks)))
