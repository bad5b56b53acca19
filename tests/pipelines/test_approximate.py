"""Approximate search through the command line: its recall is told, its bytes are its own."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import polars as pl
import pytest

ARGUMENTS = ("--index", "IVF8,Flat,nprobe=2", "--k", "3")


def manifest_of(folder: Path) -> dict[str, Any]:
    return json.loads((folder / "manifest.json").read_text())["stages"]["neighbours"]


def neighbours(folder: Path) -> pl.DataFrame:
    return pl.read_parquet(folder / "neighbours" / "*.parquet")


def files_of(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.glob("neighbours/*.parquet"))}


@pytest.fixture(scope="module")
def run(mine, example_arguments, tmp_path_factory) -> tuple[Path, str]:
    folder = tmp_path_factory.mktemp("approximate") / "lb-de"
    done = mine(*example_arguments, *ARGUMENTS, "--output", folder)
    assert done.returncode == 0, done.stderr
    return folder, done.stdout


def test_the_recall_stands_in_manifest_and_report_and_is_true(
    run, mine, example_arguments, tmp_path
) -> None:
    folder, report = run
    manifest = manifest_of(folder)
    exact = tmp_path / "exact"
    shutil.copytree(folder, exact)
    assert mine(*example_arguments, "--k", 3, "--output", exact).returncode == 0
    assert "recall" not in manifest_of(exact)
    for direction in ("forward", "backward"):
        recall = manifest["recall"][f"recall@3 {direction}"]
        assert f"recall@3 {direction}" in report
        assert f"{recall:.4f}" in report
        found, wanted = (
            pl.read_parquet(where / "neighbours" / f"{direction}-*.parquet").sort("sentence_id")
            for where in (folder, exact)
        )
        both = found.join(wanted, on="sentence_id", suffix="_exact")
        near = both.select(
            pl.col("neighbour_ids").list.set_intersection("neighbour_ids_exact").list.len().sum(),
            asked=pl.col("neighbour_ids_exact").list.len().sum(),
        ).row(0)
        assert recall == pytest.approx(near[0] / near[1], abs=1e-4)
        assert 0.2 < recall < 1


def test_the_index_and_its_sample_stand_in_the_manifest(run) -> None:
    manifest = manifest_of(run[0])
    assert manifest["engine"] == "approximate (IVF8,Flat,nprobe=2)"
    rows = manifest["counts"]
    assert manifest["index"] == {
        side: {"spec": "IVF8,Flat,nprobe=2", "trained_on": rows[f"searched {direction}"]}
        for side, direction in (("src", "forward"), ("tgt", "backward"))
    }


def test_every_list_is_full_and_has_no_stand_in(run) -> None:
    found = neighbours(run[0])
    assert found["neighbour_ids"].list.len().unique().to_list() == [3]
    assert found["neighbour_ids"].explode().is_in(found["sentence_id"].implode()).all()


@pytest.mark.slow
def test_two_workers_give_the_same_bytes(run, mine, example_arguments, tmp_path) -> None:
    done = mine(*example_arguments, *ARGUMENTS, "--workers", 2, "--output", tmp_path / "two")
    assert done.returncode == 0, done.stderr
    assert files_of(tmp_path / "two") == files_of(run[0])
    assert manifest_of(tmp_path / "two")["recall"] == manifest_of(run[0])["recall"]


def test_a_stopped_search_goes_on_with_the_index_it_built(tmp_path) -> None:
    import numpy as np

    from bitseam.pipelines.stages.approximate import ApproximateSearch, BuildIndex, SearchIndex
    from bitseam.pipelines.stages.engine import SearchTask
    from bitseam.pipelines.stages.sides import new_vectors, vectors_path, write_ids
    from bitseam.pipelines.work import Work

    work, rows = Work(tmp_path), {"src": 70, "tgt": 90}
    work.path("scratch").mkdir()
    for side, n in rows.items():
        vectors = np.random.default_rng(n).standard_normal((n, 16))
        new_vectors(vectors_path(work, side), n, 16)[:] = vectors / np.linalg.norm(
            vectors, axis=1, keepdims=True
        )
        write_ids(work, side, np.arange(n))
    engine = ApproximateSearch(SearchTask(4, 16, rows, 1), "IVF4,Flat,nprobe=2")
    build = BuildIndex(work, engine.task, engine.specs)
    work.once("index.tgt", lambda: build.run("tgt"))
    before = build.index_path("tgt").stat().st_mtime_ns
    work.once("index.tgt", lambda: build.run("tgt"))
    assert build.index_path("tgt").stat().st_mtime_ns == before
    SearchIndex(work, engine.task, engine.specs).run("forward-000000000000")
    assert len(pl.read_parquet(tmp_path / "neighbours" / "*.parquet")) == 70


@pytest.mark.parametrize(
    ("index", "message"),
    [
        ("HNSW32", "--index is HNSW32: expected auto, Flat, or one such as IVF4096,Flat"),
        ("IVF4096,Flat", "needs at least 4,096 vectors a side, found 2"),
    ],
)
def test_an_index_that_cannot_be_is_the_users_mistake(
    mine, example_arguments, tmp_path, index, message
) -> None:
    for more in ((), ("--dry-run",)):
        done = mine(*example_arguments, "--index", index, "--output", tmp_path / "bad", *more)
        assert done.returncode == 2
        assert message in done.stderr
        assert "Traceback" not in done.stderr
