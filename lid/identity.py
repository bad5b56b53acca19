"""Which sentences are the same: ids of equal texts, keys of texts equal but for case and marks."""

from __future__ import annotations

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.compute as pc
from xxhash import xxh3_64_intdigest

from bitseam.lid.clean import clean

_BETWEEN_DIGITS = r"(\p{N})[^\p{L}\p{M}\p{N}\x1f]+(\p{N})"
_NEGATIVE = r"(^|\s)[-−](\p{N})"
_PARTED = rf"{_BETWEEN_DIGITS}|{_NEGATIVE}"
_BLOCK = 1 << 18  # texts: an Arrow array of strings holds two gigabytes at most
SEPARATOR = "\x1f"  # cleaning drops it from texts, so that (language, text) is unambiguous


def sentence_ids(lang: str | pa.StringArray, texts: pa.StringArray) -> np.ndarray:
    """Return `(n,)` int64: xxh3-64 of language, U+001F and cleaned text."""
    keyed = pc.binary_join_element_wise(lang, texts, SEPARATOR)
    return _hashes(keyed.cast(pa.binary()).to_pylist())


def fold_keys(texts: pa.StringArray) -> np.ndarray:
    """Return `(n,)` int64: xxh3-64 of the lower-cased letters and digits, whatever the language.

    Combining marks count as letters: they are the vowels of Hindi and Thai. Equal keys mark
    copies and near-duplicates ("Hello, World" and "hello world!"); 3:1 is not 31, nor -3 the same
    as 3.
    """
    lowered = pl.Series(texts, dtype=pl.String).str.to_lowercase()
    rows = lowered.str.contains(_PARTED).fill_null(False).arg_true()
    if len(rows):
        lowered = lowered.scatter(rows, _with_numbers_apart(lowered.gather(rows)))
    folded = lowered.str.replace_all(r"[^\p{L}\p{M}\p{N}\x1e\x1f]+", "")
    return _hashes(folded.cast(pl.Binary).to_list())


def _with_numbers_apart(texts: pl.Series) -> pl.Series:
    for _ in range(2):  # 3:1:2 is two places with one digit
        texts = texts.str.replace_all(_BETWEEN_DIGITS, "$1\x1f$2")
    return texts.str.replace_all(_NEGATIVE, "$1\x1e$2")


def text_keys(texts: pa.Array | pa.ChunkedArray) -> np.ndarray:
    """Return `(n,)` int64, the same for texts that are the same once cleaned; null is empty.

    By these every comparison of texts from two places goes: a trailing space, a soft hyphen or
    another normal form of Unicode on one side makes no other text.
    """
    blocks = (texts.slice(at, _BLOCK) for at in range(0, len(texts), _BLOCK))
    found = [_keys(block) for block in blocks]
    return np.concatenate(found or [np.empty(0, np.int64)])


def _keys(texts: pa.Array | pa.ChunkedArray) -> np.ndarray:
    # Of a dictionary or of large strings a block fits into an array of strings.
    plain = texts.cast(pa.large_string()).cast(pa.string())
    whole = plain.combine_chunks() if isinstance(plain, pa.ChunkedArray) else plain
    return sentence_ids("", clean(whole.fill_null("")).texts)


def _hashes(texts: list[bytes]) -> np.ndarray:
    # A call per sentence, but into C and of 70 ns: a hundredth of its language identification.
    digests = [xxh3_64_intdigest(text) for text in texts]
    return np.array(digests, np.uint64).view(np.int64)
