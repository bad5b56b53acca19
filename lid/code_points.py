"""Texts as code points, side by side: what compiled passes over characters read."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc


class CodePoints(NamedTuple):
    """The code points of n texts: those of text `i` are `points[bounds[i] : bounds[i + 1]]`."""

    points: npt.NDArray[np.uint32]
    bounds: npt.NDArray[np.int64]  # (n + 1,)


def code_points(texts: pa.StringArray) -> CodePoints:
    """Return the code points of `texts`, none of them null: four bytes a character."""
    bounds = np.zeros(len(texts) + 1, np.int64)
    np.cumsum(pc.utf8_length(texts).to_numpy(zero_copy_only=False), out=bounds[1:])
    joined = ""
    if bounds[-1]:  # else the buffers may be missing
        _, offsets, data = texts.buffers()
        first, last = np.frombuffer(offsets, np.int32)[[texts.offset, texts.offset + len(texts)]]
        joined = str(memoryview(data)[first:last], "utf-8")
    return CodePoints(np.frombuffer(joined.encode("utf-32-le"), "<u4"), bounds)


def lowered(texts: pa.StringArray) -> CodePoints:
    """Return the code points of `texts` in lower case: as many as before."""
    return code_points(pc.utf8_lower(texts))
