"""What mining asks of an encoder."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, TypeAlias, runtime_checkable

import numpy as np
import numpy.typing as npt
import pyarrow as pa

Texts: TypeAlias = Sequence[str | None] | pa.Array | pa.ChunkedArray


@runtime_checkable
class Encoder(Protocol):
    """Turns sentences into vectors whose inner product is their cosine.

    `name` is what `load_encoder` was given; `revision` names the exact weights, so that vectors
    may be cached by both. An encoder can be pickled: the copy loads the same model.
    """

    @property
    def name(self) -> str: ...

    @property
    def revision(self) -> str: ...

    @property
    def dimension(self) -> int: ...

    def encode(self, texts: Texts) -> npt.NDArray[np.float32]:
        """Return one row a text, `(n, dimension)` float32, finite, unit norm.

        A null counts as an empty text. A text without any feature (empty, only spaces) has a zero
        row: its cosine with everything is 0, so it is nobody's translation.
        """
        ...
