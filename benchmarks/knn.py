"""Exact neighbours in both directions, engine against engine, as a Markdown table.

    python benchmarks/knn.py --sizes 20000,50000 --dimensions 384,1024 --k 4,16

Times, one after the other in each round, in one process and with the same threads:

- one float32 product of all rows (torch), in blocks, its results thrown away;
- plain faiss: `faiss.knn` of x in y, then of y in x;
- the reference: `bitseam.mining.knn` both ways, which ranks faiss' proposals exactly;
- fused: `bitseam.mining.search`, with the precision its pilot chose.

A cell is the best of the rounds. The last columns compare the fused answer with that of faiss:
the largest difference of a cosine, and the share of lists whose rows differ (near ties). A warm-up
at a small size is not timed: numba compiles then.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import NamedTuple

import click
import numpy as np
import torch
from numpy.typing import NDArray

from bitseam.mining.faiss_module import load_faiss
from bitseam.mining.knn import nearest_neighbours
from bitseam.mining.search.mutual import mutual_neighbours, search_memory
from bitseam.mining.search.pilot import choose_precision
from bitseam.mining.search.shards import workers

Vectors = NDArray[np.float32]
GEMM_ROWS = 1024
CLUSTER_ROWS = 50  # rows of a cluster, on average


class Case(NamedTuple):
    kind: str
    rows: int
    dimension: int
    k: int


def make(case: Case) -> tuple[Vectors, Vectors]:
    """Make two sides of unit rows; of clustered ones, seven in ten rows have a partner."""
    rng = np.random.default_rng(case.rows + case.dimension)
    shape = (case.rows, case.dimension)
    if case.kind == "gaussian":
        return unit(normal(rng, shape)), unit(normal(rng, shape))
    # As of encoders: the spectrum falls, all vectors share a mean, clusters differ in size.
    spectrum = (1 + np.arange(case.dimension) / (case.dimension / 16)).astype(np.float32) ** -0.5
    spectrum /= np.sqrt(np.mean(spectrum**2))
    clusters = max(2, case.rows // CLUSTER_ROWS)
    centres = normal(rng, (clusters, case.dimension)) * spectrum * np.float32(0.6)
    shares = np.arange(1, clusters + 1) ** -0.8
    mean = normal(rng, case.dimension) * spectrum * np.float32(0.35)
    paired = case.rows * 7 // 10

    def meanings(n: int) -> Vectors:
        cluster = rng.choice(clusters, n, p=shares / shares.sum())
        return centres[cluster] + normal(rng, (n, case.dimension)) * spectrum * np.float32(0.65)

    common = meanings(paired)
    sides = []
    for _ in range(2):
        side = np.concatenate([common, meanings(case.rows - paired)])[rng.permutation(case.rows)]
        sides.append(unit(side + mean + normal(rng, shape) * np.float32(0.35)))
    # The shuffles differ: a partner stands anywhere on the other side.
    return sides[0], sides[1]


def normal(rng: np.random.Generator, shape: int | tuple[int, ...]) -> Vectors:
    return rng.standard_normal(shape, dtype=np.float32)


def unit(vectors: Vectors) -> Vectors:
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def engines(x: Vectors, y: Vectors, k: int, threads: int) -> dict[str, Callable[[], object]]:
    faiss = load_faiss()

    def gemm() -> None:
        left, right = torch.from_numpy(x), torch.from_numpy(y).T
        out = torch.empty(GEMM_ROWS, len(y))
        for start in range(0, len(x), GEMM_ROWS):
            block = left[start : start + GEMM_ROWS]
            torch.mm(block, right, out=out[: len(block)])

    def plain() -> tuple[Vectors, NDArray[np.int64]]:
        forward = faiss.knn(x, y, k, metric=faiss.METRIC_INNER_PRODUCT)
        faiss.knn(y, x, k, metric=faiss.METRIC_INNER_PRODUCT)
        return forward

    return {
        "GEMM": gemm,
        "faiss": plain,
        "reference": lambda: (nearest_neighbours(x, y, k), nearest_neighbours(y, x, k)),
        "fused": lambda: mutual_neighbours(x, y, k, threads=threads),
    }


def measure(case: Case, threads: int, rounds: int, skip: set[str]) -> str:
    x, y = make(case)
    todo = {n: f for n, f in engines(x, y, case.k, threads).items() if n not in skip}
    seconds = {name: float("inf") for name in todo}
    answers = {}
    for _ in range(rounds):
        for name, function in todo.items():
            start = time.perf_counter()
            answers[name] = function()
            seconds[name] = min(seconds[name], time.perf_counter() - start)
    with workers(threads) as team:
        precision = choose_precision(x, y, case.k, team)
    fused = seconds["fused"]
    (cosines, rows), (found, best, *_) = answers["faiss"], answers["fused"]
    cells = [
        f"{case.kind}, {case.rows:,} x {case.dimension}, k={case.k}",
        *(f"{seconds[name]:.2f}" if name in seconds else "-" for name in ("GEMM", "faiss")),
        f"{seconds['reference']:.2f}" if "reference" in seconds else "-",
        f"{fused:.2f} ({precision})",
        f"{seconds['faiss'] / fused:.1f}",
        f"{fused / seconds['GEMM']:.2f}",
        f"{np.abs(cosines - best).max():.1e}",
        f"{np.mean((rows != found).any(axis=1)):.2%}",
    ]
    return f"| {' | '.join(cells)} |"


def cases(kinds: str, sizes: str, dimensions: str, ks: str) -> Iterator[Case]:
    for size in sizes.split(","):
        for dimension in dimensions.split(","):
            for kind in kinds.split(","):
                for k in ks.split(","):
                    yield Case(kind, int(size), int(dimension), int(k))


@click.command(help=__doc__)
@click.option("--sizes", default="20000", help="Rows a side.", show_default=True)
@click.option("--dimensions", default="384,1024", show_default=True)
@click.option("--k", "ks", default="4,16", show_default=True)
@click.option("--kinds", default="clustered,gaussian", show_default=True)
@click.option("--threads", default=2, show_default=True)
@click.option("--rounds", default=2, show_default=True)
@click.option("--skip", multiple=True, type=click.Choice(["reference"]), help="An engine to omit.")
def main(
    sizes: str, dimensions: str, ks: str, kinds: str, threads: int, rounds: int, skip: tuple[str]
) -> None:
    torch.set_num_threads(threads)
    load_faiss().omp_set_num_threads(threads)
    warm = Case("gaussian", 5000, 64, 4)
    measure(warm, threads, 1, set())
    print(
        "| vectors, rows a side | GEMM s | faiss s | reference s | fused s | faiss / fused ", end=""
    )
    print("| fused / GEMM | cosines differ by | lists differ |")
    print("|---|---|---|---|---|---|---|---|---|")
    for case in cases(kinds, sizes, dimensions, ks):
        print(measure(case, threads, rounds, set(skip)), flush=True)
    largest = max(int(size) for size in sizes.split(","))
    widest = max(int(dimension) for dimension in dimensions.split(","))
    memory = search_memory(largest, largest, widest, 16, threads=threads)
    print(f"\nMemory predicted for the largest case at k=16: {memory / 1e9:.2f} GB beside inputs.")


if __name__ == "__main__":
    main()
