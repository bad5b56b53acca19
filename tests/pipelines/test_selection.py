"""Which pairs a run keeps, through the command line: by precision, by margin, with texts' say."""

from __future__ import annotations

import json

import numpy as np
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bitseam.pipelines.parquet import write_table
from bitseam.pipelines.stages.candidate_texts import load_texts
from bitseam.schemas import tables
from bitseam.schemas.errors import BitseamError


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("selection") / "lb-de"


@pytest.fixture
def keep(mine, example_arguments, folder):
    """A function that runs `mine` with other options; returns pairs, rejected pairs, manifest."""

    def run(*options: str) -> tuple[pl.DataFrame, pl.DataFrame, dict]:
        done = mine(*example_arguments, "--output", folder, *options)
        assert done.returncode == 0, done.stderr
        manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
        pairs = pl.read_parquet(folder / "pairs" / "*.parquet")
        rejects = pl.read_parquet(folder / "rejects" / "pairs" / "*.parquet")
        return pairs, rejects, manifest["stages"]["pairs"]

    return run


def test_a_higher_promise_keeps_fewer_of_the_same_pairs(keep) -> None:
    kept = []
    for promised in (0.7, 0.9, 0.97):
        pairs, rejects, manifest = keep("--precision", str(promised))
        assert (manifest["precision"], manifest["threshold"]) == (promised, None)
        assert pairs["precision"].is_between(0, 1).all()
        assert pairs["precision"].mean() >= promised - 1e-6
        assert manifest["estimated"]["precision"] == pytest.approx(pairs["precision"].mean(), 1e-4)
        assert set(rejects["reason"]) == {"below_precision"}
        assert manifest["counts"]["rejected below_precision"] == len(rejects)
        kept.append(pairs)
    ids = [set(pairs["src_id"]) for pairs in kept]
    assert ids[0] > ids[1] > ids[2]
    assert keep()[0].equals(kept[1])
    assert keep("--threshold", "auto")[0].equals(kept[1])


def test_a_threshold_keeps_by_margin_and_still_tells_the_precision(keep) -> None:
    pairs, rejects, manifest = keep("--threshold", "1.3", "--no-rescore")
    assert (manifest["precision"], manifest["threshold"]) == (None, 1.3)
    assert pairs["margin"].min() >= 1.3
    assert pairs["precision"].null_count() == 0
    assert set(rejects["reason"]) == {"below_threshold"}
    assert "rescore:off" in manifest["signature"]
    assert manifest["signature"].endswith("|threshold:1.3000")


@settings(max_examples=30)
@given(st.data())
def test_texts_are_those_of_the_first_occurrence(tmp_path_factory, data) -> None:
    ids = data.draw(st.lists(st.integers(-50, 50), max_size=60))
    cut = data.draw(st.integers(0, len(ids)))
    folder = tmp_path_factory.mktemp("sentences")
    for name, part in (("a", ids[:cut]), ("b", ids[cut:])):
        first = cut * (name == "b")
        columns = {
            "sentence_id": pa.array(part, pa.int64()),
            "text": pa.array([f"text {first + i}" for i in range(len(part))], pa.string()),
        }
        write_table(folder / f"{name}.parquet", pa.table(columns))
    wanted = sorted(set(data.draw(st.lists(st.sampled_from(ids))) if ids else []))
    files = sorted(folder.glob("*.parquet"))
    every, some = load_texts(files, np.unique(np.array(ids, np.int64)), np.array(wanted, np.int64))
    assert some.to_pylist() == [f"text {ids.index(its)}" for its in wanted]
    assert every.to_pylist() == [f"text {ids.index(its)}" for its in sorted(set(ids))]


def test_a_sentence_without_a_text_is_an_error(tmp_path) -> None:
    write_table(tmp_path / "a.parquet", tables.SENTENCES.empty_table())
    with pytest.raises(BitseamError, match=r"1 of 1 sentences .* --no-resume"):
        load_texts([tmp_path / "a.parquet"], np.array([7]))
