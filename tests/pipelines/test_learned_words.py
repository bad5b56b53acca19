"""A run, and `mine align`, learn the abbreviations of a language without a list from its texts."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl

from bitseam.lid.identifiers import load_identifier
from bitseam.lid.segmentation.lexicon import has_file
from bitseam.pipelines.align.collection import read_collection
from bitseam.pipelines.job import mine as run_job
from bitseam.pipelines.options import MineOptions
from bitseam.pipelines.readers import InputFile, find_inputs
from bitseam.pipelines.stages import learned_words, sentences

LANGUAGE = "gn"  # Guarani: no file of abbreviations
NAMES = ["Ramón", "Marta", "Julián", "Elena", "Pedro", "Rosa", "Tomás", "Lucía", "Andrés", "Clara"]


def page(number: int) -> str:
    """Guarani sentences with "karai gu. Ramón", an abbreviation of our own."""
    name, other = NAMES[number % 10], NAMES[(3 * number + 1) % 10]
    parts = [
        f"Che sy ohecha karai gu. {name} pe ógape ko pyhareve.",
        f"Upéi oguahẽ {other} ha oñe'ẽ hikuái mboyhára rehe.",
        f"Ko árape gu. {other} oho tape puku rupi ha upéi ou jey.",
        "Ha'e he'i chupe ko mba'e iporãha opavave avápe g̃uarã.",
    ]
    turn = number % 4
    return " ".join(parts[turn:] + parts[:turn])


def write(folder: Path, files: int) -> tuple[str, ...]:
    """Write sixty pages into so many files; return their paths."""
    rows = [{"id": f"p{at}", "text": page(at), "lang": LANGUAGE} for at in range(60)]
    for file in range(files):
        lines = [json.dumps(row, ensure_ascii=False) for row in rows[file::files]]
        (folder / f"{file}.jsonl").write_text("\n".join(lines) + "\n", "utf-8")
    return tuple(str(folder / f"{file}.jsonl") for file in range(files))


def texts(folder: Path) -> list[str]:
    files = sorted((folder / "sentences").glob("*.parquet"))
    return sorted(pl.concat(pl.read_parquet(file) for file in files)["text"].to_list())


def test_a_run_learns_from_what_it_reads_whatever_its_shards_and_workers(
    tmp_path, monkeypatch
) -> None:
    assert not has_file("gug_Latn")
    whole, parts = tmp_path / "whole", tmp_path / "parts"
    german = tmp_path / "german.txt"  # a run needs both sides
    german.write_text("Am Abend fährt der letzte Zug in die Stadt zurück.\n", "utf-8")
    sides = {"src": LANGUAGE, "tgt": "de", "tgt_inputs": (str(german),)}
    run_job(MineOptions(**sides, output=whole, src_inputs=write(tmp_path, 1)))
    found = texts(whole)
    assert any("gu. Ramón" in text for text in found)
    assert not any(text.endswith("gu.") for text in found)
    manifest = json.loads((whole / "manifest.json").read_text("utf-8"))
    assert manifest["stages"]["sentences"]["learned_abbreviations"] == ["gu"]

    monkeypatch.setattr(sentences, "SHARD_BYTES", 1)
    monkeypatch.setattr(sentences, "READ_BYTES", 1)
    inputs = write(tmp_path, 6)
    run_job(MineOptions(**sides, output=parts, src_inputs=inputs, hygiene=False, workers=2))
    assert len(list((parts / "sentences").glob("*.parquet"))) == 7
    assert texts(parts) == found


def test_nothing_is_counted_where_every_language_has_a_list() -> None:
    assert learned_words.word_sample([], ("ltz_Latn", "deu_Latn"), "bitseam") is None


def test_of_large_inputs_a_sample_is_counted() -> None:
    def level(*sizes: int | None) -> int:
        files = [InputFile(f"/{at}", f"{at}", "text", None, size) for at, size in enumerate(sizes)]
        sample = learned_words.word_sample(files, ("gug_Latn", "deu_Latn"), "bitseam")
        assert sample is not None and sample.languages == ("gug_Latn",)
        return sample.level

    assert level() == level(None) == level(64 << 20) == 0
    assert level(65 << 20) == level(64 << 20, 64 << 20) == 1
    assert level(1 << 30) == 4


def test_aligning_learns_from_what_it_reads(tmp_path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("\n\n".join(page(number) for number in range(60)), "utf-8")
    files = find_inputs([str(path)], lang_hint=LANGUAGE)
    identifier = load_identifier()
    read = read_collection(str(path), files, "gug_Latn", identifier, in_lines=False)
    assert len(read.sentences) == 240
    assert not any(text.endswith("gu.") for text in read.sentences["text"].to_pylist())
