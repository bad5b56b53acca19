"""What a text is made of: one compiled pass counts its characters."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from numba import njit

from bitseam.lid.code_points import code_points
from bitseam.lid.hygiene.kinds import LETTER, OTHER, character_kinds
from bitseam.lid.hygiene.scripts import letters_of

_KIND = 0x0F  # bits of the table
_SRC_SCRIPT, _TGT_SCRIPT = 0x10, 0x20

_PIECE = 4  # characters of a piece that may occur again
_SLOT_BITS = 14  # slots for the pieces of one text: of 500, 1.5 % seem to occur again
_MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)  # of Fibonacci hashing


class Characters(NamedTuple):
    """Counts of code points of n texts, each `(n,)` int64."""

    characters: npt.NDArray[np.int64]
    letters: npt.NDArray[np.int64]
    marks: npt.NDArray[np.int64]  # combining ones, such as the vowels of Hindi and Thai
    digits: npt.NDArray[np.int64]
    symbols: npt.NDArray[np.int64]  # punctuation, too
    spaces: npt.NDArray[np.int64]
    strays: npt.NDArray[np.int64]  # `(n, 2)`: letters of another script than src's, than tgt's
    pieces: npt.NDArray[np.int64]  # of four characters each, at every place
    repeated: npt.NDArray[np.int64]  # of them, those that stood further left already


def count_characters(texts: pa.StringArray, scripts: tuple[str, str]) -> Characters:
    """Count the characters of each text, and its letters outside either of two scripts.

    :param scripts: of source and target, by ISO 15924 (`Latn`). Of a script that Unicode does not
        know no letter is a stray.
    """
    points, bounds = code_points(texts)
    counts = np.zeros((len(texts), 9), np.int64)
    _count(points, bounds, _table(*scripts), np.zeros(1 << _SLOT_BITS, np.int64), counts)
    length, letters, marks, digits, symbols, spaces, src, tgt, repeated = counts.T
    strays = np.stack([letters - src, letters - tgt], axis=1)
    pieces = np.maximum(length - (_PIECE - 1), 0)
    return Characters(length, letters, marks, digits, symbols, spaces, strays, pieces, repeated)


@lru_cache(maxsize=8)
def _table(src: str, tgt: str) -> npt.NDArray[np.uint8]:
    """Return, for every code point, its kind and of which of the two scripts it is a letter."""
    table = character_kinds().copy()
    letters = np.flatnonzero(table == LETTER)
    for script, bit in ((src, _SRC_SCRIPT), (tgt, _TGT_SCRIPT)):
        table[letters[letters_of(script, letters)]] |= bit
    return table


_compiled: Any = njit(cache=True, nogil=True)


@_compiled
def _count(points, bounds, table, slots, counts):  # type: ignore[no-untyped-def]
    for i in range(len(bounds) - 1):
        row = counts[i]
        piece = np.uint64(0)
        for k in range(bounds[i], bounds[i + 1]):
            point = points[k]
            entry = table[point]
            row[0] += 1
            if entry & _KIND < OTHER:
                row[1 + (entry & _KIND)] += 1
            row[6] += (entry & _SRC_SCRIPT) != 0
            row[7] += (entry & _TGT_SCRIPT) != 0
            # The last four code points, 16 bits each.
            piece = (piece << np.uint64(16)) | np.uint64(point & 0xFFFF)
            if row[0] >= _PIECE:
                slot = (piece * _MULTIPLIER) >> np.uint64(64 - _SLOT_BITS)
                row[8] += slots[slot] == i + 1
                slots[slot] = i + 1
