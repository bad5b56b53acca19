"""Pairs of documents -> their beads, as rows of the `alignments` table.

The overlaps and clauses of many pairs are embedded in one call, each text once: a transformer is
fed full batches, whatever the length of a document.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from bitseam.align.alignment import Alignment
from bitseam.align.overlaps import Overlaps, clause_texts, overlap_texts
from bitseam.align.sentences import AlignOptions, align_sentences
from bitseam.align.word_keys import word_keys
from bitseam.mining.encoders import Encoder
from bitseam.schemas.tables import ALIGNMENTS

_OPTIONS = AlignOptions()
_BATCH_TEXTS = 1 << 17  # vectors at a time: 128 MB of 256 dimensions
_CLAUSES = 2  # of each sentence, the first and the last


@dataclass(frozen=True)
class DocumentPair:
    """Two documents to align.

    :ivar src: the sentences of the source document in order: columns sentence_id, text, position,
        start, end; :ivar tgt: of the target document.
    :ivar score: how much they agree, None where nobody measured it.
    :ivar evidence: what else says that they belong together.
    """

    src_doc: str
    tgt_doc: str
    src: pa.Table
    tgt: pa.Table
    score: float | None = None
    evidence: Sequence[str] = ()


# Aligns a pair of documents, given the overlaps of both.
AlignPair = Callable[[DocumentPair, Overlaps, Overlaps], Alignment]


def _by_vectors(_: DocumentPair, src: Overlaps, tgt: Overlaps) -> Alignment:
    return align_sentences(src, tgt, _OPTIONS)


def align_documents(
    pairs: Iterable[DocumentPair],
    encoders: tuple[Encoder, Encoder],
    align_pair: AlignPair = _by_vectors,
) -> Iterator[pa.Table]:
    """Align pairs of documents; yield their beads in order, as `ALIGNMENTS`, a table a pair.

    Memory does not grow with the number of pairs.

    :param encoders: for the source and for the target language.
    """
    layers = _OPTIONS.largest - 1
    for batch in _batches(pairs, _BATCH_TEXTS // (2 * (layers + _CLAUSES))):
        src = _overlaps([pair.src["text"] for pair in batch], encoders[0], layers)
        tgt = _overlaps([pair.tgt["text"] for pair in batch], encoders[1], layers)
        for pair, ours, theirs in zip(batch, src, tgt, strict=True):
            yield to_rows(pair, align_pair(pair, ours, theirs))


def to_rows(pair: DocumentPair, alignment: Alignment) -> pa.Table:
    """Return the beads of one pair as `ALIGNMENTS`."""
    count = len(alignment)
    sizes = [np.diff(ranges)[:, 0] for ranges in (alignment.src, alignment.tgt)]
    types = pc.binary_join_element_wise(*(pa.array(size).cast(pa.string()) for size in sizes), "-")
    cosines = pa.array(alignment.cosine, mask=np.isnan(alignment.cosine))
    columns = {
        "src_doc": pa.repeat(pair.src_doc, count),
        "tgt_doc": pa.repeat(pair.tgt_doc, count),
        "type": types,
        "cost": pa.array(alignment.cost),
        "cosine": cosines,
        "margin": pa.nulls(count, pa.float32()),
        "log_odds": pa.nulls(count, pa.float32()),
        "doc_score": pa.repeat(pa.scalar(pair.score, pa.float32()), count),
        "evidence": pa.array([list(pair.evidence)] * count, pa.list_(pa.string())),
        **_side("src", pair.src, alignment.src),
        **_side("tgt", pair.tgt, alignment.tgt),
    }
    return pa.table([columns[name] for name in ALIGNMENTS.names], schema=ALIGNMENTS)


def _side(side: str, sentences: pa.Table, ranges: NDArray[np.int32]) -> dict[str, pa.Array]:
    """Return a side's columns: every sentence stands in one bead, so that beads are lists of them.

    :param ranges: `(b, 2)`, half-open.
    """
    offsets = pa.array(np.append(ranges[:, 0], len(sentences)).astype(np.int32))
    lists = {
        name: pa.ListArray.from_arrays(offsets, sentences[name].combine_chunks())
        for name in ("position", "sentence_id", "text")
    }
    empty = pa.array(ranges[:, 0] == ranges[:, 1])
    first = pa.array(ranges[:, 0], mask=empty.to_numpy(zero_copy_only=False))
    last = pa.array(ranges[:, 1] - 1, mask=empty.to_numpy(zero_copy_only=False))
    return {
        f"{side}_positions": lists["position"],
        f"{side}_ids": lists["sentence_id"],
        f"{side}_start": sentences["start"].combine_chunks().take(first),
        f"{side}_end": sentences["end"].combine_chunks().take(last),
        f"{side}_text": pc.if_else(empty, None, pc.binary_join(lists["text"], " ")),
    }


def _batches(pairs: Iterable[DocumentPair], most: int) -> Iterator[list[DocumentPair]]:
    """Yield runs of pairs of about `most` sentences a side, one pair at least."""
    batch: list[DocumentPair] = []
    size = 0
    for pair in pairs:
        its = max(len(pair.src), len(pair.tgt))
        if batch and size + its > most:
            yield batch
            batch, size = [], 0
        batch.append(pair)
        size += its
    if batch:
        yield batch


def _overlaps(
    documents: Sequence[pa.ChunkedArray], encoder: Encoder, layers: int
) -> Iterator[Overlaps]:
    """Yield each document as it is aligned; the texts of all are embedded at once, each once."""
    texts = [
        pa.concat_arrays([_without_blanks(overlap_texts(document, layers), layers), clauses])
        for document, clauses in zip(documents, map(clause_texts, documents), strict=True)
    ]
    encoded = pa.chunked_array(texts).combine_chunks().dictionary_encode()
    vectors = encoder.encode(encoded.dictionary)
    lengths = pc.utf8_length(encoded.dictionary).to_numpy(zero_copy_only=False).astype(np.int32)
    codes = pc.fill_null(encoded.indices, -1).to_numpy(zero_copy_only=False)
    at = 0
    for document, text in zip(documents, texts, strict=True):
        rows = codes[at : at + len(text)].reshape(layers + _CLAUSES, len(document))
        is_text = rows >= 0
        its_vectors = np.zeros((*rows.shape, vectors.shape[1]), np.float32)
        its_vectors[is_text] = vectors[rows[is_text]]
        its_lengths = np.zeros(rows.shape, np.int32)
        its_lengths[is_text] = lengths[rows[is_text]]
        yield Overlaps(
            its_vectors[:layers], its_lengths[:layers], its_vectors[layers:], word_keys(document)
        )
        at += len(text)


def _without_blanks(texts: pa.LargeStringArray, layers: int) -> pa.LargeStringArray:
    """Return overlaps without those that a blank sentence is in: it belongs to nothing.

    Joined to another one it would change neither vector nor length.
    """
    n = len(texts) // layers
    blank = pc.equal(texts.slice(0, n), "").to_numpy(zero_copy_only=False)
    if not blank.any():
        return texts
    before = np.concatenate([[0], np.cumsum(blank)])
    first, last = np.arange(n), np.minimum(np.arange(n) + np.arange(1, layers + 1)[:, None], n)
    return pc.if_else(pa.array((before[last] > before[first]).ravel()), None, texts)
