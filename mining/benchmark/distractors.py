"""How many distractors a set needs, and which it gets: drawn without near-duplicates of gold."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Rows = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

_MOST = 1 << 18  # judged at a time
_SPARE = 64


class Drawn(NamedTuple):
    """Rows of the pools, in the order in which they were drawn.

    :ivar hard: of those from the documents of gold. :ivar elsewhere: of the others.
    :ivar dropped: of either pool, near-duplicates that were met on the way.
    """

    hard: Rows
    elsewhere: Rows
    dropped: Rows


def distractors_needed(gold: int, share: float) -> int:
    """Return how many distractors stand beside `gold` sentences that are that share of a side."""
    return round(gold * (1 - share) / share)


def draw_distractors(
    hard: Rows, elsewhere: Rows, needed: int, hard_share: float, is_near: Callable[[Rows], Mask]
) -> Drawn:
    """Draw `needed` rows, `hard_share` of them from `hard`; what one pool lacks the other gives.

    The answer is that of looking at one row after the other; less than `needed` if the pools end.

    :param hard: rows in random order. :param elsewhere: others. :param is_near: whether rows `(m,)`
        are near-duplicates of gold, which are passed over.
    """
    pools = _Pool(hard, is_near), _Pool(elsewhere, is_near)
    wanted = min(needed, round(hard_share * needed))
    pools[0].take(wanted)
    pools[1].take(needed - pools[0].count)
    pools[0].take(needed - pools[0].count - pools[1].count)
    return Drawn(pools[0].taken, pools[1].taken, np.concatenate([its.dropped for its in pools]))


class _Pool:
    """Rows in order, of which the first ones have been looked at."""

    def __init__(self, rows: Rows, is_near: Callable[[Rows], Mask]) -> None:
        self._waiting, self._is_near = rows, is_near
        self.taken = self.dropped = np.empty(0, np.int64)

    @property
    def count(self) -> int:
        return len(self.taken)

    def take(self, wanted: int) -> None:
        """Take so many rows more, or all that are left."""
        while wanted > 0 and len(self._waiting):
            rows = self._waiting[: min(_MOST, wanted + wanted // 16 + _SPARE)]
            near = self._is_near(rows)
            good = np.flatnonzero(~near)[:wanted]
            looked = int(good[-1]) + 1 if len(good) == wanted else len(rows)
            self.taken = np.concatenate([self.taken, rows[good]])
            self.dropped = np.concatenate([self.dropped, rows[:looked][near[:looked]]])
            self._waiting = self._waiting[looked:]
            wanted -= len(good)
