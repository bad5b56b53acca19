"""The search for document pairs: what `mining` finds among vectors, put to `align.documents`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from bitseam.align.documents import (
    EVIDENCE,
    DocumentPairs,
    Side,
    compare_sentences,
    place_keys,
    shared_keys,
    title_keys,
)
from bitseam.mining.knn import nearest_neighbours
from bitseam.mining.margin import MIN_MEAN, neighbour_means

CANDIDATES = 16  # nearest documents of each document, both ways
SAMPLE = 2048  # sentences of the other side that margins are measured against
_K = 4  # of those, the nearest


class Sides(Protocol):
    """The sentences of a collection, document by document."""

    def __getitem__(self, document: int, /) -> Side: ...


@dataclass(frozen=True)
class Described:
    """What is known of documents beside their text, `(m,)` each."""

    names: Sequence[str | None]
    urls: Sequence[str | None]
    titles: Sequence[str | None]


def sample_rows(n: int) -> NDArray[np.int64]:
    """Return `SAMPLE` of `n` rows, or all of fewer, evenly spread."""
    return np.unique(np.linspace(0, n - 1, min(n, SAMPLE)).astype(np.int64)) if n else np.arange(0)


def sample_means(vectors: NDArray[np.float32], sample: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the mean cosine of each vector with its nearest of the other side's sample, `(n,)`."""
    means = neighbour_means(nearest_neighbours(vectors, sample, _K).cosines)
    return np.maximum(means, np.float32(MIN_MEAN))


def find_candidates(
    src: NDArray[np.float32],
    tgt: NDArray[np.float32],
    described: tuple[Described, Described],
    languages: tuple[str, str],
) -> DocumentPairs:
    """Return pairs of documents worth a comparison, by (source, target), not yet scored.

    :param src: `(m, d)` vectors of the source documents; :param tgt: of the target documents.
    """
    forward = nearest_neighbours(src, tgt, CANDIDATES).rows
    backward = nearest_neighbours(tgt, src, CANDIDATES).rows
    rows = [
        np.repeat(np.arange(len(src)), forward.shape[1]),
        backward.ravel(),
    ]
    columns = [
        forward.ravel(),
        np.repeat(np.arange(len(tgt)), backward.shape[1]),
    ]
    bits = [np.zeros(len(found), np.uint8) for found in rows]
    for i, (ours, theirs) in enumerate(_shared(described, languages)):
        rows.append(ours)
        columns.append(theirs)
        bits.append(np.full(len(ours), 1 << i, np.uint8))
    keys = np.concatenate(rows) * max(1, len(tgt)) + np.concatenate(columns)
    unique, inverse = np.unique(keys, return_inverse=True)
    evidence = np.zeros(len(unique), np.uint8)
    np.bitwise_or.at(evidence, inverse, np.concatenate(bits))
    found = np.divmod(unique, max(1, len(tgt)))
    return DocumentPairs(*found, np.zeros(len(unique), np.float32), evidence)


def _shared(
    described: tuple[Described, Described], languages: tuple[str, str]
) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """Yield the pairs of each kind of `EVIDENCE`, in its order."""
    keys = {
        "name": [place_keys(side.names, languages) for side in described],
        "url": [place_keys(side.urls, languages) for side in described],
        "title": [title_keys(side.titles) for side in described],
    }
    for kind in EVIDENCE:
        yield shared_keys(*keys[kind])


def score_candidates(candidates: DocumentPairs, src: Sides, tgt: Sides) -> DocumentPairs:
    """Return the candidates with the scores of their sentences."""
    pairs = zip(candidates.src.tolist(), candidates.tgt.tolist(), strict=True)
    scores = [compare_sentences(src[ours], tgt[theirs]) for ours, theirs in pairs]
    return DocumentPairs(
        candidates.src, candidates.tgt, np.array(scores, np.float32), candidates.evidence
    )
