"""The exact search on a GPU: how much of its matrix speed it reaches, as a Markdown table.

    python benchmarks/knn_gpu.py --sizes 200000,1000000 --dimensions 384,1024 --k 4,16

Times the whole search, files and ranking on the host included, and beside it one bfloat16 product
of 8,192 rows and columns, the speed that a search could reach at best. FLOP are those of one pass:
2 n m d, for both directions. The answer of the smallest size is compared with that of the CPU.
Without a GPU it says so and stops.
"""

from __future__ import annotations

import time
from itertools import product

import click
import numpy as np
import torch
from knn_vectors import make_sides

from bitseam.mining.search.cuda import mutual_neighbours_cuda
from bitseam.mining.search.mutual import mutual_neighbours

GEMM_ROWS = 1 << 13
REPEATS = 10
COMPARED_ROWS = 20_000


def peak(dimension: int) -> float:
    """Return the FLOP/s of one bfloat16 product at a dimension."""
    x, y = (
        torch.randn(GEMM_ROWS, dimension, device="cuda", dtype=torch.bfloat16) for _ in range(2)
    )
    seconds = []
    for _ in range(REPEATS):
        torch.cuda.synchronize()
        began = time.perf_counter()
        torch.mm(x, y.T)
        torch.cuda.synchronize()
        seconds.append(time.perf_counter() - began)
    return 2 * GEMM_ROWS**2 * dimension / min(seconds)


def compare(dimension: int, k: int) -> None:
    """Stop unless the GPU's answer is the CPU's, byte for byte."""
    x, y = make_sides("clustered", COMPARED_ROWS, dimension)
    pairs = zip(mutual_neighbours_cuda(x, y, k), mutual_neighbours(x, y, k), strict=True)
    if not all(np.array_equal(one, other) for one, other in pairs):
        raise SystemExit(f"the GPU answers otherwise than the CPU: d={dimension}, k={k}")


def measure(kind: str, rows: int, dimension: int, k: int) -> str:
    x, y = make_sides(kind, rows, dimension)
    torch.cuda.reset_peak_memory_stats()
    began = time.perf_counter()
    mutual_neighbours_cuda(x, y, k)
    seconds = time.perf_counter() - began
    speed = 2 * len(x) * len(y) * dimension / seconds
    cells = [
        f"{kind}, {rows:,} x {dimension}, k={k}",
        f"{seconds:.2f}",
        f"{speed / 1e12:.0f}",
        f"{speed / peak(dimension):.0%}",
        f"{torch.cuda.max_memory_allocated() / 1e9:.1f}",
    ]
    return f"| {' | '.join(cells)} |"


@click.command(help=__doc__)
@click.option("--sizes", default="200000", help="Rows a side.", show_default=True)
@click.option("--dimensions", default="384,1024", show_default=True)
@click.option("--k", "ks", default="4,16", show_default=True)
@click.option("--kinds", default="clustered,gaussian", show_default=True)
def main(sizes: str, dimensions: str, ks: str, kinds: str) -> None:
    if not torch.cuda.is_available():
        raise SystemExit("no CUDA device here: nothing was measured")
    print(f"{torch.cuda.get_device_name()}, torch {torch.__version__}\n")
    print("| vectors, rows a side | s | TFLOP/s | of a bfloat16 product | GB on the device |")
    print("|---|---|---|---|---|")
    for dimension, k in product(map(int, dimensions.split(",")), map(int, ks.split(","))):
        compare(dimension, k)
        for size, kind in product(map(int, sizes.split(",")), kinds.split(",")):
            print(measure(kind, size, dimension, k), flush=True)


if __name__ == "__main__":
    main()
