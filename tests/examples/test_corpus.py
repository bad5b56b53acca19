"""The mini-wikis of examples/lb-de agree with their gold list and hold the traps they promise."""

from __future__ import annotations

import re
import subprocess
import sys
import unicodedata
from collections import Counter
from pathlib import Path

import polars as pl
import pytest

from bitseam.pipelines.readers.documents import read_documents
from bitseam.pipelines.readers.inputs import find_inputs
from bitseam.pipelines.readers.options import ReadOptions
from bitseam.schemas.choices import WikitextEngine

ROOT = Path(__file__).parents[2] / "examples" / "lb-de"
Row = tuple[str, str, str]


def read_list(name: str) -> list[Row]:
    lines = (ROOT / name).read_text(encoding="utf-8").splitlines()
    assert lines[0].split("\t") == ["src_text", "tgt_text", "kind"]
    return [(source, target, kind) for source, target, kind in (x.split("\t") for x in lines[1:])]


def read_corpus(name: str, engine: WikitextEngine = "fast") -> tuple[list[str], Counter[str]]:
    """Return the documents' texts, with single spaces, and how often each reject reason came."""
    texts: list[str] = []
    reasons: Counter[str] = Counter()
    [file] = find_inputs([str(ROOT / name)])
    for batch in read_documents(file, ReadOptions(wikitext=engine)):
        for text in batch.documents["text"].to_pylist():
            texts.append(re.sub(r"[^\S\n]+", " ", text))
        reasons.update(batch.rejects["reason"].to_pylist())
    return texts, reasons


def count_sentence(sentence: str, texts: list[str]) -> int:
    """Count where `sentence` stands between white space."""
    pattern = re.compile(rf"(?<!\S){re.escape(sentence)}(?!\S)")
    return sum(len(pattern.findall(text)) for text in texts)


@pytest.fixture(scope="module")
def luxembourgish() -> list[str]:
    return read_corpus("lbwiki.xml")[0]


@pytest.fixture(scope="module")
def german() -> list[str]:
    return read_corpus("dewiki.jsonl")[0]


def test_each_wiki_has_about_forty_short_articles(
    luxembourgish: list[str], german: list[str]
) -> None:
    for texts in (luxembourgish, german):
        assert 38 <= len(texts) <= 42
        assert all(200 < len(text) < 1500 for text in texts)


def test_only_redirects_and_other_namespaces_of_the_dump_are_rejected() -> None:
    assert read_corpus("lbwiki.xml")[1] == {"redirect": 3, "namespace": 2}
    assert not read_corpus("dewiki.jsonl")[1]


@pytest.mark.parametrize("engine", ["fast", "thorough"])
def test_gold_sentences_stand_once_in_their_wiki(engine: WikitextEngine, german: list[str]) -> None:
    luxembourgish = read_corpus("lbwiki.xml", engine)[0]
    for source, target, _ in read_list("gold.tsv"):
        assert count_sentence(source, luxembourgish) == 1, source
        assert count_sentence(target, german) == 1, target


def test_gold_list_is_one_to_one_and_has_the_promised_kinds() -> None:
    gold = read_list("gold.tsv")
    assert len({row[0] for row in gold}) == len({row[1] for row in gold}) == len(gold)
    assert Counter(kind for _, _, kind in gold) == {"translation": 70, "paraphrase": 15}


@pytest.mark.parametrize("name", ["gold.tsv", "traps.tsv"])
def test_listed_sentences_are_clean(name: str) -> None:
    for text in (cell for row in read_list(name) for cell in row):
        assert text == unicodedata.normalize("NFC", " ".join(text.split()))
        assert not re.search(r"'{2}|[\[\]{}<>§]", text), text


def test_traps_are_not_in_the_gold_list() -> None:
    gold = {row[:2] for row in read_list("gold.tsv")}
    traps = read_list("traps.tsv")
    assert not gold & {row[:2] for row in traps}
    assert Counter(kind for *_, kind in traps) == {"near-miss": 21, "copy": 9, "boilerplate": 1}


def test_traps_stand_in_both_wikis(luxembourgish: list[str], german: list[str]) -> None:
    for source, target, kind in read_list("traps.tsv"):
        least = 8 if kind == "boilerplate" else 1
        assert count_sentence(source, luxembourgish) >= least, source
        assert count_sentence(target, german) >= least, target
        assert (source == target) == (kind == "copy")


def run_evaluation(output: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(ROOT / "evaluate.py"), str(output)]
    return subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=False)


def write_pairs(output: Path, rows: list[Row]) -> None:
    (output / "pairs").mkdir()
    pairs = pl.DataFrame(
        [row[:2] for row in rows], schema=["src_text", "tgt_text"], orient="row"
    ).with_columns(margin=pl.lit(1.2, dtype=pl.Float32))
    pairs.write_parquet(output / "pairs" / "part-0.parquet")


def test_evaluation_of_the_gold_list_itself_is_perfect(tmp_path: Path) -> None:
    write_pairs(tmp_path, read_list("gold.tsv"))
    result = run_evaluation(tmp_path)
    assert result.returncode == 0
    assert "precision 1.000   recall 1.000   F1 1.000" in result.stdout
    assert "traps among the pairs: 0 of 31" in result.stdout


def test_evaluation_counts_traps_and_misses(tmp_path: Path) -> None:
    translations = [row for row in read_list("gold.tsv") if row[2] == "translation"][:35]
    write_pairs(tmp_path, translations + read_list("traps.tsv")[:5])
    output = run_evaluation(tmp_path).stdout
    assert "precision 0.875   recall 0.412   F1 0.560" in output
    assert "recall of translations: 35 of 70 (0.500)" in output
    assert "recall of paraphrases: 0 of 15 (0.000)" in output
    assert "traps among the pairs: 5 of 31" in output


def test_evaluation_says_what_it_expected_when_there_are_no_pairs(tmp_path: Path) -> None:
    result = run_evaluation(tmp_path)
    assert result.returncode == 1
    assert "no pairs/*.parquet" in result.stderr
    assert "--output folder" in result.stderr
