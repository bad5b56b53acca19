"""Linear maps: the closed form finds the rotation, files come back, languages are told apart."""

from __future__ import annotations

import pickle
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors.numpy import save_file

from bitseam.lid.character_classes import character_classes
from bitseam.lid.ngram_table import NgramTable, quantise
from bitseam.lid.ngrams import NgramConfig
from bitseam.mining.encoders import Encoder, in_language, load_encoder
from bitseam.mining.encoders.linear_map import METADATA_KEY, LinearMap, MapFile, map_bytes, read_map
from bitseam.mining.encoders.static_model import StaticModel, to_bytes
from bitseam.mining.training.procrustes import fit_map
from bitseam.schemas.errors import UserError


def units(rng: np.random.Generator, rows: int, dimension: int) -> np.ndarray:
    vectors = rng.standard_normal((rows, dimension))
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)


def rotation(rng: np.random.Generator, dimension: int) -> np.ndarray:
    return np.linalg.qr(rng.standard_normal((dimension, dimension)))[0].astype(np.float32)


@given(st.integers(0, 2**32), st.integers(2, 24), st.booleans())
@settings(max_examples=40)
def test_a_rotation_is_found_exactly(seed, dimension, centred):
    rng = np.random.default_rng(seed)
    source = units(rng, 4 * dimension, dimension)
    target = source @ rotation(rng, dimension)
    fitted = fit_map(source, target, centred=centred)
    np.testing.assert_allclose(fitted.of_source(source), fitted.of_target(target), atol=1e-4)
    identity = fitted.matrix @ fitted.matrix.T
    np.testing.assert_allclose(identity, np.eye(dimension), atol=1e-5)


def test_centring_takes_a_shift_away_that_a_rotation_cannot():
    rng = np.random.default_rng(0)
    source = units(rng, 300, 16)
    shift = 2 * units(rng, 1, 16)
    target = source @ rotation(rng, 16) + shift
    target /= np.linalg.norm(target, axis=1, keepdims=True)

    def found(fitted: LinearMap) -> float:
        cosines = fitted.of_source(source) @ fitted.of_target(target).T
        return float((cosines.argmax(axis=0) == np.arange(300)).mean())

    plain, centred = (found(fit_map(source, target, centred=flag)) for flag in (False, True))
    assert plain < 0.8
    assert centred > 0.95


def test_mapped_vectors_have_unit_norm_and_zero_rows_stay():
    rng = np.random.default_rng(1)
    source, target = units(rng, 50, 8), units(rng, 50, 8) + 0.3
    fitted = fit_map(source, target, centred=True)
    source[7] = target[7] = 0
    for mapped in (fitted.of_source(source), fitted.of_target(target)):
        norms = np.linalg.norm(mapped, axis=1)
        assert norms[7] == 0
        np.testing.assert_allclose(np.delete(norms, 7), 1, atol=1e-6)


@pytest.fixture
def base(tmp_path: Path) -> Encoder:
    rng = np.random.default_rng(2)
    rows, scales = quantise(rng.standard_normal((512, 16), dtype=np.float32))
    table = NgramTable(NgramConfig(512), character_classes(), rows, scales)
    (tmp_path / "base.safetensors").write_bytes(to_bytes(StaticModel(table, {})))
    return load_encoder(str(tmp_path / "base.safetensors"))


@pytest.fixture
def path(base: Encoder, tmp_path: Path) -> Path:
    matrix = rotation(np.random.default_rng(3), 16)
    means = np.full((2, 16), 0.01, np.float32)
    base_path = str(tmp_path / "base.safetensors")
    file = MapFile(LinearMap(matrix, *means), base_path, base.revision, "ltz_Latn", "deu_Latn")
    path = tmp_path / "map.safetensors"
    path.write_bytes(map_bytes(file))
    assert map_bytes(read_map(path)) == path.read_bytes()
    return path


def test_an_encoder_with_a_map_is_loaded_by_the_name_of_the_map(base, path):
    encoder = load_encoder(str(path))
    assert isinstance(encoder, Encoder)
    assert (encoder.name, encoder.dimension) == ("map.safetensors", 16)
    texts = ["Moien", "", "Wéi geet et?"]
    its = read_map(path).map
    for code, map_side in (("lb", its.of_source), ("deu_Latn", its.of_target)):
        side = in_language(encoder, code)
        np.testing.assert_array_equal(side.encode(texts), map_side(base.encode(texts)))
        copy = pickle.loads(pickle.dumps(side))
        np.testing.assert_array_equal(copy.encode(texts), side.encode(texts))
        assert (side.encode([""]) == 0).all()


def test_an_encoder_without_a_map_knows_no_sides(base):
    assert in_language(base, "lb") is base


def test_a_map_names_what_it_cannot_do(path):
    encoder = load_encoder(str(path))
    with pytest.raises(UserError, match="is for ltz_Latn and deu_Latn, not for fra_Latn"):
        in_language(encoder, "fr")
    with pytest.raises(UserError, match="treats ltz_Latn and deu_Latn apart"):
        encoder.encode(["Moien"])


def test_a_map_of_other_weights_is_refused(path, tmp_path):
    other = read_map(path)._replace(encoder_revision="0123")
    path.write_bytes(map_bytes(other))
    with pytest.raises(UserError, match=r"made for revision 0123 of .*make it again"):
        load_encoder(str(path))
    (tmp_path / "base.safetensors").unlink()
    with pytest.raises(UserError, match=r"no model at .*base\.safetensors"):
        load_encoder(str(path))


def test_a_damaged_map_is_named(path):
    save_file({"matrix": np.zeros((2, 2), np.float32)}, path, metadata={METADATA_KEY: '{"a": 1}'})
    with pytest.raises(UserError, match="is no linear map"):
        load_encoder(str(path))
    with pytest.raises(UserError, match="no linear map at"):
        read_map(path.with_name("absent.safetensors"))
