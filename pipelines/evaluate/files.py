"""What the readers of all kinds of sets share: lines of a file, and short names of paths."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
import xxhash
from numpy.typing import NDArray

from bitseam.pipelines.lid.lines import LineBatches


def read_lines(path: str) -> pa.LargeStringArray:
    """Return the lines of a file, compressed or not; what was changed in them is logged.

    :raises UserError: there is no such file.
    """
    batches = LineBatches(path)
    read = [batch.cast(pa.large_string()) for batch in batches]
    batches.warn()
    return pa.concat_arrays([pa.array([], pa.large_string()), *read])


def printable(text: str) -> str:
    """Return a text that neither a terminal nor XML stumbles over: U+FFFD for the rest."""
    return "".join(character if character.isprintable() else "\ufffd" for character in text)


def short_names(paths: Sequence[Path]) -> list[str]:
    """Return the last part of each path, and as many before it as tell the paths apart."""
    parts = [tuple(map(printable, path.expanduser().absolute().parts)) for path in paths]
    for length in range(1, max(map(len, parts), default=0) + 1):
        names = ["/".join(its[-length:]).removeprefix("//") for its in parts]
        if len(set(names)) == len(set(parts)):
            return names
    return []


def fingerprint(*columns: pa.Array | NDArray[np.int64]) -> str:
    """Return a hash of texts and numbers in their order, for signatures."""
    digest = xxhash.xxh3_64()
    for column in columns:
        if isinstance(column, np.ndarray):
            digest.update(column.tobytes())
        else:
            digest.update("\n".join(column.to_pylist()).encode())
    return digest.hexdigest()
