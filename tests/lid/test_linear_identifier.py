"""The bundled identifier, and identifiers trained in the test."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bitseam.lid.character_classes import character_classes
from bitseam.lid.identifiers import TOP, load_identifier
from bitseam.lid.identifiers.linear import BUNDLED_MODEL, LinearIdentifier
from bitseam.lid.identifiers.linear_model import LinearModel, read_model, write_model
from bitseam.lid.identify import identify
from bitseam.lid.ngram_table import NgramTable
from bitseam.lid.training import TrainConfig, train_identifier
from bitseam.schemas.errors import UserError
from bitseam.schemas.languages import UNDETERMINED

LUXEMBOURGISH = [
    "De Bäcker huet haut nëmme bis zwielef Auer op.",
    "Wou hues du däin neie Vëlo kaaft?",
    "Et huet d'ganz Nuecht gereent, an elo schéngt d'Sonn.",
    "Meng Boma kacht all Sonndeg Bouneschlupp.",
    "Mir ginn den Owend an de Kino, kënns du mat?",
    "Hien huet säi Schlëssel um Kichendësch leie gelooss.",
]
GERMAN = [
    "Der Bäcker hat heute nur bis zwölf Uhr geöffnet.",
    "Wo hast du dein neues Fahrrad gekauft?",
    "Es hat die ganze Nacht geregnet, und jetzt scheint die Sonne.",
    "Meine Großmutter kocht jeden Sonntag Bohnensuppe.",
    "Wir gehen heute Abend ins Kino, kommst du mit?",
    "Er hat seinen Schlüssel auf dem Küchentisch liegen lassen.",
]


@pytest.fixture(scope="module")
def bundled() -> LinearIdentifier:
    return LinearIdentifier()


def best(identifier: LinearIdentifier, texts: list[str]) -> list[str]:
    prediction = identifier.predict(pa.array(texts, pa.string()))
    return [identifier.languages[i] for i in prediction.languages[:, 0]]


def training_texts() -> tuple[pa.Array, pa.Array]:
    """Two hundred made-up sentences a language, of words that the other has not."""
    rng = np.random.default_rng(0)
    texts, labels = [], []
    for language, sentences in (("ltz_Latn", LUXEMBOURGISH), ("deu_Latn", GERMAN)):
        words = " ".join(sentences).split()
        for _ in range(200):
            texts.append(" ".join(rng.choice(words, 8)))
            labels.append(language)
    return pa.array(texts), pa.array(labels)


SMALL = TrainConfig(epochs=3, dimension=8, buckets=2_000, draws=500, least_draws=300)


def test_the_bundled_model_is_small_and_tells_neighbours_apart(bundled: LinearIdentifier) -> None:
    assert BUNDLED_MODEL.stat().st_size <= 4_000_000
    assert best(bundled, LUXEMBOURGISH) == ["ltz_Latn"] * 6
    assert best(bundled, GERMAN) == ["deu_Latn"] * 6
    assert len(bundled.languages) > 300
    assert bundled.trained_prior.min() > 0
    assert bundled.trained_prior.sum() == pytest.approx(1)


def test_capitals_are_no_obstacle(bundled: LinearIdentifier) -> None:
    shouted = [text.upper() for text in LUXEMBOURGISH + GERMAN]
    assert best(bundled, shouted) == ["ltz_Latn"] * 6 + ["deu_Latn"] * 6


@pytest.mark.parametrize(
    "text",
    [
        "https://www.beispill.lu/index.php?page=12&id=kx",
        "x_max = np.zeros((n, 3)); foo(bar[i], -1)",
        "| 12.5 % | 33 | AB-77 | 0,4 kg |",
        "<td class=\"b3\">&nbsp;</td>",
        "info@beispill.lu",
    ],
)  # fmt: skip
def test_what_is_no_language_is_undetermined(bundled: LinearIdentifier, text: str) -> None:
    assert best(bundled, [text]) == [UNDETERMINED]


def test_digits_alone_are_undetermined(bundled: LinearIdentifier) -> None:
    identified = identify(pa.array(["2019-04-12 08:15:33", "12", "…"]), bundled)
    assert identified.languages.to_pylist() == [UNDETERMINED] * 3


def test_a_text_without_letters_and_digits_has_no_language(bundled: LinearIdentifier) -> None:
    prediction = bundled.predict(pa.array(["", "   "]))
    assert (prediction.probabilities == 0).all()


@given(st.lists(st.text(max_size=60), max_size=20))
def test_an_answer_does_not_depend_on_the_batch(texts: list[str]) -> None:
    identifier = load_identifier("bitseam")
    whole = identifier.predict(pa.array(texts, pa.string()))
    assert whole.probabilities.shape == (len(texts), TOP)
    assert (np.diff(whole.probabilities, axis=1) <= 0).all()
    assert (whole.probabilities.sum(axis=1) <= 1 + 1e-5).all()
    for i, text in enumerate(texts):
        alone = identifier.predict(pa.array([text]))
        assert (alone.languages[0] == whole.languages[i]).all()
        assert (alone.probabilities[0] == whole.probabilities[i]).all()


def test_training_gives_the_same_file_twice_and_names_what_it_has_not_seen(tmp_path: Path) -> None:
    paths = [tmp_path / "a.safetensors", tmp_path / "b.safetensors"]
    for path in paths:
        write_model(train_identifier(*training_texts(), SMALL), path)
    assert paths[0].read_bytes() == paths[1].read_bytes()
    identifier = LinearIdentifier(path=paths[0])
    assert identifier.languages == ("deu_Latn", "ltz_Latn", UNDETERMINED)
    unseen = ["Mir kacht den Owend Bouneschlupp.", "Wir kommst heute mit ins Kino."]
    assert best(identifier, unseen) == ["ltz_Latn", "deu_Latn"]


def test_emphasis_moves_the_prior() -> None:
    plain = train_identifier(*training_texts(), SMALL)
    config = TrainConfig(
        epochs=1, dimension=8, buckets=2_000, draws=500, least_draws=300, emphasis={"ltz_Latn": 4.0}
    )
    emphasised = train_identifier(*training_texts(), config)
    index = plain.languages.index("ltz_Latn")
    assert emphasised.prior[index] > 1.5 * plain.prior[index]


def test_a_model_comes_back_from_its_file(tmp_path: Path) -> None:
    model = train_identifier(*training_texts(), SMALL)
    path, again = tmp_path / "a.safetensors", tmp_path / "b.safetensors"
    write_model(model, path)
    write_model(read_model(path), again)
    assert path.read_bytes() == again.read_bytes()
    assert read_model(path).languages == model.languages


def test_one_language_is_not_enough() -> None:
    with pytest.raises(UserError, match="expected two or more"):
        train_identifier(pa.array(LUXEMBOURGISH), pa.array(["ltz_Latn"] * 6), SMALL)


def test_a_language_with_a_handful_of_texts_is_refused() -> None:
    with pytest.raises(UserError, match=r"too few different texts of deu_Latn \(6\)"):
        train_identifier(
            pa.array(LUXEMBOURGISH + GERMAN), pa.array(["ltz_Latn"] * 6 + ["deu_Latn"] * 6), SMALL
        )


@pytest.mark.parametrize("options", [{"epochs": 0}, {"dimension": 1}, {"buckets": 10}])
def test_options_out_of_range_are_refused(options: dict[str, int]) -> None:
    with pytest.raises(UserError, match=f"--{next(iter(options))} is"):
        TrainConfig(**options)


def test_another_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.safetensors"
    path.write_bytes(b"no model")
    with pytest.raises(UserError, match="not the model of a language identifier"):
        load_identifier(str(path))


@pytest.mark.parametrize(
    ("parts", "message"),
    [
        ({"languages": ("ltz_Latn", "deu_Latn")}, "weights, 8 x 2 expected"),
        ({"weights": np.zeros((3, 3), np.float32)}, "weights, 8 x 3 expected"),
        ({"weights": np.full((8, 3), np.nan, np.float32)}, "not finite"),
        ({"prior": np.array([0.5, 0.5])}, "no positive prior"),
        ({"prior": np.array([1.0, 0.0, 0.0])}, "no positive prior"),
        ({"rows": np.zeros((7, 8), np.int8)}, "rows I8"),
        ({"rows": np.zeros((2_000, 8), np.float32)}, "rows F32"),
        ({"scales": np.zeros(3, np.float32)}, "scales of"),
    ],
)
def test_a_file_whose_parts_do_not_fit_together_is_refused(
    tmp_path: Path, parts: dict[str, Any], message: str
) -> None:
    table = NgramTable(
        SMALL.ngrams,
        character_classes(),
        parts.pop("rows", np.zeros((2_000, 8), np.int8)),
        parts.pop("scales", np.zeros(2_000, np.float32)),
    )
    languages = ("deu_Latn", "ltz_Latn", UNDETERMINED)
    fits = LinearModel(table, languages, np.zeros((8, 3), np.float32), np.full(3, 1 / 3), 1.0, {})
    path = tmp_path / "model.safetensors"
    write_model(fits._replace(**parts), path)
    with pytest.raises(UserError, match="is not the model of a language identifier") as raised:
        read_model(path)
    assert message in str(raised.value)
