"""Documents -> segments: a batch of documents becomes flat arrays of offsets and raw texts."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from bitseam.lid.identifiers import Identifier
from bitseam.lid.segmentation.segment import Offsets, segment

_SAMPLE = 200  # characters that choose a segmenter: a wrong one costs little
_ANY = "eng_Latn"  # the segmenter of a text in no language


class Segments(NamedTuple):
    """The n segments of a batch of documents, in order."""

    document: np.ndarray  # (n,) int64, row of the document
    position: np.ndarray  # (n,) int32, ordinal in the document
    start: np.ndarray  # (n,) int64, code points into the document's text
    end: np.ndarray  # (n,) int64
    texts: pa.StringArray  # document.text[start:end], before cleaning


def divide(documents: pa.RecordBatch, identifier: Identifier, whole_up_to: int | None) -> Segments:
    """Return the segments of `documents`.

    A document of at most `whole_up_to` characters is one segment; with None every one is divided.
    Its `lang_hint`, or what its beginning looks like, chooses the rules of segmentation.
    """
    texts: list[str] = documents["text"].to_pylist()
    if whole_up_to is None:
        divided = np.ones(len(texts), bool)
    else:
        divided = pc.utf8_length(documents["text"]).to_numpy(zero_copy_only=False) > whole_up_to
    languages = iter(_languages(documents.filter(pa.array(divided)), identifier))
    offsets = [
        segment(text, next(languages)) if parts else _whole(text)
        for text, parts in zip(texts, divided.tolist(), strict=True)
    ]
    counts = np.array([len(starts) for starts, _ in offsets], np.int64)
    before = np.repeat(np.cumsum(counts) - counts, counts)
    empty = np.zeros(0, np.int64)  # lets a batch of no documents through
    return Segments(
        document=np.repeat(np.arange(len(texts)), counts),
        position=(np.arange(counts.sum()) - before).astype(np.int32),
        start=np.concatenate([empty, *(starts for starts, _ in offsets)]),
        end=np.concatenate([empty, *(ends for _, ends in offsets)]),
        texts=pa.array(
            [
                text[start:end]
                for text, (starts, ends) in zip(texts, offsets, strict=True)
                for start, end in zip(starts.tolist(), ends.tolist(), strict=True)
            ],
            pa.string(),
        ),
    )


def _whole(text: str) -> Offsets:
    end = len(text.rstrip())
    start = len(text) - len(text.lstrip())
    spans = [(start, end)] if start < end else []
    return Offsets(*np.array(spans, np.int64).reshape(-1, 2).T)


def _languages(documents: pa.RecordBatch, identifier: Identifier) -> list[str]:
    """Return the language of each document: its hint, or that of its first characters."""
    unknown = documents.filter(documents["lang_hint"].is_null())["text"]
    prediction = identifier.predict(pc.utf8_slice_codeunits(unknown, 0, _SAMPLE))
    names = np.array([*identifier.languages], object)[prediction.languages[:, 0]]
    guessed = iter(np.where(prediction.probabilities[:, 0] > 0, names, _ANY).tolist())
    return [hint or next(guessed) for hint in documents["lang_hint"].to_pylist()]
