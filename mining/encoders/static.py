"""The bundled encoder: a table of hashed character n-grams, no neural network, no download."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from bitseam.lid.ngrams import as_arrow
from bitseam.mining.encoders.protocol import Texts
from bitseam.mining.encoders.static_model import read_static_model

BUNDLED_MODEL = Path(__file__).with_name("static.safetensors")

_TEXTS_A_TASK = 4096


class StaticEncoder:
    """Sums the rows of a text's n-grams; see the model card `static.md` beside the bundled model.

    The vector of a text is the same on every machine, in every batch, for any number of threads.
    """

    def __init__(
        self, path: Path = BUNDLED_MODEL, *, name: str = "static", threads: int | None = None
    ) -> None:
        """Map the model at `path`; `threads` defaults to the processors this process may use.

        :raises UserError: `path` holds no model of a static encoder.
        """
        self.name = name
        self.model = read_static_model(path)
        self.revision = self.model.revision
        self.dimension = self.model.table.dimension
        self.path = path
        self._threads = threads

    def encode(self, texts: Texts) -> npt.NDArray[np.float32]:
        """Return `(n, dimension)` float32 of unit norm; a text without any feature is a zero row.

        Of a text the first 10,000 characters count. Beside the vectors and, of a list, a copy of
        its texts, the memory needed does not grow with their number.

        :raises TypeError: `texts` holds something other than strings.
        """
        array = _arrow(texts)
        vectors = np.empty((len(array), self.dimension), np.float32)

        def encode_task(start: int) -> None:
            part = array.slice(start, _TEXTS_A_TASK)
            vectors[start : start + len(part)] = self.model.table.embed(part)

        starts = range(0, len(array), _TEXTS_A_TASK)
        # Threads of this call alone: numba's own pools abort in forked and in threaded workers.
        with ThreadPoolExecutor(self._threads or _processors()) as pool:
            list(pool.map(encode_task, starts))
        return vectors

    def __reduce__(self) -> tuple[object, ...]:
        return _restore, (self.path, self.name, self._threads)


def _arrow(texts: Texts) -> pa.LargeStringArray:
    """Return the texts as an Arrow array, without pandas: `pa.array` would import it, 50 MB."""
    if isinstance(texts, pa.Array | pa.ChunkedArray):
        return as_arrow(texts)
    chunks = []
    for start in range(0, len(texts), _TEXTS_A_TASK):
        # Of 2 GB at most; the default pool would keep what is freed.
        builder = pa.lib.StringBuilder(pa.system_memory_pool())
        builder.append_values(texts[start : start + _TEXTS_A_TASK])
        chunks.append(builder.finish())
    return as_arrow(pa.chunked_array(chunks, pa.string()))


def _restore(path: Path, name: str, threads: int | None) -> StaticEncoder:
    return StaticEncoder(path, name=name, threads=threads)


def _processors() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
