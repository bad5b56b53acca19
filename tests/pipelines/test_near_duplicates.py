"""Near-duplicate sentences in the main job: the same whatever the partitions and the workers."""

from __future__ import annotations

import json
from itertools import product
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bitseam.lid.identity import fold_keys, sentence_ids
from bitseam.pipelines.job import mine as run_job
from bitseam.pipelines.options import MineOptions
from bitseam.pipelines.stages.near_duplicates import (
    SIDES,
    FindNearDuplicates,
    SignSentences,
    load_near_duplicates,
)
from bitseam.pipelines.stages.partitions import partition_of
from bitseam.pipelines.work import Work

LB = (
    "Um Maart zu {} gouf et de {}. Mee frëscht Geméis, Uebst, Kéis a Wurscht vun de Baueren, "
    "déi aus der ganzer Ëmgéigend op d'Plaz komm waren."
)
DE = (
    "Auf dem Markt in {} gab es am {}. Mai frisches Gemüse, Obst, Käse und Wurst von den Bauern, "
    "die aus der ganzen Umgebung auf den Platz gekommen waren."
)
LANGUAGES = {"ltz_Latn": LB, "deu_Latn": DE}
PLACES = ("Munneref", "Dikrech", "Wolz")


@pytest.fixture(scope="module")
def inputs(tmp_path_factory) -> dict[str, Path]:
    """Of either language, for three places and days, a line; one of them also with slips."""
    folder, paths = tmp_path_factory.mktemp("lines"), {}
    for lang, pattern in LANGUAGES.items():
        lines = [pattern.format(place, day) for place, day in product(PLACES, (3, 17, 24))]
        slips = [lines[0].replace("Wurs", "Wuers"), lines[0].replace("Geméis", "Geméiss")]
        lines += [slips[0], slips[0], *slips] if lang == "ltz_Latn" else [slips[0]]
        paths[lang] = folder / f"{lang}.txt"
        paths[lang].write_text("".join(f"{line}\n" for line in lines), "utf-8")
    return paths


def options(inputs, output: Path, **changed) -> MineOptions:
    src, tgt = ((str(inputs[lang]),) for lang in LANGUAGES)
    return MineOptions(
        "lb", "de", output, src_inputs=src, tgt_inputs=tgt, text_unit="line", threshold=0, **changed
    )


def arguments(inputs, *more: object) -> list[object]:
    src, tgt = (inputs[lang] for lang in LANGUAGES)
    told = ("--src", "lb", "--tgt", "de", "--src-input", src, "--tgt-input", tgt)
    return [*told, "--text-unit", "line", "--threshold", 0, *more]


@pytest.fixture(scope="module")
def run(inputs, mine, tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("run") / "out"
    done = mine(*arguments(inputs, "--output", folder, "--near-duplicates", 0.9))
    assert done.returncode == 0, done.stderr
    assert "rejected: near_duplicate" in done.stdout
    return folder


def dropped(folder: Path) -> pl.DataFrame:
    return pl.read_parquet(folder / "rejects" / "embeddings" / "*.parquet").filter(
        pl.col("reason") == "near_duplicate"
    )


def bytes_of(folder: Path, stage: str) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in (folder / stage).glob("*.parquet")}


def test_of_near_duplicates_the_most_frequent_stays(run) -> None:
    sentences = pl.read_parquet(run / "sentences" / "*.parquet")
    texts = dict(sentences.select("sentence_id", "text").rows())
    found = dropped(run)
    kept, gone = found["detail"].str.extract_groups(r"^(-?\d+) stays for (-?\d+)$").struct.unnest()
    assert [texts[int(number)] for number in gone] == found["text"].to_list()
    pairs = {(texts[int(number)], text) for number, text in zip(kept, found["text"], strict=True)}
    line, other = LB.format("Munneref", 3), DE.format("Munneref", 3)
    often = line.replace("Wurs", "Wuers")  # stands there three times
    rare = other, other.replace("Wurs", "Wuers")
    assert {pair for pair in pairs if pair[0] == often} == {
        (often, line),
        (often, line.replace("Geméis", "Geméiss")),
    }
    lower = min(rare, key=lambda text: sentence_ids("deu_Latn", [text])[0])
    assert {pair for pair in pairs if pair[0] == lower} == {(lower, (set(rare) - {lower}).pop())}
    assert len(pairs) == 3  # other places and days are other sentences


def test_what_is_dropped_is_neither_embedded_nor_paired(run) -> None:
    counts = json.loads((run / "manifest.json").read_text())["stages"]["embeddings"]["counts"]
    assert (counts["unique src"], counts["unique tgt"]) == (9, 9)
    assert counts["rejected near_duplicate"] == 3
    gone = set(dropped(run)["text"])
    pairs = pl.read_parquet(run / "pairs" / "*.parquet")
    assert pairs.height
    assert not gone & {*pairs["src_text"], *pairs["tgt_text"]}


@pytest.mark.slow
def test_two_workers_give_the_same_bytes(run, inputs, mine, tmp_path) -> None:
    told = arguments(inputs, "--output", tmp_path / "two", "--workers", 2)
    done = mine(*told, "--near-duplicates", 0.9)
    assert done.returncode == 0, done.stderr
    for stage in ("embeddings", "pairs", "rejects/embeddings"):
        assert bytes_of(tmp_path / "two", stage) == bytes_of(run, stage)


def test_partitions_do_not_show(run, inputs, tmp_path, monkeypatch) -> None:
    monkeypatch.setattr("bitseam.pipelines.stages.partitions.PARTITION_ROWS", 4)
    run_job(options(inputs, tmp_path / "out", near_duplicates=0.9))
    assert len(bytes_of(tmp_path / "out", "embeddings")) > 4
    columns = ["text", "detail"]
    found, expected = (
        dropped(folder).select(columns).sort(columns) for folder in (tmp_path / "out", run)
    )
    assert found.equals(expected)


def test_another_similarity_does_the_stage_again(inputs, tmp_path) -> None:
    def stages(near_duplicates: float | None) -> dict[str, dict]:
        report = run_job(options(inputs, tmp_path / "out", near_duplicates=near_duplicates))
        return {name: dict(found) for name, found in report.manifests.items()}

    off = stages(None)
    assert "rejected near_duplicate" not in off["embeddings"]["counts"]
    assert not dropped(tmp_path / "out").height
    asked = stages(0.9)
    assert asked["sentences"]["skipped"]
    assert "skipped" not in asked["embeddings"]
    assert asked["embeddings"]["counts"]["rejected near_duplicate"] == 3
    assert asked["embeddings"]["counts"]["cached"] == 18  # what stays was embedded before
    assert stages(0.9)["embeddings"]["skipped"]
    assert "skipped" not in stages(1.0)["embeddings"]
    assert stages(None)["embeddings"]["content"] == off["embeddings"]["content"]


def test_a_run_stopped_before_the_encoding_goes_on(run, inputs, tmp_path, monkeypatch) -> None:
    def stop(*_: object) -> None:
        raise RuntimeError("stopped")

    chosen = options(inputs, tmp_path / "out", near_duplicates=0.9)
    module = "bitseam.pipelines.stages"
    with monkeypatch.context() as patch:
        patch.setattr(f"{module}.embeddings.drop_near_duplicates", stop)
        with pytest.raises(Exception, match="stopped"):
            run_job(chosen)
    monkeypatch.setattr(f"{module}.near_duplicates.find_near_sentences", stop)  # is done
    run_job(chosen)
    assert bytes_of(tmp_path / "out", "embeddings") == bytes_of(run, "embeddings")


WORDS = st.sampled_from(
    ["eng laang Saz", "iwwer de Wee", "mat 3 Beem", "mat 4 Beem", "an der Sonn"]
)
SENTENCES = st.tuples(
    st.sampled_from(list(LANGUAGES)),
    st.lists(WORDS, min_size=1, max_size=5).map(" ".join),
    st.text("xyz", max_size=2),
    st.integers(1, 3),
)


@settings(max_examples=25)
@given(st.lists(SENTENCES, min_size=1, max_size=30))
def test_partitioned_equals_whole(drawn) -> None:
    langs, texts, ends, counts = map(list, zip(*drawn, strict=True))
    texts = [text + end for text, end in zip(texts, ends, strict=True)]
    frame = pl.DataFrame({"lang": langs, "text": texts, "count": counts})
    ids = sentence_ids(pa.array(langs), pa.array(texts))
    frame = frame.with_columns(sentence_id=ids, key=fold_keys(pa.array(texts)))
    whole, parted = (near_duplicates_of(frame, partitions) for partitions in (1, 4))
    assert whole.equals(parted)
    assert not set(whole["kept"]) & set(whole["sentence_id"])
    language = dict(frame.select("sentence_id", "lang").rows())
    assert all(language[gone] == language[kept] for gone, kept in whole.rows())


def near_duplicates_of(frame: pl.DataFrame, partitions: int) -> pl.DataFrame:
    partition = partition_of(frame["key"].to_numpy(), partitions)
    with TemporaryDirectory() as folder:
        work = Work(Path(folder))
        work.path("scratch").mkdir()
        for number, shard in enumerate(np.array_split(np.arange(len(frame)), 2)):
            rows = frame.with_columns(partition=partition)[shard]
            rows.write_parquet(work.path("scratch", f"{number}.parquet"))
        tasks = [f"{number:05d}" for number in range(partitions)]
        for task in tasks:
            SignSentences(work, *LANGUAGES, 0.8).run(task)
        for side in SIDES:
            FindNearDuplicates(work, 0.8).run(side)
        found = [load_near_duplicates(work, task) for task in tasks]
        return pl.concat(found).sort("sentence_id")
