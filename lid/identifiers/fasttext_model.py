"""Identifiers whose model is a fastText classifier: lid.176, GlotLID, OpenLID, NLLB's.

Joulin et al. 2017, "Bag of Tricks for Efficient Text Classification", https://aclanthology.org/E17-2068
"""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pyarrow as pa

from bitseam.lid.identifiers.fasttext_file import read_labels
from bitseam.lid.identifiers.labels import parse_labels
from bitseam.lid.identifiers.protocol import MIN_PROBABILITY, TOP, Prediction, merged
from bitseam.lid.revision import file_revision
from bitseam.schemas.errors import UserError

# fastText's words are what stands between white space: "ass." is not the "ass" that it has seen.
_NO_WORD = r"[^\p{L}\p{M}\p{N}'’]+"


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
        self._has_synonyms = len(self.languages) < len(codes)
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
        prediction = self._as_arrays(rows)
        return merged(prediction) if self._has_synonyms else prediction

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
            "download it again, or leave out --lid-model for the built-in one"
        ) from error
