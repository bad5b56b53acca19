"""How time and memory of the exact search grow, as a Markdown table.

    python benchmarks/knn_growth.py --sizes 20000,50000,100000,200000 --dimension 256

Each size is searched in a process of its own, after a small search that compiles and warms up. The
memory is what the process held at most beyond its inputs, beside what `search_memory` predicts for
the precision that was chosen.
"""

from __future__ import annotations

import multiprocessing
import resource
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

import click
import numpy as np
from knn_vectors import make_sides

from bitseam.mining.knn import mutual_neighbours
from bitseam.mining.search.mutual import search_memory
from bitseam.mining.search.pilot import choose_precision
from bitseam.mining.search.precision import Precision
from bitseam.mining.search.shards import workers

PAGE = resource.getpagesize()


class Run(NamedTuple):
    folder: str
    dimension: int
    k: int
    threads: int


def held_bytes() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * PAGE


def search(run: Run) -> tuple[float, int, Precision]:
    """Return seconds, the peak of the memory beyond what was held before, and the precision."""
    mutual_neighbours(*make_sides("gaussian", 5000, run.dimension), run.k, threads=run.threads)
    x, y = (np.load(Path(run.folder, f"{side}.npy")) for side in "xy")
    before = held_bytes()
    start = time.perf_counter()
    mutual_neighbours(x, y, run.k, threads=run.threads)
    seconds = time.perf_counter() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 - before
    with workers(run.threads) as team:
        return seconds, peak, choose_precision(x, y, run.k, team)


def measure(
    kind: str, rows: int, dimension: int, k: int, threads: int
) -> tuple[float, int, Precision]:
    """Search vectors that another process made, so that nothing else is held."""
    with tempfile.TemporaryDirectory() as folder:
        for name, side in zip("xy", make_sides(kind, rows, dimension), strict=True):
            np.save(Path(folder, f"{name}.npy"), side)
        with multiprocessing.get_context("spawn").Pool(1) as pool:
            return pool.apply(search, (Run(folder, dimension, k, threads),))


@click.command(help=__doc__)
@click.option("--sizes", default="20000,50000,100000", help="Rows a side.", show_default=True)
@click.option("--dimension", default=256, show_default=True)
@click.option("--k", default=4, show_default=True)
@click.option("--kind", default="clustered", show_default=True)
@click.option("--threads", default=2, show_default=True)
def main(sizes: str, dimension: int, k: int, kind: str, threads: int) -> None:
    print("| rows a side | s | ps per pair | relative | peak MB | predicted MB |")
    print("|---|---|---|---|---|---|")
    first = None
    for rows in map(int, sizes.split(",")):
        seconds, peak, precision = measure(kind, rows, dimension, k, threads)
        pair = seconds / rows**2 * 1e12
        first = first or pair
        predicted = search_memory(
            rows, rows, dimension, k, threads=threads, precision=precision, half=False
        )
        cells = f"{rows:,}", f"{seconds:.2f}", f"{pair:.0f}", f"{pair / first:.2f}"
        print(f"| {' | '.join(cells)} | {peak / 1e6:,.0f} | {predicted / 1e6:,.0f} |", flush=True)


if __name__ == "__main__":
    main()
