"""The stage `neighbours`: its engines agree, its cuts do not show, and killed searches go on."""

from __future__ import annotations

import random
from functools import partial
from pathlib import Path

import apache_beam as beam
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from apache_beam.testing.test_pipeline import TestPipeline as BeamPipeline
from apache_beam.testing.util import assert_that, equal_to
from hypothesis import given
from hypothesis import strategies as st

from bitseam.mining.search.cost import made_up_vectors, search_grid
from bitseam.mining.search.partial import PartialNeighbours
from bitseam.mining.search.tiles import Grid, partial_bytes, shuffled_bytes
from bitseam.pipelines.forecast import EXACT_PRODUCTS, forecast_exact, threads_per_task
from bitseam.pipelines.options import MineOptions
from bitseam.pipelines.runner import run_pipeline
from bitseam.pipelines.stages import tile_steps
from bitseam.pipelines.stages.engine import SearchTask
from bitseam.pipelines.stages.exact_search import ExactSearch
from bitseam.pipelines.stages.flat_search import FlatSearch
from bitseam.pipelines.stages.neighbours import choose_engine
from bitseam.pipelines.stages.partial_lists import (
    MergeNeighbours,
    MergePartialLists,
    from_bytes,
    to_bytes,
)
from bitseam.pipelines.stages.sides import AssembleVectors, new_vectors, vectors_path, write_ids
from bitseam.pipelines.work import Work
from bitseam.schemas import tables
from bitseam.schemas.errors import BitseamError, UserError

DIMENSION, K = 32, 3
ROWS = {"src": 260, "tgt": 310}


def work_in(folder: Path, rows: dict[str, int] = ROWS) -> Work:
    """Lay out both sides in a folder; sentence ids are odd numbers, so that rows are no ids."""
    work = Work(folder)
    for seed, (side, n) in enumerate(rows.items()):
        vectors_path(work, side).parent.mkdir(parents=True, exist_ok=True)
        vectors = new_vectors(vectors_path(work, side), n, DIMENSION)
        vectors[:n] = made_up_vectors(n, DIMENSION, seed, 9)
        vectors[: n // 4] = vectors[0] if n else 0  # more twins than any list holds
        write_ids(work, side, np.arange(n) * 2 + 1)
    return work


def task_of(rows: dict[str, int] = ROWS, workers: int = 1) -> SearchTask:
    return SearchTask(K, DIMENSION, rows, workers)


def search(engine, work: Work, workers: int = 1) -> dict[str, bytes]:
    """Run an engine; return its files."""
    build = partial(lambda pipeline: engine.steps(pipeline | beam.Create(["sides"]), work))
    run_pipeline(build, work, workers, ())
    paths = sorted(work.path("neighbours").glob("*.parquet"))
    return {path.name: path.read_bytes() for path in paths}


@pytest.fixture(scope="module")
def whole(tmp_path_factory) -> tuple[Work, dict[str, bytes]]:
    """A search in one tile."""
    work = work_in(tmp_path_factory.mktemp("whole"))
    return work, search(ExactSearch(task_of()), work)


@pytest.mark.parametrize(("shard_rows", "workers"), [(100, 1), (23, 1), (70, 2)])
def test_shards_and_workers_leave_the_same_bytes(whole, tmp_path, shard_rows, workers) -> None:
    grid = Grid.cut(*ROWS.values(), shard_rows)
    engine = ExactSearch(task_of(workers=workers), grid)
    work = work_in(tmp_path)
    assert search(engine, work, workers) == whole[1]
    counts = engine.record(work)["counts"]
    assert counts["tiles"] == grid.tiles > 8
    assert counts["partial bytes"] == partial_bytes(grid, K)


def test_twins_beyond_any_list_are_searched_again(whole) -> None:
    counts = ExactSearch(task_of()).record(whole[0])["counts"]
    assert 0 < counts["unproven forward"] < counts["searched forward"] == ROWS["src"]
    assert 0 < counts["unproven backward"] < counts["searched backward"] == ROWS["tgt"]


def test_files_of_neighbours_end_where_they_should(whole, tmp_path, monkeypatch) -> None:
    monkeypatch.setattr("bitseam.pipelines.stages.sides.QUERY_ROWS", 64)
    files = search(ExactSearch(task_of(), Grid.cut(*ROWS.values(), 100)), work_in(tmp_path))
    assert len(files) == 5 + 5
    for direction, n in (("forward", 260), ("backward", 310)):
        parts = sorted((tmp_path / "neighbours").glob(f"{direction}-*.parquet"))
        found = pq.read_table(parts)
        assert found.num_rows == n
        expected = whole[0].path("neighbours", f"{direction}-000000000000.parquet")
        assert found.equals(pq.read_table(expected))


def test_both_engines_find_the_same_neighbours(whole, tmp_path) -> None:
    engine, work = FlatSearch(task_of()), work_in(tmp_path)
    files = search(engine, work)
    assert files.keys() == whole[1].keys()
    for name in files:
        flat, exact = (
            pq.read_table(folder.path("neighbours", name)) for folder in (work, whole[0])
        )
        assert flat.schema.equals(tables.NEIGHBOURS)
        assert exact.schema.equals(tables.NEIGHBOURS)
        assert flat["neighbour_ids"] == exact["neighbour_ids"]
        cosines = [table["cosines"].combine_chunks().flatten() for table in (flat, exact)]
        np.testing.assert_allclose(*cosines, atol=1e-6)


@pytest.mark.parametrize("rows", [{"src": 0, "tgt": 5}, {"src": 7, "tgt": 2}, {"src": 0, "tgt": 0}])
@pytest.mark.parametrize("engine", [ExactSearch, FlatSearch])
def test_a_side_below_k_makes_short_lists(engine, rows, tmp_path) -> None:
    work = work_in(tmp_path, rows)
    search(engine(task_of(rows)), work)
    for direction, queries, database in (("forward", "src", "tgt"), ("backward", "tgt", "src")):
        path = work.path("neighbours", f"{direction}-000000000000.parquet")
        lists = pq.read_table(path)["neighbour_ids"].to_pylist()
        assert [len(its) for its in lists] == [min(K, rows[database])] * rows[queries]


def test_a_killed_search_goes_on_after_its_last_rectangle(whole, tmp_path, monkeypatch) -> None:
    search_rectangle, begun = tile_steps.search_rectangle, []

    def dying_at_the_fourth(*arguments):
        begun.append(arguments)
        if len(begun) == 4:
            raise OSError("no space left")
        return search_rectangle(*arguments)

    monkeypatch.setattr(tile_steps, "search_rectangle", dying_at_the_fourth)
    grid, work = Grid.cut(*ROWS.values(), 110), work_in(tmp_path)
    with pytest.raises(BitseamError, match="no space left"):
        search(ExactSearch(task_of(), grid), work)
    assert search(ExactSearch(task_of(), grid), work) == whole[1]
    assert len(begun) == 4 + 6  # of nine rectangles, three were done


def made_up_lists(n: int, parts: int, seed: int) -> list[PartialNeighbours]:
    """Return the lists of `n` rows over disjoint parts of a database."""
    rng = np.random.default_rng(seed)
    return [
        PartialNeighbours(
            np.sort(rng.permuted(np.tile(np.arange(50), (n, 1)), axis=1)[:, :K]) + 50 * part,
            np.repeat(rng.choice([0.9, 0.8], (n, 1)), K, axis=1).astype(np.float32),
            rng.choice([-np.inf, 0.3, 0.85], n).astype(np.float32),
        )
        for part in range(parts)
    ]


@given(st.integers(0, 5), st.integers(1, 7), st.integers(0, 99), st.randoms(use_true_random=False))
def test_accumulators_merge_in_any_order(n, parts, seed, chance) -> None:
    combine = MergeNeighbours(K)
    lists = [to_bytes(its) for its in made_up_lists(n, parts, seed)]
    expected = b""
    for its in lists:
        expected = combine.add_input(expected, its)
    accumulators = [combine.create_accumulator() for _ in range(3)]
    for its in chance.sample(lists, len(lists)):
        which = chance.randrange(3)
        accumulators[which] = combine.add_input(accumulators[which], its)
    chance.shuffle(accumulators)
    first, *rest = accumulators
    merged = combine.merge_accumulators([combine.merge_accumulators(rest), first])
    assert combine.extract_output(merged) == expected
    assert len(from_bytes(expected, K)) == n


@pytest.mark.parametrize("bundles", [1, 4])
def test_beam_merges_what_the_pure_function_merges(bundles) -> None:
    lists = [("a", to_bytes(its)) for its in made_up_lists(6, 5, 1)]
    lists += [("b", to_bytes(its)) for its in made_up_lists(4, 7, 2)]
    expected: dict[str, bytes] = {}
    combine = MergeNeighbours(K)
    for key, its in lists:
        expected[key] = combine.add_input(expected.get(key, b""), its)
    random.Random(3).shuffle(lists)
    with BeamPipeline(runner="FnApiRunner") as pipeline:
        parts = [pipeline | f"Part{i}" >> beam.Create(lists[i::bundles]) for i in range(bundles)]
        merged = parts | beam.Flatten() | beam.CombinePerKey(MergeNeighbours(K))
        assert_that(merged, equal_to(list(expected.items())))


def test_what_moves_between_workers_is_bounded_as_told(tmp_path) -> None:
    grid = Grid.cut(*ROWS.values(), 23)
    names = [f"{number:06d}" for number in range(len(grid.rectangles()))]
    work = work_in(tmp_path)
    engine = ExactSearch(task_of(), grid)
    search(engine, work)
    pipeline = BeamPipeline(runner="FnApiRunner")
    step = tile_steps.SearchRectangles(work, engine.task, grid)
    done = pipeline | beam.Create(names) | step.transform()
    _ = done | MergePartialLists(step.found)
    result = pipeline.run()
    result.wait_until_finish()
    moved = sum(counter.committed for counter in result.metrics().query()["counters"]
                if counter.key.metric.name == "bytes handed on")  # fmt: skip
    assert 0 < moved <= shuffled_bytes(grid, K, 1) < partial_bytes(grid, K)


def test_vectors_that_are_none_stop_the_search(tmp_path) -> None:
    vectors = np.eye(4, dtype=np.float32)
    vectors[2, 1] = np.nan
    schema = tables.embeddings_schema(4, "encoder", "1")
    column = pa.FixedSizeListArray.from_arrays(vectors.ravel(), 4)
    table = pa.table([pa.array([1, 5, 3, 2]), column], schema=schema)
    pq.write_table(table, tmp_path / "src-00000-of-00001.parquet")
    step = AssembleVectors(Work(tmp_path / "work"), tmp_path)
    with pytest.raises(BitseamError, match=r"NaN or infinite values in .*src-00000"):
        step.run("src")


def test_auto_is_exact_until_it_would_take_too_long() -> None:
    small, side = task_of(), int(EXACT_PRODUCTS**0.5)
    assert choose_engine(small, "auto", None).key == "exact"
    assert choose_engine(small, "exact", None).key == "exact"
    assert choose_engine(small, "faiss", None).key == "faiss"
    assert choose_engine(task_of({"src": side, "tgt": side}), "auto", None).key == "exact"
    beyond = task_of({"src": 2 * side, "tgt": side})
    assert choose_engine(beyond, "auto", None).name == "approximate"
    assert choose_engine(beyond, "exact", None).name == "exact"
    assert choose_engine(small, "faiss", "IVF4,Flat").name == "approximate"


def test_an_index_is_not_exact(tmp_path) -> None:
    with pytest.raises(UserError, match="--index IVF64,Flat asks for approximate"):
        MineOptions("lb", "de", tmp_path, ("a.txt",), engine="exact", index="IVF64,Flat")


def test_cores_are_used_once(monkeypatch) -> None:
    monkeypatch.setattr("os.cpu_count", lambda: 8)
    assert threads_per_task(workers=4, tasks=100) == 2
    assert threads_per_task(workers=4, tasks=1) == 8  # one task, and nobody else at work
    assert threads_per_task(workers=16, tasks=100) == 1


def test_a_forecast_grows_with_the_search() -> None:
    small, pilot, large = (
        forecast_exact(search_grid(n, n, 256, 4), 256, 4, 1) for n in (10**3, 10**5, 10**6)
    )
    assert 0 < small.seconds < 1 < pilot.seconds < large.seconds
    assert small.memory < pilot.memory < large.memory < 4 << 30
    assert large.disk == (4 + 1) * 2 * 10**6 * (12 * 4 + 4)
    assert str(small).startswith("exact, both directions from 1 tile: about 1 s, ")
