"""The page about a run, read by a parser: what stands on it, and that no text can act."""

from __future__ import annotations

import base64
import fcntl
import hashlib
import json
import re
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest

from bitseam.pipelines.report.page import render, write_report
from bitseam.pipelines.report.reasons import BEFORE_SENTENCES, EXPLAINED
from bitseam.pipelines.report.run import open_run
from bitseam.pipelines.report.scores import histogram, read_scores
from bitseam.pipelines.report.shown import share, shown
from bitseam.schemas.errors import BitseamError, UserError
from bitseam.schemas.reasons import Reason

FINISHED: dict[str, Any] = {"sentences": {}, "embeddings": {}, "neighbours": {}, "pairs": {}}
ALIGNED: dict[str, Any] = {"sentences": {}, "embeddings": {}, "alignments": {}, "pairs": {}}
SECTIONS = ["flow", "margins", "samples", "rejects", "languages", "coverage", "made"]


@pytest.fixture(scope="module")
def mined(mine, example_arguments, tmp_path_factory) -> Path:
    """A finished run of the example corpus with its report."""
    folder = tmp_path_factory.mktemp("mined") / "lb-de"
    done = mine(*example_arguments, "--output", folder, "--keep-documents")
    assert done.returncode == 0, done.stderr
    done = mine("report", folder)
    assert done.returncode == 0, done.stderr
    assert str(folder / "report.html") in done.stderr
    return folder


def test_the_page_of_a_run_has_its_sections_and_figures(mined, page_of) -> None:
    page = page_of(mined)
    manifest = json.loads((mined / "manifest.json").read_text("utf-8"))
    assert page.open == []
    assert [its["id"] for its in page.all("section")] == SECTIONS
    assert manifest["stages"]["pairs"]["signature"] in page.text.replace("| ", "|")
    pairs = manifest["stages"]["pairs"]["counts"]["pairs"]
    assert f"pairs {pairs}" in page.text
    for name, count in manifest["stages"]["sentences"]["counts"].items():
        if name.startswith("rejected "):
            reason = name.split()[1]
            assert f"{reason} {count} {EXPLAINED[reason]}" in page.text
    best = pq.read_table(mined / "pairs")["src_text"].to_pylist()
    assert sum(text in page.text for text in best) >= 10


def test_headings_tables_and_pictures_can_be_heard(mined, page_of) -> None:
    page = page_of(mined)
    assert len(page.all("h1")) == 1
    assert page.all("html")[0]["lang"] == "en"
    assert len(page.all("caption")) == len(page.all("table"))
    pictures = [its for its in page.all("svg") if its.get("role") == "img"]
    assert len(page.all("desc")) == len(pictures) >= 3
    assert all(its.get("scope") for its in page.all("th"))
    names = [its["id"] for _, its in page.elements if "id" in its]
    assert len(names) == len(set(names))
    links = [its["href"] for its in page.all("a")]
    assert links
    assert {link.removeprefix("#") for link in links} <= set(names)


def test_the_page_loads_nothing_and_its_policy_allows_nothing_but_its_style(mined) -> None:
    html = (mined / "report.html").read_text("utf-8")
    style = re.findall(r"<style>(.*?)</style>", html, re.S)
    assert len(style) == 1
    digest = base64.b64encode(hashlib.sha256(style[0].encode()).digest()).decode()
    assert f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'" in html
    assert not re.search(r"<(script|link|img|iframe|object|form)\b", html)
    assert not re.search(r"\b(src|srcset|xlink:href|style|on\w+)=", html)
    assert "url(" not in style[0]
    assert "@import" not in style[0]


def test_the_same_run_gives_the_same_bytes(mined, tmp_path) -> None:
    write_report(mined, tmp_path / "again.html")
    assert (tmp_path / "again.html").read_bytes() == (mined / "report.html").read_bytes()


def test_hostile_text_is_text(hostile_run, page_of) -> None:
    page = page_of(hostile_run)
    assert page.open == []
    assert not {"script", "img", "textarea"} & {name for name, _ in page.elements}
    assert not [its for _, its in page.elements if any(name.startswith("on") for name in its)]
    for text in ("<script>document.title='owned'", "{{ 7 * 6 }}{% raw %}", "<svg onload="):
        assert text in page.text
    assert "⟨U+202E⟩elgnat⟨U+202C⟩" in page.text
    assert "␀ NUL ␇ ␛[31mrout" in page.text
    assert "⟨U+DCFF⟩" in page.text
    assert not [its for its in page.text if not its.isprintable() and its not in "\u200d"]


def test_every_reason_is_explained() -> None:
    assert set(EXPLAINED) == {str(reason) for reason in Reason}
    assert set(EXPLAINED) > {str(reason) for reason in BEFORE_SENTENCES}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Moien, alleguer!", "Moien, alleguer!"),
        ("a\nb\tc\u00a0d", "a b c d"),
        ("a\u202eb\u2069", "a⟨U+202E⟩b⟨U+2069⟩"),
        ("\x00\x7f\x9b", "␀⟨U+007F⟩⟨U+009B⟩"),
        ("\ud800", "⟨U+D800⟩"),
        ("می‌خواهم 👩‍🚀", "می‌خواهم 👩‍🚀"),
        ("zou\u00adkommen\ufeff", "zou\u00adkommen⟨U+FEFF⟩"),
    ],
)
def test_what_cannot_be_seen_is_named(text, expected) -> None:
    assert shown(text) == expected
    expected.encode()


def test_shares_never_claim_all_or_nothing() -> None:
    assert [share(part, 100_000) for part in (0, 1, 500, 5_000, 50_000, 99_999, 100_000)] == [
        *("0 %", "< 0.1 %", "0.5 %", "5.0 %", "50 %", "> 99.9 %", "100 %")
    ]
    assert share(0, 0) == "–"


def left_out(number: int, margin: float, precision: float | None) -> dict[str, object]:
    """Return a reject as the stage `pairs` writes it, of the pair 10 * n and 10 * n + 1."""
    told = "" if precision is None else f", precision {precision},"
    ids = f"{10 * number} and {10 * number + 1}"
    return {
        "stage": "pairs",
        "what": "pair",
        "reason": "below_threshold" if precision is None else "below_precision",
        "detail": f"margin {margin}{told} of {ids}",
    }


def sentences(numbers: range) -> list[dict[str, object]]:
    return [
        {
            "sentence_id": 10 * number + side,
            "lang": lang,
            "text": f"{lang} Saz {number}",
            "doc_id": f"{lang}.jsonl#https://{lang[:2]}.example.org/{number // 10}",
        }
        for side, lang in enumerate(("ltz_Latn", "deu_Latn"))
        for number in numbers
    ]


@pytest.mark.parametrize("estimated", [True, False])
def test_scores_are_those_of_the_kept_and_the_left_out(write_run, tmp_path, estimated) -> None:
    kept = [
        {"margin": 1.5 - n / 100, "src_id": 10 * n, "tgt_id": 10 * n + 1}
        | ({"precision": 0.9} if estimated else {})
        for n in range(10)
    ]
    rejects = [left_out(n, 1.2 - n / 100, 0.25 if estimated else None) for n in range(10, 30)]
    rejects.append({**rejects[0], "detail": "margin is not told"})
    rows = {"pairs": kept, "rejects/pairs": rejects, "sentences": sentences(range(30))}
    run = open_run(write_run(tmp_path / "run", rows, FINISHED))
    scores = read_scores(run)
    assert scores.kept == 10
    assert scores.left_out.tolist() == [[10 * n, 10 * n + 1] for n in range(10, 30)]
    bars = histogram(scores)
    assert sum(its.kept for its in bars) == 10
    assert sum(its.left_out for its in bars) == 20
    assert scores.has_precision == estimated
    if estimated:
        assert bars[-1].precision == pytest.approx(0.9)
        assert bars[0].precision == pytest.approx(0.25)
    for bar in bars:
        inside = (scores.margin >= np.float32(bar.low)) & (scores.margin < np.float32(bar.high))
        assert bar.kept == inside[:10].sum()
    html = render(run)
    # A pair that was left out is shown with its sentences, looked up by their ids.
    assert "ltz_Latn Saz 1" in html
    assert ("No precision was estimated" in html) != estimated
    assert ("precision 0.990 to 1.000" in html) is False


def test_coverage_is_of_occurrences_and_by_host(write_run, tmp_path, page_of) -> None:
    pairs = [{"src_id": 10 * n, "tgt_id": 10 * n + 1} for n in range(5)]
    rows = {"pairs": pairs, "sentences": sentences(range(20))}
    page = page_of(write_run(tmp_path / "run", rows, FINISHED))
    assert "lt.example.org 2 20 25 %" in page.text
    assert "de.example.org 2 0 – 20 25 %" in page.text
    assert "deu_Latn.jsonl#https://de.example.org/0 10 50 %" in page.text
    assert "deu_Latn.jsonl#https://de.example.org/1 10 0 %" in page.text


def test_sentences_that_an_alignment_joined_are_covered(write_run, tmp_path, page_of) -> None:
    place = {"src_doc": "ltz_Latn.jsonl#a", "src_start": 0, "src_end": 9}
    bead = {**place, "type": "2-1", "src_ids": [0, 10], "tgt_ids": [1]}
    rows = {
        "pairs": [{**place, "src_id": 999, "tgt_id": 1, "alignment": "documents"}],
        "alignments": [bead, {**bead, "src_start": 50, "src_ids": [20, 30]}],
        "sentences": sentences(range(10)),
    }
    options = {"scope": "documents"}
    counts = {"sentences ltz_Latn": 10, "sentences deu_Latn": 10, "documents": 2}
    distinct = {"unique src": 10, "unique tgt": 10}
    stages = {**ALIGNED, "sentences": {"counts": counts}, "embeddings": {"counts": distinct}}
    page = page_of(write_run(tmp_path / "run", rows, stages, options=options))
    assert "3 in pairs 17 without a partner" in page.text
    assert "lt.example.org 1 10 20 %" in page.text
    assert "in aligned documents 1" in page.text
    assert "2-1 2" in page.text
    assert "Aligned documents" in page.text


def test_languages_are_counted_by_hint_and_by_input(write_run, tmp_path, page_of) -> None:
    ids = [f"in-{n}.txt#1" for n in range(20)]
    kept = [{"doc_id": doc, "lang": "ltz_Latn", "sentence_id": n} for n, doc in enumerate(ids)]
    details = [("other_language", f"aa{n}_Latn 0.9") for n in range(9)]
    details += [("low_lang_score", "ltz_Latn 0.3"), ("other_script", "ltz_Latn 0.9"), ("menu", "")]
    rejects = [{"doc_id": ids[0], "reason": reason, "detail": told} for reason, told in details]
    documents = [{"doc_id": ids[0], "lang_hint": "ltz_Latn"}]
    rows = {"documents": documents, "sentences": kept, "rejects/sentences": rejects}
    counts = {"rejected other_language": 9, "documents": 20}
    page = page_of(write_run(tmp_path / "run", rows, {"sentences": {"counts": counts}}))
    columns = "aa0_Latn aa1_Latn aa2_Latn aa3_Latn aa4_Latn aa5_Latn"
    assert f"said to be ltz_Latn deu_Latn {columns} other languages too uncertain" in page.text
    assert "ltz_Latn 1 8.3 % 0 1 8.3 % 1" in page.text
    assert "nobody said 19 100 % 0" in page.text
    assert "8 others 8 0" in page.text


def test_a_run_that_is_not_finished_says_so(write_run, tmp_path, page_of) -> None:
    counts = {"sentences ltz_Latn": 20, "sentences deu_Latn": 20}
    stages = {"sentences": {"counts": counts}}
    folder = write_run(tmp_path / "run", {"sentences": sentences(range(20))}, stages)
    page = page_of(folder)
    assert "The run is not finished. Missing: embeddings, neighbours, pairs." in page.text
    assert "The run has no pairs yet." in page.text
    with (folder / ".bitseam.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert "The run was in progress when this page was made." in page_of(folder).text


def test_what_an_earlier_run_left_is_not_of_this_one(write_run, tmp_path, page_of) -> None:
    rows = {"pairs": [{"src_text": "vu gëschter"}], "sentences": sentences(range(2))}
    page = page_of(write_run(tmp_path / "run", rows, {"sentences": {}}))
    assert "vu gëschter" not in page.text
    assert "The run has no pairs yet." in page.text


def test_a_run_without_any_pair_has_a_page(write_run, tmp_path, page_of) -> None:
    page = page_of(write_run(tmp_path / "run", {"pairs": [], "sentences": []}, FINISHED))
    assert "No two sentences were near enough" in page.text
    assert "Nothing was thrown away." in page.text


def test_what_is_no_run_is_refused(tmp_path, write_run) -> None:
    with pytest.raises(UserError, match="is no folder"):
        open_run(tmp_path / "none")
    with pytest.raises(UserError, match="holds no run of Bitseam"):
        open_run(tmp_path)
    folder = write_run(tmp_path / "run", {}, {})
    with pytest.raises(UserError, match="stopped in its first stage"):
        open_run(folder)
    with (folder / ".bitseam.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with pytest.raises(UserError, match="is in its first stage"):
            open_run(folder)
    with pytest.raises(UserError, match="is a folder"):
        write_report(folder, tmp_path)
    for wrong in ({"src": 5}, {"options": "k"}, {"inputs": "a.txt"}):
        damaged = write_run(tmp_path / f"with-{next(iter(wrong))}", {}, FINISHED, **wrong)
        with pytest.raises(UserError, match=r"manifest.json is missing or damaged"):
            open_run(damaged)


def test_damage_is_an_error_and_leaves_the_page_of_before(mined, mine, tmp_path) -> None:
    folder = tmp_path / "run"
    shutil.copytree(mined, folder)
    before = (folder / "report.html").read_bytes()
    (path,) = (folder / "rejects" / "sentences").glob("extract-*")
    path.write_bytes(path.read_bytes()[:-9])
    done = mine("report", folder)
    assert done.returncode == 1
    assert re.search(r"extract-.*parquet cannot be read as Parquet", done.stderr)
    assert "Traceback" not in done.stderr
    assert (folder / "report.html").read_bytes() == before
    next((folder / "pairs").glob("*.parquet")).unlink()
    done = mine("report", folder)
    assert done.returncode == 2
    assert "are not those of its manifest" in done.stderr


def test_damage_within_a_file_is_an_error(mined, tmp_path) -> None:
    folder = tmp_path / "run"
    shutil.copytree(mined, folder)
    (path,) = (folder / "sentences").glob("*.parquet")
    data = bytearray(path.read_bytes())
    data[100:4000] = bytes(3900)
    path.write_bytes(data)
    with pytest.raises(BitseamError, match="cannot be read as Parquet"):
        render(open_run(folder))
