"""Where sentences end: what sentencex says of every place, mended by rules over all places at once.

A rule is a mask over the places. What the words are stands in the files of `lexicon.py`.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from bitseam.lid.segmentation.kinds import (
    BRACKETED,
    CLOSED,
    DIGIT,
    ELLIPSIS,
    FULL_STOP,
    INITIAL,
    LETTER,
    LINE,
    LONG_NUMBER,
    LOWER,
    MARKED,
    NO_WORD,
    NOT_CLOSED,
    NUMBER,
    PUNCTUATION,
    ROMAN,
    TERMINATED,
    UPPER,
    WHOLE,
    WORD,
)
from bitseam.lid.segmentation.lexicon import (
    AFTER_ORDINAL,
    AFTER_QUOTATION,
    BEFORE_NUMBER,
    DETERMINER,
    FINAL,
    MAY_END,
    NEVER_FINAL,
    NEVER_LAST,
    STARTER,
    Lexicon,
)
from bitseam.lid.segmentation.places import Places

_LONGEST_MARK = 3  # digits
_DIGITS_OF_YEAR = 4
_OF_LINE = 2

Mask = npt.NDArray[np.bool_]
Bits = npt.NDArray[np.uint64]


def choose_ends(places: Places, lexicon: Lexicon, plain: Mask) -> Mask:
    """Return which of the places end a sentence, `(n,)`.

    :param plain: `(texts,)`, the texts in a language without a list of its abbreviations.
    """
    words = lexicon.sections_of(places.word)
    words_before = lexicon.sections_of(places.word_before)
    next_words = lexicon.sections_of(places.next_word)
    starts = _are(next_words, STARTER) & (places.next_shape != INITIAL)
    # What may be the full stop of an abbreviation.
    dotted = (places.stop == FULL_STOP) & (places.closed == NOT_CLOSED)

    may_end = _are(words, MAY_END | FINAL)
    abbreviation = dotted & _is_never_final(words, places) & ~(may_end & starts)
    ordinal = dotted & _is_ordinal(places, words_before, next_words, starts)
    mark = dotted & _is_mark(places, words_before)
    letter = (places.next_kind == UPPER) | (places.next_kind == LETTER)
    name = dotted & (places.shape == INITIAL) & letter & (places.opened == 0) & ~starts
    never = abbreviation | ordinal | mark | name | _goes_on(places, words, next_words, plain)

    # Abbreviations that sentencex knows may be words here, and end sentences.
    always = starts & (places.shape != NO_WORD)
    always |= _are(words, FINAL) & (places.next_kind == UPPER)
    always &= dotted & (places.inside == 0)
    always |= _trails_off(places)
    always |= (places.closed == WHOLE) & (places.next_kind == UPPER)
    always |= (places.small > 0) & (places.next_kind == LOWER) & (places.inside == 0)
    ends: Mask = ((places.base > 0) | always) & ~never | (places.stop == LINE)
    return ends


def _trails_off(places: Places) -> Mask:
    """Tell where "…" stands behind a word and before a capital: sentencex ends nothing there."""
    apart = (places.shape == NO_WORD) & (places.shape_before == WORD) & (places.leads == 0)
    word = (places.stop == ELLIPSIS) & ((places.shape == WORD) | apart)
    outside = (places.inside == 0) & np.isin(places.closed, (NOT_CLOSED, CLOSED))
    result: Mask = word & outside & (places.next_kind == UPPER)
    return result


def _goes_on(places: Places, words: Bits, next_words: Bits, plain: Mask) -> Mask:
    """Tell where what stands around a mark shows that the sentence goes on."""
    closed = places.closed != NOT_CLOSED
    unlisted = plain[places.text]
    word = (places.stop == FULL_STOP) & (places.shape == WORD)
    marked = (places.stop == FULL_STOP) & (places.shape == MARKED)
    # What is written in small letters throughout, or carelessly in a language without a list.
    small_word = word & (places.length >= np.where(unlisted, 3, 2))
    ends = (places.small > 0) & ((places.stop == TERMINATED) | small_word)
    long = word & ((places.length >= 4) | _are(words, FINAL))
    ends |= unlisted & (marked | long) & (places.opened < 2)
    quoted = closed & (places.opened == 1)  # one quotation ends, another begins
    small = (places.next_kind == LOWER) & ~((ends & ~closed) | quoted)
    quotation = closed & (_are(next_words, AFTER_QUOTATION) | (places.speaker > 0))
    pause = (places.wide > 0) | (places.shape == NO_WORD) & (places.next_kind == LETTER)
    pause &= (places.stop == ELLIPSIS) & (places.opened == 0) & ~closed
    clause = (places.stop == TERMINATED) & _are(words, NEVER_LAST) & ~closed
    inserted = (places.closed == BRACKETED) & (places.next_kind == LETTER)
    goes_on = small | quotation | pause | clause | inserted
    result: Mask = goes_on | (places.next_kind == PUNCTUATION)
    return result


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
    # "2020. 5. 3." is a date, too.
    year = (places.length == _DIGITS_OF_YEAR) & (places.next_shape == LONG_NUMBER)
    result: Mask = number & (noun | (counted | year) & (places.shape == NUMBER) | date)
    return result


def _is_mark(places: Places, words_before: Bits) -> Mask:
    """Tell where a number or letter is the mark of an item: "1. Open the lid", "2.3. Lids"."""
    leads = (places.leads > 0) & ~_are(words_before, NEVER_FINAL | BEFORE_NUMBER)  # "vol. 3."
    short = (places.shape != NUMBER) | (places.length <= _LONGEST_MARK)  # no year
    section = (places.leads == _OF_LINE) & (places.shape == LONG_NUMBER)
    result: Mask = (leads & short & np.isin(places.shape, (NUMBER, ROMAN, INITIAL))) | section
    return result


def _are(words: Bits, sections: int) -> Mask:
    """Tell which words stand in one of these sections."""
    return (words & np.uint64(sections)) > 0
