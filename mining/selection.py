"""Candidates -> one-to-one pairs, each with the probability that it is a translation."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bitseam.mining.precision import estimate_precision
from bitseam.mining.rescorer.model import log_odds
from bitseam.mining.retrieval import Pairs, select_rows
from bitseam.schemas.choices import Retrieval


@dataclass(frozen=True)
class Selection:
    """Selected pairs, best margin first, ties by (src, tgt) row.

    :ivar precision: `(p,)` float32, the estimated probability that each is a translation.
    """

    pairs: Pairs
    precision: NDArray[np.float32]


def select(candidates: Pairs, retrieval: Retrieval, texts: NDArray[np.float32] | None) -> Selection:
    """Select pairs among `candidates` and estimate what they are worth.

    :param texts: `(c, f)` what the texts of the candidates say (see `rescorer.texts`): then the
        candidate that margin and texts together speak for goes first. None: the margin alone.
    """
    odds = log_odds(candidates, texts)
    order = np.arange(len(candidates)) if texts is None else np.argsort(-odds, kind="stable")
    chosen = order[select_rows(candidates.take(order), retrieval)]
    chosen.sort()  # candidates stand best margin first
    return Selection(candidates.take(chosen), estimate_precision(odds[chosen]))
