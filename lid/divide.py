"""Documents -> segments: a batch of documents becomes flat arrays of offsets and raw texts."""

from __future__ import annotations

from functools import partial
from typing import NamedTuple

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.compute as pc

from bitseam.lid.identifiers import Identifier
from bitseam.lid.segmentation import segment_batch
from bitseam.lid.segmentation.learned import NOTHING_LEARNED

_SAMPLE = 200  # characters that choose a segmenter: a wrong one costs little
_ANY = "eng_Latn"  # the segmenter of a text in no language
_CERTAIN = 0.9  # the least probability of a paragraph's language


class Segments(NamedTuple):
    """The n segments of a batch of documents, in order."""

    document: np.ndarray  # (n,) int64, row of the document
    position: np.ndarray  # (n,) int32, ordinal in the document
    start: np.ndarray  # (n,) int64, code points into the document's text
    end: np.ndarray  # (n,) int64
    texts: pa.StringArray  # document.text[start:end], before cleaning


def divide(
    documents: pa.RecordBatch,
    identifier: Identifier,
    longest: int,
    in_lines: bool,
    learned: pl.DataFrame = NOTHING_LEARNED,
) -> Segments:
    """Return the segments of `documents`: sentences, those longer than `longest` in parts.

    With `in_lines` a document of at most `longest` characters is one segment. What a paragraph
    looks like chooses the rules of segmentation; where that is not certain, the `lang_hint` of its
    document does, or what the document's beginning looks like. What was `learned` from the corpus
    joins them.
    """
    texts = documents["text"]
    short = pc.less_equal(pc.utf8_length(texts), longest).to_numpy(zero_copy_only=False)
    whole = np.flatnonzero(short & in_lines)
    rows = np.setdiff1d(np.arange(len(texts)), whole)
    divided = documents.take(pa.array(rows))
    languages = languages_of(divided, identifier)
    identify = partial(_paragraph_languages, divided["text"], identifier)
    sentences = segment_batch(divided["text"], languages, longest, learned, identify)
    kept, starts, ends = _trimmed(texts.take(pa.array(whole)))
    document = np.concatenate([rows[sentences.texts], whole[kept]])
    order = np.argsort(document, kind="stable")
    document = document[order]
    start = np.concatenate([sentences.starts, starts])[order]
    end = np.concatenate([sentences.ends, ends])[order]
    position = np.arange(len(document)) - np.searchsorted(document, document)
    return Segments(
        document, position.astype(np.int32), start, end, _slices(texts, document, start, end)
    )


def _trimmed(texts: pa.StringArray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return which texts are not blank, and where they begin and end without white space."""
    trimmed = pc.utf8_rtrim_whitespace(texts)
    ends = pc.utf8_length(trimmed).to_numpy(zero_copy_only=False).astype(np.int64)
    lengths = pc.utf8_length(pc.utf8_ltrim_whitespace(trimmed)).to_numpy(zero_copy_only=False)
    kept = np.flatnonzero(lengths)
    return kept, (ends - lengths)[kept], ends[kept]


def _slices(
    texts: pa.StringArray, rows: np.ndarray, starts: np.ndarray, ends: np.ndarray
) -> pa.StringArray:
    """Return `texts[row][start:end]` of disjoint slices in order, without a copy of each."""
    if not len(rows):
        return pa.array([], pa.string())
    _, bounds, data = texts.buffers()
    first, last = np.frombuffer(bounds, np.int32)[[texts.offset, texts.offset + len(texts)]]
    octets = np.frombuffer(data, np.uint8)[first:last]
    # Where the code points begin: every byte but those that go on with one.
    points = np.append(np.flatnonzero((octets & 0xC0) != 0x80), len(octets)) + first
    lengths = pc.utf8_length(texts).to_numpy(zero_copy_only=False).astype(np.int64)
    before = (np.cumsum(lengths) - lengths)[rows]
    edges = np.stack([points[before + starts], points[before + ends]], axis=1).astype(np.int32)
    # The slices and what stands between them, in turn.
    turns = pa.StringArray.from_buffers(2 * len(rows) - 1, pa.py_buffer(edges.tobytes()), data)
    return turns.take(pa.array(np.arange(0, len(turns), 2)))


def languages_of(documents: pa.RecordBatch, identifier: Identifier) -> list[str]:
    """Return the language of each document: its hint, or that of its first characters."""
    unknown = documents.filter(documents["lang_hint"].is_null())["text"]
    prediction = identifier.predict(pc.utf8_slice_codeunits(unknown, 0, _SAMPLE))
    names = np.array([*identifier.languages], object)[prediction.languages[:, 0]]
    guessed = iter(np.where(prediction.probabilities[:, 0] > 0, names, _ANY).tolist())
    return [hint or next(guessed) for hint in documents["lang_hint"].to_pylist()]


def _paragraph_languages(
    texts: pa.StringArray,
    identifier: Identifier,
    rows: np.ndarray,
    starts: np.ndarray,
    ends: np.ndarray,
) -> list[str | None]:
    """Return the language of each piece `texts[row][start:end]`, None where it is not certain."""
    prediction = identifier.predict(_slices(texts, rows, starts, ends))
    names = np.array([*identifier.languages], object)[prediction.languages[:, 0]]
    names[prediction.probabilities[:, 0] < _CERTAIN] = None
    languages: list[str | None] = names.tolist()
    return languages
