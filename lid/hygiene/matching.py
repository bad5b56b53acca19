"""Rules that cost much, applied to the few texts that show a sign."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import polars as pl


def matches_among(
    texts: pl.Series, sign: str, rule: Callable[[pl.Series], pl.Series]
) -> npt.NDArray[np.bool_]:
    """Return `(n,)`: which texts match the regular expression `sign` and then the `rule`."""
    shown = texts.str.contains(sign)
    holds = np.zeros(len(texts), bool)
    if shown.any():
        holds[shown.to_numpy()] = rule(texts.filter(shown)).to_numpy()
    return holds
