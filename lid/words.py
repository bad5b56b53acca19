"""Texts cut into words, numbered by their lower-cased form; where each stands is kept.

A word is a run of letters, digits and marks. Punctuation stands alone, and so does each letter of
a script without spaces. An apostrophe between letters ends the word before it (`d'` `Kanner`,
`l'` `eau`); a point or comma between digits is part of the number (`3,14`).
"""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numba import njit
from numpy.typing import NDArray

from bitseam.lid.character_classes import (
    IGNORED,
    SEPARATOR,
    SYMBOL,
    WORD,
    character_classes,
)
from bitseam.lid.ngrams import Texts, as_arrow, cut_to_bound

_TEXTS_A_TASK = 1 << 16

_APOSTROPHE, _CURLY_APOSTROPHE = 0x27, 0x2019
_COMMA, _POINT, _ZERO, _NINE = 0x2C, 0x2E, 0x30, 0x39


class Words(NamedTuple):
    """The words of n texts: those of text `i` are `ids[bounds[i] : bounds[i + 1]]`.

    The first bound need not be 0: a part of the texts shares the arrays of words.

    :ivar ids: `(w,)` int32, numbered in the order of first appearance.
    :ivar bounds: `(n + 1,)` int64.
    :ivar starts: `(w,)` int32, in characters from the start of the text.
    :ivar ends: `(w,)` int32, the character after the word.
    :ivar forms: the lower-cased word of each id.
    """

    ids: NDArray[np.int32]
    bounds: NDArray[np.int64]
    starts: NDArray[np.int32]
    ends: NDArray[np.int32]
    forms: pa.LargeStringArray

    def between(self, first: int, last: int) -> Words:
        """Return the words of the texts from `first` to before `last`, in the same numbers."""
        return self._replace(bounds=self.bounds[first : last + 1])


def split_words(texts: Texts) -> Words:
    """Return the words of `texts`; a null counts as an empty text.

    Of a text the first 10,000 characters count.

    :raises TypeError: `texts` holds something other than strings.
    """
    array = as_arrow(texts)
    tasks = [
        _split(array.slice(start, _TEXTS_A_TASK)) for start in range(0, len(array), _TEXTS_A_TASK)
    ]
    chunks = [forms.dictionary_encode() for _, _, _, forms in tasks]
    empty = pa.array([], pa.large_string()).dictionary_encode()
    encoded = pa.chunked_array([empty, *chunks]).unify_dictionaries().combine_chunks()
    counts = np.concatenate([np.zeros(1, np.int64), *(counts for counts, _, _, _ in tasks)])
    none = np.empty(0, np.int32)
    return Words(
        encoded.indices.to_numpy(zero_copy_only=False).astype(np.int32),
        np.cumsum(counts),
        np.concatenate([none, *(starts for _, starts, _, _ in tasks)]),
        np.concatenate([none, *(ends for _, _, ends, _ in tasks)]),
        encoded.dictionary,
    )


def number_words(forms: pa.ListArray) -> Words:
    """Return words that were cut by someone else, `forms[i]` those of text `i`.

    They stand as if joined by single spaces, so that their characters can still be named.
    """
    flat = forms.flatten().cast(pa.large_string())
    bounds = forms.offsets.to_numpy().astype(np.int64) - forms.offsets[0].as_py()
    lengths = pc.utf8_length(flat).to_numpy(zero_copy_only=False).astype(np.int64)
    ends = np.cumsum(lengths + 1) - 1
    firsts = np.repeat(np.concatenate([[0], ends + 1])[bounds[:-1]], np.diff(bounds))
    encoded = pc.utf8_lower(flat).dictionary_encode()
    return Words(
        encoded.indices.to_numpy(zero_copy_only=False).astype(np.int32),
        bounds,
        (ends - lengths - firsts).astype(np.int32),
        (ends - firsts).astype(np.int32),
        encoded.dictionary,
    )


_Task = tuple[NDArray[np.int64], NDArray[np.int32], NDArray[np.int32], pa.LargeStringArray]


def _split(texts: pa.LargeStringArray) -> _Task:
    """Return words a text, starts, ends and forms of a task small enough for generous buffers."""
    lowered = pa.concat_arrays([pc.utf8_lower(cut_to_bound(texts))])  # offsets from zero
    _, bounds, data = lowered.buffers()
    size = data.size if data is not None else 0
    text_bytes = np.frombuffer(data, np.uint8) if size else np.zeros(0, np.uint8)
    text_bounds = np.frombuffer(bounds, np.int64)[: len(lowered) + 1]
    counts = np.zeros(len(lowered), np.int64)
    starts, ends = np.empty(size, np.int32), np.empty(size, np.int32)
    form_bounds, form_bytes = np.zeros(size + 1, np.int64), np.empty(size, np.uint8)
    n = _scan(text_bytes, text_bounds, _classes(), counts, starts, ends, form_bounds, form_bytes)
    form_bounds = form_bounds[: n + 1].copy()
    forms = pa.LargeStringArray.from_buffers(
        n, pa.py_buffer(form_bounds), pa.py_buffer(form_bytes[: form_bounds[-1]].copy())
    )
    return counts, starts[:n].copy(), ends[:n].copy(), forms


@cache
def _classes() -> NDArray[np.uint8]:
    return character_classes()


# numba compiles these; mypy cannot see through its decorator.
@njit(cache=True, nogil=True)
def _decode(data, position):  # type: ignore[no-untyped-def]  # pragma: no cover
    """The code point at `position` of valid UTF-8, and the position after it."""
    lead = np.int64(data[position])
    if lead < 0x80:
        return lead, position + 1
    length = 2 if lead < 0xE0 else 3 if lead < 0xF0 else 4
    point = lead & (0x7F >> length)
    for k in range(1, length):
        point = (point << 6) | (np.int64(data[position + k]) & 0x3F)
    return point, position + length


@njit(cache=True, nogil=True)
def _joins(point, before, after, classes):  # type: ignore[no-untyped-def]  # pragma: no cover
    """Whether a symbol within a word is part of it: 1 and the word goes on, 2 and it ends."""
    digit_before = _ZERO <= before <= _NINE
    if point in (_APOSTROPHE, _CURLY_APOSTROPHE):
        return 2 if classes[after] == WORD and not digit_before else 0
    if point in (_POINT, _COMMA):
        return 1 if digit_before and _ZERO <= after <= _NINE else 0
    return 0


@njit(cache=True, nogil=True)
def _scan(  # type: ignore[no-untyped-def]  # pragma: no cover
    data, bounds, classes, counts, starts, ends, form_bounds, forms
):
    """Write the words of every text; return how many there are."""
    n, size = 0, 0
    for text in range(len(bounds) - 1):
        first = n
        position, stop = bounds[text], bounds[text + 1]
        at, before, is_open = 0, 0, False
        while position < stop:
            point, following = _decode(data, position)
            kind = classes[point]
            joins = 0
            if is_open and kind == SYMBOL and following < stop:
                joins = _joins(point, before, _decode(data, following)[0], classes)
            in_word = kind == WORD or joins > 0
            if is_open and not in_word and kind != IGNORED:
                is_open = False
                n += 1
                form_bounds[n] = size
            if in_word or (kind != SEPARATOR and kind != IGNORED):
                if not is_open:
                    starts[n] = at
                ends[n] = at + 1
                for k in range(position, following):
                    forms[size] = data[k]
                    size += 1
                is_open = in_word and joins != 2
                if not is_open:
                    n += 1
                    form_bounds[n] = size
            before = point
            at += 1
            position = following
        if is_open:
            n += 1
            form_bounds[n] = size
        counts[text] = n - first
    return n
