"""Places where a sentence may end, each with what stands around it: one compiled pass.

A place is a run of full stops or other terminators, with the quotation marks and brackets that
close behind it, before white space; a line break; and wherever else sentencex ends a sentence.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from bitseam.lid.code_points import CodePoints
from bitseam.lid.segmentation.kinds import BREAK, STOP
from bitseam.lid.segmentation.scan import hash_word, scan


class Places(NamedTuple):
    """n places, in order; every column is `(n,)`, int64 but for the words, which are uint64."""

    ending: npt.NDArray[np.int64]  # where the white space before the next sentence begins
    beginning: npt.NDArray[np.int64]  # where the next sentence would begin
    stop: npt.NDArray[np.int64]  # LINE to TERMINATED
    closed: npt.NDArray[np.int64]  # NOT_CLOSED to WHOLE: by marks behind the terminator
    base: npt.NDArray[np.int64]  # sentencex ends a sentence here
    inside: npt.NDArray[np.int64]  # a bracket is open
    shape: npt.NDArray[np.int64]  # of the word before the full stop
    leads: npt.NDArray[np.int64]  # that word is the first of its line, or of its sentence
    shape_before: npt.NDArray[np.int64]  # of the word before that word
    next_kind: npt.NDArray[np.int64]  # of the first character that is no opening mark
    next_shape: npt.NDArray[np.int64]
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

    :param base: `(code points,)`, whether sentencex begins a sentence at this one.
    :param seeds: one for each text, that of its language: where the hash of a word begins.
    """
    most = int(np.sum((kinds >= STOP) & (kinds <= BREAK)) + np.sum(base))
    rows, words = np.zeros((11, most), np.int64), np.zeros((3, most), np.uint64)
    n = scan(texts.points, texts.bounds, kinds, base, seeds, rows, words)
    return Places(*rows[:, :n], *words[:, :n])


def hash_words(words: CodePoints, seeds: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
    """Return the hash of every word, FNV-1a over its code points from its seed."""
    hashes = np.empty(len(seeds), np.uint64)
    for i, seed in enumerate(seeds):
        hashes[i] = hash_word(words.points, words.bounds[i], words.bounds[i + 1], seed)
    return hashes
