"""Document matching: which documents of two collections are translations of each other."""

from bitseam.align.documents.comparison import Side, compare_sentences
from bitseam.align.documents.embedding import (
    centre_documents,
    embed_documents,
    sentence_weights,
)
from bitseam.align.documents.evidence import (
    EVIDENCE,
    evidence_names,
    place_keys,
    shared_keys,
    title_keys,
)
from bitseam.align.documents.selection import (
    THRESHOLD,
    THRESHOLD_UNKNOWN,
    DocumentPairs,
    select_documents,
)

__all__ = [
    "EVIDENCE",
    "THRESHOLD",
    "THRESHOLD_UNKNOWN",
    "DocumentPairs",
    "Side",
    "centre_documents",
    "compare_sentences",
    "embed_documents",
    "evidence_names",
    "place_keys",
    "select_documents",
    "sentence_weights",
    "shared_keys",
    "title_keys",
]
