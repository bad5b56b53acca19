"""Documents -> sentences: segmentation, cleaning, filters, and the language of every sentence.

The pure function behind the first stage. Every segment of every document comes out once, as a
sentence or as a reject with its reason.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from bitseam.lid.clean import clean
from bitseam.lid.decide import Context, Decision, decide
from bitseam.lid.divide import Segments, divide
from bitseam.lid.identifiers import Identifier
from bitseam.lid.identifiers.labels import find_language
from bitseam.lid.identity import sentence_ids
from bitseam.schemas.choices import TextUnit
from bitseam.schemas.errors import UserError
from bitseam.schemas.reasons import Reason
from bitseam.schemas.tables import EXCERPT, REJECTS, SENTENCES


@dataclass(frozen=True)
class ExtractOptions:
    """What to keep. Lengths are in characters of the cleaned sentence, both ends included."""

    src: str  # ltz_Latn
    tgt: str
    min_chars: int = 10
    max_chars: int = 500
    min_lang_score: float = 0.5
    # "line": a document is one sentence, divided only if it is longer than `max_chars`.
    text_unit: TextUnit = "document"


class Extracted(NamedTuple):
    """The two tables that come out, and how many texts cleaning changed."""

    sentences: pa.RecordBatch  # schemas.tables.SENTENCES
    rejects: pa.RecordBatch  # schemas.tables.REJECTS
    cleaned: int


def extract_sentences(
    documents: pa.RecordBatch, identifier: Identifier, options: ExtractOptions
) -> Extracted:
    """Return the sentences of `documents` in the two languages of `options`, and the rejects.

    A segment becomes one sentence or one reject; a document without any, one reject.

    :raises UserError: the identifier does not know one of the languages.
    """
    sides = find_sides(identifier, options.src, options.tgt)
    in_lines = options.text_unit == "line"
    segments = divide(documents, identifier, options.max_chars if in_lines else None)
    texts, changed = clean(segments.texts)
    reasons = _unfit(texts, options)
    fit = pc.is_null(reasons)
    hints = _hints(documents, identifier)
    decision = _decide(segments, texts, fit, hints, sides, identifier, in_lines)
    reasons = pc.coalesce(reasons, _not_wanted(decision, sides, options))
    kept = pc.is_null(reasons)
    languages = pa.array(identifier.languages).take(pa.array(decision.languages))
    detail = pc.binary_join_element_wise(
        languages, pc.cast(pc.round(pa.array(decision.scores), 2), pa.string()), " "
    )
    return Extracted(
        _sentences(documents, segments, texts, decision, sides, options, kept),
        _rejects(documents, segments, reasons, pc.if_else(fit, detail, None)),
        pc.sum(changed).as_py() or 0,
    )


def find_sides(identifier: Identifier, src: str, tgt: str) -> tuple[int, int]:
    """Return where the user's two languages stand in `identifier.languages`.

    :raises UserError: the identifier does not know one of them, or cannot tell them apart.
    """
    sides = _find_side(identifier, src), _find_side(identifier, tgt)
    if sides[0] == sides[1]:
        raise UserError(
            f"the language identification model {identifier.name} cannot tell {src} from {tgt}: "
            "choose one that can by --lid-model"
        )
    return sides


def _find_side(identifier: Identifier, language: str) -> int:
    index = find_language(language, identifier.languages)
    if index is None:
        raise UserError(
            f"the language identification model {identifier.name} does not know {language} "
            f"(it knows {len(identifier.languages)} others): choose one that does by --lid-model"
        )
    return index


def _hints(documents: pa.RecordBatch, identifier: Identifier) -> np.ndarray:
    """Return `(documents,)` int32: the index of each document's `lang_hint`, -1 for none."""
    encoded = documents["lang_hint"].dictionary_encode()
    known = [find_language(hint, identifier.languages) for hint in encoded.dictionary.to_pylist()]
    indices = pa.array([-1 if index is None else index for index in known], pa.int32())
    hints: np.ndarray = pc.fill_null(indices.take(encoded.indices), -1).to_numpy(
        zero_copy_only=False
    )
    return hints


def _unfit(texts: pa.StringArray, options: ExtractOptions) -> pa.StringArray:
    """Return why a text cannot be a sentence in any language; null where it can."""
    lengths = pc.utf8_length(texts)
    return pc.case_when(
        pc.make_struct(
            pc.less(lengths, options.min_chars),
            pc.greater(lengths, options.max_chars),
            pc.invert(pc.match_substring_regex(texts, r"\p{L}")),
        ),
        Reason.TOO_SHORT.value,
        Reason.TOO_LONG.value,
        Reason.NO_LETTERS.value,
    )


def _decide(
    segments: Segments,
    texts: pa.StringArray,
    fit: pa.BooleanArray,
    hints: np.ndarray,
    sides: tuple[int, int],
    identifier: Identifier,
    in_lines: bool,
) -> Decision:
    """Decide for the fit texts; the others get language 0 with score 0."""
    rows = np.flatnonzero(fit.to_numpy(zero_copy_only=False))
    texts = texts.take(pa.array(rows))
    document = segments.document[rows]
    context = Context(
        np.zeros_like(document) if in_lines else document,
        pc.utf8_length(texts).to_numpy(zero_copy_only=False),
        hints[document],
    )
    decided = decide(identifier.predict(texts), identifier.trained_prior, sides, context)
    whole = Decision(np.zeros(len(fit), np.int32), np.zeros(len(fit), np.float32))
    whole.languages[rows], whole.scores[rows] = decided
    return whole


def _not_wanted(
    decision: Decision, sides: tuple[int, int], options: ExtractOptions
) -> pa.StringArray:
    """Return why a sentence is none of the two languages for certain; null where it is."""
    return pc.case_when(
        pc.make_struct(
            pa.array(~np.isin(decision.languages, sides)),
            pa.array(decision.scores < options.min_lang_score),
        ),
        Reason.OTHER_LANGUAGE.value,
        Reason.LOW_LANG_SCORE.value,
    )


def _sentences(
    documents: pa.RecordBatch,
    segments: Segments,
    texts: pa.StringArray,
    decision: Decision,
    sides: tuple[int, int],
    options: ExtractOptions,
    kept: pa.BooleanArray,
) -> pa.RecordBatch:
    rows = np.flatnonzero(kept.to_numpy(zero_copy_only=False))
    texts = texts.take(pa.array(rows))
    is_src = pa.array(decision.languages[rows] == sides[0])
    lang = pc.if_else(is_src, options.src, options.tgt)
    return pa.RecordBatch.from_arrays(
        [
            pa.array(sentence_ids(lang, texts)),
            lang,
            pa.array(decision.scores[rows]),
            texts,
            documents["doc_id"].take(pa.array(segments.document[rows])),
            pa.array(segments.position[rows]),
            pa.array(segments.start[rows].astype(np.int32)),
            pa.array(segments.end[rows].astype(np.int32)),
        ],
        schema=SENTENCES,
    )


def _rejects(
    documents: pa.RecordBatch,
    segments: Segments,
    reasons: pa.StringArray,
    detail: pa.StringArray,
) -> pa.RecordBatch:
    """Return the rejected segments, then the documents in which there was nothing to segment."""
    rows = pa.array(np.flatnonzero(reasons.is_valid().to_numpy(zero_copy_only=False)))
    empty = pa.array(np.setdiff1d(np.arange(len(documents)), segments.document))
    document = pa.array(segments.document).take(rows)
    none = pa.nulls(len(empty), pa.string())
    zeros = pa.array(np.zeros(len(empty), np.int64))
    n = len(rows) + len(empty)
    doc_ids = documents["doc_id"].take(pa.concat_arrays([document, empty]))
    columns = {
        "what": pa.array(["sentence"] * len(rows) + ["document"] * len(empty), pa.string()),
        "stage": pa.repeat("sentences", n),
        "reason": pa.concat_arrays([reasons.take(rows), pa.repeat(Reason.EMPTY.value, len(empty))]),
        "source": pc.replace_substring_regex(doc_ids, "(?s)#.*", ""),  # a doc_id is `source#id`
        "doc_id": doc_ids,
        "start": pa.concat_arrays([pa.array(segments.start).take(rows), zeros]),
        "end": pa.concat_arrays([pa.array(segments.end).take(rows), zeros]),
        "text": pa.concat_arrays(
            [pc.utf8_slice_codeunits(segments.texts.take(rows), 0, EXCERPT), none]
        ),
        "detail": pa.concat_arrays([detail.take(rows), none]),
    }
    return pa.RecordBatch.from_arrays(list(columns.values()), schema=REJECTS)
