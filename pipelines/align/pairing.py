"""Which documents of two collections in memory are aligned: by name, and by content."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pyarrow.compute as pc
from numpy.typing import NDArray

from bitseam.align.documents import (
    EVIDENCE,
    THRESHOLD,
    DocumentPairs,
    Side,
    centre_documents,
    embed_documents,
    evidence_names,
    select_documents,
    sentence_weights,
)
from bitseam.mining.encoders import Encoder
from bitseam.pipelines.align.beads import DocumentPair
from bitseam.pipelines.align.collection import Collection
from bitseam.pipelines.align.matching import (
    Described,
    find_candidates,
    sample_means,
    sample_rows,
    score_candidates,
)

log = logging.getLogger("bitseam")


def pair_documents(
    src: Collection,
    tgt: Collection,
    encoders: tuple[Encoder, Encoder],
    threshold: float = THRESHOLD,
) -> Iterator[DocumentPair]:
    """Yield the documents to align, in the order of the source side.

    One document on either side is a pair. Of several, those are pairs that agree in what they say,
    and of the others those whose names agree but for the language (`a.lb.txt` and `a.de.txt`;
    `a.txt` in both folders). Memory: the vectors of all sentences, once.

    :param threshold: lowest score of those that agree, see `compare_sentences`.
    """
    if len(src) == len(tgt) == 1:
        yield _pair(src, tgt, 0, 0)
        return
    scored = _score_documents(src, tgt, encoders)
    matched = select_documents(scored, threshold)
    named = _by_name(scored, matched)
    log.info(
        "documents: %s pairs by content, %s by name alone; left over: %s source, %s target",
        *map("{:,}".format, (len(matched), len(named))),
        *(f"{len(side) - len(matched) - len(named):,}" for side in (src, tgt)),
    )
    columns = (
        np.concatenate([getattr(matched, name), getattr(named, name)]).tolist()
        for name in ("src", "tgt", "score", "evidence")
    )
    for i, j, score, evidence in sorted(zip(*columns, strict=True)):
        yield _pair(src, tgt, i, j, score, evidence)


def _score_documents(
    src: Collection, tgt: Collection, encoders: tuple[Encoder, Encoder]
) -> DocumentPairs:
    """Return the candidates among the documents with their scores; see `align.documents`."""
    sides = embed_sides((src, tgt), encoders)
    ours, theirs = (
        centre_documents(embed_documents(side.vectors, side.weights, side.bounds)) for side in sides
    )
    described = _describe(src), _describe(tgt)
    candidates = find_candidates(ours, theirs, described, (src.language, tgt.language))
    return score_candidates(candidates, *sides)


def _by_name(scored: DocumentPairs, matched: DocumentPairs) -> DocumentPairs:
    """Return the pairs with one name of whose documents neither is matched."""
    is_named = scored.evidence & (1 << EVIDENCE.index("name")) > 0
    taken = np.isin(scored.src, matched.src) | np.isin(scored.tgt, matched.tgt)
    return scored.take(is_named & ~taken)


@dataclass(frozen=True)
class EmbeddedSide:
    """A collection's sentences with their vectors, weights and means, as of `Side`.

    :ivar bounds: `(m + 1,)` where those of each document begin and end.
    """

    vectors: NDArray[np.float32]
    weights: NDArray[np.float32]
    means: NDArray[np.float32]
    bounds: NDArray[np.int64]

    def __getitem__(self, document: int, /) -> Side:
        part = slice(*self.bounds[document : document + 2].tolist())
        return Side(self.vectors[part], self.weights[part], self.means[part])


def embed_sides(
    sides: tuple[Collection, Collection], encoders: tuple[Encoder, Encoder]
) -> tuple[EmbeddedSide, EmbeddedSide]:
    """Embed the sentences of both collections; each side is measured against the other."""
    src, tgt = (
        encoder.encode(side.sentences["text"])
        for side, encoder in zip(sides, encoders, strict=True)
    )
    return _embedded(sides[0], src, tgt), _embedded(sides[1], tgt, src)


def _embedded(
    side: Collection, vectors: NDArray[np.float32], others: NDArray[np.float32]
) -> EmbeddedSide:
    lengths = pc.utf8_length(side.sentences["text"]).to_numpy()
    ids = side.sentences["sentence_id"].to_numpy()
    document = np.repeat(np.arange(len(side)), np.diff(side.bounds))
    weights = sentence_weights(lengths, _documents_with(ids, document))
    means = sample_means(vectors, others[sample_rows(len(others))])
    return EmbeddedSide(vectors, weights, means, side.bounds)


def _documents_with(ids: NDArray[np.int64], document: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return in how many documents each sentence stands, `(n,)`."""
    _, codes = np.unique(ids, return_inverse=True)
    once = np.unique(np.stack([codes, document]), axis=1)[0]
    return np.bincount(once)[codes]


def _describe(side: Collection) -> Described:
    return Described(*(side.documents[name].to_pylist() for name in ("name", "url", "title")))


def _pair(
    src: Collection,
    tgt: Collection,
    ours: int,
    theirs: int,
    score: float | None = None,
    evidence: int = 0,
) -> DocumentPair:
    return DocumentPair(
        src.documents["doc_id"][ours].as_py(),
        tgt.documents["doc_id"][theirs].as_py(),
        src.sentences_of(ours),
        tgt.sentences_of(theirs),
        score,
        evidence_names(evidence),
    )
