"""A document's vector from the vectors of its sentences.

Against a plain mean: sentences that stand in several documents (imprints, calls to subscribe)
count little, and what all documents of a collection have in common is taken away, so that what is
left tells them apart (benchmarks/align_documents.py).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

# The mean of few documents is mostly those documents: it is taken as if there were as many more
# of them around the origin.
_UNSEEN = 10


def sentence_weights(
    lengths: NDArray[np.int64], documents: NDArray[np.int64]
) -> NDArray[np.float32]:
    """Return how much each sentence counts in its document, `(n,)`.

    The root of its length, since long sentences say more, divided by the documents it stands in:
    steeper than the logarithm of an idf, which leaves boilerplate much of its weight.

    :param lengths: `(n,)` characters.
    :param documents: `(n,)` documents of the collection in which the sentence stands, 1 or more.
    """
    return (np.sqrt(lengths) / documents).astype(np.float32)


def embed_documents(
    vectors: NDArray[np.float32], weights: NDArray[np.float32], bounds: NDArray[np.int64]
) -> NDArray[np.float32]:
    """Return the unit vectors of documents, `(m, d)`; one without sentences has a zero row.

    :param vectors: `(n, d)` of the sentences, in the order of the documents.
    :param weights: `(n,)`; :param bounds: `(m + 1,)` where the documents begin and end.
    """
    sums = np.zeros((len(bounds) - 1, vectors.shape[1]), np.float32)
    filled = np.flatnonzero(np.diff(bounds))
    if len(filled):
        weighted = vectors[: bounds[-1]] * weights[: bounds[-1], None]
        sums[filled] = np.add.reduceat(weighted, bounds[filled], axis=0)
    return _unit(sums)


def centre_documents(documents: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the vectors `(m, d)` less what they have in common, of unit norm again."""
    common = documents.sum(axis=0, dtype=np.float64) / (len(documents) + _UNSEEN)
    centred = documents - common.astype(np.float32)
    centred[~documents.any(axis=1)] = 0  # no sentences, no vector
    return _unit(centred)


def _unit(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    norms = np.sqrt(np.square(vectors, dtype=np.float64).sum(axis=1, keepdims=True))
    unit: NDArray[np.float32] = (vectors / np.maximum(norms, 1e-12)).astype(np.float32)
    return unit
