"""How the words of texts stand to their full stops: what abbreviations are learned from.

A pass over the documents of a corpus gathers `WordCounts` of each batch; those of all batches
together are the same whatever the batches. What is learned from them: see `learned.py`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import polars as pl
import pyarrow as pa
from numba import njit
from xxhash import xxh3_64_intdigest

from bitseam.lid.code_points import CodePoints, code_points, lowered
from bitseam.lid.hashing import FNV_PRIME
from bitseam.lid.segmentation.kinds import (
    BREAK,
    DASH,
    DIGIT,
    LETTER,
    LOWER,
    OPEN,
    PUNCTUATION,
    QUOTE,
    SPACE,
    STOP,
    UPPER,
)
from bitseam.lid.segmentation.lexicon import seed_of
from bitseam.lid.segmentation.lines import read_lines

# What follows a word with a full stop, in its line.
NO_STOP, GOES_ON, NUMBER, UNCASED, CAPITAL, LAST, UNCLEAR = range(7)
# Hashed from the language's seed, the words that numbers of one or two digits are, and all others.
SHORT_NUMBER_KEY, NUMBER_KEY = 1, 2

LONGEST_FORM = 12  # code points of an abbreviation
_LONGEST_WORD = 24  # code points, as `scan.py` reads them
_LONGEST_OPENING = 8
_HYPHEN_MINUS, _COLON = 0x2D, 0x3A

# Of words, by the hash of their lower case.
WORDS = pl.Schema(
    {
        "language": pl.UInt64,
        "word": pl.UInt64,
        "plain": pl.Int64,  # without a full stop, not the last of a line
        "lower": pl.Int64,  # in lower case
        "inside": pl.Int64,  # with a capital, but no sentence begins there
    }
)
# Of words with a full stop, by what follows.
STOPS = pl.Schema(
    {
        "language": pl.UInt64,
        "word": pl.UInt64,
        "form": pl.UInt64,  # as it is written
        "follows": pl.UInt8,  # GOES_ON to LAST
        "next_word": pl.UInt64,
        "next_form": pl.UInt64,
        "count": pl.Int64,
    }
)
# What these words are.
FORMS = pl.Schema({"form": pl.UInt64, "word": pl.UInt64, "text": pl.String})


class WordCounts(NamedTuple):
    """Counts of the words of some texts; the columns stand above."""

    words: pl.DataFrame
    stops: pl.DataFrame
    forms: pl.DataFrame


NOTHING_COUNTED = WordCounts(*(pl.DataFrame(schema=schema) for schema in (WORDS, STOPS, FORMS)))


def count_words(texts: pa.StringArray, languages: Sequence[str]) -> WordCounts:
    """Count the words of `texts`, each in the language `ltz_Latn` given."""
    points, folded = code_points(texts), lowered(texts)
    kinds = read_lines(points).kinds
    most = len(kinds) // 2 + len(texts) + 1
    tokens, keys = np.zeros((6, most), np.int64), np.zeros((2, most), np.uint64)
    seeds = np.array([seed_of(language) for language in languages], np.uint64)
    n = _find_words(points.points, folded.points, points.bounds, kinds, seeds, tokens, keys)
    text, start, end, follows, lower, inside = tokens[:, :n]
    word, form = keys[:, :n]
    places = {"language": seeds[text], "word": word}
    counted = {"plain": follows == NO_STOP, "lower": lower, "inside": inside}
    stopped = np.flatnonzero((follows > NO_STOP) & (follows < UNCLEAR))
    behind = np.minimum(stopped + 1, n - 1)
    has_next = (follows[stopped] < LAST) & (text[behind] == text[stopped]) & (behind > stopped)
    stops = {name: column[stopped] for name, column in places.items()} | {
        "form": form[stopped],
        "follows": follows[stopped],
        "next_word": np.where(has_next, word[behind], np.uint64(0)),
        "next_form": np.where(has_next, form[behind], np.uint64(0)),
        "count": np.ones(len(stopped), np.int64),
    }
    forms = _forms(points, word[stopped], form[stopped], start[stopped], end[stopped])
    return merge_counts(
        [
            WordCounts(
                pl.DataFrame({**places, **counted}).cast(WORDS),
                pl.DataFrame(stops).cast(STOPS),
                forms,
            )
        ]
    )


def merge_counts(counts: Iterable[WordCounts]) -> WordCounts:
    """Return the counts of several batches as those of one: rows in the order of their keys."""
    batches = [NOTHING_COUNTED, *counts]
    words, stops, forms = (pl.concat(part) for part in zip(*batches, strict=True))
    return WordCounts(
        _summed(words, WORDS, "language", "word"),
        _summed(stops, STOPS, *(name for name in STOPS if name != "count")),
        forms.unique("form").sort("form"),
    )


def _summed(frame: pl.DataFrame, schema: pl.Schema, *keys: str) -> pl.DataFrame:
    return frame.group_by(keys).sum().select(*schema).sort(keys)


def in_sample(texts: pa.StringArray, level: int) -> npt.NDArray[np.bool_]:
    """Tell which of the texts are in the sample of level 0 (all), 1 (about half), 2 (a quarter) ...

    That hangs on each text alone: the sample of a corpus is the same whatever its batches.
    """
    if level == 0:
        return np.ones(len(texts), np.bool_)
    hashes = [xxh3_64_intdigest(text) for text in texts.cast(pa.binary()).to_pylist()]
    sample: npt.NDArray[np.bool_] = np.array(hashes, np.uint64) % np.uint64(1 << level) == 0
    return sample


def _forms(
    points: CodePoints,
    word: npt.NDArray[np.uint64],
    form: npt.NDArray[np.uint64],
    start: npt.NDArray[np.int64],
    end: npt.NDArray[np.int64],
) -> pl.DataFrame:
    """Return what the short ones of these words are, each once."""
    forms, first = np.unique(form, return_index=True)
    short = end[first] - start[first] <= LONGEST_FORM
    forms, first = forms[short], first[short]
    texts = [
        points.points[a:b].astype("<u4").tobytes().decode("utf-32-le")
        for a, b in zip(start[first].tolist(), end[first].tolist(), strict=True)
    ]
    return pl.DataFrame({"form": forms, "word": word[first], "text": texts}, FORMS)


_compiled: Any = njit(cache=True, nogil=True)


@_compiled
def _find_words(points, folded, bounds, kinds, seeds, tokens, keys):  # type: ignore[no-untyped-def]
    """Write what the words of all texts are into the columns of `tokens` and `keys`, return how
    many: their text, start and end, what follows, whether they are in lower case, and whether they
    have a capital where no sentence begins; their hashes in lower case and as written."""
    n = 0
    for i in range(len(bounds) - 1):
        k, end = bounds[i], bounds[i + 1]
        begins = True  # a sentence or a quotation may begin here
        while k < end:
            if kinds[k] > DIGIT:
                mark = kinds[k] >= STOP and kinds[k] not in (PUNCTUATION, SPACE)
                begins = begins or mark or points[k] == _COLON
                k += 1
                continue
            first = k
            while k < end and (kinds[k] <= STOP or points[k] == _HYPHEN_MINUS):
                k += 1
            last = k
            while kinds[last - 1] == STOP:
                last -= 1
            stops = k - last
            while kinds[last - 1] > DIGIT:
                last -= 1
            if last - first <= _LONGEST_WORD:
                tokens[0, n], tokens[1, n], tokens[2, n] = i, first, last
                tokens[3, n] = NO_STOP
                if stops:
                    single = stops == 1 and last == k - 1
                    tokens[3, n] = _follows(kinds, k, end) if single else UNCLEAR
                elif k == end or kinds[k] == BREAK:
                    tokens[3, n] = UNCLEAR
                tokens[4, n] = kinds[first] == LOWER
                tokens[5, n] = kinds[first] == UPPER and not begins
                keys[0, n] = _word_key(folded, kinds, first, last, seeds[i])
                keys[1, n] = _hash(points, first, last, seeds[i])
                n += 1
            begins = stops > 0
    return n


@_compiled
def _follows(kinds, k, end):  # type: ignore[no-untyped-def]
    """What follows the full stop before `k`."""
    if k == end or kinds[k] == BREAK:
        return LAST
    if kinds[k] == PUNCTUATION:
        return GOES_ON
    if kinds[k] != SPACE:
        return UNCLEAR
    last = k + _LONGEST_OPENING
    while k < end and (kinds[k] == SPACE or (k < last and kinds[k] in (OPEN, QUOTE, DASH))):
        k += 1
    if k == end or kinds[k] == BREAK:
        return LAST
    if kinds[k] == LOWER or kinds[k] == PUNCTUATION:
        return GOES_ON
    if kinds[k] == UPPER:
        return CAPITAL
    if kinds[k] == LETTER:
        return UNCASED
    return NUMBER if kinds[k] == DIGIT else UNCLEAR


@_compiled
def _word_key(folded, kinds, first, last, seed):  # type: ignore[no-untyped-def]
    for k in range(first, last):
        if kinds[k] != DIGIT:
            return _hash(folded, first, last, seed)
    key = SHORT_NUMBER_KEY if last - first <= 2 else NUMBER_KEY
    return (seed ^ np.uint64(key)) * FNV_PRIME


@_compiled
def _hash(points, start, end, seed):  # type: ignore[no-untyped-def]
    """The hash of `scan.hash_word`, for words without blanks."""
    state = seed
    for k in range(start, end):
        state = (state ^ np.uint64(points[k])) * FNV_PRIME
    return state
