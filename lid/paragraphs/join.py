"""Segments without the wrapping of their lines: what cleaning reads, and what is mined.

Offsets stay those of the raw text: `text == document.text[start:end]` holds before this step.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from numba import njit

from bitseam.lid.code_points import code_points
from bitseam.lid.paragraphs.glue import NO_HYPHEN, SPACE, choose_glue, find_breaks
from bitseam.lid.paragraphs.lines import Integers, classify
from bitseam.lid.paragraphs.roles import TEXT, find_roles

# Segments over several lines, and those that may begin with a prefix.
_WRAPPED = r"[\n\r\x0b\x0c\x1c-\x1e\x{85}\x{2028}\x{2029}]|^(?:>|#|//|;|%|--|\*)"
_KEPT, _SPACE, _DROPPED = range(3)


def unwrap(
    documents: pa.StringArray,
    where: tuple[Integers, Integers, Integers],
    texts: pa.StringArray,
) -> pa.StringArray:
    """Return the `texts` of segments with their lines joined and without prefixes of lines.

    Lines are joined by a space; those of scripts without spaces by nothing, and so are words that
    were broken in two: without the hyphen where the document knows the word.

    :param where: document, start and end of each segment, `(n,)` each, in code points.
    :param texts: `document.text[start:end]` of each.
    """
    document, start, end = where
    several = pc.match_substring_regex(texts, _WRAPPED)
    chosen = np.flatnonzero(several.to_numpy(zero_copy_only=False))
    if not len(chosen):
        return texts
    rows, row = np.unique(document[chosen], return_inverse=True)
    points, actions = _actions(documents.take(pa.array(rows)))
    before = points.bounds[row]
    sizes, joined = _emit(points.points, actions, before + start[chosen], before + end[chosen])
    return pc.replace_with_mask(texts, several, _strings(joined, sizes))


def _actions(texts: pa.StringArray) -> tuple[Any, npt.NDArray[np.uint8]]:
    """Return the code points of documents and what to do with each of them."""
    points = code_points(texts)
    roles = find_roles(points)
    breaks = find_breaks(points, roles)
    glue = choose_glue(texts, points, classify(points), breaks)
    actions = np.where(roles == TEXT, _KEPT, _DROPPED).astype(np.uint8)
    actions[(breaks.left + 1)[glue == SPACE]] = _SPACE
    actions[breaks.left[glue == NO_HYPHEN]] = _DROPPED
    return points, actions


def _strings(points: npt.NDArray[np.uint32], sizes: Integers) -> pa.StringArray:
    """Return texts of so many code points each."""
    data = points.astype("<u4").tobytes().decode("utf-32-le").encode()
    octets = 1 + (points > 0x7F).astype(np.int64) + (points > 0x7FF) + (points > 0xFFFF)
    ends = np.append(0, np.cumsum(octets))[np.append(0, np.cumsum(sizes))]
    bounds = pa.py_buffer(ends.astype(np.int32).tobytes())
    return pa.StringArray.from_buffers(len(sizes), bounds, pa.py_buffer(data))


def _emit(
    points: npt.NDArray[np.uint32], actions: npt.NDArray[np.uint8], starts: Integers, ends: Integers
) -> tuple[Integers, npt.NDArray[np.uint32]]:
    """Return how many code points remain of each segment, and these."""
    sizes = np.zeros(len(starts), np.int64)
    joined = np.empty(int(np.sum(ends - starts)), np.uint32)
    n = _copy(points, actions, starts, ends, sizes, joined)
    return sizes, joined[:n]


_compiled: Any = njit(cache=True, nogil=True)


@_compiled
def _copy(points, actions, starts, ends, sizes, joined):  # type: ignore[no-untyped-def]
    n = 0
    for i in range(len(starts)):
        first = n
        for k in range(starts[i], ends[i]):
            if actions[k] == _SPACE:
                joined[n] = 0x20
                n += 1
            elif actions[k] == _KEPT:
                joined[n] = points[k]
                n += 1
        sizes[i] = n - first
    return n
