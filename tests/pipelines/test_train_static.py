"""`mine train static` as its users run it: a model that mines, the same bytes, one-line errors."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from bitseam.mining.encoders import load_encoder
from bitseam.pipelines.train import history, static
from bitseam.pipelines.train.output import RECORD, STATE
from bitseam.pipelines.train.split import DataOptions
from bitseam.pipelines.train.static import static_run, train_static
from bitseam.schemas.errors import UserError

SMALL = {
    "epochs": 6,
    "patience": 3,
    "dimension": 32,
    "buckets": 4096,
    "batch_size": 64,
    "learning_rate": 0.1,
}
FLAGS = [f"--{name.replace('_', '-')}={value}" for name, value in SMALL.items()]


def invented(rows: int, seed: int) -> list[tuple[str, str]]:
    """Sentences of invented words, and their translation word by word in another order."""
    rng = np.random.default_rng(7)
    letters = np.array(list("abcdefghijklmnopqrstuvwxyz"))
    words = ["".join(letters[spelled]) for spelled in rng.integers(0, 26, (160, 6))]
    chosen = np.random.default_rng(seed).integers(0, 80, (rows, 6))
    return [
        (" ".join(words[i] for i in row), " ".join(words[80 + i] for i in row[::-1]))
        for row in chosen
    ]


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("data") / "pairs.tsv"
    rows = "".join(f"{source}\t{target}\n" for source, target in invented(800, seed=1))
    path.write_text("fy\tnl\n" + rows, "utf-8")
    return path


@pytest.fixture(scope="module")
def trained(mine, data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    output = tmp_path_factory.mktemp("trained") / "model"
    done = mine("train", "static", "--data", data, "--output", output, *FLAGS)
    assert (done.returncode, done.stdout) == (0, ""), done.stderr
    assert "760 rows to train on, 40 held aside" in done.stderr
    assert "epoch 6/6: loss" in done.stderr
    return output


def small_run(data: Path, output: Path, base: str | None = None, **changed: object):
    own = {key: value for key, value in SMALL.items() if not (base and key in _TABLE)}
    return static_run(DataOptions([str(data)]), output, base, **{**own, **changed})


_TABLE = ("dimension", "buckets")


def test_the_model_finds_translations_not_trained_on(trained):
    encoder = load_encoder(str(trained / "model.safetensors"))
    source, target = zip(*invented(100, seed=2), strict=True)
    cosines = encoder.encode(source) @ encoder.encode(target).T
    assert (cosines.argmax(axis=1) == np.arange(100)).mean() > 0.9


def test_what_lies_beside_the_model_tells_of_it(trained):
    assert sorted(path.name for path in trained.iterdir()) == sorted(
        ["README.md", "model.safetensors", RECORD]
    )
    record = json.loads((trained / RECORD).read_text("utf-8"))
    losses = [entry["loss"] for entry in record["epochs"]]
    best = record["epochs"][record["best_epoch"] - 1]
    assert losses[-1] < losses[0] / 3
    assert best["accuracy"] == max(entry["accuracy"] for entry in record["epochs"])
    card = (trained / "README.md").read_text("utf-8")
    pair = best["pairs"][0]
    assert f"| this | fy-nl | 40 | {pair['forward']:.3f} | {pair['backward']:.3f} |" in card
    assert "| pairs.tsv | fy, nl | 760 | 40 |" in card
    assert "Licence: not stated." in card
    card_in_model = load_encoder(str(trained / "model.safetensors")).model.card
    assert card_in_model["languages"] == ["fy", "nl"]


def test_weights_and_the_licence_are_those_asked_for(data, tmp_path):
    rows = "".join(f"{a}\t{b}\t{b} x\n" for a, b in invented(200, seed=3))
    (tmp_path / "three.tsv").write_text("fy\tnl\taf\n" + rows, "utf-8")
    options = {"licence": "CC BY 4.0", "column_weights": {"fy": 3.0}}
    run = small_run(tmp_path / "three.tsv", tmp_path / "m", **options)
    assert run.training.column_weights == {"fy": 3.0}
    train_static(run)
    assert "\nLicence: CC BY 4.0 (" in (tmp_path / "m" / "README.md").read_text("utf-8")
    encoder = load_encoder(str(tmp_path / "m" / "model.safetensors"))
    assert encoder.model.card["licence"] == "CC BY 4.0"


def test_a_second_run_has_nothing_to_do_and_another_is_refused(mine, data, trained):
    before = (trained / "model.safetensors").stat().st_mtime_ns
    again = mine("train", "static", "--data", data, "--output", trained, *FLAGS)
    assert (again.returncode, "trained already" in again.stderr) == (0, True)
    other = mine("train", "static", "--data", data, "--output", trained, *FLAGS, "--seed", "1")
    assert (other.returncode, "of other data or options" in other.stderr) == (2, True)
    assert (trained / "model.safetensors").stat().st_mtime_ns == before


def test_a_run_killed_and_continued_gives_the_same_bytes(data, trained, tmp_path, monkeypatch):
    whole_epoch, done = static._epoch, []

    def killed_in_the_fourth(*arguments):
        if len(done) == 3:
            raise KeyboardInterrupt
        done.append(whole_epoch(*arguments))
        return done[-1]

    monkeypatch.setattr(static, "_epoch", killed_in_the_fourth)
    run = small_run(data, tmp_path / "m")
    with pytest.raises(KeyboardInterrupt):
        train_static(run)
    assert [path.name for path in (tmp_path / "m").iterdir()] == [STATE]
    with pytest.raises(UserError, match="unfinished training of other data or options"):
        train_static(small_run(data, tmp_path / "m", seed=1))
    monkeypatch.setattr(static, "_epoch", whole_epoch)
    train_static(run)
    for name in ("model.safetensors", "README.md", RECORD):
        assert (tmp_path / "m" / name).read_bytes() == (trained / name).read_bytes()


def test_training_stops_when_nothing_gets_better(data, tmp_path, monkeypatch):
    figures = iter([0.5, 0.6, 0.4, 0.3, 0.9])
    monkeypatch.setattr(history, "mean_accuracy", lambda _: next(figures))
    train_static(small_run(data, tmp_path / "m", patience=2))
    record = json.loads((tmp_path / "m" / RECORD).read_text("utf-8"))
    assert (len(record["epochs"]), record["best_epoch"]) == (4, 2)


def test_training_goes_on_from_a_model(data, trained, tmp_path):
    base = str(trained / "model.safetensors")
    rate = SMALL["learning_rate"] / 100
    changed = {"epochs": 2, "learning_rate": rate, "temperature": 0.05}
    train_static(small_run(data, tmp_path / "m", base, **changed))
    record = json.loads((tmp_path / "m" / RECORD).read_text("utf-8"))
    before, after = record["epochs"][0], record["epochs"][-1]
    first = json.loads((trained / RECORD).read_text("utf-8"))
    assert before["loss"] is None
    assert before["accuracy"] == first["epochs"][first["best_epoch"] - 1]["accuracy"]
    assert after["loss"] < first["epochs"][-1]["loss"]
    encoder = load_encoder(str(tmp_path / "m" / "model.safetensors"))
    assert encoder.dimension == SMALL["dimension"]
    assert f"revision `{load_encoder(base).revision}`" in (tmp_path / "m/README.md").read_text()


def test_a_damaged_state_is_named(data, tmp_path):
    (tmp_path / "m").mkdir()
    (tmp_path / "m" / STATE).write_bytes(b"half a file")
    with pytest.raises(UserError, match="is damaged"):
        train_static(small_run(data, tmp_path / "m"))


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ((), "--data"),
        (("--data", "PAIRS"), "--output"),
        (("--data", "no/such", "--output", "new"), "no parallel text at no/such"),
        (("--data", "PAIRS", "--output", "PAIRS"), "is a file"),
        (("--data", "PAIRS", "--output", "taken"), "holds notes.txt and no training"),
        (("--data", "TINY", "--output", "new"), "expected two or more of each"),
        (("--data", "PAIRS", "--output", "new", "--base", "labse"), "mine train adapt"),
        (("--data", "PAIRS", "--output", "new", "--base", "no.safetensors"), "no model at"),
        (("--data", "PAIRS", "--output", "new", "--base", "static", "--dimension", "9"), "leave"),
        (("--data", "PAIRS", "--output", "new", "--dev-share", "0.9"), "--dev-share"),
        (("--data", "PAIRS", "--output", "new", "--columns", "fy,de"), "'de'"),
        (("--data", "PAIRS", "--output", "new", "--weight", "lb=3"), "--weight lb: no such column"),
        (("--data", "PAIRS", "--output", "new", "--weight", "fy=0"), "a number above 0"),
    ],
)
def test_a_users_mistake_ends_in_one_line_and_exit_code_2(mine, data, tmp_path, arguments, told):
    (tmp_path / "taken").mkdir()
    (tmp_path / "taken" / "notes.txt").write_text("mine\n", "utf-8")
    (tmp_path / "tiny.tsv").write_text("lb\tde\na\tb\nc\td\n", "utf-8")
    names = {"PAIRS": data, "TINY": tmp_path / "tiny.tsv"}
    done = mine("train", "static", *(names.get(word, word) for word in arguments), cwd=tmp_path)
    assert done.returncode == 2, done.stderr
    assert told in done.stderr
    assert "Traceback" not in done.stderr
    starts = ("mine:", "Error:")
    assert len([line for line in done.stderr.splitlines() if line.startswith(starts)]) == 1
    assert not (tmp_path / "new").exists()
