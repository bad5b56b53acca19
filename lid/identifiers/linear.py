"""The bundled identifier: the static encoder's pass over n-grams, and one linear layer.

No download, no foreign library; the same answer on every machine, in every batch.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numba import njit

from bitseam.lid.identifiers.linear_model import read_model
from bitseam.lid.identifiers.protocol import TOP, Prediction

BUNDLED_MODEL = Path(__file__).with_name("bitseam.safetensors")


class LinearIdentifier:
    """Names languages by a `LinearModel`; the model card of the bundled one is `bitseam.md`."""

    def __init__(self, name: str = "bitseam", path: Path = BUNDLED_MODEL) -> None:
        """Map the model at `path`.

        :raises UserError: no such file, or not the model of a language identifier.
        """
        self.name = name
        self.model = read_model(path)
        self.revision = self.model.revision
        self.languages = self.model.languages
        self.trained_prior = self.model.prior
        self._weights = self.model.weights * np.float32(self.model.sharpness)

    def predict(self, texts: pa.StringArray) -> Prediction:
        """Return the few most probable languages of each text; of one that is blank, none."""
        vectors = self.model.table.embed(texts)
        result = Prediction(
            np.zeros((len(vectors), TOP), np.int32), np.zeros((len(vectors), TOP), np.float32)
        )
        _classify(vectors, self._weights, result.languages, result.probabilities)
        return result


_compiled: Any = njit(cache=True, nogil=True)

_FAR = np.float32(-16)  # this far below the best, a score does not change the sum


@_compiled
def _classify(vectors, weights, languages, probabilities):  # type: ignore[no-untyped-def]
    """Write the `TOP` most probable languages of each row of `vectors`, best first.

    Every sum runs in a fixed order, over languages side by side: the compiler may use vector
    instructions, and the result is the same with or without them.
    """
    dimension, count = weights.shape
    scores = np.empty(count, np.float32)
    for i in range(len(vectors)):
        if not vectors[i].any():
            continue
        scores[:] = 0
        for j in range(dimension):
            value, row = vectors[i, j], weights[j]
            for c in range(count):
                scores[c] += value * row[c]
        top = scores.max()
        total = np.float32(0)
        for c in range(count):
            if scores[c] - top > _FAR:
                share = np.exp(scores[c] - top)
                total += share
                _insert(share, c, probabilities[i], languages[i])
        probabilities[i] /= total


@_compiled
def _insert(share, language, shares, languages):  # type: ignore[no-untyped-def]
    """Put `share` where it belongs in the short list, after its equals; the last falls out."""
    if share <= shares[-1]:
        return
    place = len(shares) - 1
    while place > 0 and shares[place - 1] < share:
        shares[place] = shares[place - 1]
        languages[place] = languages[place - 1]
        place -= 1
    shares[place] = share
    languages[place] = language
