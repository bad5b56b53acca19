"""The words of each text of a side, and how rare each is there."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from bitseam.lid.words import split_words


class WordsOfTexts(NamedTuple):
    """The words of n texts: those of text `i` are `ids[bounds[i] : bounds[i + 1]]`.

    :ivar ids: `(w,)` int32, :ivar bounds: `(n + 1,)` int64.
    :ivar forms: `(v,)` the lower-cased word of each id.
    :ivar weights: `(v,)` float32, the inverse document frequency of each id among the n texts.
    """

    ids: NDArray[np.int32]
    bounds: NDArray[np.int64]
    forms: pa.LargeStringArray
    weights: NDArray[np.float32]


def words_of(texts: pa.Array) -> WordsOfTexts:
    """Return the words with a letter; numbers and symbols are compared as such, not as words.

    A letter of a script without spaces is a word.
    """
    words = split_words(texts)
    lettered = pc.match_substring_regex(words.forms, r"\p{L}").to_numpy(zero_copy_only=False)
    kept = lettered[words.ids]
    ids = (np.cumsum(lettered) - 1)[words.ids[kept]].astype(np.int32)
    forms = words.forms.filter(pa.array(lettered))
    occurrences = np.bincount(ids, minlength=len(forms))  # nearly the texts with the word
    weights = np.log1p(len(texts) / np.maximum(occurrences, 1)).astype(np.float32)
    kept_before = np.concatenate([np.zeros(1, np.int64), np.cumsum(kept)])
    return WordsOfTexts(ids, kept_before[words.bounds], forms, weights)
