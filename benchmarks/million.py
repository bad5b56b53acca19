"""The exact search of `mine` on made-up vectors, a million by a million from mapped files.

    python benchmarks/million.py FOLDER --rows 1000000

Runs the steps of the stage `neighbours` itself (pipelines/stages/exact_search.py) on clustered unit
vectors, which are written to FOLDER once. It may be killed at any time: the same command continues
after the last finished rectangle of tiles, and the checksum is that of a run that was not killed,
whatever the shards and workers. Times add up over all runs into FOLDER.
"""

from __future__ import annotations

import logging
import resource
import statistics
from pathlib import Path

import apache_beam as beam
import click
import numpy as np
import xxhash

from bitseam.mining.search.cost import made_up_vectors, shard_rows
from bitseam.mining.search.tiles import Grid
from bitseam.pipelines.atomic import replacing
from bitseam.pipelines.progress import ProgressDisplay
from bitseam.pipelines.runner import run_pipeline
from bitseam.pipelines.stages.engine import SearchTask
from bitseam.pipelines.stages.exact_search import ExactSearch
from bitseam.pipelines.stages.sides import new_vectors, vectors_path, write_ids
from bitseam.pipelines.work import Work

BLOCK_ROWS = 1 << 16
CLUSTER_ROWS = 50


def write_side(work: Work, side: str, seed: int, rows: int, dimension: int) -> None:
    """Write a side's vectors and ids, unless an earlier run has."""
    path = vectors_path(work, side)
    if path.exists():
        return
    with replacing(path) as temporary:
        vectors = new_vectors(temporary, rows, dimension)
        for number, at in enumerate(range(0, rows, BLOCK_ROWS)):
            block = vectors[at : at + BLOCK_ROWS]
            seeds = 2 * number + seed
            block[:] = made_up_vectors(len(block), dimension, seeds, rows // CLUSTER_ROWS + 1)
        vectors.flush()
        write_ids(work, side, np.arange(rows, dtype=np.int64))


def checksum(folder: Path) -> str:
    digest = xxhash.xxh3_128()
    for path in sorted(folder.glob("*.parquet")):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def peak_memory() -> int:
    """Return the most bytes that this process or a worker held, mapped pages included."""
    who = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    return max(resource.getrusage(one).ru_maxrss for one in who) * 1024


@click.command(help=__doc__.splitlines()[0])
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--rows", default=1_000_000, help="Vectors a side.")
@click.option("--dimensions", default=256)
@click.option("--k", default=4)
@click.option("--shard-rows", "shard", type=int, help="Rows of a shard, else what `mine` takes.")
@click.option("--workers", default=1)
def main(folder: Path, rows: int, dimensions: int, k: int, shard: int | None, workers: int) -> None:
    logging.basicConfig(format="%(asctime)s %(message)s", level=logging.ERROR, force=True)
    logging.getLogger("bitseam").setLevel(logging.INFO)
    shard = shard or shard_rows(dimensions, k)
    work = Work(folder / f"{rows}-{dimensions}-{k}-{shard}")
    for seed, side in enumerate(("src", "tgt")):
        write_side(work, side, seed, rows, dimensions)
    written = peak_memory()
    task = SearchTask(k, dimensions, {"src": rows, "tgt": rows}, workers)
    engine = ExactSearch(task, Grid.cut(rows, rows, shard))
    click.echo(f"predicted: {engine.forecast()}")
    with ProgressDisplay("neighbours", work, lambda _: engine.steps_shown()):
        run_pipeline(
            lambda pipeline: engine.steps(pipeline | beam.Create(["sides"]), work),
            work,
            workers,
            (),
        )
    record = engine.record(work)
    tiles = [
        outcome.counts["search milliseconds"] / 1000 / outcome.counts["tiles"]
        for outcome in work.outcomes("search")
    ]
    click.echo(f"search: {record['search_seconds']:,.0f} s in {record['precision']}")
    click.echo(
        f"a tile: {statistics.median(tiles):.1f} s (from {min(tiles):.1f} to {max(tiles):.1f}), "
        f"{engine.grid.tiles} of them in {len(tiles)} rectangles"
    )
    click.echo(f"counts: {record['counts']}")
    click.echo(f"peak memory: {peak_memory() / 1e6:,.0f} MB, {written / 1e6:,.0f} MB before")
    click.echo(f"checksum: {checksum(work.path('neighbours'))}")


if __name__ == "__main__":
    main()
