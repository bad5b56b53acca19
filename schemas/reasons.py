"""Why something was thrown away: the values of `rejects.reason`, words a user can search for."""

from __future__ import annotations

from enum import StrEnum


class Reason(StrEnum):
    """Reasons of the readers, of language identification and cleaning, and of mining."""

    # readers: a file, or a row of it
    TRUNCATED = "truncated"  # the archive or the document ends before its end
    CORRUPT = "corrupt"  # the archive, the XML or the Parquet file cannot be decoded past a point
    INVALID_UTF8 = "invalid_utf8"
    NUL_BYTE = "nul_byte"
    LINE_TOO_LONG = "line_too_long"
    MALFORMED_ROW = "malformed_row"  # JSON that does not parse, TSV with too few columns
    MISSING_TEXT = "missing_text"  # no `text` field, or not a string
    FORBIDDEN_XML = "forbidden_xml"  # a document type definition or an entity: never expanded
    BOMB = "bomb"  # decompresses beyond any plausible ratio
    EMPTY = "empty"
    # readers: by design, not damage
    REDIRECT = "redirect"
    NAMESPACE = "namespace"  # a wiki page that is no article

    # sentences
    TOO_SHORT = "too_short"
    TOO_LONG = "too_long"
    NO_LETTERS = "no_letters"
    OTHER_LANGUAGE = "other_language"
    LOW_LANG_SCORE = "low_lang_score"

    # before and after k-NN
    COPY_OF_SOURCE = "copy_of_source"  # the same letters and digits stand on the source side
    NEAR_DUPLICATE = "near_duplicate"  # differs from another sentence in case and punctuation only
    BELOW_THRESHOLD = "below_threshold"
