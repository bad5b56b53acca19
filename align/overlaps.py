"""Overlaps: every run of neighbouring sentences that may stand on one side of a bead."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Overlaps:
    """The overlaps of a document of `n` sentences, joined by `overlap_texts` and embedded.

    :ivar vectors: `(layers, n, d)` float32; `vectors[l, i]` is the unit vector of the sentences
        i to i + l, a zero row where the document ends before.
    :ivar lengths: `(layers, n)` int32 characters of the same texts, 0 where there is none.
    """

    vectors: NDArray[np.float32]
    lengths: NDArray[np.int32]

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
    if isinstance(sentences, pa.ChunkedArray):
        sentences = sentences.combine_chunks()
    sentences = pc.fill_null(sentences.cast(pa.large_string()), "")
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
