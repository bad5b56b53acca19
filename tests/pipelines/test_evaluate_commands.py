"""`mine evaluate` as its users run it: figures, files, pictures, and mistakes."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import unicodedata
import xml.etree.ElementTree as ElementTree
from functools import partial
from pathlib import Path

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from bitseam.mining.encoders import load_encoder
from bitseam.mining.encoders.static import BUNDLED_MODEL
from bitseam.schemas import tables

GOLD = Path(__file__).resolve().parents[2] / "examples" / "lb-de" / "gold.tsv"
PAIRS = [row.split("\t")[:2] for row in GOLD.read_text("utf-8").splitlines()[1:]]


@pytest.fixture
def run(mine_here):
    """Run `mine evaluate` in this process."""
    return partial(mine_here, "evaluate")


def figures_of(output: Path) -> dict[tuple[str, str, str, str], dict[str, object]]:
    found = json.loads((output / "figures.json").read_text("utf-8"))["figures"]
    keys = ("set", "system", "metric", "direction")
    return {tuple(row[key] for key in keys): row for row in found}


def bytes_of(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


# --------------------------------------------------------------------------------------- retrieval


@pytest.fixture
def language_files(tmp_path: Path) -> Path:
    folder = tmp_path / "set"
    folder.mkdir()
    lb, de = (list(side) for side in zip(*PAIRS[:40], strict=True))
    (folder / "ltz_Latn.txt").write_text("\n".join(lb) + "\n", "utf-8")
    (folder / "deu_Latn.txt").write_text("\n".join([*de[:39], " "]) + "\n", "utf-8")
    (folder / "eng.txt").write_text("".join(f"The bridge number {i} is open.\n" for i in range(40)))
    (folder / "doc_ids.txt").write_text("not a language\n")
    return folder


def test_figures_are_those_of_the_vectors_and_the_same_in_every_form(run, tmp_path) -> None:
    done = run("retrieval", GOLD, "--output", tmp_path / "out")
    assert done.code == 0, done.err
    figures = figures_of(tmp_path / "out")
    encoder = load_encoder("static")
    x, y = (encoder.encode(list(side)) for side in zip(*PAIRS, strict=True))
    cosines = x @ y.T
    rows = np.arange(len(x))
    set_name = "gold.tsv src_text-tgt_text"
    for direction, nearest in (
        ("src_text-tgt_text", cosines.argmax(axis=1)),
        ("tgt_text-src_text", cosines.argmax(axis=0)),
    ):
        figure = figures[set_name, "static", "accuracy", direction]
        assert figure["value"] == pytest.approx((nearest == rows).mean())
        assert figure["low"] <= figure["value"] <= figure["high"]
        assert f"|encoder:static@{encoder.revision}|" in figure["signature"]
        assert f"{figure['value']:.4f} [{figure['low']:.4f}, {figure['high']:.4f}]" in done.out
    table = pq.read_table(tmp_path / "out" / "figures.parquet")
    assert table.schema.equals(tables.FIGURES, check_metadata=True)
    assert table.to_pylist() == [*figures.values()]
    assert bytes_of(tmp_path / "out").keys() == {"figures.json", "figures.parquet"}

    run("retrieval", GOLD, "--output", tmp_path / "again")
    assert bytes_of(tmp_path / "again") == bytes_of(tmp_path / "out")


def test_a_folder_of_files_that_end_in_languages(run, tmp_path) -> None:
    folder = tmp_path / "dev"
    folder.mkdir()
    for code, side in (("ltz", 0), ("deu", 1)):
        lines = [pair[side] for pair in PAIRS[:30]]
        (folder / f"dev.{code}").write_text("\n".join(lines) + "\n", "utf-8")
    (folder / "dev.txt").write_text("not a language\n")
    done = run("retrieval", folder, "--pair", "lb-de")
    assert done.code == 0, done.err
    assert done.out.startswith("dev ltz-deu: 30 sentences\n")


def test_a_folder_of_languages_is_measured_in_pairs_of_filled_lines(
    run, language_files, tmp_path
) -> None:
    done = run("retrieval", language_files, "--output", tmp_path / "out")
    assert done.code == 0, done.err
    units = {row["set"]: row["units"] for row in figures_of(tmp_path / "out").values()}
    assert units == {
        "set deu_Latn-eng": 39,
        "set deu_Latn-ltz_Latn": 39,
        "set eng-ltz_Latn": 40,
    }
    chosen = run("retrieval", language_files, "--pair", "ltz_Latn-deu_Latn")
    assert chosen.out.startswith("set ltz_Latn-deu_Latn: 39 sentences\n")
    assert "\n\n" not in chosen.out


def test_hard_negatives_and_all_margins(run, language_files, tmp_path) -> None:
    margins = [f"--margin={margin}" for margin in ("ratio", "distance", "absolute")]
    arguments = ("--pair", "ltz_Latn-eng", "--hard-negatives", "--output", tmp_path / "out")
    done = run("retrieval", language_files, *margins, *arguments)
    assert done.code == 0, done.err
    figures = figures_of(tmp_path / "out")
    value = {key[2:]: row["value"] for key, row in figures.items()}
    there = "ltz_Latn-eng"
    for margin in ("ratio", "distance", "absolute"):
        name, kinds = f"xSIM++ {margin}", ("causality", "number", "other")
        parts = [value[f"{name} {kind}", there] for kind in kinds]
        assert value[name, there] == pytest.approx(sum(parts))
    assert value["xSIM absolute", there] == pytest.approx(1 - value["accuracy", there], abs=0.03)
    signed = figures["set ltz_Latn-eng", "static", "xSIM++ ratio", there]["signature"]
    assert "causality+number,4" in signed
    assert "|k:4|margin:ratio|" in signed


def test_systems_are_compared_with_the_first(run, tmp_path) -> None:
    copies = [tmp_path / name / "model.safetensors" for name in ("a", "b")]
    for path in copies:
        path.parent.mkdir()
        shutil.copy(BUNDLED_MODEL, path)
    encoders = [f"--encoder={path}" for path in copies]
    done = run("retrieval", GOLD, *encoders, "--output", tmp_path / "out")
    assert done.code == 0, done.err
    figures = figures_of(tmp_path / "out")
    assert {key[1] for key in figures} == {str(path) for path in copies}
    for key, row in figures.items():
        first = key[1] == str(copies[0])
        assert (row["against"], row["p_value"]) == ((None, None) if first else (str(copies[0]), 1))


# ------------------------------------------------------------------------------------------ mining


def write_bucc(prefix: Path, pairs: list[list[str]], alone: int) -> Path:
    """Hide pairs, the last `alone` of which are parted: the gold list does not have them."""
    prefix.parent.mkdir(parents=True, exist_ok=True)
    known = len(pairs) - alone
    src = [*pairs[:known], *pairs[known::2]]
    tgt = [*pairs[:known], *pairs[known + 1 :: 2]]
    for lang, rows, side in (("lb", src, 0), ("de", tgt, 1)):
        lines = [f"{lang}-{i:05d}\t{row[side]}\n" for i, row in enumerate(rows)]
        prefix.with_name(f"{prefix.name}.{lang}").write_text("".join(lines[::-1]), "utf-8")
    gold = "".join(f"lb-{i:05d}\tde-{i:05d}\n" for i in range(known))
    prefix.with_name(f"{prefix.name}.gold").write_text(gold)
    return prefix


def test_a_threshold_of_the_development_set_is_applied_to_the_test_set(run, tmp_path) -> None:
    dev = write_bucc(tmp_path / "dev" / "lb-de", PAIRS[:40], 16)
    test = write_bucc(tmp_path / "test" / "lb-de", PAIRS[40:80], 16)
    done = run("mining", test, "--dev", dev, "--output", tmp_path / "out")
    assert done.code == 0, done.err
    figures = {key[2]: row for key, row in figures_of(tmp_path / "out").items()}
    assert figures.keys() == {"precision", "recall", "F1", "AUC-PR"}
    p, r = figures["precision"]["value"], figures["recall"]["value"]
    assert figures["F1"]["value"] == pytest.approx(2 * p * r / (p + r))
    assert r > 0.7
    chosen_on_dev = run("mining", dev, "--output", tmp_path / "of-dev")
    details = [
        json.loads((tmp_path / name / "figures.json").read_text("utf-8"))["details"][0]
        for name in ("out", "of-dev")
    ]
    assert details[0]["threshold"] == details[1]["threshold"]
    assert [its["threshold_is"] for its in details] == ["best on lb-de", "best on itself"]
    assert f"threshold:{details[0]['threshold']:.6g} best on lb-de" in figures["F1"]["signature"]
    assert "best on itself" in chosen_on_dev.out

    curve = pl.read_parquet(tmp_path / "out" / "curves.parquet")
    at = curve.filter(pl.col("threshold") >= details[0]["threshold"]).row(-1, named=True)
    assert (at["precision"], at["recall"]) == pytest.approx((p, r))
    bands = pl.read_parquet(tmp_path / "out" / "bands.parquet")
    assert bands["pairs"].sum() == curve.height  # no two margins are alike here
    assert (bands["precision_low"] <= bands["precision"]).all()


def test_a_folder_of_sets_and_other_thresholds(run, tmp_path) -> None:
    for name in ("lb-de.one", "lb-de.two"):
        write_bucc(tmp_path / "sets" / name, PAIRS[:30], 10)
    for threshold, shown in (("auto", "auto"), ("1.1", "given")):
        done = run("mining", tmp_path / "sets", "--threshold", threshold)
        assert done.code == 0, done.err
        assert done.out.startswith("lb-de.one: ")
        assert "\n\nlb-de.two: " in done.out
        assert len(re.findall(rf"^threshold is +{shown}$", done.out, re.M)) == 2


def test_damaged_rows_of_a_set_are_counted(run, tmp_path, caplog) -> None:
    prefix = write_bucc(tmp_path / "lb-de", PAIRS[:30], 10)
    with (tmp_path / "lb-de.gold").open("a") as file:
        file.write("lb-00001\tde-99999\nno tab\n")
    src, gold = tmp_path / "lb-de.lb", tmp_path / "lb-de.gold"
    with src.open("a") as file:
        file.write("lb-00001\tNach eppes.\n")
    with caplog.at_level("WARNING", logger="bitseam"):
        assert run("mining", prefix).code == 0
    assert f"{gold}: lines without a tab, left out: 1" in caplog.messages
    assert f"{gold}: pairs with an id that is not in its file, left out: 1" in caplog.messages
    assert f"{src}: ids that occur again, where the first counts: 1" in caplog.messages


# ------------------------------------------------------------------------------------------- pairs


def write_run(folder: Path, rows: list[tuple[str, str, float, int, int]]) -> Path:
    """Write the pairs table of a run: texts, margin and ranks; the rest is empty."""
    names = ("src_text", "tgt_text", "margin", "src_rank", "tgt_rank")
    columns: dict[str, list[object]] = {
        field.name: ["" if pa.types.is_string(field.type) else 0] * len(rows)
        for field in tables.PAIRS
    }
    columns |= dict(zip(names, map(list, zip(*rows, strict=True)), strict=True))
    schema = tables.PAIRS.with_metadata({**tables.PAIRS.metadata, b"bitseam.signature": b"sig:1"})
    (folder / "pairs").mkdir(parents=True)
    pq.write_table(pa.table(columns, schema), folder / "pairs" / "pairs-00000.parquet")
    return folder


# Three right ones, a second choice that is wrong, a pair that the gold list knows nothing of.
ROWS = [
    (*PAIRS[0], 1.75, 1, 1),
    (*PAIRS[1], 1.5, 1, 1),
    (PAIRS[2][0], PAIRS[3][1], 1.375, 2, 3),
    (*PAIRS[4], 1.25, 1, 2),
    ("Eppes anescht.", "Etwas anderes.", 1.125, 1, 1),
]


def test_pairs_are_judged_by_their_texts_margins_and_ranks(run, tmp_path) -> None:
    folder = write_run(tmp_path / "run", ROWS)
    done = run("pairs", folder, "--gold", GOLD, "--output", tmp_path / "out")
    assert done.code == 0, done.err
    figures = figures_of(tmp_path / "out")
    value = {key[2]: row["value"] for key, row in figures.items()}
    assert value["precision"] == pytest.approx(3 / 5)
    assert value["recall"] == pytest.approx(3 / len(PAIRS))
    assert value["precision of judged"] == pytest.approx(3 / 4)
    assert value["precision, nearest both ways"] == pytest.approx(2 / 3)
    assert value["precision, nearest one way"] == 1
    assert value["precision, second choices"] == 0
    assert value["F1 at best"] == pytest.approx(2 * 3 / (4 + len(PAIRS)))
    assert "|pairs:(sig:1)|" in figures["gold.tsv", "run", "AUC-PR", ""]["signature"]
    bands = pl.read_parquet(tmp_path / "out" / "bands.parquet")
    assert (bands["pairs"].sum(), bands["right"].sum()) == (5, 3)
    top = bands.filter(pl.col("pairs") > 0).row(-1, named=True)
    assert top["low"] <= 1.75 < top["high"]
    assert top["precision"] == 1


def test_the_same_pairs_in_any_form_have_the_same_figures(run, tmp_path) -> None:
    folder = write_run(tmp_path / "run", ROWS)
    names = ("src_text", "tgt_text", "margin")
    frame = pl.DataFrame([row[:3] for row in ROWS], names, orient="row")
    frame.write_parquet(tmp_path / "pairs.parquet")
    lines = [f"{margin}\t{src}\t{tgt}\n" for src, tgt, margin, *_ in ROWS]
    (tmp_path / "pairs.tsv").write_text("".join(lines), "utf-8")
    forms = (folder, tmp_path / "pairs.parquet", tmp_path / "pairs.tsv")
    done = run("pairs", *forms, "--gold", GOLD, "--output", tmp_path / "out")
    assert done.code == 0, done.err
    figures = figures_of(tmp_path / "out")
    for (_, system, metric, _), row in figures.items():
        if system != "run":
            assert row["value"] == figures["gold.tsv", "run", metric, ""]["value"], metric
            assert row["difference"] == 0
    assert {key[1] for key in figures} == {"run", "pairs.parquet", "pairs.tsv"}


def spoilt(text: str, way: int) -> str:
    """Write a text so that it is another string and the same sentence."""
    ways = (
        lambda: f"{text} ",
        lambda: f"\u00a0{text}",
        lambda: unicodedata.normalize("NFD", text),
        lambda: text.replace(" ", "\u00a0", 1),
        lambda: text.replace(" ", "  ", 1),
        lambda: f"{text[:3]}\u00ad{text[3:]}\u200b",
        lambda: f"\ufeff{text}",
    )
    return ways[way % len(ways)]()


def test_gold_and_pairs_match_however_their_spaces_and_accents_are_written(run, tmp_path) -> None:
    gold, mined = tmp_path / "gold.tsv", tmp_path / "mined.tsv"
    written = [[spoilt(side, i + j) for j, side in enumerate(p)] for i, p in enumerate(PAIRS[:40])]
    assert sum(a != b for a, b in zip(written, PAIRS[:40], strict=True)) == 40
    lines = ["lb\tde", *("\t".join(pair) for pair in written)]
    gold.write_bytes("\r\n".join(lines).encode())
    mined.write_text("".join("1.2\t" + "\t".join(pair) + "\n" for pair in PAIRS[:40]), "utf-8")
    turned = tmp_path / "turned.tsv"  # the other way round: what is mined is badly written
    turned.write_text("".join("1.2\t" + "\t".join(pair) + "\n" for pair in written), "utf-8")
    clean = tmp_path / "clean.tsv"
    clean.write_text("\n".join(["lb\tde", *("\t".join(p) for p in PAIRS[:40])]), "utf-8")
    for pairs, known in ((mined, gold), (turned, clean), (turned, gold)):
        done = run("pairs", pairs, "--gold", known, "--output", tmp_path / "out")
        assert done.code == 0, done.err
        value = {key[2]: row["value"] for key, row in figures_of(tmp_path / "out").items()}
        assert (value["precision"], value["recall"]) == (1, 1)


def test_ids_of_gold_are_found_with_spaces_around_them(run, tmp_path) -> None:
    prefix = write_bucc(tmp_path / "lb-de", PAIRS[:20], 8)
    plain = run("mining", prefix, "--output", tmp_path / "plain")
    assert plain.code == 0, plain.err
    gold = tmp_path / "lb-de.gold"
    rows = [line.split("\t") for line in gold.read_text().splitlines()]
    gold.write_bytes("".join(f"{src} \t {tgt}\u00a0\r\n" for src, tgt in rows).encode())
    padded = run("mining", prefix, "--output", tmp_path / "padded")
    assert padded.code == 0, padded.err
    assert bytes_of(tmp_path / "padded") == bytes_of(tmp_path / "plain")


def test_pairs_are_ranked_by_the_column_that_is_asked_for(run, tmp_path) -> None:
    frame = pl.DataFrame(
        [row[:3] for row in ROWS], ["src_text", "tgt_text", "margin"], orient="row"
    )
    turned = frame.with_columns(precision=1 / (1 + pl.col("margin")))
    turned.write_parquet(tmp_path / "pairs.parquet")
    areas = {}
    for by in ("margin", "precision"):
        output = tmp_path / by
        given = ("pairs", tmp_path / "pairs.parquet", "--gold", GOLD, "--by", by)
        done = run(*given, "--output", output)
        assert done.code == 0, done.err
        areas[by] = {key[2]: row["value"] for key, row in figures_of(output).items()}
    assert areas["precision"]["AUC-PR"] < areas["margin"]["AUC-PR"]
    assert areas["precision"]["F1"] == areas["margin"]["F1"]
    signed = [figures_of(tmp_path / by)["gold.tsv", "pairs.parquet", "AUC-PR", ""] for by in areas]
    assert "by:precision" in signed[1]["signature"]
    assert "by:" not in signed[0]["signature"]
    assert (tmp_path / "precision" / "precisions.gold-tsv.pairs-parquet.svg").exists()


def test_no_pairs_at_all_are_no_error(run, tmp_path) -> None:
    (tmp_path / "pairs.tsv").write_text("")
    done = run("pairs", tmp_path / "pairs.tsv", "--gold", GOLD, "--output", tmp_path / "out")
    assert done.code == 0, done.err
    assert all(row["value"] == 0 for row in figures_of(tmp_path / "out").values())


# ---------------------------------------------------------------------------------------- pictures


def test_scored_pairs_come_through_a_pipe_and_an_empty_file_is_told(run, mine, tmp_path) -> None:
    rows = "".join(f"1.{i}\t{src}\t{tgt}\n" for i, (src, tgt) in enumerate(PAIRS[:9]))
    (tmp_path / "p.tsv").write_text(rows, "utf-8")
    direct = run("pairs", tmp_path / "p.tsv", "--gold", GOLD)
    command = Path(sys.executable).with_name("mine")
    piped = subprocess.run(
        ["bash", "-c", f"{command} evaluate pairs <(cat p.tsv) --gold <(cat {GOLD})"],
        cwd=tmp_path, capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip
    assert piped.returncode == 0, piped.stderr
    assert [line.split() for line in piped.stdout.splitlines()[2:]] == [
        line.split() for line in direct.out.splitlines()[2:]
    ]
    (tmp_path / "empty.tsv").write_text("")
    assert (
        "empty.tsv: no pairs in it"
        in mine("evaluate", "pairs", tmp_path / "empty.tsv", "--gold", GOLD).stderr
    )


def test_pictures_are_the_same_bytes_and_well_formed(run, tmp_path) -> None:
    folder = write_run(tmp_path / "a <b> & c", ROWS)
    for output in ("out", "again"):
        done = run("pairs", folder, "--gold", GOLD, "--output", tmp_path / output)
        assert done.code == 0, done.err
    assert bytes_of(tmp_path / "out") == bytes_of(tmp_path / "again")
    pictures = sorted((tmp_path / "out").glob("*.svg"))
    assert [path.name for path in pictures] == [
        "margins.gold-tsv.a-b-c.svg", "precision-recall.gold-tsv.svg"
    ]  # fmt: skip
    for path in pictures:
        root = ElementTree.fromstring(path.read_text("utf-8"))
        shown = "".join(root.itertext())
        assert "nan" not in path.read_text("utf-8")
        assert ("a <b> & c" in shown) == ("curve" not in path.name)


def test_names_of_any_kind_are_shown_and_drawn(run, tmp_path) -> None:
    names = [
        "a b.tsv",
        "a-b.tsv",
        "\x1b[31m&\x01.tsv",
        os.fsdecode(b"\xff.tsv"),
        "x" * 200 + ".tsv",
    ]
    for name in names:
        (tmp_path / name).write_text("1.5\tone\teins\n")
    done = run(
        "pairs", *(tmp_path / n for n in names), "--gold", GOLD, "--output", tmp_path / "out"
    )
    assert done.code == 0, done.err
    assert "\x1b" not in done.out
    assert {key[1] for key in figures_of(tmp_path / "out")} == {
        *names[:2], "\ufffd[31m&\ufffd.tsv", "\ufffd.tsv", names[4]
    }  # fmt: skip
    pictures = sorted((tmp_path / "out").glob("*.svg"))
    assert len(pictures) == len(names) + 1
    for path in pictures:
        ElementTree.fromstring(path.read_text("utf-8"))


# ------------------------------------------------------------------------------------------ errors


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("retrieval",), "DATA"),
        (("retrieval", "no/such"), "no parallel text at no/such"),
        (("retrieval", GOLD, "--pair", "lb-de"), "no pair 'lb-de'"),
        (("retrieval", GOLD, "--encoder", "statik"), "did you mean 'static'"),
        (("retrieval", GOLD, "--hard-negatives"), "does not tell its own"),
        (("retrieval", GOLD, "--output", GOLD), "is a file: expected a folder"),
        (("retrieval", GOLD, "--margin", "best"), "--margin"),
        (("retrieval", "UNEQUAL"), "the same number of lines"),
        (("retrieval", "HEADER.tsv"), "HEADER.tsv: no row with two texts"),
        (("mining", "no/lb-de"), "lb-de.lb: no such file"),
        (("mining", "no/set"), "does not tell two languages"),
        (("mining", "no/xx-qq"), "unknown language 'xx'"),
        (("mining", "."), "folder without files *.gold"),
        (("mining", "SET", "--dev", "OTHER"), "no development set for lb-de"),
        (("mining", "SET", "--threshold", "high"), "--threshold"),
        (("mining", "SET", "--threshold", "nan"), "--threshold"),
        (("mining", "SET", "--threshold", "1.1", "--dev", "SET"), "without --threshold 1.1"),
        (("mining", "SET", "--k", "0"), "--k"),
        (("pairs", "no/such", "--gold", GOLD), "no/such: no such file or folder"),
        (("pairs", GOLD, "--gold", GOLD), "gold.tsv, line 1: no margin, source and target"),
        (("pairs", "TABLE.parquet", "--gold", GOLD), "no column 'margin', found src_text"),
        (("pairs", "WORDS.parquet", "--gold", GOLD), "the column 'margin' is of"),
        (("pairs", "HOLES.parquet", "--gold", GOLD, "--by", "precision"), "no column 'precision'"),
        (("pairs", "HOLES.parquet", "--gold", GOLD), "a score that is no number"),
        (("pairs", "ENDLESS.parquet", "--gold", GOLD), "a score that is no number"),
        (("pairs", "MUTE.parquet", "--gold", GOLD), "a pair without text"),
        (("pairs", "."), "--gold"),
        (("guess",), "guess"),
    ],
)
def test_a_users_mistake_ends_in_one_line_and_exit_code_2(
    run, tmp_path, monkeypatch, arguments, told
) -> None:
    monkeypatch.chdir(tmp_path)
    write_bucc(tmp_path / "sets" / "lb-de", PAIRS[:10], 4)
    write_bucc(tmp_path / "sets" / "de-lb", [pair[::-1] for pair in PAIRS[:10]], 4)
    names = {"SET": "sets/lb-de", "OTHER": "sets/lb-de"}
    if "OTHER" in arguments:
        for path in (tmp_path / "sets").glob("lb-de.*"):
            name = path.name.replace("lb-de", "lb-fr").replace(".de", ".fr")
            shutil.copy(path, path.with_name(name))
        names["OTHER"] = "sets/lb-fr"
    (tmp_path / "UNEQUAL").mkdir()
    (tmp_path / "UNEQUAL" / "ltz.txt").write_text("eent\nzwee\n")
    (tmp_path / "UNEQUAL" / "deu.txt").write_text("eins\n")
    (tmp_path / "HEADER.tsv").write_text("lb\tde\n")
    texts = {"src_text": ["a"], "tgt_text": ["b"]}
    for name, more in (
        ("TABLE", {}),
        ("WORDS", {"margin": ["high"]}),
        ("HOLES", {"margin": [float("nan")]}),
        ("ENDLESS", {"margin": [float("inf")]}),
        ("MUTE", {"margin": [1.5], "src_text": [None]}),
    ):
        pl.DataFrame({**texts, **more}).write_parquet(tmp_path / f"{name}.parquet")
    done = run(*(names.get(str(its), its) for its in arguments))
    assert done.code == 2, done.err
    assert told in done.err
    complaints = [its for its in done.err.splitlines() if its.startswith(("mine:", "Error:"))]
    assert len(complaints) == 1


def test_help_imports_nothing_heavy(mine) -> None:
    done = mine("evaluate", "mining", "--help")
    assert done.returncode == 0
    for option in ("--dev", "--encoder", "--threshold", "--output"):
        assert option in done.stdout
