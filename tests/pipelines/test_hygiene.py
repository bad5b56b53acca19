"""Document hygiene in the main job: the same whatever the shards, the workers and the kills."""

from __future__ import annotations

import json
import random
from pathlib import Path

import polars as pl
import pytest

from bitseam.pipelines.job import mine as run_job
from bitseam.pipelines.options import MineOptions
from bitseam.pipelines.stages import corpus_facts, sentences

MENU = ["Haaptsäit", "Aktualitéit", "Iwwer eis", "Kontakt", "Sproochen", "Sich um Site"]
FOOTER = "De Site gouf gutt besicht a gëtt vun der Gemeng bedriwwen."
OTHER_SIDE = "Am Abend fährt der letzte Zug in die Stadt zurück.\n"  # a run needs both sides
SUBJECTS = ["De Bäcker", "D'Schoulmeeschtesch", "Den Noper", "Eis Giel", "De Facteur", "D'Kanner"]
VERBS = ["huet", "gesäit", "kritt", "sicht", "verkeeft", "brengt"]
OBJECTS = [
    "den alen Dësch",
    "eng nei Dir",
    "zwee Kilo Gromperen",
    "de roude Vëlo",
    "e schéint Buch",
]
PLACES = ["um Maart", "hannert der Kierch", "am Gaart", "bei der Gare", "op der Plaz"]
TIMES = ["all Dag", "moies fréi", "no der Schoul", "am Wanter", "virun der Rees"]


def article(chance: random.Random, sentences: int) -> list[str]:
    parts = (SUBJECTS, VERBS, OBJECTS, PLACES, TIMES)
    return [f"{' '.join(chance.choice(part) for part in parts)}." for _ in range(sentences)]


@pytest.fixture(scope="module")
def corpus(tmp_path_factory) -> Path:
    """Twenty pages under one menu and footer; two repeat the third, but for a sentence."""
    chance = random.Random(3)
    articles = [article(chance, 25) for _ in range(20)]
    for copy in (9, 14):
        articles[copy] = [*articles[2][:-1], *article(chance, 1)]
    path = tmp_path_factory.mktemp("corpus") / "pages.jsonl"
    with path.open("w", encoding="utf-8") as file:
        for number, text in enumerate(articles):
            page = [*MENU, "\n".join(text), FOOTER]
            row = {"id": f"p{number}", "text": "\n\n".join(page)}
            file.write(json.dumps(row, ensure_ascii=False) + "\n")
    path.with_name("other.txt").write_text(OTHER_SIDE, "utf-8")
    return path


def options(corpus: Path, output: Path, **changed) -> MineOptions:
    sides = {"src_inputs": (str(corpus),), "tgt_inputs": (str(corpus.with_name("other.txt")),)}
    return MineOptions("lb", "de", output, **sides, **changed)


@pytest.fixture(scope="module")
def run(corpus, tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("run") / "out"
    run_job(options(corpus, folder))
    return folder


def tables(folder: Path) -> list[pl.DataFrame]:
    """Return the sentences and their rejects, each as one table."""
    return [
        pl.read_parquet(folder / name / "*.parquet") for name in ("sentences", "rejects/sentences")
    ]


def test_repeats_menus_and_footers_are_rejected(run) -> None:
    kept, rejects = tables(run)
    repeats = rejects.filter(pl.col("reason") == "near_duplicate_document")
    assert repeats["doc_id"].to_list() == ["pages.jsonl#p9", "pages.jsonl#p14"]
    assert set(repeats["detail"]) == {"pages.jsonl#p2"}
    boilerplate = rejects.filter(pl.col("reason") == "boilerplate")
    assert boilerplate["text"].str.starts_with("De Site gouf").sum() == 17
    assert set(boilerplate["detail"]) == {"in 18 documents"}
    assert kept["doc_id"].n_unique() == 19
    footers = kept.filter(kept["text"].str.contains("Gemeng bedriwwen"))
    assert footers["doc_id"].to_list() == ["pages.jsonl#p0"]
    assert not kept["text"].is_in(MENU).any()
    unsure = rejects["reason"].is_in(["other_language", "low_lang_score"]).sum()
    # Nothing of the articles is lost to hygiene. One footer stays, and there is the other side.
    assert kept.height + unsure == 18 * 25 + 1 + 1


REPORT = """Wieder fir de {day}. Mee.
Moies ass et meeschtens bewëlkt, mëttes schéngt d'Sonn.
D'Héchstwäerter leien bei {high} Grad.
An der Nuecht falen d'Wäerter op {low} Grad.
Weider liesen iwwer Wieder"""


def test_reports_that_fill_one_form_keep_what_they_say(tmp_path, monkeypatch) -> None:
    rows = [
        {"id": f"r{i}", "text": REPORT.format(day=i + 1, high=i + 17, low=i - 2)} for i in range(8)
    ]
    path = tmp_path / "wieder.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    path.with_name("other.txt").write_text(OTHER_SIDE, "utf-8")
    run_job(options(path, tmp_path / "out"))
    kept, rejects = tables(tmp_path / "out")
    assert kept.filter(kept["text"].str.contains("Moies"))["doc_id"].to_list() == [
        "wieder.jsonl#r0"
    ]
    for part in ("Wieder fir", "D'Héchstwäerter", "An der Nuecht"):
        assert kept["text"].str.starts_with(part).sum() == 8
    assert set(rejects["detail"]) == {"in 8 documents"}
    assert rejects["reason"].value_counts().rows() == [("boilerplate", 7 + 8)]

    monkeypatch.setattr(sentences, "SHARD_BYTES", 1)
    monkeypatch.setattr(corpus_facts, "COUNTED_ROWS", 4)
    monkeypatch.setattr("bitseam.pipelines.readers.batches.MAX_ROWS", 3)
    run_job(options(path, tmp_path / "parts"))
    for found, expected in zip(tables(tmp_path / "parts"), (kept, rejects), strict=True):
        assert found.sort(found.columns).equals(expected.sort(expected.columns))


def test_the_shards_do_not_show(run, corpus, tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(sentences, "SHARD_BYTES", 1)
    monkeypatch.setattr(corpus_facts, "COUNTED_ROWS", 50)
    monkeypatch.setattr("bitseam.pipelines.readers.batches.MAX_ROWS", 3)
    run_job(options(corpus, tmp_path / "out"))
    for found, expected in zip(tables(tmp_path / "out"), tables(run), strict=True):
        assert found.sort(found.columns).equals(expected.sort(expected.columns))


def test_a_run_stopped_after_the_merge_goes_on(run, corpus, tmp_path, monkeypatch) -> None:
    def stop(*_: object) -> None:
        raise RuntimeError("stopped")

    with monkeypatch.context() as patch:
        patch.setattr(sentences, "extract_sentences", stop)
        with pytest.raises(Exception, match="stopped"):
            run_job(options(corpus, tmp_path / "out"))
    monkeypatch.setattr(corpus_facts, "find_originals", stop)  # the merge is not done again
    run_job(options(corpus, tmp_path / "out"))
    names = [path.name for path in sorted((run / "sentences").glob("*.parquet"))]
    for name in names:
        found = (tmp_path / "out" / "sentences" / name).read_bytes()
        assert found == (run / "sentences" / name).read_bytes()


@pytest.mark.slow
def test_two_workers_give_the_same_bytes(run, corpus, mine, tmp_path) -> None:
    other = corpus.with_name("other.txt")
    arguments = ("--src", "lb", "--tgt", "de", "--src-input", corpus, "--tgt-input", other)
    done = mine(*arguments, "--output", tmp_path / "two", "--workers", 2)
    assert done.returncode == 0, done.stderr
    for path in (run / "sentences").glob("*.parquet"):
        assert (tmp_path / "two" / "sentences" / path.name).read_bytes() == path.read_bytes()


def test_without_hygiene_documents_are_not_judged(corpus, tmp_path) -> None:
    run_job(options(corpus, tmp_path / "out", hygiene=False))
    kept, rejects = tables(tmp_path / "out")
    assert kept["doc_id"].n_unique() == 21
    assert not {"boilerplate", "menu", "near_duplicate_document"} & set(rejects["reason"])


def test_lines_are_not_judged_as_documents(corpus, tmp_path) -> None:
    run_job(options(corpus, tmp_path / "out", text_unit="line"))
    _, rejects = tables(tmp_path / "out")
    assert not {"boilerplate", "menu", "near_duplicate_document"} & set(rejects["reason"])


def test_rejects_that_are_not_kept_are_counted(run, corpus, tmp_path) -> None:
    folder = tmp_path / "out"
    run_job(options(corpus, folder))
    assert (folder / "rejects" / "sentences").is_dir()
    report = run_job(options(corpus, folder, keep_rejects=False))
    assert not list((folder / "rejects").rglob("*.parquet"))
    assert any("near_duplicate_document" in line for line in report.lines())
    stages = json.loads((folder / "manifest.json").read_text())["stages"]
    kept = json.loads((run / "manifest.json").read_text())["stages"]
    for stage in stages:
        assert stages[stage]["counts"] | {"cached": 0} == kept[stage]["counts"] | {"cached": 0}
