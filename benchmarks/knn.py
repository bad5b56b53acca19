"""Exact neighbours in both directions, engine against engine, as a Markdown table.

    python benchmarks/knn.py --sizes 20000,50000 --dimensions 384,1024 --k 4,16
    python benchmarks/knn.py --sizes 200000 --dimensions 1024 --queries 10000

Times, one after the other in each round, in one process and with the same threads:

- one float32 product of all rows (torch), in blocks, its results thrown away;
- faiss twice: `faiss.knn` of x in y, then of y in x;
- A: `bitseam.mining.knn.mutual_neighbours` with torch's products;
- B: the same with the compiled kernels, where they were built.

`sentences` are vectors of the bundled encoder, which has one dimension whatever is asked for.

With --queries the first two take so many rows of each side as queries and their time is multiplied:
marked ~. A cell is the best of the rounds. Gop/s are 2 n m d operations by the time of B. The last
columns compare B with faiss: the largest difference of a cosine, and the share of lists whose rows
differ (near ties). A warm-up at a small size is not timed: numba compiles then.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from itertools import product

import click
import numpy as np
import torch
from knn_vectors import KINDS, Vectors, make_sides

from bitseam.mining.faiss_module import load_faiss
from bitseam.mining.knn import mutual_neighbours
from bitseam.mining.search import compiled
from bitseam.mining.search.mutual import MutualNeighbours
from bitseam.mining.search.pilot import choose_precision
from bitseam.mining.search.shards import workers

GEMM_ROWS = 1024
COLUMNS = (
    *("vectors, rows a side, k", "GEMM s", "faiss twice s", "A s", "B s", "faiss / A", "faiss / B"),
    *("A / GEMM", "B / GEMM", "B Gop/s", "cosines differ by", "lists differ"),
)


def gemm(x: Vectors, y: Vectors) -> None:
    """Multiply all rows, in blocks of x."""
    left, right = torch.from_numpy(x), torch.from_numpy(y).T
    out = torch.empty(GEMM_ROWS, len(y))
    for start in range(0, len(x), GEMM_ROWS):
        block = left[start : start + GEMM_ROWS]
        torch.mm(block, right, out=out[: len(block)])


def faiss_twice(x: Vectors, y: Vectors, k: int, queries: int) -> list[Vectors]:
    """Return cosines and rows of the first queries of x, then of y."""
    faiss = load_faiss()
    inner = faiss.METRIC_INNER_PRODUCT
    return [
        *faiss.knn(x[:queries], y, k, metric=inner),
        *faiss.knn(y[:queries], x, k, metric=inner),
    ]


def fused(x: Vectors, y: Vectors, k: int, threads: int, kernel: str) -> MutualNeighbours:
    """Search with the named kernel, or the best for an empty name."""
    os.environ[compiled.VARIABLE] = kernel
    return mutual_neighbours(x, y, k, threads=threads)


def measure(
    x: Vectors, y: Vectors, k: int, threads: int, rounds: int, queries: int
) -> tuple[dict[str, float], float, float]:
    """Return the seconds of each engine, and how B (or A) differs from faiss."""
    queries = min(queries or len(x), len(x))
    engines: dict[str, Callable[[], object]] = {
        "GEMM": lambda: gemm(x[:queries], y),
        "faiss": lambda: faiss_twice(x, y, k, queries),
        "A": lambda: fused(x, y, k, threads, "torch"),
    }
    if compiled.usable_kernels():
        engines["B"] = lambda: fused(x, y, k, threads, "")
    seconds = dict.fromkeys(engines, float("inf"))
    answers = {}
    for _ in range(rounds):
        for name, engine in engines.items():
            start = time.perf_counter()
            answers[name] = engine()
            seconds[name] = min(seconds[name], time.perf_counter() - start)
    for name in ("GEMM", "faiss"):
        seconds[name] *= len(x) / queries
    ids, cosines, y_ids, y_cosines = answers["B" if "B" in answers else "A"]
    cosines_of_x, rows_of_x, cosines_of_y, rows_of_y = answers["faiss"]
    far = max(
        np.abs(cosines[:queries] - cosines_of_x).max(),
        np.abs(y_cosines[:queries] - cosines_of_y).max(),
    )
    lists = [(ids[:queries] != rows_of_x), (y_ids[:queries] != rows_of_y)]
    return seconds, far, float(np.mean([side.any(axis=1).mean() for side in lists]))


def table_row(label: str, operations: float, queries: int, result: tuple, chosen: str) -> str:
    seconds, far, differ = result
    mark = "~" if queries else ""
    a, b = seconds["A"], seconds.get("B", float("nan"))
    cells = [
        label,
        f"{mark}{seconds['GEMM']:.2f}",
        f"{mark}{seconds['faiss']:.2f}",
        f"{a:.2f}",
        f"{b:.2f} ({chosen})",
        f"{seconds['faiss'] / a:.1f}",
        f"{seconds['faiss'] / b:.1f}",
        f"{a / seconds['GEMM']:.2f}",
        f"{b / seconds['GEMM']:.2f}",
        f"{operations / b / 1e9:,.0f}",
        f"{far:.1e}",
        f"{differ:.2%}",
    ]
    return f"| {' | '.join(cells)} |"


@click.command(help=__doc__)
@click.option("--sizes", default="20000", help="Rows a side.", show_default=True)
@click.option("--dimensions", default="384,1024", show_default=True)
@click.option("--k", "ks", default="4,16", show_default=True)
@click.option("--kinds", default="clustered,gaussian", help=",".join(KINDS), show_default=True)
@click.option("--threads", default=2, show_default=True)
@click.option("--rounds", default=2, show_default=True)
@click.option("--queries", default=0, help="Queries of GEMM and faiss; all unless given.")
def main(
    sizes: str, dimensions: str, ks: str, kinds: str, threads: int, rounds: int, queries: int
) -> None:
    torch.set_num_threads(threads)
    load_faiss().omp_set_num_threads(threads)
    measure(*make_sides("gaussian", 5000, 64), 4, threads, 1, 0)
    print(f"| {' | '.join(COLUMNS)} |", "---".join("|" * (len(COLUMNS) + 1)), sep="\n")
    for size, dimension, kind in product(sizes.split(","), dimensions.split(","), kinds.split(",")):
        x, y = make_sides(kind, int(size), int(dimension))
        operations = 2.0 * len(x) * len(y) * x.shape[1]
        for k in map(int, ks.split(",")):
            with workers(threads) as team:
                chosen = choose_precision(x, y, k, team)
            result = measure(x, y, k, threads, rounds, queries)
            label = f"{kind}, {len(x):,} x {x.shape[1]}, k={k}"
            print(table_row(label, operations, queries, result, chosen), flush=True)


if __name__ == "__main__":
    main()
