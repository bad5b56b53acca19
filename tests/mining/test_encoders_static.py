"""The static encoder keeps the protocol, gives the same vectors everywhere, reads only models."""

from __future__ import annotations

import json
import pickle
import subprocess
import sys
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors.numpy import save_file

from bitseam.lid.character_classes import character_classes
from bitseam.lid.ngram_table import NgramTable, quantise
from bitseam.lid.ngrams import NgramConfig
from bitseam.mining.encoders import Encoder, load_encoder
from bitseam.mining.encoders.presets import PRESETS
from bitseam.mining.encoders.static import BUNDLED_MODEL, StaticEncoder
from bitseam.mining.encoders.static_model import (
    METADATA_KEY,
    StaticModel,
    read_static_model,
    to_bytes,
)
from bitseam.schemas.errors import UserError

GOLDEN = json.loads(Path(__file__).with_name("static_golden.json").read_text(encoding="utf-8"))

TEXTS = [
    "Moien, wéi geet et?",
    "",
    "   ",
    "!",
    "🙂 👩‍💻",
    "a\x00b",
    "كيف حالك",
    "漢字とかな",
    "x" * 300_000,
    "Den 12. Mäerz 1998 koum de Grand-Duc op Iechternach.",
]


def small_model(buckets: int = 64, dimension: int = 8) -> StaticModel:
    """A model whose numbers follow from arithmetic alone."""
    cells = np.arange(buckets * dimension, dtype=np.int64).reshape(buckets, dimension)
    rows = (cells * 7919 % 255 - 127).astype(np.int8)
    scales = ((np.arange(buckets) % 13 + 1) / 64).astype(np.float32)
    table = NgramTable(NgramConfig(buckets), character_classes(), rows, scales)
    return StaticModel(table, {"licence": "none"})


@pytest.fixture
def small(tmp_path: Path) -> StaticEncoder:
    path = tmp_path / "small.safetensors"
    path.write_bytes(to_bytes(small_model()))
    encoder = load_encoder(str(path))
    assert isinstance(encoder, StaticEncoder)
    return encoder


@pytest.fixture(scope="module")
def bundled() -> Encoder:
    return load_encoder("static")


def test_bundled_encoder_keeps_the_protocol(bundled):
    assert isinstance(bundled, Encoder)
    vectors = bundled.encode(TEXTS)
    assert vectors.shape == (len(TEXTS), bundled.dimension)
    assert vectors.dtype == np.float32
    blank = np.array([not text.strip() for text in TEXTS])
    norms = np.linalg.norm(vectors, axis=1)
    np.testing.assert_allclose(norms[~blank], 1, atol=1e-6)
    assert (norms[blank] == 0).all()


@pytest.mark.parametrize(
    "texts", [[], pa.array([], pa.string()), pa.chunked_array([], pa.string())]
)
def test_no_texts_give_no_rows(bundled, texts):
    assert bundled.encode(texts).shape == (0, bundled.dimension)


@given(st.lists(st.text(max_size=40), min_size=1, max_size=8), st.data())
@settings(max_examples=50)
def test_a_vector_does_not_depend_on_its_batch(bundled, texts, data):
    start = data.draw(st.integers(0, len(texts) - 1))
    whole = bundled.encode(texts)
    assert np.isfinite(whole).all()
    assert (bundled.encode(pa.array(texts).slice(start)) == whole[start:]).all()
    assert (bundled.encode([texts[start]]) == whole[start]).all()


def test_a_vector_does_not_depend_on_the_number_of_threads():
    texts = [f"Saz Nummer {i}" for i in range(10_000)]
    one = StaticEncoder(BUNDLED_MODEL, threads=1).encode(texts)
    assert (StaticEncoder(BUNDLED_MODEL, threads=3).encode(pa.array(texts)) == one).all()


@pytest.mark.parametrize("case", GOLDEN, ids=lambda case: case["text"])
def test_vectors_are_the_same_to_the_bit_on_every_machine(small, case):
    found = small.encode([case["text"]])[0]
    assert [float(number).hex() for number in found] == case["vector"]


def test_unlike_texts_that_are_translations_are_near(bundled):
    texts = ["D'Kaz schléift um Daach.", "Die Katze schläft auf dem Dach."]
    texts += ["Die Regierung hat das Gesetz gestern verabschiedet."]
    lb, right, wrong = bundled.encode(texts)
    assert lb @ right > lb @ wrong + 0.3


def test_copies_in_other_processes_give_the_same_vectors(bundled):
    expected = bundled.encode(TEXTS)
    assert (pickle.loads(pickle.dumps(bundled)).encode(TEXTS) == expected).all()
    for method in ("fork", "spawn"):
        with ProcessPoolExecutor(1, mp_context=get_context(method)) as workers:
            assert (workers.submit(bundled.encode, TEXTS).result() == expected).all()


def test_static_loads_without_torch_and_encodes_lists_without_pandas():
    program = (
        "import sys; from bitseam.mining.encoders import load_encoder;"
        "load_encoder('static').encode(['Moien']);"
        "heavy = {'torch', 'transformers', 'sentence_transformers', 'pandas'};"
        "sys.exit(bool(heavy & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


@pytest.mark.parametrize("texts", [["Moien", 3], (b"\xff",), [["Moien"]]])
def test_what_is_no_text_is_refused(bundled, texts):
    with pytest.raises((TypeError, ValueError)):
        bundled.encode(texts)


def test_lists_and_arrow_arrays_give_the_same_vectors(bundled):
    texts = [*TEXTS, None]
    expected = bundled.encode(pa.array(texts))
    for same in (texts, tuple(texts), np.array(texts, object), pa.chunked_array([texts])):
        assert (bundled.encode(same) == expected).all()


def test_a_model_comes_back_from_its_file(tmp_path):
    model, path = small_model(), tmp_path / "m.safetensors"
    path.write_bytes(to_bytes(model))
    read = read_static_model(path)
    assert to_bytes(read) == path.read_bytes() == to_bytes(model)
    assert (read.card, read.table.ngrams) == (model.card, model.table.ngrams)


def test_the_revision_names_the_weights(tmp_path):
    paths = [tmp_path / f"{i}.safetensors" for i in range(3)]
    for path, buckets in zip(paths, (64, 64, 65), strict=True):
        path.write_bytes(to_bytes(small_model(buckets)))
    first, same, other = (load_encoder(str(path)).revision for path in paths)
    assert first == same != other


def test_quantised_rows_are_near_and_their_scales_exact():
    rng = np.random.default_rng(0)
    table = rng.standard_normal((50, 16), dtype=np.float32) * np.geomspace(1e-3, 10, 50)[:, None]
    table[7] = 0
    rows, scales = quantise(table.astype(np.float32))
    assert (scales.astype(np.float16) == scales).all()
    error = np.abs(rows * scales[:, None] - table).max(axis=1)
    assert (error <= np.abs(table).max(axis=1) / 100).all()


def write_foreign(path: Path) -> None:
    save_file({"rows": np.zeros((2, 2), np.int8)}, path)


def write_newer(path: Path) -> None:
    save_file({"a": np.zeros(1)}, path, metadata={METADATA_KEY: '{"format": 99}'})


@pytest.mark.parametrize(
    ("write", "message"),
    [
        (lambda path: None, "no model at"),
        (lambda path: path.write_bytes(b""), "is not the model of a static encoder"),
        (lambda path: path.write_bytes(to_bytes(small_model())[:-9]), "is not the model of a"),
        (lambda path: path.write_bytes(b"\x80\x04\x95 a pickle"), "is not the model of a static"),
        (write_foreign, "is not the model of a static encoder"),
        (write_newer, "upgrade bitseam"),
    ],
    ids=["absent", "empty", "truncated", "pickle", "foreign", "newer"],
)
def test_a_file_that_is_no_model_is_named(tmp_path, write, message):
    path = tmp_path / "m.safetensors"
    write(path)
    with pytest.raises(UserError, match=message):
        load_encoder(str(path))


@pytest.mark.parametrize("name", ["statik", "labze", "", "no/such/folder", "/no/such/folder"])
def test_an_unknown_name_is_answered_with_those_known(name):
    with pytest.raises(UserError) as caught:
        load_encoder(name)
    assert all(preset in str(caught.value) for preset in PRESETS)
    assert name != "labze" or "did you mean 'labse'?" in str(caught.value)


def test_bundled_encoder_finds_the_translations_of_ntrex(bundled, shared_data):
    lb, de = (
        bundled.encode(
            (shared_data / "ntrex_dev" / f"{code}.txt")
            .read_text(encoding="utf-8")
            .removesuffix("\n")
            .split("\n")
        )
        for code in ("ltz", "deu")
    )
    cosines, right = lb @ de.T, np.arange(len(lb))
    assert (cosines.argmax(axis=1) == right).mean() >= 0.90
    assert (cosines.argmax(axis=0) == right).mean() >= 0.90
