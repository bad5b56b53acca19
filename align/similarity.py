"""Similarity of overlaps: the cosine of vectors centred on their documents.

All sentences of a document share its subject, and all vectors of an encoder share a direction.
Neither says which sentence translates which, so each document's mean is subtracted first.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from bitseam.align.overlaps import Overlaps
from bitseam.schemas.errors import BitseamError

# The mean of few sentences is mostly those sentences: it counts as if so many zeros were among
# them, and of a document of one sentence little is subtracted.
_PRIOR_SENTENCES = 10

_SAME_RATIO = 0.25  # log quotient of two length ratios that change no bead's score by much


class View(NamedTuple):
    """A document centred on its mean.

    The overlaps, the bulk of memory, stay as they are: the inner product of two of them is centred
    by what is kept here.

    :ivar vectors: `(layers, n, d)` float32 of the overlaps, not centred.
    :ivar mean: `(d,)` float32 of the sentences, shrunk.
    :ivar scales: `(layers, n)` float32, one over the norm of each centred vector, 0 for none.
    :ivar lengths: `(layers, n)` float32 characters.
    :ivar sentences: `(n, d)` float32 unit rows: the single sentences, centred.
    :ivar clauses: `(2, n, d)` float32, not centred, :ivar clause_scales: `(2, n)` as of `scales`.
    """

    vectors: NDArray[np.float32]
    mean: NDArray[np.float32]
    scales: NDArray[np.float32]
    lengths: NDArray[np.float32]
    sentences: NDArray[np.float32]
    clauses: NDArray[np.float32]
    clause_scales: NDArray[np.float32]


# einsum throughout: BLAS rounds differently for another number of threads.
def centre(side: Overlaps) -> View:
    """Return a document's overlaps and what centres them.

    :raises BitseamError: a vector holds NaN or infinite values.
    """
    vectors = np.ascontiguousarray(side.vectors)
    mean = vectors[0].sum(axis=0, dtype=np.float64) / (len(side) + _PRIOR_SENTENCES)
    clauses = np.ascontiguousarray(side.clauses)
    scales = _scales(vectors, mean)
    return View(
        vectors=vectors,
        mean=mean.astype(np.float32),
        scales=scales,
        lengths=side.lengths.astype(np.float32),
        sentences=((vectors[0] - mean) * scales[0][:, None]).astype(np.float32),
        clauses=clauses,
        clause_scales=_scales(clauses, mean),
    )


def _scales(vectors: NDArray[np.float32], mean: NDArray[np.float64]) -> NDArray[np.float32]:
    """Return one over the norm of each of `(layers, n, d)` vectors less `mean`, 0 for zero ones."""
    squares = np.einsum("lnd,lnd->ln", vectors, vectors)
    if not np.isfinite(squares).all():
        raise BitseamError("found NaN or infinite values among the vectors: encode them anew")
    centred = squares - 2 * project(vectors, mean) + np.einsum("d,d->", mean, mean)
    scales: NDArray[np.float32] = np.where(
        squares > 0, 1 / np.sqrt(np.maximum(centred, 1e-6)), 0
    ).astype(np.float32)
    return scales


def project(vectors: NDArray[np.float32], mean: NDArray[np.floating]) -> NDArray[np.float32]:
    """Return the inner products `(layers, n)` of `(layers, n, d)` vectors with one of `(d,)`."""
    products: NDArray[np.float32] = np.einsum("lnd,d->ln", vectors, mean.astype(np.float32))
    return products


def length_ratios(src: View, tgt: View, pairs: NDArray[np.int32]) -> list[float]:
    """Return how many target characters a source character becomes, by one or two estimates.

    The first is from the more similar half of `pairs`, `(p, 2)` sentences that may be translations.
    It is wrong where one side's sentences are all merged. Where the lengths of the whole documents
    say something else theirs is the second; it is wrong where much of one side has no counterpart.
    """
    i, j = pairs.T
    cosines = np.einsum("pd,pd->p", src.sentences[i], tgt.sentences[j])
    good = cosines >= np.median(cosines) if len(pairs) else np.zeros(0, bool)
    of_pairs = _quotient(tgt.lengths[0, j[good]], src.lengths[0, i[good]])
    of_documents = document_ratio(src, tgt)
    same = abs(math.log(of_pairs / of_documents)) < _SAME_RATIO
    return [of_pairs] if same else [of_pairs, of_documents]


def document_ratio(src: View, tgt: View) -> float:
    """Return how many target characters a source character becomes, by the whole documents."""
    return _quotient(tgt.lengths[0], src.lengths[0])


def _quotient(above: NDArray[np.float32], below: NDArray[np.float32]) -> float:
    sums = float(above.sum(dtype=np.float64)), float(below.sum(dtype=np.float64))
    return sums[0] / sums[1] if min(sums) > 0 else 1.0
