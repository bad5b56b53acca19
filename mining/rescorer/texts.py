"""What the texts of candidate pairs say, beside what their vectors say."""

from __future__ import annotations

import os

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numba import njit
from numpy.typing import NDArray

from bitseam.lid.ngrams import as_arrow
from bitseam.mining.rescorer.coverage import Coverage, WordEncoders, coverage, side_of
from bitseam.mining.rescorer.marks import marks_apart
from bitseam.mining.rescorer.numbers import numbers_alone

TEXT_FEATURES: tuple[str, ...] = (
    "coverage",
    "coverage_lead",
    "disorder",
    "length_difference",
    "length",
    "numbers_alone",
    "marks_apart",
)

_SUREST = 0.01  # of the candidates: those that tell how long a translation usually is
_LEAST_SURE = 100

Floats = NDArray[np.float32]
Rows = NDArray[np.int64]


def text_features(
    src_texts: pa.Array,
    tgt_texts: pa.Array,
    src: Rows,
    tgt: Rows,
    encode_words: WordEncoders | None,
    *,
    threads: int | None = None,
) -> Floats:
    """Return `(c, len(TEXT_FEATURES))`, what texts say of the pairs `(src, tgt)`, `(c,)` rows each.

    A NaN says nothing. All candidates of a corpus belong into one call: how much longer a
    translation is, and which pairs are rivals, is read off them.

    - coverage: share of the words with a partner in the other text, of the side that has less;
    - coverage_lead: how far that exceeds the other pairs of the same source or target;
    - disorder: how far apart partners stand;
    - length_difference: of the logarithms in characters, beside what is usual in translations;
    - length: logarithm of the characters of the shorter text;
    - numbers_alone: how many have no equal in the other text, NaN without any number;
    - marks_apart: how many punctuation marks have no equal in the other text.

    :param src_texts: `(n,)`, :param tgt_texts: `(m,)`, each text once.
    :param encode_words: words `(v,)` to unit vectors `(v, d)`, of either language, in one space;
        without it the features of words are NaN.
    """
    src_texts, tgt_texts = as_arrow(src_texts), as_arrow(tgt_texts)
    words = _words(src_texts, tgt_texts, src, tgt, encode_words, threads or os.cpu_count() or 1)
    src_length, tgt_length = _log_lengths(src_texts)[src], _log_lengths(tgt_texts)[tgt]
    longer = tgt_length - src_length
    columns = {
        "coverage": words.least,
        "coverage_lead": _lead(words.least, src, tgt),
        "disorder": words.disorder,
        "length_difference": np.abs(longer - _usual(longer, words.least)),
        "length": np.minimum(src_length, tgt_length),
        "numbers_alone": numbers_alone(src_texts, tgt_texts, src, tgt),
        "marks_apart": marks_apart(src_texts, tgt_texts, src, tgt),
    }
    return np.stack([columns[name] for name in TEXT_FEATURES], axis=1).astype(np.float32)


def _words(
    src_texts: pa.Array,
    tgt_texts: pa.Array,
    src: Rows,
    tgt: Rows,
    encode: WordEncoders | None,
    threads: int,
) -> Coverage:
    if encode is None:
        nothing = np.full(len(src), np.nan, np.float32)
        return Coverage(nothing, nothing)
    sides = side_of(src_texts, encode[0]), side_of(tgt_texts, encode[1])
    return coverage(*sides, src, tgt, threads)


def _log_lengths(texts: pa.Array) -> Floats:
    characters: Rows = pc.utf8_length(texts).to_numpy(zero_copy_only=False)
    return np.log1p(characters, dtype=np.float32)


def _usual(longer: Floats, sureness: Floats) -> float:
    """Return the median of `longer` over the surest candidates, which are mostly translations.

    Over all candidates it would be that of the two corpora: sides of unlike texts differ in length.
    """
    if not len(longer):
        return 0.0
    sureness = np.nan_to_num(sureness)
    sure = min(len(longer), max(_LEAST_SURE, int(_SUREST * len(longer))))
    least = np.partition(sureness, -sure)[-sure]
    return float(np.median(longer[sureness >= least]))


def _lead(values: Floats, src: Rows, tgt: Rows) -> Floats:
    """Return how far each value exceeds those of the other pairs of its source or target."""
    lead: Floats = values - np.fmax(_best_rivals(values, src), _best_rivals(values, tgt))
    return lead


def _best_rivals(values: Floats, rows: Rows) -> Floats:
    rivals = np.full(len(values), np.nan, np.float32)
    _find_rivals(values, rows, np.full((int(rows.max(initial=-1)) + 1, 2), np.nan), rivals)
    return rivals


@njit(cache=True, nogil=True)
def _find_rivals(values, rows, best, rivals):  # type: ignore[no-untyped-def]  # pragma: no cover
    """Write the highest value among the others of the same row; `best` holds two of each row."""
    for c in range(len(values)):
        first, second = best[rows[c]]
        if not values[c] <= first:  # or there is none yet
            if not np.isnan(values[c]):
                best[rows[c], 0], best[rows[c], 1] = values[c], first
        elif not values[c] <= second:
            best[rows[c], 1] = values[c]
    for c in range(len(values)):
        first, second = best[rows[c]]
        rivals[c] = second if values[c] == first else first
