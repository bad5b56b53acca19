"""Sets of `mine evalset` in the real mteb package and in `datasets`: nothing is downloaded."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from bitseam.mining.encoders import load_encoder
from bitseam.mining.encoders.mteb_model import MtebModel
from bitseam.pipelines.evalset.bitext import BitextOptions
from bitseam.pipelines.evalset.distractors import DistractorOptions
from bitseam.pipelines.evalset.gold import GoldOptions
from bitseam.pipelines.evalset.mining import MiningSetOptions, build_mining_set
from bitseam.pipelines.evalset.mteb_task import mteb_task
from bitseam.pipelines.evalset.retrieval import build_retrieval_set
from bitseam.schemas.errors import UserError

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "lb-de"
GOLD = GoldOptions(BitextOptions("lb", "de"))


@pytest.fixture(autouse=True)
def offline(monkeypatch, tmp_path) -> None:
    datasets = pytest.importorskip("datasets", reason="needs the extra dev: pip install datasets")
    pytest.importorskip("mteb", reason="needs the mteb package, of the extra dev")
    monkeypatch.setattr(datasets.config, "HF_HUB_OFFLINE", True)
    monkeypatch.setattr(datasets.config, "HF_DATASETS_CACHE", tmp_path / "cache")
    monkeypatch.setenv("MTEB_CACHE", str(tmp_path))


@pytest.fixture
def mining_set(tmp_path) -> Path:
    """The gold of the example among the sentences of its traps."""
    traps = pl.read_csv(EXAMPLE / "traps.tsv", separator="\t", quote_char=None)
    for name in ("src_text", "tgt_text"):
        (tmp_path / name).write_text("\n".join(traps[name].drop_nulls()) + "\n", "utf-8")
    options = MiningSetOptions(
        GOLD,
        DistractorOptions(),
        ([str(tmp_path / "src_text")], [str(tmp_path / "tgt_text")]),
        gold_share=0.9,
    )
    output = tmp_path / "hidden"
    build_mining_set(str(EXAMPLE / "gold.tsv"), output, options, (), None)
    return output


def evaluated(folder: Path) -> dict[str, dict[str, object]]:
    import mteb

    (result,) = mteb.evaluate(MtebModel(), mteb_task(folder), cache=None).task_results
    return {split: scores[0] for split, scores in result.scores.items()}


def nearest_is_right(sources: list[str], targets: list[str], right: list[int]) -> float:
    encoder = load_encoder("static")
    cosines = encoder.encode(sources) @ encoder.encode(targets).T
    return float((cosines.argmax(axis=1) == np.array(right)).mean())


def test_mteb_measures_the_static_encoder_on_a_retrieval_set(tmp_path) -> None:
    output = tmp_path / "lists"
    build_retrieval_set(str(EXAMPLE / "gold.tsv"), output, GOLD, (), "cc0-1.0")
    scores = evaluated(output)
    assert [*scores] == ["dev", "test"]
    for split, found in scores.items():
        rows = pl.read_parquet(output / "data" / f"{split}.parquet")
        sides = rows["sentence1"].to_list(), rows["sentence2"].to_list()
        assert found["accuracy"] == pytest.approx(nearest_is_right(*sides, [*range(len(rows))]))
        assert found["languages"] == ["ltz-Latn", "deu-Latn"]
        assert found["hf_subset"] == "lb-de"


def test_mteb_measures_the_static_encoder_on_a_mining_set(mining_set) -> None:
    for split, found in evaluated(mining_set).items():
        source, target = (
            pl.read_parquet(mining_set / side / f"{split}.parquet") for side in ("source", "target")
        )
        gold = pl.read_parquet(mining_set / "gold" / f"{split}.parquet")
        assert len(target) > len(gold)
        assert set(gold["src_id"]) < set(source["id"])
        places = {name: row for row, name in enumerate(target["id"])}
        right = [places[name] for name in gold["tgt_id"]]
        expected = nearest_is_right(gold["sentence1"].to_list(), target["text"].to_list(), right)
        assert found["accuracy"] == pytest.approx(expected)


def test_the_card_is_read_by_datasets(mining_set) -> None:
    import yaml
    from datasets import load_dataset

    head = yaml.safe_load((mining_set / "README.md").read_text("utf-8").split("---\n")[1])
    assert head["language"] == ["lb", "de"]
    assert head["license"] == "unknown"
    names = [config["config_name"] for config in head["configs"]]
    assert names == ["lb-de", "source", "target", "gold"]
    for name in names:
        found = load_dataset(str(mining_set), name)
        assert [*found] == ["dev", "test"]
    rows = pl.read_parquet(mining_set / "gold" / "test.parquet")
    assert found["test"]["sentence1"][:] == rows["sentence1"].to_list()


def test_a_folder_without_a_set_is_refused(tmp_path) -> None:
    with pytest.raises(UserError, match="holds no evaluation set"):
        mteb_task(tmp_path)
