"""`mine` of a language that the encoder does not know: an encoder adapted to a first pass."""

from __future__ import annotations

import json
import logging
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from bitseam.lid.revision import file_revision
from bitseam.pipelines.job import mine as mine_job
from bitseam.pipelines.options import MineOptions
from bitseam.pipelines.plan import plan

BEADS = 50  # of a document


@pytest.fixture(scope="module")
def corpus(ciphered, write_fasttext, tmp_path_factory) -> dict[str, Any]:
    """Four documents and their translations as two files, and what identifies the languages."""
    folder = tmp_path_factory.mktemp("corpus")
    labels: dict[str, str] = {}
    for side, language in enumerate(("deu", "cym")):
        for text in ciphered[side]:
            labels |= dict.fromkeys(text.split(), f"{language}_Latn")
        with (folder / f"{language}.jsonl").open("w", encoding="utf-8") as file:
            for i in range(4):
                beads = ciphered.gold[i * BEADS : (i + 1) * BEADS]
                lines = [ciphered[side][place] for bead in beads for place in bead[side]]
                url = f"https://example.org/{language}/{i}"
                row = {"id": f"{language}{i}", "url": url, "text": "\n\n".join(lines)}
                file.write(json.dumps(row, ensure_ascii=False) + "\n")
    model = write_fasttext(folder / "lid.bin", labels)
    return {
        "src": "de",
        "tgt": "cy",
        "src_inputs": (str(folder / "deu.jsonl"),),
        "tgt_inputs": (str(folder / "cym.jsonl"),),
        "lid_model": str(model),
        "hygiene": False,
    }


@pytest.fixture(scope="module")
def run(corpus, tmp_path_factory) -> Path:
    output = tmp_path_factory.mktemp("run") / "out"
    mine_job(MineOptions(**corpus, output=output, scope="both"))
    return output


def bytes_of(folder: Path) -> dict[str, bytes]:
    """The bytes of all tables and of the model."""
    files = [*folder.glob("*/*.parquet"), folder / "encoder" / "model.safetensors"]
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


def pairs_of(folder: Path) -> set[tuple[str, str]]:
    table = pl.read_parquet(folder / "pairs" / "*.parquet")
    return {*table.select("src_text", "tgt_text").rows()}


def test_the_run_uses_the_encoder_that_it_adapted(run) -> None:
    manifest = json.loads((run / "manifest.json").read_text("utf-8"))
    stage = manifest["stages"]["encoder"]
    assert stage["helps"]
    assert stage["after"] > stage["before"]
    revision = file_revision(run / "encoder" / "model.safetensors")
    assert f"|encoder:model.safetensors@{revision}|" in manifest["stages"]["pairs"]["signature"]
    assert manifest["stages"]["embeddings"]["revision"] == revision
    assert manifest["options"]["encoder"] == "static"
    assert pl.read_parquet(run / "encoder" / "*.parquet").columns == ["src", "tgt"]


def test_it_finds_more_than_the_first_pass(run, corpus, ciphered, encipher, tmp_path) -> None:
    mine_job(MineOptions(**corpus, output=tmp_path / "off", scope="both", bootstrap="off"))
    assert not (tmp_path / "off" / "encoder").exists()
    right = {
        tuple(" ".join(ciphered[side][i] for i in bead[side]) for side in (0, 1))
        for bead in ciphered.gold
        if all(bead)
    }
    found, before = pairs_of(run), pairs_of(tmp_path / "off")
    right |= {(src, encipher(src)) for src, _ in found | before}  # one of two in one
    assert len(found & right) > max(100, len(before & right))
    assert len(found & right) > 0.8 * len(found)


def test_it_is_continued_without_a_first_pass(run, corpus, caplog) -> None:
    before = bytes_of(run)
    caplog.set_level(logging.INFO, "bitseam")
    summary = mine_job(MineOptions(**corpus, output=run, scope="both"))
    assert all(stage["skipped"] for stage in summary.manifests.values())
    assert "bootstrap: training" not in caplog.text
    assert bytes_of(run) == before


@pytest.mark.slow
def test_the_same_bytes_of_two_workers(run, corpus, tmp_path) -> None:
    mine_job(MineOptions(**corpus, output=tmp_path / "two", scope="both", workers=2))
    assert bytes_of(tmp_path / "two") == bytes_of(run)


def test_what_nothing_is_learnt_from_is_said(corpus, tmp_path, caplog) -> None:
    """Sentences from anywhere: few names and numbers are in common."""
    caplog.set_level(logging.INFO, "bitseam")
    summary = mine_job(MineOptions(**corpus, output=tmp_path / "out"))
    assert "names, numbers and cognates at best" in caplog.text
    assert "50 or more can be learnt from" in caplog.text
    assert not summary.manifests["encoder"]["helps"]
    assert not (tmp_path / "out" / "encoder" / "model.safetensors").exists()
    assert "encoder:static@" in summary.manifests["pairs"]["signature"]


def test_the_plan_tells_of_it(corpus, tmp_path) -> None:
    told = "\n".join(plan(MineOptions(**corpus, output=tmp_path / "out")).lines())
    assert "bootstrap: all stages after sentences twice" in told
    never = MineOptions(**corpus, output=tmp_path / "out", bootstrap="off")
    assert "bootstrap" not in "\n".join(plan(never).lines())
