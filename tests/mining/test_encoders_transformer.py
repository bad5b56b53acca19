"""Transformer encoders, on a tiny BERT with random weights: the loading code is what is tested."""

from __future__ import annotations

import json
import pickle
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from bitseam.mining.encoders import Encoder, load_encoder
from bitseam.mining.encoders.presets import PRESETS, Preset
from bitseam.mining.encoders.transformer import TransformerEncoder
from bitseam.schemas.errors import UserError

WORDS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "query", ":", "eent", "zwee", "dräi", "."]
TEXTS = ["eent zwee dräi .", "zwee", "eent " * 40, "", " \n", "onbekannt 🙂", "dräi eent", "a\x00b"]


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    import torch
    from sentence_transformers import SentenceTransformer
    from tokenizers import Tokenizer
    from tokenizers.models import WordPiece
    from tokenizers.pre_tokenizers import BertPreTokenizer
    from transformers import BertConfig, BertModel, PreTrainedTokenizerFast

    folder = tmp_path_factory.mktemp("bert")
    torch.manual_seed(0)
    bert = BertModel(
        BertConfig(
            vocab_size=len(WORDS),
            hidden_size=16,
            num_hidden_layers=2,
            num_attention_heads=2,
            intermediate_size=32,
            max_position_embeddings=64,
        )
    )
    bert.save_pretrained(folder, safe_serialization=True)
    vocabulary = {word: k for k, word in enumerate(WORDS)}
    tokenizer = Tokenizer(WordPiece(vocabulary, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = BertPreTokenizer()
    PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, model_max_length=64, pad_token="[PAD]", unk_token="[UNK]"
    ).save_pretrained(folder)
    whole = folder / "whole"
    SentenceTransformer(str(folder), device="cpu").save_pretrained(str(whole))
    return whole


@pytest.fixture
def folder(saved: Path, tmp_path: Path) -> Path:
    """A copy of the model for tests that spoil it."""
    for path in saved.rglob("*"):
        if path.is_file():
            copy = tmp_path / path.relative_to(saved)
            copy.parent.mkdir(exist_ok=True)
            copy.write_bytes(path.read_bytes())
    return tmp_path


@pytest.fixture(scope="module")
def encoder(saved: Path) -> Encoder:
    return load_encoder(str(saved), device="cpu", batch_size=2)


def test_protocol(encoder):
    assert isinstance(encoder, Encoder)
    vectors = encoder.encode(TEXTS)
    assert (vectors.shape, vectors.dtype, encoder.dimension) == ((len(TEXTS), 16), np.float32, 16)
    blank = np.array([not text.strip() for text in TEXTS])
    np.testing.assert_allclose(np.linalg.norm(vectors[~blank], axis=1), 1, atol=1e-5)
    assert (vectors[blank] == 0).all()
    assert len(np.unique(vectors.round(4), axis=0)) > 2  # the words are known to the tokenizer


def test_no_texts_give_no_rows(encoder):
    assert encoder.encode(pa.array([], pa.string())).shape == (0, 16)


def test_batches_by_length_keep_the_order_of_rows(encoder):
    together = encoder.encode(pa.chunked_array([TEXTS[:3], [*TEXTS[3:], None]]))
    alone = np.concatenate([encoder.encode([text]) for text in [*TEXTS, ""]])
    np.testing.assert_allclose(together, alone, atol=1e-5)


def test_a_prompt_stands_before_every_text(saved):
    plain = TransformerEncoder(Preset(str(saved)), device="cpu")
    prompted = TransformerEncoder(Preset(str(saved), prompt="query: "), device="cpu")
    found = prompted.encode(["eent", "zwee dräi"])
    expected = plain.encode(["query: eent", "query: zwee dräi"])
    np.testing.assert_allclose(found, expected, atol=1e-5)
    assert np.abs(found - plain.encode(["eent", "zwee dräi"])).max() > 1e-3


def test_what_exceeds_the_model_is_cut(encoder):
    limit, beyond = "eent " * 100, "eent " * 100 + "zwee " * 100_000
    np.testing.assert_allclose(*encoder.encode([limit, beyond]), atol=1e-5)


def test_a_copy_gives_the_same_vectors(encoder):
    copy = pickle.loads(pickle.dumps(encoder))
    assert (copy.name, copy.revision) == (encoder.name, encoder.revision)
    np.testing.assert_allclose(copy.encode(TEXTS), encoder.encode(TEXTS), atol=1e-6)


def test_the_revision_names_the_weights(folder, encoder):
    same = load_encoder(str(folder), device="cpu").revision
    weights = folder / "model.safetensors"
    content = bytearray(weights.read_bytes())
    content[-1] ^= 1
    weights.write_bytes(content)
    assert encoder.revision == same != load_encoder(str(folder), device="cpu").revision


def test_pickled_weights_are_refused(folder):
    (folder / "model.safetensors").rename(folder / "pytorch_model.bin")
    with pytest.raises(UserError, match=r"no weights as safetensors.*pickles can run any code"):
        load_encoder(str(folder))


def test_pickled_weights_of_one_module_are_refused(folder):
    (folder / "2_Dense").mkdir()
    (folder / "2_Dense" / "pytorch_model.bin").write_bytes(b"\x80\x04N.")
    with pytest.raises(UserError, match="no weights as safetensors"):
        load_encoder(str(folder))


def edit_json(path: Path, **entries: object) -> None:
    content = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps({**content, **entries}), encoding="utf-8")


def test_code_of_the_model_is_never_run(folder):
    edit_json(folder / "config.json", model_type="new", auto_map={"AutoModel": "modeling.NewModel"})
    (folder / "modeling.py").write_text("raise SystemExit('ran')\n", encoding="utf-8")
    with pytest.raises(UserError, match=r"asks to run code .* which bitseam never does"):
        load_encoder(str(folder))


def test_a_module_of_the_model_is_never_imported(folder):
    modules = json.loads((folder / "modules.json").read_text(encoding="utf-8"))
    modules[0]["type"] = "custom_module.Transformer"
    (folder / "modules.json").write_text(json.dumps(modules), encoding="utf-8")
    with pytest.raises(UserError, match=r"module custom_module\.Transformer"):
        load_encoder(str(folder))


def test_a_native_architecture_that_also_offers_code_is_loaded_without_it(folder, encoder):
    edit_json(folder / "config.json", auto_map={"AutoModel": "modeling.Evil"})
    found = load_encoder(str(folder), device="cpu").encode(TEXTS)
    np.testing.assert_allclose(found, encoder.encode(TEXTS), atol=1e-5)


def test_a_folder_without_a_model_is_named(tmp_path):
    with pytest.raises(UserError, match=r"neither config\.json nor modules\.json"):
        load_encoder(str(tmp_path))


def test_damaged_files_are_named(folder):
    (folder / "model.safetensors").write_bytes(b"garbage")
    with pytest.raises(UserError, match="cannot load the encoder"):
        load_encoder(str(folder), device="cpu")
    (folder / "modules.json").write_text("{", encoding="utf-8")
    with pytest.raises(UserError, match="is not JSON"):
        load_encoder(str(folder), device="cpu")


def test_an_absent_device_is_named(saved):
    with pytest.raises(UserError, match="on device 'nonsense'"):
        load_encoder(str(saved), device="nonsense")


@pytest.mark.parametrize("name", ["labse", "owner/no-such-model"])
def test_without_network_the_message_says_what_to_do(name, monkeypatch, tmp_path):
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path))
    with pytest.raises(UserError, match=r"cannot download the encoder .* give the folder"):
        load_encoder(name)


def test_presets_name_models_of_the_hub():
    assert all(preset.model.count("/") == 1 and preset.dimension for preset in PRESETS.values())
    assert {name for name, preset in PRESETS.items() if preset.prompt == "query: "} == {
        "e5-small",
        "e5-base",
        "e5-large",
    }
