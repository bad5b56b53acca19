"""Where sentences end: what sentencex says of every place, mended by rules over all places at once.

A rule is a mask over the places. What the words are stands in the files of `lexicon.py`.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from bitseam.lid.segmentation.kinds import (
    DIGIT,
    FULL_STOP,
    INITIAL,
    LETTER,
    LINE,
    LOWER,
    NO_WORD,
    NOT_CLOSED,
    NUMBER,
    PUNCTUATION,
    ROMAN,
    UPPER,
    WHOLE,
)
from bitseam.lid.segmentation.lexicon import (
    AFTER_ORDINAL,
    AFTER_QUOTATION,
    BEFORE_NUMBER,
    DETERMINER,
    FINAL,
    MAY_END,
    NEVER_FINAL,
    STARTER,
    Lexicon,
)
from bitseam.lid.segmentation.places import Places

Mask = npt.NDArray[np.bool_]
Bits = npt.NDArray[np.uint64]


def choose_ends(places: Places, lexicon: Lexicon) -> Mask:
    """Return which of the places end a sentence, `(n,)`."""
    words = lexicon.sections_of(places.word)
    words_before = lexicon.sections_of(places.word_before)
    next_words = lexicon.sections_of(places.next_word)
    starts = _are(next_words, STARTER) & (places.next_shape != INITIAL)
    dotted = (places.stop == FULL_STOP) & (
        places.closed == NOT_CLOSED
    )  # may be that of an abbreviation

    may_end = _are(words, MAY_END | FINAL)
    abbreviation = dotted & _is_never_final(words, places) & ~(may_end & starts)
    ordinal = dotted & _is_ordinal(places, words_before, next_words, starts)
    mark = dotted & _is_mark(places, words_before)
    name = dotted & (places.shape == INITIAL) & (places.next_kind == UPPER) & ~starts
    goes_on = (places.next_kind == LOWER) | (places.next_kind == PUNCTUATION)
    goes_on |= (places.closed != NOT_CLOSED) & _are(next_words, AFTER_QUOTATION)
    never = abbreviation | ordinal | mark | name | goes_on

    # Abbreviations that sentencex knows may be words here, and end sentences.
    always = starts & (places.shape != NO_WORD)
    always |= _are(words, FINAL) & (places.next_kind == UPPER)
    always &= dotted & (places.inside == 0)
    always |= (places.closed == WHOLE) & (places.next_kind == UPPER)
    ends: Mask = ((places.base > 0) | always) & ~never | (places.stop == LINE)
    return ends


def _is_never_final(words: Bits, places: Places) -> Mask:
    numbered = (places.next_kind == DIGIT) | np.isin(places.next_shape, (INITIAL, ROMAN))
    before_number = _are(words, BEFORE_NUMBER) & numbered
    result: Mask = _are(words, NEVER_FINAL) | before_number
    return result


def _is_ordinal(places: Places, words_before: Bits, next_words: Bits, starts: Mask) -> Mask:
    """Tell where "12." is "12th": before a month, between an article and a noun, in a date."""
    number = np.isin(places.shape, (NUMBER, ROMAN, INITIAL))
    noun = _are(next_words, AFTER_ORDINAL)
    counted = (
        _are(words_before, DETERMINER) & np.isin(places.next_kind, (UPPER, LETTER, DIGIT)) & ~starts
    )
    date = (places.shape_before == NUMBER) & (places.next_kind == DIGIT)
    result: Mask = number & (noun | counted & (places.shape == NUMBER) | date)
    return result


def _is_mark(places: Places, words_before: Bits) -> Mask:
    """Tell where a number or letter is the mark of an item: "1. Open the lid"."""
    leads = (places.leads > 0) & ~_are(words_before, NEVER_FINAL | BEFORE_NUMBER)  # "vol. 3."
    return leads & np.isin(places.shape, (NUMBER, ROMAN, INITIAL))


def _are(words: Bits, sections: int) -> Mask:
    """Tell which words stand in one of these sections."""
    return (words & np.uint64(sections)) > 0
