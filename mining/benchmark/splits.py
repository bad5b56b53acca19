"""Splits that share no document: documents that pairs connect stay together."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from numba import njit

Rows = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]


def connected_documents(first: Rows, second: Rows, documents: int) -> Rows:
    """Return the component of each document, `(documents,)`: its lowest document.

    Pair `i` connects `first[i]` with `second[i]`; a negative number is no document.
    """
    parents = np.arange(documents)
    known = (first >= 0) & (second >= 0)
    _unite(parents, first[known], second[known])
    return parents


def choose_components(components: Rows, keys: Rows, share: float) -> Mask:
    """Return whether each of n items `(n,)` is in a first split of about that share of all.

    A component goes to one split as a whole. The largest goes first, to the split that lacks the
    most; among equals the lowest key of a component's items decides.

    :param keys: `(n,)` random numbers, see `aligned.draw_keys`.
    """
    if not len(components):
        return np.empty(0, np.bool_)
    _, inverse, sizes = np.unique(components, return_inverse=True, return_counts=True)
    lowest = np.full(len(sizes), np.iinfo(np.int64).max)
    np.minimum.at(lowest, inverse, keys)
    chosen = np.zeros(len(sizes), np.bool_)
    lacks = [share * len(components), (1 - share) * len(components)]
    for component in np.lexsort((lowest, -sizes)).tolist():
        split = int(lacks[1] > lacks[0])
        chosen[component] = split == 0
        lacks[split] -= int(sizes[component])
    return chosen[inverse]


def drawn_share(keys: Rows, share: float) -> Mask:
    """Return whether each random number is among the lowest of all numbers, that share of them."""
    uniform = keys.view(np.uint64).astype(np.float64) / 2.0**64
    return uniform < share


_compiled: Any = njit(cache=True, nogil=True)


@_compiled
def _root(parents, item):  # type: ignore[no-untyped-def]  # pragma: no cover
    while parents[item] != item:
        parents[item] = parents[parents[item]]
        item = parents[item]
    return item


@_compiled
def _unite(parents, first, second):  # type: ignore[no-untyped-def]  # pragma: no cover
    for i in range(len(first)):
        a, b = _root(parents, first[i]), _root(parents, second[i])
        parents[max(a, b)] = min(a, b)
    for item in range(len(parents)):
        parents[item] = _root(parents, item)
