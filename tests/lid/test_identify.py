"""fastText models, installed, named or given, and what a user sees who names a wrong file."""

from __future__ import annotations

import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pyarrow as pa
import pytest

from bitseam.lid.identifiers import TOP, Identifier, load_identifier, loading
from bitseam.lid.identifiers.fasttext_file import read_labels
from bitseam.lid.identifiers.presets import PRESETS
from bitseam.schemas.errors import UserError


@pytest.fixture(scope="module")
def identifier() -> Identifier:
    return load_identifier("lid176")


def installed_model() -> Path:
    return loading._installed_file(*loading.INSTALLED["lid176"])


def best(identifier: Identifier, *texts: str) -> list[str]:
    prediction = identifier.predict(pa.array(texts))
    return [identifier.languages[i] for i in prediction.languages[:, 0]]


def test_the_installed_model_knows_luxembourgish_and_its_neighbours(identifier: Identifier) -> None:
    assert {"ltz_Latn", "deu_Latn", "nld_Latn", "lim_Latn", "gsw_Latn"} <= {*identifier.languages}
    assert len(identifier.languages) == 176
    assert len(identifier.revision) == 16


def test_sentences_of_many_scripts_are_told_apart(identifier: Identifier) -> None:
    sentences = {
        "deu_Latn": "Wir haben heute Morgen lange auf den Bus gewartet.",
        "nld_Latn": "We hebben vanmorgen lang op de bus gewacht.",
        "fra_Latn": "Nous avons longtemps attendu le bus ce matin.",
        "arb_Arab": "انتظرنا الحافلة طويلا هذا الصباح.",
        "hin_Deva": "हमने आज सुबह बस का बहुत इंतज़ार किया।",
        "cmn_Hans": "我们今天早上等了很久的公共汽车。",
        "tha_Thai": "เช้านี้เรารอรถเมล์นานมาก",
    }
    assert best(identifier, *sentences.values()) == [*sentences]


def test_probabilities_fall_and_absent_places_are_zero(identifier: Identifier) -> None:
    prediction = identifier.predict(pa.array(["Dëst ass e Saz.", "This is one.", "!?", ""]))
    assert prediction.languages.shape == prediction.probabilities.shape == (4, TOP)
    assert (np.diff(prediction.probabilities, axis=1) <= 0).all()
    assert (prediction.probabilities.sum(axis=1) <= 1.001).all()


def test_no_texts_are_a_legal_batch(identifier: Identifier) -> None:
    assert identifier.predict(pa.array([], pa.string())).languages.shape == (0, TOP)


def test_newlines_and_capitals_do_not_hide_a_language(identifier: Identifier) -> None:
    assert best(
        identifier, "?\nDieser Satz steht auf Deutsch da.", "DIESER SATZ STEHT GANZ GROSS DA."
    ) == ["deu_Latn", "deu_Latn"]


def test_the_trained_prior_is_read_from_the_file(identifier: Identifier) -> None:
    share = dict(zip(identifier.languages, identifier.trained_prior, strict=True))
    assert identifier.trained_prior.sum() == pytest.approx(1)
    assert 100 < share["deu_Latn"] / share["ltz_Latn"] < 200


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "expected a fastText language identification model"),
        (b"\x00" * 200, "does not begin like one"),
        ("cut", "a partial download"),
    ],
)
def test_a_damaged_model_file_is_named_with_what_to_do(
    tmp_path: Path, content: bytes | str, message: str
) -> None:
    path = tmp_path / "lid.bin"
    path.write_bytes(
        content if isinstance(content, bytes) else installed_model().read_bytes()[:5000]
    )
    with pytest.raises(UserError, match=message) as raised:
        load_identifier(str(path))
    assert "download it again" in str(raised.value)


def test_a_model_cut_after_its_dictionary_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "lid.bin"
    path.write_bytes(installed_model().read_bytes()[:300_000])
    assert len(read_labels(path)) == 176
    with pytest.raises(UserError, match="fastText cannot load it"):
        load_identifier(str(path))


@pytest.mark.parametrize("name", ["no/such/model.bin", "."])
def test_a_missing_file_or_a_folder_is_refused(name: str) -> None:
    with pytest.raises(UserError, match="--lid-model"):
        load_identifier(name)


def test_another_package_under_the_name_fasttext_ends_in_a_clear_message(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "fasttext", ModuleType("fasttext"))
    with pytest.raises(UserError, match="fasttext-predict"):
        load_identifier("lid176")


def test_labels_of_one_language_are_one_language(write_fasttext, tmp_path: Path) -> None:
    words = {"moien": "ltz_Latn", "xxx": "zxx_Latn", "ggg": "und_Grek", "fff": "fas_Arab"}
    identifier = load_identifier(str(write_fasttext(tmp_path / "glot.bin", words)))
    assert identifier.languages == ("ltz_Latn", "und_Zyyy", "pes_Arab")
    assert identifier.trained_prior.tolist() == [0.25, 0.5, 0.25]

    prediction = identifier.predict(pa.array(["moien!", "xxx ggg", "fff xxx"]))
    assert prediction.languages[0, 0] == 0
    assert prediction.languages[1, 0] == 1
    assert prediction.probabilities[1, 0] > 0.8  # more than either label alone can have
    assert prediction.probabilities.sum(axis=1) == pytest.approx(np.ones(3), abs=1e-3)
    assert (np.diff(prediction.probabilities, axis=1) <= 0).all()


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Return the cache of a hub client that has no network."""
    from huggingface_hub import constants

    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path))
    return tmp_path


def test_a_preset_downloaded_before_needs_no_network(write_fasttext, hub: Path) -> None:
    repository = hub / "models--cis-lmu--glotlid"
    snapshot = repository / "snapshots" / "0123456789abcdef0123456789abcdef01234567"
    snapshot.mkdir(parents=True)
    (repository / "refs").mkdir()
    (repository / "refs" / "main").write_text(snapshot.name)
    write_fasttext(snapshot / "model_v3.bin", {"moien": "ltz_Latn", "你好": "cmn_Hani"})

    identifier = load_identifier("glotlid")
    assert identifier.name == "glotlid"
    assert best(identifier, "你好", "moien") == ["cmn_Hani", "ltz_Latn"]


@pytest.mark.parametrize("name", PRESETS)
def test_a_preset_without_a_network_says_what_to_do(name: str, hub: Path) -> None:
    with pytest.raises(UserError, match=f"cannot download --lid-model {name}") as raised:
        load_identifier(name)
    assert f"https://huggingface.co/{PRESETS[name].repository}" in str(raised.value)
    assert "give the path of the file" in str(raised.value)
