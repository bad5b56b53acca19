"""`mine evalset sheet` and `judge`: pairs go out to people, and their verdicts come back."""

from __future__ import annotations

import json
import re
from functools import partial
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bitseam.lid.identity import sentence_ids
from bitseam.mining.evaluate.wilson import wilson_interval
from bitseam.pipelines.evalset.sheet import as_page
from bitseam.pipelines.evalset.sheet_rows import VERDICTS, format_row, read_rows, shows
from bitseam.schemas import tables

PAIRS = 400
HOSTILE = [
    '</article><script>alert("x")</script>',
    "' onmouseover='alert(1)",
    "&amp; stays &lt;b&gt;",
    "=HYPERLINK(1)",
    '"quoted"',
    "a\\tb \\ c",
    "$count ${pairs} <!--",
]


@pytest.fixture
def run(mine_here):
    return partial(mine_here, "evalset")


def write_run(folder: Path, precision: list[float | None] | None, signature: str = "s:1") -> Path:
    """Write the pairs of a run, best first: a pair is right where its texts have one number."""
    rows = np.arange(PAIRS)
    src = [f"Saz {HOSTILE[i]} {i}" if i < len(HOSTILE) else f"Saz {i}" for i in range(PAIRS)]
    tgt = [f"Satz {i if is_right(i) else -i}" for i in range(PAIRS)]
    columns: dict[str, object] = {
        field.name: [""] * PAIRS if pa.types.is_string(field.type) else np.zeros(PAIRS, int)
        for field in tables.PAIRS
    }
    columns |= {"src_text": src, "tgt_text": tgt, "margin": 1.8 - rows / PAIRS / 2}
    columns |= {"src_lang": ["ltz_Latn"] * PAIRS, "tgt_lang": ["deu_Latn"] * PAIRS}
    columns |= {"src_id": sentence_ids("ltz", pa.array(src))}
    columns |= {"tgt_id": sentence_ids("deu", pa.array(tgt))}
    columns |= {"precision": precision or [None] * PAIRS}
    metadata = {**tables.PAIRS.metadata, b"bitseam.signature": signature.encode()}
    arrays = [pa.array(columns[field.name], field.type) for field in tables.PAIRS]
    (folder / "pairs").mkdir(parents=True)
    table = pa.Table.from_arrays(arrays, schema=tables.PAIRS.with_metadata(metadata))
    pq.write_table(table.slice(0, 250), folder / "pairs" / "pairs-00000.parquet")
    pq.write_table(table.slice(250), folder / "pairs" / "pairs-00001.parquet")
    return folder


def is_right(row: int) -> bool:
    return row < 100 or row % 3 == 0


def estimates() -> list[float]:
    """Return estimated precisions that are right for the better pairs, too high for the worse."""
    return [0.99 if i < 100 else 0.9 - i / 1000 for i in range(PAIRS)]


@pytest.fixture
def mined(tmp_path: Path) -> Path:
    return write_run(tmp_path / "run", estimates())


def fill(sheet: Path, output: Path, verdict) -> Path:
    """Judge a TSV sheet: `verdict(number, source, target)` says what stands in the last column."""
    head, *rows = sheet.read_text("utf-8").splitlines()
    cells = [row.split("\t") for row in rows]
    judged = ["\t".join([*its[:3], verdict(i, *its[1:3])]) for i, its in enumerate(cells)]
    output.write_text("\n".join([head, *judged]) + "\n", "utf-8")
    return output


def truth(_number: int, src: str, tgt: str) -> str:
    return "right" if src.split()[-1] == tgt.split()[-1] else "wrong"


# ------------------------------------------------------------------------------------------ sheets


def test_a_sheet_has_pairs_of_every_tier_and_tells_no_score(run, mined, tmp_path) -> None:
    done = run("sheet", mined, "--pairs", 60, "--tiers", 4, "--output", tmp_path / "s.tsv")
    assert done.code == 0, done.err
    assert done.out.startswith("60 pairs to judge in")
    assert re.findall(r"(\d+)$", done.out, re.M) == ["15"] * 4
    head, *rows = (tmp_path / "s.tsv").read_text("utf-8").splitlines()
    assert head.split("\t") == ["pair", "source", "target", "verdict"]
    cells = [row.split("\t") for row in rows]
    assert {len(its) for its in cells} == {4}
    assert {its[3] for its in cells} == {""}
    numbers = [int(its[1].split()[-1]) for its in cells]
    assert len(set(numbers)) == 60
    assert abs(np.corrcoef(np.arange(60), numbers)[0, 1]) < 0.4
    assert not re.search(r"0\.\d", "".join(rows))


def test_the_same_seed_gives_the_same_bytes_in_both_forms(run, mined, tmp_path) -> None:
    for form in ("tsv", "html"):
        for name, seed in (("a", 1), ("b", 1), ("c", 2)):
            done = run("sheet", mined, "--seed", seed, "--output", tmp_path / f"{name}.{form}")
            assert done.code == 0, done.err
        a, b, c = ((tmp_path / f"{name}.{form}").read_bytes() for name in "abc")
        assert a == b != c


def test_without_estimates_the_tiers_are_of_the_margin(run, tmp_path) -> None:
    done = run("sheet", write_run(tmp_path / "run", None), "--output", tmp_path / "s.tsv")
    assert done.code == 0, done.err
    assert "\nmargin " in done.out
    partly = [0.9 if i % 2 else None for i in range(PAIRS)]
    done = run("sheet", write_run(tmp_path / "two", partly), "--output", tmp_path / "s.tsv")
    assert re.search(r"^no precision +200 +100$", done.out, re.M)


def test_more_pairs_than_there_are_is_all_of_them(run, mined, tmp_path) -> None:
    for allocation in ("equal", "neyman"):
        options = ("--pairs", 5_000, "--allocation", allocation)
        assert run("sheet", mined, *options, "--output", tmp_path / "s.tsv").code == 0
        assert len((tmp_path / "s.tsv").read_text("utf-8").splitlines()) == PAIRS + 1


class _Page(HTMLParser):
    """Collects what could load or run something, and the rows."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: set[str] = set()
        self.rows: list[str] = []
        self.policy = self.text = ""

    def handle_starttag(self, tag, attrs) -> None:
        self.tags.append(tag)
        self.attributes |= {name for name, _ in attrs}
        given = dict(attrs)
        if tag == "article":
            self.rows.append(given["data-row"])
        if given.get("http-equiv") == "Content-Security-Policy":
            self.policy = given["content"]

    def handle_data(self, data) -> None:
        self.text += data


def test_the_page_loads_nothing_and_escapes_hostile_texts() -> None:
    names = [f"p5-01234567-{i:016x}" for i in range(len(HOSTILE))]
    page = _Page()
    page.feed(as_page("sheet", names, zip(HOSTILE, HOSTILE[::-1], strict=True), ("lb", '"de')))
    assert page.tags.count("script") == page.tags.count("style") == 1
    assert not page.attributes & {"src", "href", "onmouseover", "onclick", "style", "action"}
    assert re.match(r"default-src 'none'; style-src 'sha256-\S+'; script-src 'sha256-", page.policy)
    assert "unsafe" not in page.policy
    assert len(page.rows) == len(HOSTILE)
    for text, row in zip(HOSTILE, page.rows, strict=True):
        assert page.text.count(text) == 2
        assert shows(row.split("\t")[1], text)


@given(st.text(st.characters(exclude_categories=["Cs"])), st.text())
def test_a_text_survives_its_cell(src, tgt) -> None:
    row = format_row("p1-00000000-0000000000000000", src, tgt)
    cells = row.split("\t")
    assert len(cells) == 3
    assert "\n" not in row
    assert shows(cells[1], src)
    assert shows(cells[2], tgt)
    assert not cells[1].startswith(("=", "+", "-", "@", '"'))
    assert not shows(cells[1], src + " x")


# ---------------------------------------------------------------------------------------- verdicts


def test_verdicts_give_the_precision_of_tiers_and_of_all(run, mined, tmp_path) -> None:
    assert run("sheet", mined, "--tiers", 4, "--output", tmp_path / "s.tsv").code == 0
    judged = fill(tmp_path / "s.tsv", tmp_path / "judged.tsv", truth)
    done = run("judge", judged, "--pairs", mined, "--json", tmp_path / "j.json")
    assert done.code == 0, done.err
    found = json.loads((tmp_path / "j.json").read_text())
    assert sum(tier["pairs"] for tier in found["tiers"]) == PAIRS
    for tier in found["tiers"]:
        right, of = tier["right"], tier["right"] + tier["wrong"]
        assert of == 50
        low, high = wilson_interval(right, of)
        assert tier["precision"] == pytest.approx({"value": right / of, "low": low, "high": high})
    value = sum(its["pairs"] * its["precision"]["value"] for its in found["tiers"]) / PAIRS
    assert found["precision"]["value"] == pytest.approx(value)
    real = sum(map(is_right, range(PAIRS))) / PAIRS
    assert found["precision"]["low"] <= real <= found["precision"]["high"]
    assert found["estimated"] == pytest.approx(np.mean(estimates()), abs=1e-6)
    assert done.out.count("(too high)") >= 2  # the worse pairs' estimates
    assert f"precision of all pairs: {value:.3f} [" in done.out


def test_partly_right_and_unsure_pairs_count_as_told(run, mined, tmp_path) -> None:
    assert (
        run("sheet", mined, "--tiers", 1, "--pairs", 40, "--output", tmp_path / "s.tsv").code == 0
    )
    answers = ["right"] * 10 + [" Partly "] * 5 + ["WRONG"] * 5 + ["unsure"] * 12 + [""] * 8
    judged = fill(tmp_path / "s.tsv", tmp_path / "j.tsv", lambda i, *_: answers[i])
    done = run("judge", judged, "--pairs", mined, "--json", tmp_path / "j.json")
    assert done.code == 0, done.err
    found = json.loads((tmp_path / "j.json").read_text())
    (tier,) = found["tiers"]
    assert [tier[verdict] for verdict in VERDICTS] == [10, 5, 5, 12]
    assert found["precision"]["value"] == pytest.approx(10 / 20)
    assert found["precision_with_partly"]["value"] == pytest.approx(15 / 20)
    assert found["unjudged"] == 8
    assert "pairs of the sheets without a verdict that counts: 8" in done.out


def test_judges_are_compared_and_the_majority_counts(run, mined, tmp_path) -> None:
    assert (
        run("sheet", mined, "--tiers", 1, "--pairs", 40, "--output", tmp_path / "s.tsv").code == 0
    )
    # Of 40 pairs: 20 both right, 5 and 10 of two minds, 5 both wrong.
    sides = {
        "anna": ["right"] * 25 + ["wrong"] * 15,
        "ben": ["right"] * 20 + ["wrong"] * 5 + ["right"] * 10 + ["wrong"] * 5,
        "eva": ["right"] * 30 + ["unsure"] * 10,
    }
    sheets = {
        name: fill(tmp_path / "s.tsv", tmp_path / f"{name}.tsv", lambda i, *_, a=answers: a[i])
        for name, answers in sides.items()
    }
    done = run("judge", sheets["anna"], sheets["ben"], "--pairs", mined, "--json", tmp_path / "j")
    assert done.code == 0, done.err
    found = json.loads((tmp_path / "j").read_text())
    (agreement,) = found["agreements"]
    assert (agreement["pairs"], agreement["same"]) == (40, 25)
    chance = (25 * 30 + 15 * 10) / 1600
    assert agreement["kappa"] == pytest.approx((25 / 40 - chance) / (1 - chance))
    assert found["disputed"] == 15
    assert found["precision"]["value"] == pytest.approx(20 / 40)  # of two the stricter
    done = run("judge", *sheets.values(), "--pairs", mined, "--json", tmp_path / "j")
    assert done.code == 0, done.err
    found = json.loads((tmp_path / "j").read_text())
    assert len(found["agreements"]) == 3
    assert found["precision"]["value"] == pytest.approx(30 / 40)  # of three most


def test_what_a_spreadsheet_makes_of_a_sheet_is_read(run, mined, tmp_path) -> None:
    options = ("--pairs", PAIRS, "--tiers", 2)
    assert run("sheet", mined, *options, "--output", tmp_path / "s.tsv").code == 0
    rows = [row.split("\t") for row in (tmp_path / "s.tsv").read_text("utf-8").splitlines()]
    judged = [rows[0], *([*row[:3], "right"] for row in rows[1:])][::-1]
    judged = [judged[-1], *judged[:-1]]  # sorted another way, quoted, CR LF and a byte order mark
    lines = ['"' + '"\t"'.join(its.replace('"', '""') for its in row) + '"' for row in judged]
    (tmp_path / "j.tsv").write_bytes("\ufeff".encode() + "\r\n".join(lines).encode())
    done = run("judge", tmp_path / "j.tsv", "--pairs", mined)
    assert done.code == 0, done.err
    assert "precision of all pairs: 1.000" in done.out
    assert "edited" not in done.err


def test_joined_sheets_empty_rows_and_trimmed_lines_are_read(run, mined, tmp_path) -> None:
    assert run("sheet", mined, "--pairs", 20, "--output", tmp_path / "s.tsv").code == 0
    judged = fill(tmp_path / "s.tsv", tmp_path / "j.tsv", lambda i, *_: "right" if i % 2 else "")
    trimmed = "\n".join(line.rstrip() for line in judged.read_text("utf-8").splitlines())
    judged.write_text(f"{trimmed}\n\t\t\t\n\n{trimmed}\n \t\n", "utf-8")
    done = run("judge", judged, "--pairs", mined, "--json", tmp_path / "j.json")
    assert done.code == 0, done.err
    found = json.loads((tmp_path / "j.json").read_text())
    assert (sum(tier["right"] for tier in found["tiers"]), found["unjudged"]) == (10, 10)


def test_the_estimate_beside_the_whole_is_that_of_the_tiers_that_count(
    run, mined, tmp_path
) -> None:
    assert run("sheet", mined, "--tiers", 2, "--output", tmp_path / "s.tsv").code == 0
    # Only the better pairs are judged: those below 0.95 are in the other tier.
    best = lambda _number, src, _tgt: "right" if int(src.split()[-1]) < 100 else ""  # noqa: E731
    judged = fill(tmp_path / "s.tsv", tmp_path / "j.tsv", best)
    done = run("judge", judged, "--pairs", mined, "--json", tmp_path / "j.json")
    assert done.code == 0, done.err
    found = json.loads((tmp_path / "j.json").read_text())
    tiers = [tier for tier in found["tiers"] if tier["right"]]
    assert len(tiers) < len(found["tiers"])
    assert found["estimated"] == pytest.approx(tiers[0]["estimated"])


def test_a_page_of_other_pairs_keeps_its_verdicts_elsewhere(run, mined, tmp_path) -> None:
    names = set()
    for allocation in ("equal", "neyman"):
        page = tmp_path / f"{allocation}.html"
        options = ("--pairs", 40, "--allocation", allocation, "--output", page)
        assert run("sheet", mined, *options).code == 0
        names |= {*re.findall(r'data-sheet="([^"]+)"', page.read_text("utf-8"))}
    assert len(names) == 2


def test_verdicts_on_edited_texts_do_not_count(run, mined, tmp_path, caplog) -> None:
    assert run("sheet", mined, "--pairs", 20, "--output", tmp_path / "s.tsv").code == 0
    judged = fill(tmp_path / "s.tsv", tmp_path / "j.tsv", lambda *_: "right")
    lines = judged.read_text("utf-8").splitlines()
    lines[3] = lines[3].replace("Satz", "Besserer Satz")
    judged.write_text("\n".join(lines), "utf-8")
    with caplog.at_level("WARNING", logger="bitseam"):
        done = run("judge", judged, "--pairs", mined, "--json", tmp_path / "j.json")
    assert done.code == 0, done.err
    assert "texts were edited, so that their verdicts do not count: 1 (line 4)" in caplog.text
    found = json.loads((tmp_path / "j.json").read_text())
    assert sum(tier["right"] for tier in found["tiers"]) == 19


def _edit(old: str, new: str):
    return lambda text: text.replace(old, new, 1)


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        (_edit("\tright", "\tgood"), "line 2: the verdict 'good' is none of right, partly"),
        (_edit("pair\tsource", "a\tb"), "is no sheet"),
        (lambda text: re.sub(r"(p5-\S+\t.*)\t.*\t.*", r"\1", text, count=1), "line 2: 'p5-"),
        (lambda text: text.splitlines()[0], "a sheet without pairs"),
        (lambda text: text.replace("\tright", "\tunsure"), "no verdict that counts"),
        (lambda text: re.sub(r"-[0-9a-f]{16}", "-" + "0" * 16, text, count=1), "no such pair in"),
        (
            lambda text: re.sub(r"p5-[0-9a-f]{8}", "p5-00000000", text),
            "the pair is of run 00000000",
        ),
        (lambda text: re.sub("p5-", "p4-", text, count=1), "judge sheets of the same --tiers"),
        (
            lambda text: text + text.splitlines()[1].replace("right", "wrong") + "\n",
            "two verdicts on one pair",
        ),
    ],
)
def test_a_spoilt_sheet_ends_in_one_line_and_exit_code_2(run, mined, tmp_path, spoil, told) -> None:
    assert run("sheet", mined, "--pairs", 10, "--output", tmp_path / "s.tsv").code == 0
    judged = fill(tmp_path / "s.tsv", tmp_path / "j.tsv", lambda *_: "right")
    judged.write_text(spoil(judged.read_text("utf-8")), "utf-8")
    done = run("judge", judged, "--pairs", mined)
    assert done.code == 2, done.err
    assert told in " ".join(done.err.split())


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("sheet", "no/such", "--output", "s.tsv"), "no/such is no folder"),
        (("sheet", "RUN", "--output", "s.xlsx"), "ends in .html or .tsv"),
        (("sheet", "RUN", "--output", "."), "is a folder"),
        (("sheet", "RUN", "--pairs", "0", "--output", "s.tsv"), "--pairs"),
        (("judge", "no.tsv", "--pairs", "RUN"), "no.tsv: no such file"),
        (("judge", "--pairs", "RUN"), "SHEET"),
    ],
)
def test_a_users_mistake_ends_in_exit_code_2(run, mined, monkeypatch, arguments, told) -> None:
    monkeypatch.chdir(mined.parent)
    done = run(*(str(mined) if its == "RUN" else its for its in arguments))
    assert done.code == 2, done.err
    assert told in done.err


def test_a_sheet_of_another_run_is_refused(run, mined, tmp_path) -> None:
    other = write_run(tmp_path / "other", estimates(), "s:2")
    assert run("sheet", mined, "--output", tmp_path / "s.tsv").code == 0
    judged = fill(tmp_path / "s.tsv", tmp_path / "j.tsv", truth)
    done = run("judge", judged, "--pairs", other)
    assert done.code == 2
    assert "name the run that the sheet was written from" in done.err


def test_rows_say_where_they_stand(run, mined, tmp_path) -> None:
    assert run("sheet", mined, "--pairs", 6, "--output", tmp_path / "s.tsv").code == 0
    rows = read_rows(tmp_path / "s.tsv")
    assert [row.line for row in rows] == [2, 3, 4, 5, 6, 7]
    assert {row.tiers for row in rows} == {5}
    frame = pl.read_parquet(mined / "pairs")
    assert all(any(shows(row.src, text) for text in frame["src_text"]) for row in rows)
