"""What is cut apart where a bead ends: a clause that matches better beyond the end than within."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from bitseam.align.band import Band
from bitseam.align.similarity import View, project


def cut_table(src: View, tgt: View, band: Band) -> NDArray[np.float32]:
    """Return for each cell of the band, row after row, how much a path that ends a bead there cuts.

    Four clauses meet there: the last ones before and the first ones after, of both sides. The cell
    has the most by which one of them is more similar to the sentence across than to the one on its
    own side; 0 where none is.
    """
    starts = np.concatenate([[0], np.cumsum(band.highs - band.lows)])
    # Of the sentences the mean is subtracted already, of the clauses here.
    cuts: NDArray[np.float32] = _cut_table(
        (src.clauses, src.clause_scales, src.sentences, project(src.sentences[None], tgt.mean)[0]),
        (tgt.clauses, tgt.clause_scales, tgt.sentences, project(tgt.sentences[None], src.mean)[0]),
        (band.lows, band.highs, starts),
    )
    return cuts


# numba compiles these; mypy cannot see through its decorator.
@njit(nogil=True, cache=True, fastmath={"reassoc", "contract"})
def _dot(x, y):  # type: ignore[no-untyped-def]  # pragma: no cover
    total = np.float32(0)
    for k in range(len(x)):
        total += x[k] * y[k]
    return total


@njit(nogil=True, cache=True)
def _clause_rows(rows, i, first, last, src, tgt):  # type: ignore[no-untyped-def]  # pragma: no cover
    """Write the similarities of source sentence `i` and the target's from `first` to before `last`.

    Rows 0 and 1 are of its first and last clause with their sentences, 2 and 3 of their first and
    last clauses with it.
    """
    src_clauses, src_scales, src_sentences, src_products = src
    tgt_clauses, tgt_scales, tgt_sentences, tgt_products = tgt
    for k in range(2):
        for j in range(first, last):
            centred = _dot(src_clauses[k, i], tgt_sentences[j]) - tgt_products[j]
            rows[k, j] = centred * src_scales[k, i]
            centred = _dot(tgt_clauses[k, j], src_sentences[i]) - src_products[i]
            rows[2 + k, j] = centred * tgt_scales[k, j]


@njit(nogil=True, cache=True)
def _cut_table(src, tgt, cells):  # type: ignore[no-untyped-def]  # pragma: no cover
    lows, highs, starts = cells
    n, m = len(src[2]), len(tgt[2])
    cuts = np.zeros(starts[-1], np.float32)
    before, after = np.empty((4, m), np.float32), np.empty((4, m), np.float32)
    zero = np.float32(0)
    for i in range(n):
        # Sentence i is the one after row i and the one before row i + 1.
        _clause_rows(after, i, max(lows[i] - 1, 0), min(highs[i + 1], m), src, tgt)
        if i > 0:
            for j in range(max(lows[i], 1), min(highs[i], m)):
                here = max(before[1, j] - max(before[1, j - 1], zero), zero)
                here = max(here, after[0, j - 1] - max(after[0, j], zero))
                here = max(here, after[3, j - 1] - max(before[3, j - 1], zero))
                here = max(here, before[2, j] - max(after[2, j], zero))
                cuts[starts[i] + j - lows[i]] = here
        before, after = after, before
    return cuts
