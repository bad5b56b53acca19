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
    UNKNOWN_LANGUAGE = "unknown_language"  # a labelled line whose label names no language
    # readers: by design, not damage
    REDIRECT = "redirect"
    NAMESPACE = "namespace"  # a wiki page that is no article

    # sentences
    TOO_SHORT = "too_short"
    TOO_LONG = "too_long"
    NO_LETTERS = "no_letters"
    INCOMPLETE = "incomplete"  # something that is no text stood in it: a template, an object
    MOJIBAKE = "mojibake"  # characters are lost: U+FFFD
    ADDRESS = "address"  # little beside a URL or an e-mail address
    CODE = "code"  # a line of a program, a style sheet, markup
    TOO_MANY_SYMBOLS = "too_many_symbols"  # punctuation counts
    TOO_MANY_DIGITS = "too_many_digits"
    TOO_MANY_SPACES = "too_many_spaces"  # l e t t e r s  a p a r t
    FEW_LETTERS = "few_letters"
    REPETITION = "repetition"  # the same words or characters again and again
    OTHER_SCRIPT = "other_script"  # most letters are not of the script of its language
    OTHER_LANGUAGE = "other_language"
    LOW_LANG_SCORE = "low_lang_score"

    # documents of a corpus
    BOILERPLATE = "boilerplate"  # a line of many documents, or a phrase of web pages
    MENU = "menu"  # a run of short lines
    NEAR_DUPLICATE_DOCUMENT = "near_duplicate_document"

    # before and after k-NN
    COPY_OF_SOURCE = "copy_of_source"  # the same letters and digits stand on the source side
    # differs from another sentence in case and punctuation only; or, if so asked, in few letters
    NEAR_DUPLICATE = "near_duplicate"
    BELOW_THRESHOLD = "below_threshold"
    BELOW_PRECISION = "below_precision"  # with it the kept pairs would be less precise than asked

    # evaluation sets
    LEAKED = "leaked"  # stands in training data or in a public test set that the user names
