"""Documents -> sentences: segmentation, cleaning, hygiene, and the language of every sentence.

The pure function behind the first stage. Every segment of every document comes out once, as a
sentence or as a reject with its reason.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.compute as pc

from bitseam.lid.clean import clean
from bitseam.lid.decide import Context, Decision, decide
from bitseam.lid.divide import Segments, divide
from bitseam.lid.hygiene.characters import Characters, count_characters
from bitseam.lid.hygiene.documents import NOTHING_KNOWN, CorpusFacts, Unwanted, unwanted_segments
from bitseam.lid.hygiene.sentences import in_other_script, unfit
from bitseam.lid.identifiers import Identifier, Prediction, merged
from bitseam.lid.identifiers.labels import find_language, relatives, script_variants
from bitseam.lid.identity import sentence_ids
from bitseam.lid.rejects import part_repeats, segment_rejects
from bitseam.lid.segmentation.learned import NOTHING_LEARNED
from bitseam.schemas.choices import TextUnit
from bitseam.schemas.errors import UserError
from bitseam.schemas.reasons import Reason
from bitseam.schemas.tables import SENTENCES


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
    hygiene: bool = True  # judge the lines of documents, too

    @property
    def judges_documents(self) -> bool:
        """Whether the rules for documents hold: a line that stands alone is of no document."""
        return self.hygiene and self.text_unit == "document"

    @property
    def scripts(self) -> tuple[str, str]:
        """The scripts of the two languages: `Latn`."""
        return self.src.partition("_")[2], self.tgt.partition("_")[2]


class Extracted(NamedTuple):
    """The two tables that come out, and how many texts cleaning changed."""

    sentences: pa.RecordBatch  # schemas.tables.SENTENCES
    rejects: pa.RecordBatch  # schemas.tables.REJECTS
    cleaned: int


def extract_sentences(
    documents: pa.RecordBatch,
    identifier: Identifier,
    options: ExtractOptions,
    corpus: CorpusFacts = NOTHING_KNOWN,
    learned: pl.DataFrame = NOTHING_LEARNED,
) -> Extracted:
    """Return the sentences of `documents` in the two languages of `options`, and the rejects.

    A segment becomes one sentence or one reject; a document without any, or one that repeats
    another, one reject.

    :param corpus: what is known of the corpus that the documents are of.
    :param learned: what its words tell about ends of sentences (`segmentation/learned.py`).
    :raises UserError: the identifier does not know one of the languages.
    """
    sides = find_sides(identifier, options.src, options.tgt)
    documents, repeats = part_repeats(documents, corpus.originals)
    in_lines = options.text_unit == "line"
    segments = divide(documents, identifier, options.max_chars, in_lines, learned)
    texts, changed = clean(segments.texts)
    counts = count_characters(texts, options.scripts)
    reasons = unfit(texts, counts, options.min_chars, options.max_chars)
    details = pa.nulls(len(texts), pa.string())
    if options.judges_documents:
        reasons, details = _add_unwanted(documents, segments, texts, corpus, reasons)
    fit = pc.is_null(reasons)
    hints = _hints(documents, identifier)
    decision = _decide(segments, texts, fit, hints, sides, identifier, in_lines)
    reasons = pc.coalesce(reasons, _not_wanted(decision, counts, sides, options))
    kept = pc.is_null(reasons)
    details = pc.if_else(fit, _told(decision, identifier), details)
    rejects = segment_rejects(documents, segments, reasons, details)
    return Extracted(
        _sentences(documents, segments, texts, decision, sides, options, kept),
        pa.concat_batches([rejects, repeats]),
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
        near = relatives(language, identifier.languages)
        others = f"{len(identifier.languages)} others"
        known = f"its relatives {', '.join(near)}" if near else others
        raise UserError(
            f"the language identification model {identifier.name} does not know {language} "
            f"(it knows {known}): choose one that does by --lid-model"
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


def _add_unwanted(
    documents: pa.RecordBatch,
    segments: Segments,
    texts: pa.StringArray,
    corpus: CorpusFacts,
    reasons: pa.StringArray,
) -> Unwanted:
    """Add why segments without a reason yet are not wanted in their documents."""
    where = segments.document, segments.start, segments.end
    unwanted = unwanted_segments(documents["text"], where, texts, corpus)
    details = pc.if_else(pc.is_null(reasons), unwanted.details, None)
    return Unwanted(pc.coalesce(reasons, unwanted.reasons), details)


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
    prediction = _in_one_script(identifier.predict(texts), context.hints, sides, identifier)
    decided = decide(prediction, identifier.trained_prior, sides, context)
    whole = Decision(np.zeros(len(fit), np.int32), np.zeros(len(fit), np.float32))
    whole.languages[rows], whole.scores[rows] = decided
    return whole


def _in_one_script(
    prediction: Prediction, hints: np.ndarray, sides: tuple[int, int], identifier: Identifier
) -> Prediction:
    """Return the prediction, in an input that was declared to be Chinese with what it calls the
    other script of Chinese as the declared one: who declares `zh` has both."""
    languages = prediction.languages.copy()
    for side in sides:
        variants = script_variants(identifier.languages[side], identifier.languages)
        other = np.isin(languages, [*{*variants} - {*sides}])
        languages[other & (hints == side)[:, None]] = side
    if (languages == prediction.languages).all():
        return prediction
    return merged(Prediction(languages, prediction.probabilities))


def _not_wanted(
    decision: Decision, counts: Characters, sides: tuple[int, int], options: ExtractOptions
) -> pa.StringArray:
    """Return why a sentence is none of the two languages for certain; null where it is."""
    is_tgt = (decision.languages == sides[1]).astype(np.int64)
    return pc.case_when(
        pc.make_struct(
            pa.array(~np.isin(decision.languages, sides)),
            pa.array(decision.scores < options.min_lang_score),
            in_other_script(counts, is_tgt, options.scripts),
        ),
        Reason.OTHER_LANGUAGE.value,
        Reason.LOW_LANG_SCORE.value,
        Reason.OTHER_SCRIPT.value,
    )


def _told(decision: Decision, identifier: Identifier) -> pa.StringArray:
    """Return each text's language and its score, as `ltz_Latn 0.98`."""
    languages = pa.array(identifier.languages).take(pa.array(decision.languages))
    scores = pc.cast(pc.round(pa.array(decision.scores), 2), pa.string())
    return pc.binary_join_element_wise(languages, scores, " ")


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
