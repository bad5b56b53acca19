"""Which texts are worth keeping as sentences: bounds on what they are made of.

Each rule looks at one text alone. stopes (NLLB) allows a share of 0.2 of punctuation and 0.2 of
digits. That loses up to 0.7 % of NTREX dev in a language, short speech in quotation marks above
all, and of FLORES-200 dev 1.4 % in Chinese and 1 % in Japanese, where a word takes two characters
and a year four. The bounds here lose none of either set, in 18 and in five languages.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import polars as pl
import pyarrow as pa
import pyarrow.compute as pc

from bitseam.lid.hygiene.characters import Characters
from bitseam.lid.hygiene.matching import matches_among
from bitseam.lid.wikitext.holes import HOLE
from bitseam.schemas.reasons import Reason

MAX_SYMBOLS = 0.4  # share of the characters; punctuation counts
MAX_DIGITS = 0.5
MAX_SPACES = 0.35  # more have l e t t e r s set apart
MIN_LETTERS = 0.4  # share of the characters that are no spaces
# Of a text with less: rates, results and numbers drawn are figures with a word to each of them.
MIN_LETTERS_OF_FIGURES = 0.3
MIN_LETTERS_BESIDE_FIGURES = 0.5  # share of what is neither space nor digit
MAX_REPEATED = 0.6  # share of pieces of four characters that occurred before
MIN_IN_SCRIPT = 0.5  # share of the letters (stopes' bound)
# A character of these stands for a syllable or a word: a Latin name is as long as a clause of them.
_DENSE_SCRIPTS = {"Hani", "Hans", "Hant", "Hrkt", "Jpan", "Kore"}
MIN_IN_DENSE_SCRIPT = 0.25

_MAY_HOLD_ADDRESS = r"://|www\.|@"
_ADDRESS = r"(?:\w+://|www\.)\S+|[\w.+-]+@[\w-]+(?:\.[\w-]+)+"
_MAY_BE_CODE = r"[{}<>=;]"
_CODE = "|".join(
    [
        r"</?[a-zA-Z][\w-]*(?:\s[^<>]*)?/?>",  # <div class="menu">
        r"<!--|<!\[CDATA\[|<\?(?:php|xml)\b",
        r"\{\{|\}\}|\{%|\$\{",
        r"\{[^{}]*[\w-]+\s*:[^{}]*;[^{}]*\}",  # body { color: red; }
        r"""["']\w+["']\s*:\s*["'\[{\d]""",  # "name": "value"
        r"\bfunction\b\s*\w*\([^()]*\)\s*\{",
        r"\b(?:var|const)\s+\w+\s*=|^\s*let\s+\w+\s*=.*;$",  # not "Now let n = 5"
        # file.close(); but not "Lehrer(innen);"
        r"(?:\w[._]\w+\([^()]*\)|=\s*\w+\([^()]*\)|\w\(\))\s*;\s*$|\w\([^()]*\)\s*\{",
        # if (visible) show(panel); but not "for (a) land or (b) buildings, their value;"
        r"^\s*(?:if|for|while)\s*\(.*\)\s*(?:\{|[\w.]+\(.*\);$|[\w.]+\s*[-+*/]?=.*;$|return\b.*;$)",
        r"^\s*#include\s*<|^\s*return\s+[\w.]+;$|[=!]==?\s.*[;{]$",
        r"\bSELECT\b.+\bFROM\b.+[=;]",
    ]
)


def unfit(
    texts: pa.StringArray, counts: Characters, min_chars: int, max_chars: int
) -> pa.StringArray:
    """Return why a cleaned text cannot be a sentence in any language; null where it can."""
    series = pl.Series(texts, dtype=pl.String)
    characters = np.maximum(counts.characters, 1)
    ink = np.maximum(counts.characters - counts.spaces, 1)
    letters = counts.letters + counts.marks
    rules = {
        Reason.TOO_SHORT: counts.characters < min_chars,
        Reason.TOO_LONG: counts.characters > max_chars,
        Reason.NO_LETTERS: counts.letters == 0,
        Reason.MOJIBAKE: series.str.contains("\ufffd", literal=True).to_numpy(),
        Reason.ADDRESS: matches_among(series, _MAY_HOLD_ADDRESS, _is_address(min_chars)),
        Reason.CODE: matches_among(series, _MAY_BE_CODE, _is_code),
        Reason.TOO_MANY_SYMBOLS: counts.symbols > MAX_SYMBOLS * characters,
        Reason.TOO_MANY_DIGITS: counts.digits > MAX_DIGITS * characters,
        Reason.TOO_MANY_SPACES: counts.spaces > MAX_SPACES * characters,
        Reason.FEW_LETTERS: (letters < MIN_LETTERS * ink) & ~_is_of_figures(counts, letters, ink),
        Reason.REPETITION: counts.repeated > MAX_REPEATED * np.maximum(counts.pieces, 1),
    }
    masks = [pa.array(holds) for holds in rules.values()]
    return pc.case_when(pc.make_struct(*masks), *map(str, rules))


def incomplete(texts: pa.StringArray) -> pa.StringArray:
    """Return why a text, before cleaning, is no whole sentence; null where it may be one.

    U+FFFC stands where something was that is no text: the readers of wikis leave it for templates
    and formulas that they cannot write out, programs that read PDF files for pictures.
    """
    return pc.if_else(_has_hole(texts), Reason.INCOMPLETE.value, pa.scalar(None, pa.string()))


def with_marks(texts: pa.StringArray, raw: pa.StringArray) -> pa.StringArray:
    """Return cleaned `texts` with U+FFFC in front of those in which it stood before cleaning."""
    marked = pc.binary_join_element_wise(HOLE, texts, " ")
    return pc.if_else(_has_hole(raw), marked, texts)


def _has_hole(texts: pa.StringArray) -> pa.BooleanArray:
    return pc.match_substring(texts, HOLE)


def _is_of_figures(
    counts: Characters, letters: npt.NDArray[np.int64], ink: npt.NDArray[np.int64]
) -> npt.NDArray[np.bool_]:
    beside = MIN_LETTERS_BESIDE_FIGURES * (ink - counts.digits)
    is_of_figures: npt.NDArray[np.bool_] = (letters >= MIN_LETTERS_OF_FIGURES * ink) & (
        letters >= beside
    )
    return is_of_figures


def in_other_script(
    counts: Characters, sides: npt.NDArray[np.int64], scripts: tuple[str, str]
) -> pa.BooleanArray:
    """Tell which texts are mostly not written in the script of their language.

    :param sides: `(n,)`, 0 for a text of the source language, 1 for one of the target language.
    """
    dense = np.isin(scripts, list(_DENSE_SCRIPTS))
    least = np.where(dense, MIN_IN_DENSE_SCRIPT, MIN_IN_SCRIPT)
    strays = counts.strays[np.arange(len(sides)), sides]
    return pa.array(strays > (1 - least[sides]) * counts.letters)


def _is_address(min_chars: int) -> Callable[[pl.Series], pl.Series]:
    """Return the rule for texts that say too little beside their URLs and e-mail addresses."""

    def rule(texts: pl.Series) -> pl.Series:
        left = texts.str.replace_all(_ADDRESS, "")
        return (left.str.count_matches(r"[\p{L}\p{M}]") < min_chars) & (left != texts)

    return rule


def _is_code(texts: pl.Series) -> pl.Series:
    return texts.str.contains(_CODE)
