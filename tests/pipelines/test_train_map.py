"""`mine train map`: a map that makes strangers meet, and what cannot be mapped."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from bitseam.lid.character_classes import character_classes
from bitseam.lid.ngram_table import NgramTable, quantise
from bitseam.lid.ngrams import NgramConfig
from bitseam.mining.encoders import in_language, load_encoder
from bitseam.mining.encoders.static_model import StaticModel, to_bytes

GOLD = Path(__file__).resolve().parents[2] / "examples" / "lb-de" / "gold.tsv"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Random vectors for 60 words of each of two invented languages, and word-by-word pairs."""
    folder = tmp_path_factory.mktemp("map")
    rng = np.random.default_rng(4)
    rows, scales = quantise(rng.standard_normal((4096, 128), dtype=np.float32))
    table = NgramTable(NgramConfig(4096), character_classes(), rows, scales)
    (folder / "random.safetensors").write_bytes(to_bytes(StaticModel(table, {})))
    letters = np.array(list("abcdefghijklmnopqrstuvwxyz"))
    words = ["".join(letters[spelled]) for spelled in rng.integers(0, 26, (120, 7))]
    pairs = [
        (" ".join(words[i] for i in row), " ".join(words[60 + i] for i in row))
        for row in rng.integers(0, 60, (600, 4))
    ]
    for name, header in (("named.tsv", "fy\tnl\n"), ("plain.tsv", "")):
        content = header + "".join(f"{source}\t{target}\n" for source, target in pairs)
        (folder / name).write_text(content, "utf-8")
    return folder


def test_strangers_meet(mine, folder, tmp_path):
    given = ("train", "map", "--encoder", "random.safetensors", "--data")
    for data, languages in (("named.tsv", ()), ("plain.tsv", ("--src", "fry", "--tgt", "nl"))):
        output = tmp_path / data / "fy-nl.safetensors"
        done = mine(*given, data, "--output", output, *languages, cwd=folder)
        assert (done.returncode, done.stdout) == (0, ""), done.stderr
        figures = dict(re.findall(r"^(.*?) +accuracy (\S+)", done.stderr, re.MULTILINE))
        assert list(figures) == ["without a map", "mapped", "centred, mapped"]
        assert float(figures["without a map"]) < 0.3
        assert max(map(float, figures.values())) > 0.9
    encoder = load_encoder(str(output))
    words = (folder / "plain.tsv").read_text("utf-8").splitlines()[:50]
    source, target = zip(*(line.split("\t") for line in words), strict=True)
    fy, nl = in_language(encoder, "fy"), in_language(encoder, "nl")
    cosines = fy.encode(source) @ nl.encode(target).T
    assert (cosines.argmax(axis=1) == np.arange(50)).mean() > 0.9


def test_the_same_data_give_the_same_bytes(mine, folder, tmp_path):
    written = []
    for name in ("a", "b"):
        output = tmp_path / name / "m.safetensors"
        given = ("--encoder", "random.safetensors", "--data", "named.tsv", "--centre")
        assert mine("train", "map", *given, "--output", output, cwd=folder).returncode == 0
        written.append(output.read_bytes())
    assert written[0] == written[1]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--data", "plain.tsv", "--output", "m.safetensors"), "name it with --src"),
        (("--data", "named.tsv", "--output", "m"), "ends in .safetensors"),
        (("--data", "named.tsv", "--output", "m.safetensors", "--tgt", "fy"), "two languages"),
        (("--data", "named.tsv", "--data", "plain.tsv", "--output", "m.safetensors"), "the same"),
        (("--data", "named.tsv", "--output", "m.safetensors", "--encoder", "labze"), "labse"),
    ],
)
def test_a_users_mistake_ends_in_one_line_and_exit_code_2(mine, folder, arguments, told):
    done = mine("train", "map", "--encoder", "random.safetensors", *arguments, cwd=folder)
    assert done.returncode == 2, done.stderr
    assert told in done.stderr
    assert len([line for line in done.stderr.splitlines() if line.startswith("mine:")]) == 1
    assert not (folder / "m.safetensors").exists()


def test_a_map_that_does_harm_is_told_of(mine, tmp_path):
    rows = "".join(f"Saz {i} vum Text\tSatz {i} vom Text\n" for i in range(40))
    (tmp_path / "few.tsv").write_text("lb\tde\n" + rows, "utf-8")
    given = ("--encoder", "static", "--data", "few.tsv", "--dev-share", "0.5")
    done = mine("train", "map", *given, "--output", "m.safetensors", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "20 rows for a map of 256 dimensions are few" in done.stderr
    figures = re.findall(r"accuracy (\S+) (\S+)", done.stderr)
    means = [sum(map(float, pair)) for pair in figures]
    assert ("do not use it" in done.stderr) == (max(means[1:]) < means[0])
    assert max(means[1:]) < means[0]


def test_a_map_is_an_encoder_of_mine(mine, example_arguments, tmp_path):
    gold = pl.read_csv(GOLD, separator="\t", quote_char=None).select(lb="src_text", de="tgt_text")
    gold.write_csv(tmp_path / "gold.tsv", separator="\t", quote_style="never")
    output = tmp_path / "lb-de.safetensors"
    given = ("--encoder", "static", "--data", tmp_path / "gold.tsv", "--output", output)
    done = mine("train", "map", *given)
    assert done.returncode == 0, done.stderr
    done = mine(*example_arguments, "--encoder", output, "--output", tmp_path / "out")
    assert done.returncode == 0, done.stderr
    pairs = pl.read_parquet(tmp_path / "out" / "pairs" / "*.parquet")
    assert len(pairs) > 60
    assert (pairs["precision"] > 0.9).sum() > 60
