"""The main job on the example corpus, through the command line."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from bitseam.lid.identity import sentence_ids
from bitseam.pipelines.readers import ReadOptions, find_inputs, read_documents
from bitseam.schemas import tables

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "lb-de"


@pytest.fixture(scope="module")
def run(mine, example_arguments, tmp_path_factory) -> tuple[Path, str]:
    """A finished run: its folder and what it printed."""
    folder = tmp_path_factory.mktemp("mined") / "lb-de"
    done = mine(*example_arguments, "--output", folder, "--keep-documents")
    assert done.returncode == 0, done.stderr
    return folder, done.stdout


@pytest.fixture(scope="module")
def pairs(run) -> pl.DataFrame:
    return pl.read_parquet(run[0] / "pairs" / "*.parquet")


def files_of(folder: Path, stage: str) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted((folder / stage).glob("*.parquet"))}


def test_finds_most_of_the_gold_and_little_else(run) -> None:
    done = subprocess.run(
        [sys.executable, EXAMPLE / "evaluate.py", run[0]],
        capture_output=True,
        text=True,
        check=True,
    )
    gold = pl.read_csv(EXAMPLE / "gold.tsv", separator="\t", quote_char=None)
    found = pl.read_parquet(run[0] / "pairs" / "*.parquet")
    right = found.join(gold, on=["src_text", "tgt_text"], how="inner")
    assert len(right) / len(found) >= 0.85
    translations = gold.filter(pl.col("kind") == "translation")
    assert len(right.filter(pl.col("kind") == "translation")) / len(translations) >= 0.85
    assert "precision" in done.stdout


def test_every_table_has_its_schema_and_version(run) -> None:
    schemas = {
        "documents": tables.DOCUMENTS,
        "sentences": tables.SENTENCES,
        "neighbours": tables.NEIGHBOURS,
        "pairs": tables.PAIRS,
        "rejects/sentences": tables.REJECTS,
        "rejects/embeddings": tables.REJECTS,
        "rejects/pairs": tables.REJECTS,
    }
    for stage, schema in schemas.items():
        paths = sorted((run[0] / stage).glob("*.parquet"))
        assert paths, stage
        for path in paths:
            found = pq.read_schema(path)
            assert found.equals(schema), stage
            assert found.metadata[b"bitseam.table"].decode() == stage.split("/")[0]
            assert found.metadata[b"bitseam.version"] == b"1"


def test_pairs_are_sorted_one_to_one_and_trace_back_to_their_characters(run, pairs) -> None:
    order = pairs.select("margin", "src_id", "tgt_id").sort(
        ["margin", "src_id", "tgt_id"], descending=[True, False, False]
    )
    assert order.equals(pairs.select("margin", "src_id", "tgt_id"))
    assert pairs["src_id"].is_unique().all()
    assert pairs["tgt_id"].is_unique().all()
    documents = dict(
        pl.read_parquet(run[0] / "documents" / "*.parquet", columns=["doc_id", "text"]).iter_rows()
    )
    for side, lang in (("src", "ltz_Latn"), ("tgt", "deu_Latn")):
        assert (pairs[f"{side}_lang"] == lang).all()
        texts = pairs[f"{side}_text"].to_arrow().cast(pa.string())
        assert sentence_ids(lang, texts).tolist() == pairs[f"{side}_id"].to_list()
        places = pairs.select(f"{side}_doc", f"{side}_start", f"{side}_end", f"{side}_text")
        for doc, start, end, text in places.iter_rows():
            assert " ".join(documents[doc][start:end].split()) == text


def test_pairs_load_as_a_dataset(run, pairs, tmp_path) -> None:
    datasets = pytest.importorskip("datasets")
    loaded = datasets.load_dataset(
        "parquet",
        data_files=str(run[0] / "pairs" / "*.parquet"),
        split="train",
        cache_dir=str(tmp_path),
    )
    assert loaded.column_names == pairs.columns
    assert loaded["src_text"] == pairs["src_text"].to_list()


def test_pairs_carry_the_signature_of_their_scores(run) -> None:
    path = next((run[0] / "pairs").glob("*.parquet"))
    signature = pq.read_schema(path).metadata[b"bitseam.signature"].decode()
    manifest = json.loads((run[0] / "manifest.json").read_text())
    assert signature == manifest["stages"]["pairs"]["signature"]
    assert signature.split("|")[2:6] == ["k:4", "margin:ratio", "retrieval:max", "rescore:on"]
    assert signature.startswith("bitseam:0.1.0|encoder:static@")
    assert signature.endswith("|search:exact|precision:0.9")


def test_no_copy_of_the_source_is_a_pair_and_every_drop_has_its_reason(run, pairs) -> None:
    assert (pairs["src_text"] != pairs["tgt_text"]).all()
    rejects = pl.read_parquet(run[0] / "rejects" / "**" / "*.parquet")
    reasons = set(rejects["reason"])
    assert {"too_short", "other_language", "redirect", "namespace"} <= reasons
    counted = json.loads((run[0] / "manifest.json").read_text())["stages"]
    for reason in reasons:
        told = sum(stage["counts"].get(f"rejected {reason}", 0) for stage in counted.values())
        assert told == len(rejects.filter(pl.col("reason") == reason)), reason


def test_no_document_is_lost(run) -> None:
    read = sum(
        batch.documents.num_rows
        for file in find_inputs([str(EXAMPLE / "lbwiki.xml"), str(EXAMPLE / "dewiki.jsonl")])
        for batch in read_documents(file, ReadOptions())
    )
    assert pl.read_parquet(run[0] / "documents" / "*.parquet").height == read


def test_the_report_names_counts_times_and_pairs(run, pairs) -> None:
    text = run[1]
    for word in (
        "documents",
        "sentences ltz_Latn",
        "rejected: ",
        "kept by precision 0.9",
        "best pairs",
    ):
        assert word in text
    assert pairs["src_text"][0][:50] in text


def test_the_folder_is_clean(run) -> None:
    names = {path.name for path in run[0].iterdir()}
    assert names == {
        *(".bitseam.lock", ".work", "manifest.json", "rejects"),
        *("documents", "sentences", "embeddings", "neighbours", "pairs"),
    }
    assert not any((run[0] / ".work").iterdir())


def test_a_second_run_does_nothing_and_says_so(run, mine, example_arguments) -> None:
    before = {path: path.stat().st_mtime_ns for path in run[0].rglob("*.parquet")}
    done = mine(*example_arguments, "--output", run[0], "--keep-documents")
    assert done.returncode == 0
    assert done.stdout.count("kept from an earlier run") == 4
    assert {path: path.stat().st_mtime_ns for path in run[0].rglob("*.parquet")} == before


@pytest.mark.slow
def test_two_worker_processes_give_the_same_bytes(run, mine, example_arguments, tmp_path) -> None:
    done = mine(*example_arguments, "--output", tmp_path / "two", "--workers", 2)
    assert done.returncode == 0, done.stderr
    for stage in ("sentences", "embeddings", "neighbours", "pairs"):
        assert files_of(tmp_path / "two", stage) == files_of(run[0], stage), stage


def test_a_changed_option_reuses_what_it_does_not_touch(mine, example_arguments, tmp_path) -> None:
    folder = tmp_path / "out"
    assert mine(*example_arguments, "--output", folder).returncode == 0
    done = mine(*example_arguments, "--output", folder, "--threshold", "99")
    assert done.stdout.count("kept from an earlier run") == 3
    assert pl.read_parquet(folder / "pairs" / "*.parquet").is_empty()
    assert "no pairs" in done.stdout


def test_new_input_embeds_only_what_is_new(mine, example_arguments, tmp_path) -> None:
    folder = tmp_path / "out"
    assert mine(*example_arguments, "--output", folder).returncode == 0
    more = tmp_path / "more.txt"
    more.write_text("D'Kaz schléift haut de ganzen Dag op der waarmer Fënsterbänk.\n", "utf-8")
    done = mine(*example_arguments, "--src-input", more, "--output", folder)
    assert done.returncode == 0, done.stderr
    counts = json.loads((folder / "manifest.json").read_text())["stages"]["embeddings"]["counts"]
    assert counts["unique src"] + counts["unique tgt"] - counts["cached"] == 1


@pytest.mark.parametrize("retrieval", ["intersection", "forward", "backward"])
def test_every_retrieval_applies_the_threshold(
    mine, example_arguments, tmp_path, retrieval
) -> None:
    folder = tmp_path / "out"
    done = mine(
        *example_arguments, "--output", folder, "--retrieval", retrieval, "--threshold", "1.2"
    )
    assert done.returncode == 0, done.stderr
    pairs = pl.read_parquet(folder / "pairs" / "*.parquet")
    assert len(pairs) > 20
    assert pairs["margin"].min() >= 1.2


def test_an_output_inside_the_input_folder_is_not_read_again(
    run, mine, example_arguments, tmp_path
) -> None:
    corpus = tmp_path / "corpus [1]"  # and brackets are no pattern
    shutil.copytree(EXAMPLE, corpus, ignore=shutil.ignore_patterns("*.tsv"))
    for _ in range(2):
        done = mine("--src", "lb", "--tgt", "de", "--input", corpus, "--output", corpus / "out")
        assert done.returncode == 0, done.stderr
        assert files_of(corpus / "out", "pairs") == files_of(run[0], "pairs")
    assert done.stdout.count("kept from an earlier run") == 4


def test_documents_of_another_run_do_not_stay(mine, example_arguments, tmp_path) -> None:
    assert mine(*example_arguments, "--output", tmp_path, "--keep-documents").returncode == 0
    assert (tmp_path / "documents").is_dir()
    assert mine(*example_arguments, "--output", tmp_path).returncode == 0
    assert not (tmp_path / "documents").exists()


def test_damaged_embeddings_are_made_again(run, mine, example_arguments, tmp_path) -> None:
    assert mine(*example_arguments, "--output", tmp_path).returncode == 0
    for path in (tmp_path / "embeddings").glob("*.parquet"):
        path.write_bytes(path.read_bytes()[:1000])
    done = mine(*example_arguments, "--output", tmp_path)
    assert done.returncode == 0, done.stderr
    assert files_of(tmp_path, "pairs") == files_of(run[0], "pairs")


def test_worker_processes_print_nothing_of_their_own(mine, example_arguments, tmp_path) -> None:
    done = mine(*example_arguments, "--output", tmp_path, "--workers", 2, "--quiet")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.mark.parametrize(
    ("text", "told"),
    [("", "text.txt: nothing could be read: no text in it"), ("Ja.\nNee.\n", "2 too_short")],
)
def test_inputs_without_a_sentence_end_the_run(mine, tmp_path, text, told) -> None:
    (tmp_path / "text.txt").write_text(text, "utf-8")
    done = mine(
        *("--src", "lb", "--tgt", "de", "--input", tmp_path / "text.txt"),
        *("--output", tmp_path / "out"),
    )
    assert (done.returncode, done.stdout) == (1, "")
    assert "no sentence in ltz_Latn" in done.stderr
    assert told in done.stderr


def test_a_side_without_inputs_ends_the_run_before_anything_is_encoded(mine, tmp_path) -> None:
    text = tmp_path / "lb.txt"
    text.write_text("De Bäcker mécht all Moien um fënnef Auer säi Buttek op.\n" * 3, "utf-8")
    done = mine(
        *("--src", "lb", "--tgt", "de", "--src-input", text, "--text-unit", "line"),
        *("--output", tmp_path / "out"),
    )
    assert done.returncode == 1
    assert "no sentence in deu_Latn was found in the inputs" in done.stderr
    assert not (tmp_path / "out" / "embeddings").exists()
