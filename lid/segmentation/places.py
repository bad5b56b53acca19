"""Places where a sentence may end, each with what stands around it: one compiled pass.

A place is a run of full stops or other terminators, with the quotation marks and brackets that
close behind it, before white space; a line break; and wherever else sentencex ends a sentence.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from bitseam.lid.code_points import CodePoints
from bitseam.lid.segmentation.context import describe, hash_word
from bitseam.lid.segmentation.kinds import BREAK, STOP
from bitseam.lid.segmentation.scan import scan


class Places(NamedTuple):
    """n places, in order; every column is `(n,)`, int64 but for the words, which are uint64."""

    ending: npt.NDArray[np.int64]  # where the white space before the next sentence begins
    beginning: npt.NDArray[np.int64]  # where the next sentence would begin
    stop: npt.NDArray[np.int64]  # LINE to TERMINATED
    closed: npt.NDArray[np.int64]  # NOT_CLOSED to BRACKETED: by marks behind the terminator
    base: npt.NDArray[np.int64]  # a sentence ends here by what sentencex or the marks say
    inside: npt.NDArray[np.int64]  # a bracket is open
    wide: npt.NDArray[np.int64]  # in East Asian text
    small: npt.NDArray[np.int64]  # no capital is in the line, but small letters
    text: npt.NDArray[np.int64]  # row of the text
    shape: npt.NDArray[np.int64]  # of the word before the full stop
    length: npt.NDArray[np.int64]  # letters that this word ends with, or its digits
    leads: npt.NDArray[np.int64]  # it is the first of its sentence (1), of its line (2)
    shape_before: npt.NDArray[np.int64]  # of the word before that word
    next_kind: npt.NDArray[np.int64]  # of the first character that is no opening mark
    next_shape: npt.NDArray[np.int64]
    opened: npt.NDArray[np.int64]  # a quotation mark is next (1), a bracket (2)
    speaker: npt.NDArray[np.int64]  # who spoke is named next, or a list of quotations ends
    word: npt.NDArray[np.uint64]  # hash of the word before the full stop
    word_before: npt.NDArray[np.uint64]
    next_word: npt.NDArray[np.uint64]  # of its first letter, where no space is before it


def find_places(
    texts: CodePoints,
    kinds: npt.NDArray[np.uint8],
    base: npt.NDArray[np.bool_],
    seeds: npt.NDArray[np.uint64],
) -> Places:
    """Return the places of `texts`.

    :param base: `(code points,)`, whether a sentence begins at this one by `base_beginnings`.
    :param seeds: one for each text, that of its language: where the hash of a word begins.
    """
    most = int(np.sum((kinds >= STOP) & (kinds <= BREAK)) + np.sum(base))
    found = np.zeros((11, most), np.int64)
    found = found[:, : scan(texts.points, texts.bounds, kinds, base, found)]
    n = found.shape[1]
    rows, words = np.zeros((8, n), np.int64), np.zeros((3, n), np.uint64)
    describe(texts.points, texts.bounds, kinds, seeds, found, rows, words)
    return Places(*found[:9], *rows, *words)


def hash_words(words: CodePoints, seeds: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
    """Return the hash of every word, FNV-1a over its code points from its seed."""
    hashes = np.empty(len(seeds), np.uint64)
    for i, seed in enumerate(seeds):
        hashes[i] = hash_word(words.points, words.bounds[i], words.bounds[i + 1], seed)
    return hashes
