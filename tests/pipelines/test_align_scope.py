"""`mine --scope documents` and `both` on the example corpus."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from bitseam.lid.identity import sentence_ids
from bitseam.pipelines.job import mine as mine_job
from bitseam.pipelines.options import MineOptions
from bitseam.pipelines.stages.bead_pairs import SelectBeads, beads_as_pairs, merge_pairs
from bitseam.pipelines.stages.cut import Cut, CutPairs, selected_beads
from bitseam.pipelines.work import Work
from bitseam.schemas import tables
from bitseam.schemas.choices import SCOPES, Scope
from bitseam.schemas.errors import BitseamError, UserError

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "lb-de"
SIDES = (("src", "ltz_Latn"), ("tgt", "deu_Latn"))


def run(output: Path, scope: Scope, **options: Any) -> str:
    """Run the main job in this process; return its report."""
    inputs = {"inputs": (str(EXAMPLE / "lbwiki.xml"), str(EXAMPLE / "dewiki.jsonl"))} | options
    chosen = MineOptions(src="lb", tgt="de", output=output, scope=scope, **inputs)
    return "\n".join(mine_job(chosen).lines())


@pytest.fixture(scope="module")
def runs(tmp_path_factory) -> dict[str, Path]:
    """A finished run of each scope."""
    folders = {}
    for scope in SCOPES:
        folders[scope] = tmp_path_factory.mktemp("mined") / scope
        run(folders[scope], scope)
    return folders


def pairs_of(folder: Path) -> pl.DataFrame:
    return pl.read_parquet(folder / "pairs" / "*.parquet")


def files_of(folder: Path, stage: str) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted((folder / stage).glob("*.parquet"))}


def counts_of(folder: Path, stage: str) -> dict[str, int]:
    return json.loads((folder / "manifest.json").read_text())["stages"][stage]["counts"]


def documents_of_gold(folder: Path) -> set[tuple[str, str]]:
    """The documents that the sentences of the gold list stand in."""
    gold = pl.read_csv(EXAMPLE / "gold.tsv", separator="\t", quote_char=None)
    places = pl.read_parquet(folder / "sentences" / "*.parquet", columns=["text", "doc_id"])
    for side in ("src", "tgt"):
        named = places.rename({"text": f"{side}_text", "doc_id": f"{side}_doc"})
        gold = gold.join(named, on=f"{side}_text")
    return set(gold.select("src_doc", "tgt_doc").rows())


def test_documents_that_belong_together_are_found_and_no_others(runs) -> None:
    beads = pl.read_parquet(runs["documents"] / "alignments" / "*.parquet")
    found = set(beads.select("src_doc", "tgt_doc").rows())
    right = documents_of_gold(runs["documents"])
    assert len(found & right) >= 0.9 * len(right)
    assert found <= right
    assert counts_of(runs["documents"], "alignments")["document pairs"] == len(found)
    assert {"url", "title"} <= set(beads["evidence"].explode().drop_nulls())


def test_beads_hold_every_sentence_of_their_documents_once(runs) -> None:
    folder = runs["documents"]
    path = next((folder / "alignments").glob("*.parquet"))
    assert pq.read_schema(path).equals(tables.ALIGNMENTS)
    beads = pl.read_parquet(folder / "alignments" / "*.parquet")
    sentences = pl.read_parquet(folder / "sentences" / "*.parquet")
    for side, lang in SIDES:
        positions = beads.group_by(f"{side}_doc", maintain_order=True).agg(
            pl.col(f"{side}_positions").explode()
        )
        for doc, found in positions.rows():
            of_side = sentences.filter((pl.col("doc_id") == doc) & (pl.col("lang") == lang))
            assert found == of_side["position"].to_list()
    sizes = beads.select(
        pl.format("{}-{}", *(pl.col(f"{side}_ids").list.len() for side, _ in SIDES))
    )
    assert beads["type"].to_list() == sizes.to_series().to_list()


@pytest.mark.parametrize("scope", ["documents", "both"])
def test_pairs_keep_their_contract(runs, scope) -> None:
    pairs = pairs_of(runs[scope])
    assert pairs.columns == tables.PAIRS.names
    assert not pairs.select("src_id", "tgt_id").is_duplicated().any()
    order = pairs.select("margin", "src_id", "tgt_id")
    descending = [True, False, False]
    assert order.equals(order.sort(["margin", "src_id", "tgt_id"], descending=descending))
    texts = pl.read_parquet(runs[scope] / "documents" / "*.parquet", columns=["doc_id", "text"])
    documents = dict(texts.iter_rows())
    for side, lang in SIDES:
        said = pairs[f"{side}_text"].to_arrow().cast(pa.string())
        assert sentence_ids(lang, said).tolist() == pairs[f"{side}_id"].to_list()
        assert (pairs[f"{side}_lang"] == lang).all()
        assert (pairs[f"{side}_count"] >= 1).all()
        places = pairs.select(f"{side}_doc", f"{side}_start", f"{side}_end", f"{side}_text")
        for doc, start, end, text in places.iter_rows():
            passage = " ".join(documents[doc][start:end].split())
            assert (passage[: len(text)] == text) or passage.startswith(text.split()[0])
            assert passage.endswith(text.split()[-1])


def test_beads_are_mostly_translations(runs) -> None:
    gold = pl.read_csv(EXAMPLE / "gold.tsv", separator="\t", quote_char=None)
    pairs = pairs_of(runs["documents"])
    assert (pairs["alignment"] == "documents").all()
    assert (pairs["src_rank"] == 0).all()
    assert len(pairs.join(gold, on=["src_text", "tgt_text"])) > 0.5 * len(pairs)


@pytest.mark.parametrize("scope", SCOPES)
def test_the_promise_is_kept_by_all_pairs_together(runs, scope) -> None:
    pairs = pairs_of(runs[scope])
    stage = json.loads((runs[scope] / "manifest.json").read_text())["stages"]["pairs"]
    assert pairs["precision"].null_count() == 0
    assert pairs["precision"].mean() >= 0.9
    assert stage["estimated"]["precision"] == pytest.approx(pairs["precision"].mean(), abs=1e-4)


@pytest.mark.parametrize("how", [{}, {"threshold": 1.2}])
def test_the_summary_ends_with_the_pair_that_was_nearest_to_the_cut(runs, tmp_path, how) -> None:
    folder = tmp_path / "both"
    shutil.copytree(runs["both"], folder)
    summary = run(folder, "both", **how)
    last = pairs_of(folder).sort("margin" if how else "precision")["tgt_text"][0]
    assert last[:50] in summary.splitlines()[-1]


def test_what_is_kept_is_not_rejected_and_what_is_rejected_is_so_once(runs) -> None:
    rejects = pl.read_parquet(runs["both"] / "rejects" / "pairs" / "*.parquet")
    ids = rejects["detail"].str.extract_groups(r"of (?<src_id>\S+) and (?<tgt_id>\S+)$")
    pairs = ids.struct.unnest().cast(pl.Int64)
    assert len(pairs) == counts_of(runs["both"], "pairs")["rejected below_precision"] > 0
    assert not pairs.is_duplicated().any()
    assert pairs.join(pairs_of(runs["both"]), on=["src_id", "tgt_id"], how="semi").is_empty()


def test_both_has_every_pair_once_with_the_evidence_of_both(runs, tmp_path) -> None:
    # By a threshold each pair is kept or not for itself.
    tables_of = {}
    for scope in SCOPES:
        shutil.copytree(runs[scope], tmp_path / scope)
        run(tmp_path / scope, scope, threshold=1.2)
        tables_of[scope] = pairs_of(tmp_path / scope)
    both, mined, beads = (tables_of[scope] for scope in ("both", "sentences", "documents"))
    assert (mined["alignment"] == "sentences").all()
    keys = [set(table.select("src_id", "tgt_id").rows()) for table in (both, mined, beads)]
    assert keys[0] == keys[1] | keys[2]
    assert counts_of(tmp_path / "both", "pairs")["pairs"] == len(both)
    found = {row[:2]: row[2] for row in both.select("src_id", "tgt_id", "alignment").rows()}
    for key, how in found.items():
        expected = "both" if key in keys[1] & keys[2] else "sentences" if key in keys[1] else None
        assert how == (expected or "documents")
    ranked = both.filter(pl.col("alignment") == "both")
    assert (ranked["src_rank"] + ranked["tgt_rank"] > 0).all()
    same = both.join(mined, on=["src_id", "tgt_id"], suffix="_mined")
    assert (same["margin"] >= same["margin_mined"]).all()


def test_margins_of_single_sentences_are_those_of_global_mining(runs) -> None:
    same = pairs_of(runs["sentences"]).join(
        pairs_of(runs["documents"]), on=["src_id", "tgt_id"], suffix="_bead"
    )
    assert len(same) > 10
    assert (same["margin"] - same["margin_bead"]).abs().max() < 1e-4


def test_a_merged_pair_keeps_its_place_in_the_documents_and_the_best_margin() -> None:
    columns = {"src_id": 1, "tgt_id": 2, "src_doc": "x", "src_rank": 3, "tgt_rank": 1}
    columns |= {"precision": 0.75}
    mined = pl.DataFrame([{**columns, "margin": 1.5, "alignment": "sentences"}])
    bead = {**columns, "src_doc": "y", "src_rank": 0, "tgt_rank": 0, "alignment": "documents"}
    bead |= {"precision": 0.5}
    beads = pl.DataFrame([{**bead, "margin": 1.2}, {**bead, "src_id": 9, "margin": 1.9}])
    assert merge_pairs(mined, beads).rows(named=True) == [
        {**bead, "src_id": 9, "margin": 1.9},
        {**columns, "src_doc": "y", "margin": 1.5, "alignment": "both"},
    ]


def test_a_side_of_two_sentences_occurs_as_often_as_it_is_a_side(tmp_path) -> None:
    one = {"ids": [7], "text": "Ab a Bc."}
    two = {"ids": [1, 2], "text": "Ab. Bc."}
    rows = [
        {
            "src_doc": doc,
            "tgt_doc": doc,
            "type": "1-2",
            "cost": -1.0,
            "cosine": 0.9,
            "margin": 1.5,
            "log_odds": 9.0,
        }
        | {f"src_{name}": value for name, value in one.items()}
        | {f"tgt_{name}": value for name, value in two.items()}
        | {"src_positions": [0], "tgt_positions": [0, 1], "evidence": []}
        for doc in "xyz"
    ]
    (tmp_path / "alignments").mkdir()
    beads = pa.Table.from_pylist(rows, schema=tables.ALIGNMENTS)
    pq.write_table(beads, tmp_path / "alignments" / "a.parquet")
    languages = ("ltz_Latn", "deu_Latn")
    work = Work(tmp_path)
    SelectBeads(work, tmp_path / "alignments", languages, 500).run("all")
    CutPairs(work, Cut(0.5, None)).run("all")
    known = {"sentence_id": [1, 2, 7], "lang_score": [0.5, 0.8, 0.9], "count": [3, 9, 4]}
    beads = selected_beads(work)
    assert beads is not None
    pairs = beads_as_pairs(beads, pl.DataFrame(known), languages)
    scores = pairs.select("src_doc", "src_count", "tgt_count", "src_lang_score", "tgt_lang_score")
    assert scores.rows() == [("x", 4, 3, 0.9, 0.5)]
    assert pairs["precision"].item() > 0.9


def test_another_scope_keeps_what_it_does_not_touch(runs, tmp_path) -> None:
    folder = tmp_path / "both"
    shutil.copytree(runs["both"], folder)
    assert run(folder, "documents").count("kept from an earlier run") == 3
    assert files_of(folder, "pairs") == files_of(runs["documents"], "pairs")
    assert run(folder, "both").count("kept from an earlier run") == 4
    assert files_of(folder, "pairs") == files_of(runs["both"], "pairs")


def test_a_threshold_of_the_user_holds_for_beads_too(runs, tmp_path) -> None:
    folder = tmp_path / "strict"
    shutil.copytree(runs["documents"], folder)
    run(folder, "documents", threshold=1.6)
    strict = pairs_of(folder)
    assert 0 < len(strict) < len(pairs_of(runs["documents"]))
    assert strict["margin"].min() >= 1.6


def test_lines_are_no_documents(tmp_path) -> None:
    with pytest.raises(UserError, match="--text-unit"):
        run(tmp_path, "both", text_unit="line")


@pytest.mark.parametrize("scope", ["documents", "both"])
def test_an_empty_side_ends_the_run(tmp_path, scope) -> None:
    text = tmp_path / "lb.txt"
    text.write_text("De Bäcker mécht all Moien um fënnef Auer säi Buttek op.\n", "utf-8")
    with pytest.raises(BitseamError, match="no sentence in deu_Latn was found"):
        run(tmp_path / "out", scope, inputs=(str(text),))
    assert not (tmp_path / "out" / "alignments").exists()


@pytest.mark.slow
def test_two_worker_processes_give_the_same_bytes(runs, mine, example_arguments, tmp_path) -> None:
    done = mine(*example_arguments, "--output", tmp_path / "two", "--scope", "both", "--workers", 2)
    assert done.returncode == 0, done.stderr
    for stage in ("alignments", "pairs"):
        assert files_of(tmp_path / "two", stage) == files_of(runs["both"], stage), stage


@pytest.mark.slow
def test_a_killed_run_continues_to_the_same_bytes(runs, example_arguments, tmp_path) -> None:
    arguments = [*example_arguments, "--output", str(tmp_path / "out"), "--scope", "documents"]
    command = [str(Path(sys.executable).with_name("mine")), *arguments]
    for _ in range(40):
        process = subprocess.Popen(command, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        while process.poll() is None and not [*(tmp_path / "out" / ".work").glob("alignments-*")]:
            time.sleep(0.05)
        time.sleep(0.2)
        if process.poll() is not None:
            break
        process.send_signal(signal.SIGKILL)
        process.wait()
    subprocess.run(command, check=True, capture_output=True)
    for stage in ("alignments", "pairs"):
        assert files_of(tmp_path / "out", stage) == files_of(runs["documents"], stage)
