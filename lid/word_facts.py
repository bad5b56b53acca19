"""The words of documents in languages that have no list of abbreviations, to learn them from."""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa

from bitseam.lid.divide import languages_of
from bitseam.lid.identifiers import Identifier
from bitseam.lid.segmentation.lexicon import has_file, seed_of
from bitseam.lid.segmentation.word_counts import (
    NOTHING_COUNTED,
    WordCounts,
    count_words,
    in_sample,
)


def to_be_learned(languages: Sequence[str]) -> tuple[str, ...]:
    """Return those of the languages `ltz_Latn` that have no list of abbreviations."""
    return tuple(language for language in languages if not has_file(language))


def gather_words(
    documents: pa.RecordBatch, identifier: Identifier, languages: Sequence[str], level: int = 0
) -> WordCounts:
    """Count the words of those of the documents that are in one of the languages.

    :param level: of the sample of documents that is looked at, see `in_sample`.
    """
    documents = documents.filter(pa.array(in_sample(documents["text"], level)))
    seeds = {seed_of(language) for language in languages}
    found = languages_of(documents, identifier)
    rows = [row for row, language in enumerate(found) if seed_of(language) in seeds]
    if not rows:
        return NOTHING_COUNTED
    return count_words(documents["text"].take(pa.array(rows)), [found[row] for row in rows])
