"""`mine train adapt` and `distill` on a tiny BERT with random weights, and on a static encoder."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from bitseam.mining.encoders import Encoder, load_encoder
from bitseam.mining.encoders.presets import PRESETS, Preset
from bitseam.mining.training import transformer_trainer
from bitseam.pipelines.train.adapt import adapt_encoder, distil_encoder
from bitseam.pipelines.train.output import RECORD
from bitseam.pipelines.train.split import DataOptions
from bitseam.schemas.errors import UserError

FY = [f"f{letter}" for letter in "abcdefghijklmnopqrst"]
NL = [f"n{letter}" for letter in "abcdefghijklmnopqrst"]
SIZE = 32
ADAPT = {"epochs": 6, "batch_size": 32, "learning_rate": 3e-3, "seed": 0}


def invented(rows: int, seed: int) -> tuple[list[str], list[str]]:
    chosen = np.random.default_rng(seed).integers(0, len(FY), (rows, 4))
    return tuple([" ".join(words[i] for i in row) for row in chosen] for words in (FY, NL))


def tiny_bert(folder: Path, seed: int) -> Path:
    import torch
    from sentence_transformers import SentenceTransformer
    from tokenizers import Tokenizer, models, pre_tokenizers
    from transformers import BertConfig, BertModel, PreTrainedTokenizerFast

    words = ["[PAD]", "[UNK]", "query", ":", ".", *FY, *NL]
    vocabulary = {word: i for i, word in enumerate(words)}
    cutter = Tokenizer(models.WordLevel(vocabulary, unk_token="[UNK]"))
    cutter.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=cutter, pad_token="[PAD]", unk_token="[UNK]", model_max_length=32
    )
    tokenizer.save_pretrained(folder)
    torch.manual_seed(seed)
    config = BertConfig(
        vocab_size=len(words),
        hidden_size=SIZE,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=64,
        max_position_embeddings=32,
    )
    BertModel(config).save_pretrained(folder, safe_serialization=True)
    SentenceTransformer(str(folder), device="cpu").save_pretrained(str(folder / "whole"))
    return folder / "whole"


@pytest.fixture(scope="module", autouse=True)
def _one_thread() -> Iterator[None]:
    """Threads that wait for each other at every step of a tiny model are slow on a busy machine."""
    import torch

    threads = torch.get_num_threads()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("OMP_NUM_THREADS", "1")
        torch.set_num_threads(1)
        yield
        torch.set_num_threads(threads)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("transformers")
    for i, name in enumerate(("student", "teacher")):
        tiny_bert(folder / name, seed=i)
    rows = zip(*invented(600, seed=1), strict=True)
    text = "".join(f"{source}\t{target}\n" for source, target in rows)
    (folder / "pairs.tsv").write_text("fy\tnl\n" + text, "utf-8")
    return folder


def record_of(output: Path) -> tuple[list[float], float, float]:
    """The losses, and the accuracy before and of the best epoch."""
    record = json.loads((output / RECORD).read_text("utf-8"))
    entries = record["epochs"]
    assert entries[0]["loss"] is None
    best = entries[record["best_epoch"]]
    return [entry["loss"] for entry in entries[1:]], entries[0]["accuracy"], best["accuracy"]


def accuracy(encoder: Encoder) -> float:
    source, target = map(encoder.encode, invented(100, seed=2))
    return float(((source @ target.T).argmax(axis=1) == np.arange(100)).mean())


@pytest.fixture(scope="module")
def adapted(mine, folder: Path) -> Path:
    flags = [f"--{name.replace('_', '-')}={value}" for name, value in ADAPT.items()]
    given = ("--base", "student/whole", "--data", "pairs.tsv", "--output", "adapted")
    done = mine("train", "adapt", *given, *flags, cwd=folder)
    assert (done.returncode, done.stdout) == (0, ""), done.stderr
    assert "epoch 1/6: loss" in done.stderr
    return folder / "adapted"


def test_an_adapted_transformer_finds_translations_not_trained_on(folder, adapted):
    losses, before, after = record_of(adapted)
    assert len(losses) == ADAPT["epochs"]
    assert losses[-1] < losses[0] / 2
    assert before < 0.3
    assert after > 0.9
    base, encoder = (load_encoder(str(path)) for path in (folder / "student/whole", adapted))
    assert accuracy(encoder) > max(0.9, 2 * accuracy(base))


def test_the_folder_is_a_model_with_its_card_and_no_leftovers(adapted):
    names = {path.name for path in adapted.iterdir()}
    assert {"README.md", RECORD, "modules.json", "model.safetensors"} <= names
    assert not any(path.suffix in {".bin", ".pt", ".pth"} for path in adapted.rglob("*"))
    card = (adapted / "README.md").read_text("utf-8")
    assert "library_name: sentence-transformers" in card
    assert "| pairs.tsv | fy, nl | 570 | 30 |" in card
    assert not list(adapted.parent.glob(".*"))


def run(folder: Path, output: Path, base: str = "student/whole", **options: object) -> None:
    given = {"guide": None, "patience": 3, "device": "cpu", **ADAPT, **options}
    name = base if base == "static" or base in PRESETS else str(folder / base)
    adapt_encoder(DataOptions([str(folder / "pairs.tsv")]), output, name, **given)


def test_the_same_training_gives_the_same_weights(folder, adapted, tmp_path):
    run(folder, tmp_path / "again")
    first, again = (load_encoder(str(path)) for path in (adapted, tmp_path / "again"))
    texts = invented(20, seed=3)[0]
    np.testing.assert_allclose(first.encode(texts), again.encode(texts), atol=1e-5)


def test_a_guide_decides_what_is_a_negative(folder, adapted, tmp_path):
    run(folder, tmp_path / "m", guide=str(adapted), temperature=0.05)
    losses, before, after = record_of(tmp_path / "m")
    assert losses[-1] < losses[0] / 2
    assert after > before + 0.4


def test_training_stops_when_nothing_gets_better_and_keeps_the_best(folder, tmp_path):
    run(folder, tmp_path / "m", learning_rate=1e-12, patience=1, base="teacher/whole")
    losses, before, after = record_of(tmp_path / "m")
    assert after >= before
    assert len(losses) <= ADAPT["epochs"]


def test_the_prompt_of_a_preset_goes_into_training_and_model(folder, tmp_path, monkeypatch):
    preset = Preset(str(folder / "student" / "whole"), prompt="query : ")
    monkeypatch.setitem(PRESETS, "prompted", preset)
    run(folder, tmp_path / "m", base="prompted", epochs=1)
    from sentence_transformers import SentenceTransformer

    texts = invented(5, seed=3)[0]
    bare = SentenceTransformer(str(tmp_path / "m"), device="cpu")
    prompted = bare.encode([f"query : {text}" for text in texts], prompt="")
    prompted /= np.linalg.norm(prompted, axis=1, keepdims=True)
    found = load_encoder(str(tmp_path / "m"), device="cpu").encode(texts)
    np.testing.assert_allclose(found, prompted, atol=1e-5)


def test_a_student_learns_the_vectors_of_its_teacher(folder, tmp_path):
    data = DataOptions([str(folder / "pairs.tsv")])
    distil_encoder(
        data,
        tmp_path / "m",
        str(folder / "teacher/whole"),
        str(folder / "student/whole"),
        teacher_column="nl",
        patience=9,
        device="cpu",
        licence="MIT",
        epochs=15,
        batch_size=16,
        learning_rate=5e-3,
        seed=0,
    )
    assert "\nLicence: MIT (" in (tmp_path / "m" / "README.md").read_text("utf-8")
    losses, before, after = record_of(tmp_path / "m")
    assert losses[-1] < losses[0] / 2
    assert after > before + 0.3
    teacher, student = (
        load_encoder(str(path)) for path in (folder / "teacher/whole", tmp_path / "m")
    )
    fy, nl = invented(50, seed=5)
    assert np.sum(teacher.encode(nl) * student.encode(fy), axis=1).mean() > 0.9


@pytest.mark.parametrize(
    ("command", "arguments", "told"),
    [
        ("adapt", (), "--base"),
        ("adapt", ("--base", "labze"), "did you mean 'labse'"),
        ("adapt", ("--base", "static", "--guide", "labse"), "for transformers only"),
        ("adapt", ("--base", "student/whole", "--guide", "static"), "is no transformer"),
        ("adapt", ("--base", "student/whole", "--device", "abacus"), "abacus"),
        ("distill", ("--teacher", "static", "--student", "static"), "is no transformer"),
        ("distill", ("--teacher", "static", "--student", "student/whole"), "expected as many"),
        ("distill", ("--teacher", "static", "--student", "student/whole", "--teacher-column", "x"),
         "expected a column of all data"),
    ],
)  # fmt: skip
def test_a_users_mistake_ends_in_one_line_and_exit_code_2(mine, folder, command, arguments, told):
    given = ("--data", "pairs.tsv", "--output", "new", *arguments)
    done = mine("train", command, *given, cwd=folder)
    assert done.returncode == 2, done.stderr
    assert told in done.stderr
    assert "Traceback" not in done.stderr
    starts = ("mine:", "Error:")
    assert len([line for line in done.stderr.splitlines() if line.startswith(starts)]) == 1
    assert not (folder / "new").exists()


def test_without_the_trainers_packages_the_way_to_get_them_is_told(folder, tmp_path, monkeypatch):
    monkeypatch.setattr(transformer_trainer, "find_spec", lambda _: None)
    with pytest.raises(UserError, match=r"pip install 'bitseam\[train\]'"):
        run(folder, tmp_path / "m")
    assert not list(tmp_path.iterdir())


def test_a_static_encoder_is_adapted_by_going_on_with_its_training(folder, tmp_path):
    options = {"epochs": 2, "batch_size": 128, "learning_rate": None, "device": None}
    run(folder, tmp_path / "m", base="static", **options)
    losses, before, after = record_of(tmp_path / "m")
    assert losses[-1] < losses[0]
    assert after > before
