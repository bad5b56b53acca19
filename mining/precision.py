"""How probable it is that a mined pair is a translation, estimated without labels.

The re-scorer says how much more readily its evidence is seen on a translation than on another
selected pair. What it cannot know is which share of a corpus' selected pairs are translations, and
how near its wrong pairs come: both are read off the log odds of all of them, see `mixture.py`.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from bitseam.mining.mixture import probability_right


def estimate_precision(odds: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the probability `(p,)` that each selected pair of a corpus is a translation.

    :param odds: `(p,)` log odds of all of them, see `rescorer.model.log_odds`.
    """
    return probability_right(odds.astype(np.float64)).astype(np.float32)


def kept_at(precision: NDArray[np.float32], target: float) -> NDArray[np.bool_]:
    """Mark the most pairs `(p,)` whose mean precision is `target` or more, the best ones first.

    Of equal ones those that stand first.
    """
    order = np.argsort(-precision, kind="stable")
    mean = np.cumsum(precision[order], dtype=np.float64) / np.arange(1, len(order) + 1)
    kept = np.zeros(len(order), bool)
    kept[order[: np.searchsorted(-mean, -target, side="right")]] = True
    return kept
