from __future__ import annotations

import zipfile
from dataclasses import replace

import polars as pl
import pytest

from bitseam.lid.extract import extract_sentences
from bitseam.pipelines.job import mine
from bitseam.pipelines.options import MineOptions
from bitseam.pipelines.plan import plan
from bitseam.pipelines.units import readable_size
from bitseam.schemas.errors import UserError

LB = "Den {0}. Bus vun der Gare op d'Plaz ass haut mat {0} Minutte Verspéidung komm."
DE = "Der {0}. Bus vom Bahnhof zum Platz ist heute mit {0} Minuten Verspätung gekommen."


@pytest.fixture
def options(tmp_path) -> MineOptions:
    for lang, sentence, count in (("lb", LB, 3000), ("de", DE, 5000)):
        lines = "".join(f"{sentence.format(number)}\n" for number in range(count))
        (tmp_path / f"{lang}.txt").write_text(lines, "utf-8")
    return MineOptions(
        "lb",
        "de",
        tmp_path / "out",
        src_inputs=(str(tmp_path / "lb.txt"),),
        tgt_inputs=(str(tmp_path / "de.txt"),),
        text_unit="line",
    )


def test_expected_sentences_come_close_even_from_a_part(options, monkeypatch) -> None:
    monkeypatch.setattr("bitseam.pipelines.plan.SAMPLE_BYTES", 50_000)
    expected = plan(options).sentences
    mine(options)
    found = dict(
        pl.read_parquet(options.output / "sentences" / "*.parquet").group_by("lang").len().rows()
    )
    for lang, count in found.items():
        assert expected[lang] == pytest.approx(count, rel=0.1)


def test_more_dimensions_and_sentences_need_more(options, monkeypatch) -> None:
    small = plan(options)
    monkeypatch.setattr("bitseam.pipelines.plan.PER_CANDIDATE", 10**6)
    large = plan(options)
    assert large.memory > small.memory
    assert small.disk > 2 * sum(small.sentences.values()) * 256 * 4
    assert "expected memory: " in "\n".join(small.lines())


def test_the_search_is_planned(options) -> None:
    exact, twice = plan(options), plan(replace(options, engine="faiss"))
    assert "search: exact, both directions from 1 tile" in exact.lines()
    assert "expected search time: 1 s" in exact.lines()
    assert "search: every product twice, by faiss" in twice.lines()
    assert not any("search time" in line for line in twice.lines())
    assert exact.memory > twice.memory
    assert exact.disk > twice.disk


def test_a_scope_that_searches_no_sentences_plans_no_search(options) -> None:
    planned = plan(replace(options, scope="documents", text_unit="document"))
    assert planned.search is None
    assert not any("search" in line for line in planned.lines())
    assert planned.memory < plan(options).memory
    with pytest.raises(UserError, match="--index auto is of no use here: --scope documents"):
        replace(options, scope="documents", text_unit="document", index="auto")


@pytest.mark.parametrize(
    ("count", "text"),
    [
        (999, "999 bytes"),
        (1000, "1 KB"),
        (1_234_567_890, "1,234 MB"),
        (12_345_678_901, "12.3 GB"),
        (5 * 10**12, "5,000.0 GB"),
    ],
)
def test_sizes_are_told_in_a_unit_that_suits_them(count, text) -> None:
    assert readable_size(count) == text


def test_the_search_for_near_duplicates_is_planned(options) -> None:
    without = plan(options)
    asked = plan(replace(options, near_duplicates=0.7))
    assert asked.disk > without.disk
    assert asked.memory >= without.memory
    assert "near-duplicate sentences: from a similarity of 0.7 one stays" in asked.lines()
    assert not any("near-duplicate" in line for line in without.lines())


def test_of_a_long_document_only_the_start_is_looked_at(options, tmp_path, monkeypatch) -> None:
    monkeypatch.setattr("bitseam.pipelines.plan.SAMPLE_BYTES", 50_000)
    lines = "".join(f"{DE.format(number)}\n" for number in range(40_000))
    with zipfile.ZipFile(tmp_path / "de.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("de.txt", lines)
    seen = []

    def counted(documents, *rest):
        seen.append(documents.nbytes)
        return extract_sentences(documents, *rest)

    monkeypatch.setattr("bitseam.lid.extract.extract_sentences", counted)
    asked = replace(options, tgt_inputs=(str(tmp_path / "de.zip"),), text_unit="document")
    assert plan(asked).sentences["deu_Latn"] > 100
    assert len(lines) > 2_000_000
    assert max(seen) < 2_000_000


def test_what_would_stop_the_run_stops_the_plan(options, tmp_path) -> None:
    options.output.mkdir()
    (options.output / "thesis.tex").write_text("dear reader")
    with pytest.raises(UserError, match="not empty"):
        plan(options)
