"""What a language identifier is: texts in, the few most probable languages of each out."""

from __future__ import annotations

from typing import NamedTuple, Protocol

import numpy as np
import pyarrow as pa

# How much of a model's answer is kept. A language that is rare in its training data stands far
# down in the list and is still the right one: with TOP = 5, lid.176 loses 3 % of Luxembourgish.
TOP = 16
MIN_PROBABILITY = 5e-4


class Prediction(NamedTuple):
    """The most probable languages of n texts, best first. Absent places have probability 0."""

    languages: np.ndarray  # (n, TOP) int32, an index into Identifier.languages
    probabilities: np.ndarray  # (n, TOP) float32


def merged(prediction: Prediction) -> Prediction:
    """Add up what stands in one row for the same language in several places."""
    languages, probabilities = prediction
    rows = np.arange(len(languages))[:, None]
    keys = rows * (int(languages.max(initial=0)) + 1) + languages
    _, first, which = np.unique(keys, return_index=True, return_inverse=True)
    sums = np.zeros(keys.size, np.float32)
    sums[first] = np.bincount(which.ravel(), probabilities.ravel())
    sums = sums.reshape(keys.shape)
    order = np.argsort(-sums, axis=1, kind="stable")
    return Prediction(languages[rows, order], sums[rows, order])


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
