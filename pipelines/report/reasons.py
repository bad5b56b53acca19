"""What each reason for throwing something away means, in words."""

from __future__ import annotations

from bitseam.schemas.reasons import Reason

EXPLAINED: dict[str, str] = {
    Reason.TRUNCATED: "The file ends before its end; what came before the break was read.",
    Reason.CORRUPT: "The file cannot be decoded past a point; what came before was read.",
    Reason.INVALID_UTF8: "The bytes are no UTF-8, and no other encoding was declared.",
    Reason.NUL_BYTE: "A zero byte stands in the text: binary data, or a wrong encoding.",
    Reason.LINE_TOO_LONG: "A line is longer than any plausible one.",
    Reason.MALFORMED_ROW: "A row that does not parse: broken JSON, or columns are missing.",
    Reason.MISSING_TEXT: "A row without a text.",
    Reason.FORBIDDEN_XML: "XML that declares entities or a document type: it is never expanded.",
    Reason.BOMB: "An archive that unpacks to an implausible size.",
    Reason.EMPTY: "There is no text in it.",
    Reason.UNKNOWN_LANGUAGE: "A label that names no language.",
    Reason.REDIRECT: "A wiki page that only points to another one.",
    Reason.NAMESPACE: "A wiki page that is no article: a discussion, a user, a template.",
    Reason.INCOMPLETE: "Something that is no text stood in it: a template that is not known, "
    "a formula, a picture (--keep-holes keeps it).",
    Reason.TOO_SHORT: "Fewer characters than --min-chars.",
    Reason.TOO_LONG: "More characters than --max-chars.",
    Reason.NO_LETTERS: "Numbers and symbols only.",
    Reason.MOJIBAKE: "Characters were lost when the text was converted by someone before.",
    Reason.ADDRESS: "Little beside a web or e-mail address.",
    Reason.CODE: "A line of a program, a style sheet or markup.",
    Reason.TOO_MANY_SYMBOLS: "Too much punctuation for a sentence.",
    Reason.TOO_MANY_DIGITS: "Too many digits for a sentence.",
    Reason.TOO_MANY_SPACES: "Letters set apart by spaces.",
    Reason.FEW_LETTERS: "Too few letters for a sentence.",
    Reason.REPETITION: "The same words or characters again and again.",
    Reason.OTHER_SCRIPT: "Most letters are not of the script of its language.",
    Reason.OTHER_LANGUAGE: "In neither of the two languages.",
    Reason.LOW_LANG_SCORE: "Its language is less certain than --min-lang-score.",
    Reason.BOILERPLATE: "A line of many documents, of which one copy stays, or a phrase of pages.",
    Reason.MENU: "One of a run of short lines: a menu or a list of links.",
    Reason.NEAR_DUPLICATE_DOCUMENT: "A document that repeats another one nearly word for word.",
    Reason.COPY_OF_SOURCE: "The same letters and digits stand on the source side: "
    "a copy is no translation.",
    Reason.NEAR_DUPLICATE: "Differs from a sentence that stays in case and punctuation, "
    "or, where it was asked for, in a few letters.",
    Reason.BELOW_THRESHOLD: "A pair whose margin is below the threshold.",
    Reason.BELOW_PRECISION: "A pair that would make the table less precise than was asked for.",
    Reason.LEAKED: "Stands in training data or in a public test set that was named.",
}

# Reasons to throw away more than a sentence, or what was never cut into sentences.
BEFORE_SENTENCES = frozenset(
    {
        Reason.TRUNCATED,
        Reason.CORRUPT,
        Reason.INVALID_UTF8,
        Reason.NUL_BYTE,
        Reason.LINE_TOO_LONG,
        Reason.MALFORMED_ROW,
        Reason.MISSING_TEXT,
        Reason.FORBIDDEN_XML,
        Reason.BOMB,
        Reason.EMPTY,
        Reason.UNKNOWN_LANGUAGE,
        Reason.REDIRECT,
        Reason.NAMESPACE,
        Reason.NEAR_DUPLICATE_DOCUMENT,
    }
)
