from __future__ import annotations

import numpy as np
from numba.core.types import BaseNamedTuple, Type

from bitseam.align import band, beads, cuts
from bitseam.align.overlaps import Overlaps
from bitseam.align.sentences import align_sentences


def names_a_class(kind: Type) -> bool:
    return isinstance(kind, BaseNamedTuple) or any(map(names_a_class, getattr(kind, "types", ())))


def test_no_compiled_code_knows_a_class() -> None:
    """Kept on disk, it would go on reading the fields in the order that they once had."""
    side = Overlaps(np.zeros((7, 3, 4), np.float32), np.ones((7, 3)), np.zeros((2, 3, 4)))
    align_sentences(side, side)

    functions = [its for module in (band, beads, cuts) for its in vars(module).values()]
    compiled = [its for its in functions if hasattr(its, "nopython_signatures")]
    given = [kind for its in compiled for kinds in its.nopython_signatures for kind in kinds.args]
    assert given
    assert not any(map(names_a_class, given))
