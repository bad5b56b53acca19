"""The static encoder inside sentence-transformers and mteb: the same vectors, and what is shown."""

from __future__ import annotations

import copy
import json
import re
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
import torch
from sentence_transformers import SentenceTransformer

from bitseam.mining.encoders import Encoder, load_encoder
from bitseam.mining.encoders import static_module as home
from bitseam.mining.encoders.mteb_model import MtebModel
from bitseam.mining.encoders.static import BUNDLED_MODEL
from bitseam.mining.encoders.static_module import StaticModule
from bitseam.schemas.errors import UserError

TEXTS = [
    "Moien, wéi geet et?",
    "",
    "  ",
    "🙂 👩‍💻",
    "漢字とかな",
    "a\x00b",
    "Wuert " * 3000,
    "Moien",
]
LB = ["D'Kaz schléift um Daach.", "Den Zuch kënnt eréischt muer.", "Si huet dräi Bicher kaaft."]
DE = [
    "Sie hat drei Bücher gekauft.",
    "Die Katze schläft auf dem Dach.",
    "Der Zug kommt erst morgen.",
]
GOLD = [1, 2, 0]  # of LB in DE
BLOCKS = re.findall(
    r"```python\n(.*?)```", Path(home.__file__).with_name("README.md").read_text("utf-8"), re.DOTALL
)
NEEDS_MTEB = "needs the mteb package, of the extra dev: pip install mteb"


@pytest.fixture(scope="module")
def encoder() -> Encoder:
    return load_encoder("static")


@pytest.fixture(scope="module")
def model() -> SentenceTransformer:
    return SentenceTransformer(modules=[StaticModule()], device="cpu")


@pytest.fixture(scope="module")
def folder(model: SentenceTransformer, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("saved")
    model.save_pretrained(str(folder))
    return folder


@pytest.mark.parametrize("batch_size", [1, 3, 4096])
def test_sentence_transformers_gives_the_same_vectors(model, encoder, batch_size):
    found = model.encode(TEXTS, batch_size=batch_size)
    assert found.dtype == np.float32
    assert (found == encoder.encode(TEXTS)).all()
    assert (model.encode(TEXTS[0]) == encoder.encode(TEXTS[:1])[0]).all()
    assert model[0].get_sentence_embedding_dimension() == encoder.dimension


def test_prompts_and_similarity_work_as_in_any_model(model, encoder):
    expected = encoder.encode([f"query: {text}" for text in TEXTS])
    assert (model.encode(TEXTS, prompt="query: ") == expected).all()
    nearest = model.similarity(model.encode(LB), model.encode(DE)).argmax(dim=1)
    assert nearest.tolist() == GOLD


def test_vectors_follow_the_precision_of_the_model(model, encoder):
    half = copy.deepcopy(model).half().encode(TEXTS)
    assert half.dtype == np.float16
    np.testing.assert_allclose(half, encoder.encode(TEXTS), atol=1e-3)
    assert not any(parameter.requires_grad for parameter in model.parameters())


def test_a_saved_folder_holds_the_model_file_and_no_code(folder, encoder):
    assert (folder / "model.safetensors").read_bytes() == BUNDLED_MODEL.read_bytes()
    assert not [*folder.rglob("*.py"), *folder.rglob("*.bin"), *folder.rglob("*.pkl")]
    config = json.loads((folder / "config.json").read_text("utf-8"))
    assert (config["revision"], config["dimension"]) == (encoder.revision, encoder.dimension)
    assert "lb" in config["languages"]
    again = load_encoder(str(folder / "model.safetensors"))
    assert (again.encode(TEXTS) == encoder.encode(TEXTS)).all()


def test_a_saved_folder_loads_both_ways(folder, encoder):
    for model in (
        SentenceTransformer(modules=[StaticModule.load(str(folder))], device="cpu"),
        SentenceTransformer(str(folder), device="cpu", trust_remote_code=True),
    ):
        assert (model.encode(TEXTS) == encoder.encode(TEXTS)).all()
        model.save_pretrained(str(folder))  # over the very file it reads
        assert (model.encode(TEXTS) == encoder.encode(TEXTS)).all()


def test_a_folder_without_a_model_is_named(tmp_path):
    with pytest.raises(UserError, match=r"no model\.safetensors in"):
        StaticModule.load(str(tmp_path))
    (tmp_path / "model.safetensors").write_bytes(b"garbage")
    with pytest.raises(UserError, match="is not the model of a static encoder"):
        StaticModule.load(str(tmp_path))


def test_the_snippet_for_sentence_transformers_runs(tmp_path, monkeypatch, encoder):
    monkeypatch.chdir(tmp_path)
    names: dict[str, object] = {}
    exec(BLOCKS[0], names)
    expected = encoder.encode(["Moien, wéi geet et?", "Hallo, wie geht es?"])
    assert (names["vectors"] == expected).all()
    assert (names["model"].encode(TEXTS) == encoder.encode(TEXTS)).all()


def test_the_snippet_for_streams_runs(tmp_path, monkeypatch, encoder):
    monkeypatch.chdir(tmp_path)
    batch = pa.record_batch({"text": pa.array(TEXTS)})
    with pa.OSFile("sentences.arrow", "wb") as file, pa.ipc.new_stream(file, batch.schema) as out:
        out.write_batch(batch)
        out.write_batch(batch.slice(2))
    names: dict[str, object] = {}
    exec(BLOCKS[2], names)
    assert (names["vectors"] == encoder.encode(TEXTS[2:])).all()


def batches(texts: list[str]) -> list[dict[str, list[str]]]:
    """As mteb's data loader gives them."""
    return [{"text": texts[i : i + 3]} for i in range(0, len(texts), 3)]


def test_the_mteb_model_gives_the_same_vectors_without_mteb(encoder):
    model = MtebModel()
    vectors = model.encode(batches(TEXTS), task_metadata=None, hf_split="test", hf_subset="x")
    assert (vectors == encoder.encode(TEXTS)).all()
    cosines = model.similarity(vectors, vectors)
    torch.testing.assert_close(cosines, torch.from_numpy(vectors @ vectors.T))
    torch.testing.assert_close(model.similarity_pairwise(vectors, vectors), cosines.diagonal())


def test_results_of_another_revision_are_not_mixed_up(encoder):
    assert MtebModel(revision=encoder.revision).encoder.revision == encoder.revision
    with pytest.raises(UserError, match="but results for 0123 were asked for"):
        MtebModel("bitseam/static", "0123")


@pytest.fixture
def task(monkeypatch, tmp_path):
    """A tiny bitext task of mteb's own class, so that nothing is downloaded."""
    pytest.importorskip("mteb", reason=NEEDS_MTEB)
    from datasets import Dataset, DatasetDict
    from mteb.abstasks.text.bitext_mining import AbsTaskBitextMining
    from mteb.mocks.mock_tasks import MockBitextMiningTask

    monkeypatch.setenv("MTEB_CACHE", str(tmp_path))

    class Task(AbsTaskBitextMining):
        metadata = MockBitextMiningTask.metadata

        def load_data(self, **_: object) -> None:
            pairs = {"sentence1": LB, "sentence2": [DE[i] for i in GOLD]}
            self.dataset = DatasetDict({"test": Dataset.from_dict(pairs)})
            self.data_loaded = True

    return Task()


def test_mteb_evaluates_the_encoder_and_the_module_alike(task, model):
    import mteb

    ours = MtebModel()
    assert isinstance(ours, mteb.EncoderProtocol)
    for candidate in (ours, model):
        (result,) = mteb.evaluate(candidate, task, cache=None).task_results
        assert result.get_score() == 1.0


def test_mteb_is_told_what_the_encoder_has_seen_and_can_load_it_again(task, folder, encoder):
    meta = MtebModel().mteb_model_meta
    assert (meta.name, meta.revision) == ("bitseam/static", encoder.revision)
    assert meta.embed_dim == encoder.dimension
    assert {"ltz-Latn", "deu-Latn", "fra-Latn", "eng-Latn"} <= {*meta.languages}
    assert {"Tatoeba"} <= meta.training_datasets
    own = MtebModel("team/model", path=folder / "model.safetensors").mteb_model_meta
    for described in (meta, own):
        again = described.load_model()
        assert (again.encode(batches(TEXTS)) == encoder.encode(TEXTS)).all()
        assert again.mteb_model_meta.name == described.name


def test_the_snippet_for_mteb_runs(task, monkeypatch):
    import mteb

    monkeypatch.setattr(mteb, "get_tasks", lambda tasks, languages: [task])
    names: dict[str, object] = {}
    exec(BLOCKS[1], names)
    assert names["results"].task_results[0].get_score() == 1.0
