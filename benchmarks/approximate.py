"""Approximate search beside the exact engine, both directions, as a Markdown table.

    python benchmarks/approximate.py --sizes 100000 --specs "auto IVF1024,Flat,nprobe=32"

Several specs are parted by spaces. Builds an index of each side, asks each about all rows of the
other, and measures the recall as `mine` does. An index is trained once a run and searched twice as
often as the exact engine, which finds both directions in one pass: its time stands beside.
"""

from __future__ import annotations

import time

import click
import numpy as np
import torch
from knn_vectors import KINDS, Vectors, make_sides

from bitseam.mining.approximate.index import build_index, faiss_threads, index_bytes
from bitseam.mining.approximate.recall import count_found, sample_queries
from bitseam.mining.approximate.search import search_index
from bitseam.mining.approximate.spec import AUTO, IndexSpec, index_spec, parse_index_spec
from bitseam.mining.search.mutual import mutual_neighbours

BATCH = 1 << 12


def measure(name: str, x: Vectors, y: Vectors, k: int, exact_seconds: float) -> str:
    n, dimension = x.shape
    spec = index_spec(n, dimension) if name == AUTO else parse_index_spec(name)
    build = search = 0.0
    recalls = []
    for queries, database in ((x, y), (y, x)):
        began = time.perf_counter()
        index = build_index(database, spec)
        build += time.perf_counter() - began
        began = time.perf_counter()
        cosines = np.concatenate(
            [
                search_index(index, queries[at : at + BATCH], database, k, spec).cosines
                for at in range(0, n, BATCH)
            ]
        )
        search += time.perf_counter() - began
        sample = sample_queries(n)
        found = count_found(cosines[sample], queries[sample], database)
        recalls.append(f"{found / (k * len(sample)):.3f}")
    cells = [
        f"{n:,} x {dimension}, k={k}",
        f"`{spec}`",
        f"{build:.1f}",
        f"{search:.1f}",
        f"{exact_seconds:.1f}",
        *recalls,
        f"{megabytes(spec, n, dimension):,.0f}",
    ]
    return f"| {' | '.join(cells)} |"


def megabytes(spec: IndexSpec, n: int, dimension: int) -> float:
    return index_bytes(spec, n, dimension) / 1e6


@click.command(help=__doc__)
@click.option("--sizes", default="100000", help="Rows a side.", show_default=True)
@click.option("--dimension", default=256, show_default=True)
@click.option("--k", default=4, show_default=True)
@click.option("--kind", type=click.Choice(KINDS), default="clustered", show_default=True)
@click.option("--specs", default="auto IVF1024,Flat,nprobe=32", show_default=True)
@click.option("--threads", default=2, show_default=True)
def main(sizes: str, dimension: int, k: int, kind: str, specs: str, threads: int) -> None:
    torch.set_num_threads(threads)
    mutual_neighbours(*make_sides("gaussian", 5000, 64), k, threads=threads)  # numba compiles
    print("| vectors, rows a side | index | build s | search s | exact s ", end="")
    print("| recall forward | backward | MB a side |")
    print("|---|---|---|---|---|---|---|---|")
    for size in map(int, sizes.split(",")):
        x, y = make_sides(kind, size, dimension)
        began = time.perf_counter()
        mutual_neighbours(x, y, k, threads=threads)
        seconds = time.perf_counter() - began
        with faiss_threads(threads):
            for name in specs.split():
                print(measure(name, x, y, k, seconds), flush=True)


if __name__ == "__main__":
    main()
