"""A document as the aligner sees it: its overlaps, its clauses and its words.

An overlap is a run of neighbouring sentences that may stand on one side of a bead.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from bitseam.align.word_keys import NO_WORDS, WordKeys


@dataclass(frozen=True, slots=True)
class Overlaps:
    """A document of `n` sentences, embedded.

    :ivar vectors: `(layers, n, d)` float32; `vectors[l, i]` is the unit vector of the sentences
        i to i + l, joined by `overlap_texts`; a zero row where the document ends before. Without
        any, `d` is 0: lengths and words decide.
    :ivar lengths: `(layers, n)` int32 characters of the same texts, 0 where there is none.
    :ivar clauses: `(2, n, d)` float32 unit vectors of `clause_texts`, zero rows for null.
    :ivar words: of each sentence; without them the vectors alone decide.
    """

    vectors: NDArray[np.float32]
    lengths: NDArray[np.int32]
    clauses: NDArray[np.float32]
    words: WordKeys = NO_WORDS

    def __post_init__(self) -> None:
        if (
            self.vectors.ndim != 3
            or not len(self.vectors)
            or self.lengths.shape != self.vectors.shape[:2]
        ):
            raise ValueError(
                "expected vectors (layers, n, d) and lengths (layers, n) of one layer or more, "
                f"got {self.vectors.shape} and {self.lengths.shape}"
            )
        if self.clauses.shape != (2, *self.vectors.shape[1:]):
            raise ValueError(
                f"expected clauses {(2, *self.vectors.shape[1:])}, got {self.clauses.shape}"
            )
        if len(self.words.bounds) not in (1, len(self) + 1):
            raise ValueError(
                f"expected words of {len(self)} sentences, got {len(self.words.bounds) - 1}"
            )

    @classmethod
    def without_vectors(cls, lengths: NDArray[np.int32], words: WordKeys) -> Overlaps:
        """Return a document of which only lengths `(layers, n)` and words are known."""
        nothing = np.empty((*lengths.shape, 0), np.float32)
        return cls(nothing, lengths, np.empty((2, lengths.shape[1], 0), np.float32), words)

    @property
    def layers(self) -> int:
        """The most sentences in one overlap."""
        return int(self.vectors.shape[0])

    def __len__(self) -> int:
        return int(self.vectors.shape[1])


def overlap_texts(sentences: pa.Array | pa.ChunkedArray, layers: int) -> pa.LargeStringArray:
    """Return the texts to embed, `layers * n` of them.

    Entry `l * n + i` is the sentences i to i + l joined by a space; it is null where the document
    ends before. A null sentence counts as an empty one.
    """
    sentences = _one_array(sentences)
    n = len(sentences)
    joined = sentences
    space = pa.scalar(" ", pa.large_string())
    blocks = [sentences]
    for layer in range(1, layers):
        joined = pc.binary_join_element_wise(
            joined.slice(0, max(n - layer, 0)), sentences.slice(layer), space
        )
        blocks += [joined, pa.nulls(n - len(joined), pa.large_string())]
    return pa.concat_arrays(blocks)


def overlap_lengths(sentences: pa.Array | pa.ChunkedArray, layers: int) -> NDArray[np.int32]:
    """Return the characters of `overlap_texts`, `(layers, n)`.

    They are 0 where there is none, and where a blank sentence is part of it: it belongs to nothing.
    """
    lengths = pc.utf8_length(_one_array(sentences)).to_numpy(zero_copy_only=False).astype(np.int64)
    n = len(lengths)
    ends = np.concatenate([[0], np.cumsum(lengths)])
    blanks = np.concatenate([[0], np.cumsum(lengths == 0)])
    found = np.zeros((layers, n), np.int32)
    for layer in range(min(layers, n)):
        first, last = slice(0, n - layer), slice(layer + 1, None)
        joined = ends[last] - ends[first] + layer
        found[layer, first] = np.where(blanks[last] > blanks[first], 0, joined)
    return found


# A clause ends at any mark beside a space (`3.5` and `Ort-Name` are whole), and at the full-width
# ones of scripts without spaces. It goes on until it has two letters or digits in a row.
_LETTER = r"\p{L}\p{M}\p{N}"
_MARK = rf"[^{_LETTER}_\s'\x{{2019}}]+"
_WIDE = r"[\x{3001}\x{3002}\x{FF01}\x{FF0C}\x{FF1A}\x{FF1B}\x{FF1F}]+"
_CUT = rf"(?:{_MARK}\s+|\s{_MARK}\s*|{_WIDE})"
_SAYS = rf"(?P<clause>.*?[{_LETTER}]{{2}}.*?)"
_FIRST = rf"(?s)^{_SAYS}(?:{_CUT}|$)"
_LAST = rf"(?s)^(?:.*{_CUT})?{_SAYS}$"


def clause_texts(sentences: pa.Array | pa.ChunkedArray) -> pa.LargeStringArray:
    """Return the first clause of each sentence, then the last one of each: `2 * n` texts.

    Where the two sides end their sentences at different places, the last clause of one sentence and
    the first of the next show it. A sentence of one clause cannot be cut: its entries are null.
    """
    sentences = _one_array(sentences)
    first, last = (
        pc.coalesce(pc.struct_field(pc.extract_regex(sentences, pattern), "clause"), sentences)
        for pattern in (_FIRST, _LAST)
    )
    is_one = pc.or_(pc.equal(first, sentences), pc.equal(last, sentences))
    return pa.concat_arrays([pc.if_else(is_one, None, clauses) for clauses in (first, last)])


def _one_array(sentences: pa.Array | pa.ChunkedArray) -> pa.LargeStringArray:
    if isinstance(sentences, pa.ChunkedArray):
        sentences = sentences.combine_chunks()
    return pc.fill_null(sentences.cast(pa.large_string()), "")
