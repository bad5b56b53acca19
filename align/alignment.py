"""An alignment of two documents: the beads, in order."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Alignment:
    """The beads of two documents, in order; every sentence of both sides is in exactly one.

    An insertion or deletion is a bead of a single sentence with nothing on the other side.

    :ivar src: `(b, 2)` int32 half-open ranges of source sentences, :ivar tgt: of target sentences;
        an empty range stands where the other side's sentence was inserted.
    :ivar cost: `(b,)` float32, the lower the better, about 0 for a sentence and its translation;
        see `bead_model.bead_costs`. The costs of an alignment add up.
    :ivar cosine: `(b,)` float32 of the two sides' vectors, NaN for insertions and deletions.
    """

    src: NDArray[np.int32]
    tgt: NDArray[np.int32]
    cost: NDArray[np.float32]
    cosine: NDArray[np.float32]

    def __len__(self) -> int:
        return len(self.src)

    def swapped(self) -> Alignment:
        """Return the same beads with source and target exchanged."""
        return Alignment(self.tgt, self.src, self.cost, self.cosine)
