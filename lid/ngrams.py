"""Character n-grams of words, hashed into buckets by compiled code over Arrow's string buffers.

A text is NFKD-normalised and lower-cased, then cut into words, single symbols, and letters of
scripts that write no spaces (see `character_classes`). Its features are:

- of a word: the word itself, and the n-grams of `<word>`;
- of a symbol: the symbol itself;
- of a run in an unspaced script: each letter, and each two neighbouring letters.

A feature is hashed by 64-bit FNV-1a over its code points (a whole word from another start value
than an n-gram), finished with the mixer of MurmurHash3, and scaled to the number of buckets.

Bounds on absurd input: of a text the first `MAX_CHARACTERS` are read, and a word of more than
`MAX_WORD` code points counts as several.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from numba import njit

from bitseam.lid.character_classes import IGNORED, SYMBOL, UNSPACED, WORD
from bitseam.lid.hashing import FNV_OFFSET, FNV_PRIME, MURMUR_MIX

Texts: TypeAlias = Sequence[str | None] | pa.Array | pa.ChunkedArray

MAX_CHARACTERS = 10_000
MAX_WORD = 64

_STRING_TYPES = {"string", "large_string", "string_view", "null"}

_WHOLE_WORD = np.uint64(0x9E3779B97F4A7C15)  # start value of whole words and symbols
_MIX_2 = np.uint64(0xC4CEB9FE1A85EC53)
_SHIFT_33 = np.uint64(33)
_SHIFT_32 = np.uint64(32)
_OPEN, _CLOSE = 0x3C, 0x3E  # < and >


@dataclass(frozen=True, slots=True)
class NgramConfig:
    """How many buckets, and the shortest and longest n-gram in code points."""

    buckets: int = 1 << 17
    shortest: int = 3
    longest: int = 5

    def __post_init__(self) -> None:
        if not 0 < self.buckets < 1 << 32:
            raise ValueError(f"buckets: expected 1 to 2^32 - 1, got {self.buckets}")
        if not 1 <= self.shortest <= self.longest <= MAX_WORD:
            raise ValueError(
                f"n-grams of {self.shortest} to {self.longest}: expected 1 <= shortest <= longest"
            )

    @property
    def features_per_byte(self) -> int:
        """An upper bound: a word of one byte, in its brackets, has three n-grams of each length."""
        return 3 * (self.longest - self.shortest + 1) + 1


def as_arrow(texts: Texts) -> pa.LargeStringArray:
    """Return `texts` as one Arrow array, a null as the empty string.

    :raises TypeError: `texts` holds something other than strings.
    """
    if not isinstance(texts, pa.Array | pa.ChunkedArray):
        try:
            texts = pa.array(texts, type=pa.large_string())
        except (pa.ArrowInvalid, pa.ArrowTypeError) as error:
            raise TypeError(f"expected an Arrow string array or strings: {error}") from error
    kind = texts.type.value_type if pa.types.is_dictionary(texts.type) else texts.type
    if str(kind) not in _STRING_TYPES:
        raise TypeError(f"expected an Arrow string array or strings, got an array of {texts.type}")
    array = texts.cast(pa.large_string())
    if isinstance(array, pa.ChunkedArray):
        array = array.combine_chunks()
    return array.fill_null("") if array.null_count else array


def cut_to_bound(texts: pa.LargeStringArray) -> pa.LargeStringArray:
    """Return the first `MAX_CHARACTERS` of each text."""
    if len(texts) and pc.max(pc.binary_length(texts)).as_py() > MAX_CHARACTERS:
        return pc.utf8_slice_codeunits(texts, 0, MAX_CHARACTERS)
    return texts


def normalise(texts: pa.LargeStringArray) -> pa.LargeStringArray:
    """Return the texts as their n-grams see them: cut to the bound, NFKD, lower case.

    Decomposed, because what pyarrow (18 to 25) calls NFKC is that, too; an encoder's vectors must
    not change on the day this is mended.
    """
    return pc.utf8_lower(pc.utf8_normalize(cut_to_bound(texts), form="NFKD"))


def ngram_buckets(
    texts: Texts, config: NgramConfig, classes: npt.NDArray[np.uint8]
) -> tuple[npt.NDArray[np.uint32], npt.NDArray[np.int64]]:
    """Return the buckets of all features, in order of the text, and where each text's begin.

    Text `i` has the buckets `ids[offsets[i] : offsets[i + 1]]`; `offsets` is `(n + 1,)`.
    """
    data, bounds = _buffers(normalise(as_arrow(texts)))
    shape = (np.uint64(config.buckets), config.shortest, config.longest)
    scratch = np.empty(_scratch_size(bounds, config), np.uint32)
    offsets = np.zeros(len(bounds), np.int64)
    _count(data, bounds, classes, shape, scratch, offsets)
    np.cumsum(offsets, out=offsets)
    ids = np.empty(offsets[-1], np.uint32)
    _fill(data, bounds, classes, shape, scratch, offsets, ids)
    return ids, offsets


def embed_ngrams(
    texts: Texts,
    config: NgramConfig,
    classes: npt.NDArray[np.uint8],
    rows: npt.NDArray[np.int8],
    scales: npt.NDArray[np.float32],
) -> npt.NDArray[np.float32]:
    """Return the sums of the texts' rows `rows[id] * scales[id]` at unit norm, `(n, d)`.

    `rows` is `(buckets, d)`, `scales` `(buckets,)`. A text without any feature has a zero row.
    Each sum runs in the order of its text alone, so it does not depend on the other texts. Where
    every scale fits a half-precision float each product is exact, and the vectors are the same on
    every machine, with or without fused multiply-add.
    """
    if rows.shape[0] != config.buckets or scales.shape != (config.buckets,):
        raise ValueError(f"expected {config.buckets} rows and scales, got {rows.shape}")
    data, bounds = _buffers(normalise(as_arrow(texts)))
    shape = (np.uint64(config.buckets), config.shortest, config.longest)
    scratch = np.empty(_scratch_size(bounds, config), np.uint32)
    vectors = np.zeros((len(bounds) - 1, rows.shape[1]), np.float32)
    _embed(data, bounds, classes, shape, scratch, rows, scales, vectors)
    return vectors


def _buffers(texts: pa.LargeStringArray) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.int64]]:
    """Return the UTF-8 bytes and the `(n + 1,)` bounds of the texts, without a copy."""
    if not len(texts):
        return np.zeros(0, np.uint8), np.zeros(1, np.int64)
    _, bounds, data = texts.buffers()
    first, last = texts.offset, texts.offset + len(texts) + 1
    return (
        np.frombuffer(data, np.uint8) if data is not None else np.zeros(0, np.uint8),
        np.frombuffer(bounds, np.int64)[first:last],
    )


def _scratch_size(bounds: npt.NDArray[np.int64], config: NgramConfig) -> int:
    longest_text = int(np.diff(bounds).max(initial=0))
    return longest_text * config.features_per_byte


# The compiled code. All of it stands in this file, because the cache of a compiled function is
# renewed when its own file changes, not when a function of another file does.
_compiled: Any = njit(cache=True, nogil=True)


@_compiled
def _bucket(state, buckets):  # type: ignore[no-untyped-def]
    """MurmurHash3's 64-bit mixer, then the upper half scaled to the buckets."""
    state = (state ^ (state >> _SHIFT_33)) * MURMUR_MIX
    state = (state ^ (state >> _SHIFT_33)) * _MIX_2
    state = state ^ (state >> _SHIFT_33)
    return np.uint32(((state >> _SHIFT_32) * buckets) >> _SHIFT_32)


@_compiled
def _decode(data, position):  # type: ignore[no-untyped-def]
    """The code point at `position` of valid UTF-8, and the position after it."""
    lead = np.int64(data[position])
    if lead < 0x80:
        return lead, position + 1
    if lead < 0xE0:
        length, point = 2, lead & 0x1F
    elif lead < 0xF0:
        length, point = 3, lead & 0x0F
    else:
        length, point = 4, lead & 0x07
    for k in range(1, length):
        point = (point << 6) | (np.int64(data[position + k]) & 0x3F)
    return point, position + length


@_compiled
def _word_features(word, length, shape, ids, count):  # type: ignore[no-untyped-def]
    """Append the features of `word[1 : length + 1]`; its brackets are put around it here."""
    buckets, shortest, longest = shape
    word[0] = _OPEN
    word[length + 1] = _CLOSE
    whole = _WHOLE_WORD
    for k in range(1, length + 1):
        whole = (whole ^ word[k]) * FNV_PRIME
    ids[count] = _bucket(whole, buckets)
    count += 1
    for start in range(length + 2):
        state = FNV_OFFSET
        for size in range(1, min(longest, length + 2 - start) + 1):
            state = (state ^ word[start + size - 1]) * FNV_PRIME
            if size >= shortest:
                ids[count] = _bucket(state, buckets)
                count += 1
    return count


@_compiled
def _text_features(data, start, end, classes, shape, word, ids):  # type: ignore[no-untyped-def]
    """Write the buckets of the text `data[start:end]` to `ids`; return how many."""
    buckets = shape[0]
    count, length, previous = 0, 0, np.uint64(0)
    position = start
    while position < end:
        point, position = _decode(data, position)
        kind = classes[point]
        if kind == IGNORED:
            continue
        if length > 0 and (kind != WORD or length == MAX_WORD):
            count = _word_features(word, length, shape, ids, count)
            length = 0
        letter = np.uint64(point)
        if kind == WORD:
            length += 1
            word[length] = letter
        elif kind == SYMBOL:
            ids[count] = _bucket((_WHOLE_WORD ^ letter) * FNV_PRIME, buckets)
            count += 1
        elif kind == UNSPACED:
            ids[count] = _bucket((FNV_OFFSET ^ letter) * FNV_PRIME, buckets)
            count += 1
            if previous > 0:
                state = (FNV_OFFSET ^ previous) * FNV_PRIME
                ids[count] = _bucket((state ^ letter) * FNV_PRIME, buckets)
                count += 1
        previous = letter if kind == UNSPACED else np.uint64(0)
    if length > 0:
        count = _word_features(word, length, shape, ids, count)
    return count


@_compiled
def _count(data, bounds, classes, shape, scratch, counts):  # type: ignore[no-untyped-def]
    word = np.zeros(MAX_WORD + 2, np.uint64)
    for i in range(len(bounds) - 1):
        counts[i + 1] = _text_features(
            data, bounds[i], bounds[i + 1], classes, shape, word, scratch
        )


@_compiled
def _fill(data, bounds, classes, shape, scratch, offsets, ids):  # type: ignore[no-untyped-def]
    word = np.zeros(MAX_WORD + 2, np.uint64)
    for i in range(len(bounds) - 1):
        count = _text_features(data, bounds[i], bounds[i + 1], classes, shape, word, scratch)
        ids[offsets[i] : offsets[i + 1]] = scratch[:count]


@_compiled
def _embed(  # type: ignore[no-untyped-def]
    data, bounds, classes, shape, scratch, rows, scales, vectors
):
    word = np.zeros(MAX_WORD + 2, np.uint64)
    dimension = rows.shape[1]
    for i in range(len(bounds) - 1):
        count = _text_features(data, bounds[i], bounds[i + 1], classes, shape, word, scratch)
        total = vectors[i]
        for k in range(count):
            row, scale = rows[scratch[k]], scales[scratch[k]]
            for d in range(dimension):
                total[d] += scale * np.float32(row[d])
        square = np.float64(0)
        for d in range(dimension):
            square += np.float64(total[d]) * np.float64(total[d])
        if square > 0:
            factor = 1 / np.sqrt(square)
            for d in range(dimension):
                total[d] = np.float32(total[d] * factor)
