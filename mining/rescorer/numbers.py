"""The numbers of a pair that are not in common, whatever their notation."""

from __future__ import annotations

import unicodedata
from typing import NamedTuple

import numpy as np
import polars as pl
import pyarrow as pa
from numba import njit
from numpy.typing import NDArray

# Thousands joined by a mark or a space are one number. Every other mark ends one, so that dates,
# times and decimals are sets of numbers in any notation: 3,14 and 3.14; 1.5.2020 and 2020-05-01.
_NUMBER = r"\d{1,3}(?:[.,'’ \u00A0\u202F]\d{3})+\b|\d+"


class NumbersOfTexts(NamedTuple):
    """The numbers of text `i`, sorted, are `ids[bounds[i] : bounds[i + 1]]`."""

    ids: NDArray[np.int32]
    bounds: NDArray[np.int64]


def numbers_alone(
    src_texts: pa.Array, tgt_texts: pa.Array, src: NDArray[np.int64], tgt: NDArray[np.int64]
) -> NDArray[np.float32]:
    """Return how many numbers of the pairs `(src, tgt)` stand on one side alone, `(c,)`.

    Of the sides the one with more of them counts: a contradiction is one number apart, not two.
    NaN where there is no number at all.
    """
    src_numbers, tgt_numbers = numbers_of(src_texts, tgt_texts)
    n, m = np.diff(src_numbers.bounds)[src], np.diff(tgt_numbers.bounds)[tgt]
    shared = np.zeros(len(src), np.int64)
    _count_shared(*src_numbers, *tgt_numbers, src, tgt, shared)
    return np.where(n + m > 0, np.maximum(n, m) - shared, np.nan).astype(np.float32)


def numbers_of(*sides: pa.Array) -> list[NumbersOfTexts]:
    """Return the numbers of each side's texts; the same number has the same id on all sides."""
    found = [pl.Series(texts, dtype=pl.String).str.extract_all(_NUMBER) for texts in sides]
    written = pl.concat([lists.explode().drop_nulls() for lists in found])
    unique = written.unique(maintain_order=True)
    values = pl.Series([_value(number) for number in unique], dtype=pl.String)
    ids = np.array(written.replace_strict(unique, values.rank("dense")), np.int32)
    numbers, at = [], 0
    for lists in found:
        bounds = np.zeros(len(lists) + 1, np.int64)
        np.cumsum(lists.list.len().fill_null(0).to_numpy(), dtype=np.int64, out=bounds[1:])
        own = ids[at : at + bounds[-1]]
        text = np.repeat(np.arange(len(lists)), np.diff(bounds))
        numbers.append(NumbersOfTexts(own[np.lexsort((own, text))], bounds))
        at += len(own)
    return numbers


def _value(number: str) -> str:
    """Return the digits, of whatever script, as 0 to 9, without leading zeros."""
    digits = "".join(str(unicodedata.decimal(mark)) for mark in number if mark.isdecimal())
    return digits.lstrip("0") or "0"


@njit(cache=True, nogil=True)
def _count_shared(  # type: ignore[no-untyped-def]  # pragma: no cover
    src_ids, src_bounds, tgt_ids, tgt_bounds, src, tgt, shared
):
    for c in range(len(src)):
        i, i_end = src_bounds[src[c]], src_bounds[src[c] + 1]
        j, j_end = tgt_bounds[tgt[c]], tgt_bounds[tgt[c] + 1]
        while i < i_end and j < j_end:
            a, b = src_ids[i], tgt_ids[j]
            shared[c] += a == b
            i += a <= b
            j += b <= a
