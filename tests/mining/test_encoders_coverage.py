"""What is said of languages that an encoder does not know."""

from __future__ import annotations

import pytest

from bitseam.mining.encoders import load_encoder
from bitseam.mining.encoders.coverage import coverage_warning
from bitseam.mining.encoders.presets import PRESETS
from bitseam.mining.encoders.static_model import StaticModel, to_bytes


class Named:
    """An encoder that is known by its name alone."""

    def __init__(self, name: str) -> None:
        self.name = name


def test_nothing_is_said_of_languages_that_are_known():
    static = load_encoder("static")
    assert coverage_warning(static, ["ltz_Latn", "deu_Latn"]) == ""
    assert coverage_warning(static, ["nob_Latn", "eng_Latn"]) == ""
    assert coverage_warning(Named("labse"), ["ltz_Latn", "srp_Cyrl"]) == ""


@pytest.mark.parametrize(
    ("encoder", "languages", "told", "untold"),
    [
        ("static", ["cym_Latn", "deu_Latn"], ["not name cym_Latn among", "labse", "e5-base"], []),
        ("static", ["cym_Latn", "bre_Latn"], ["cym_Latn and bre_Latn", "e5-base"], ["labse"]),
        ("static", ["nso_Latn", "eng_Latn"], ["nso_Latn", "; train one"], ["--encoder"]),
        (
            "e5-base",
            ["ltz_Latn", "deu_Latn"],
            ["ltz_Latn", "static, labse, luxembedder", "bge-m3"],
            ["gte"],
        ),
    ],
)
def test_an_unknown_language_is_named_and_encoders_that_know_all(encoder, languages, told, untold):
    named = load_encoder("static") if encoder == "static" else Named(encoder)
    warning = coverage_warning(named, languages)
    assert all(part in warning for part in told), warning
    assert not any(part in warning for part in untold), warning


def test_nothing_is_said_where_an_encoder_does_not_tell_its_languages(tmp_path):
    table = load_encoder("static").model.table
    path = tmp_path / "own.safetensors"
    path.write_bytes(to_bytes(StaticModel(table, {})))
    assert coverage_warning(load_encoder(str(path)), ["nso_Latn"]) == ""
    assert coverage_warning(Named("owner/model"), ["nso_Latn"]) == ""


@pytest.mark.parametrize("preset", PRESETS)
def test_every_preset_says_which_languages_it_knows(preset):
    assert coverage_warning(Named(preset), ["nso_Latn"])
