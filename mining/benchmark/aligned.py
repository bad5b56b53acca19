"""Which pairs of a set stay, and in which order: what the input's order does not decide."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from bitseam.lid.identity import sentence_ids

Rows = npt.NDArray[np.int64]


def first_with_key(keys: Rows) -> Rows:
    """Return, for each of n pairs, the first one with its sentence on a side, -1 if it is that one.

    A sentence in two pairs has two translations, or a wrong one: only the first pair counts, be it
    kept or not, so that nobody decides by a chain of such pairs.

    :param keys: `(n,)` of the sentences, see `lid.identity.fold_keys`.
    """
    _, first, inverse = np.unique(keys, return_index=True, return_inverse=True)
    original = first[inverse]
    return np.where(original < np.arange(len(keys)), original, -1)


def draw_keys(texts: pa.StringArray, purpose: str, seed: int) -> Rows:
    """Return random numbers `(n,)` that hang on the text, what they are for, and the seed alone.

    What is sorted by them is in an order that no order of the input decides.
    """
    keys: Rows = sentence_ids(f"{purpose} {seed}", texts)
    return keys
