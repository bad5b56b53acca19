"""The language of each text by itself, without the document and the user's wishes around it."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from bitseam.lid.identifiers import Identifier
from bitseam.schemas.languages import UNDETERMINED


class Identified(NamedTuple):
    """The most probable language of each of n texts."""

    languages: pa.StringArray  # (n,) ltz_Latn
    scores: np.ndarray  # (n,) float32, the model's probability, from 0 to 1


def identify(texts: pa.StringArray, identifier: Identifier, min_score: float = 0.0) -> Identified:
    """Return the language of each text; `UNDETERMINED` below `min_score` and without any letter.

    Without a letter the score is 0.
    """
    prediction = identifier.predict(texts)
    has_letters = pc.match_substring_regex(texts, r"\p{L}").to_numpy(zero_copy_only=False)
    scores = np.where(has_letters, np.clip(prediction.probabilities[:, 0], 0, 1), 0)
    best = pa.array(identifier.languages).take(pa.array(prediction.languages[:, 0]))
    certain = pa.array((scores > 0) & (scores >= min_score))
    return Identified(pc.if_else(certain, best, UNDETERMINED), scores.astype(np.float32))
