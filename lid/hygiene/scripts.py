"""Scripts by their ISO 15924 codes: which letters are written in one."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import polars as pl

# Codes of writing systems that mix scripts, or write a part of one. The rest stand for themselves.
_PARTS = {
    "Hans": ("Hani",),
    "Hant": ("Hani", "Bopo"),
    "Hrkt": ("Hira", "Kana"),
    "Jpan": ("Hira", "Kana", "Hani"),
    "Kore": ("Hang", "Hani"),
    "Latf": ("Latn",),
    "Latg": ("Latn",),
    "Aran": ("Arab",),
    "Cyrs": ("Cyrl",),
}


def letters_of(script: str, points: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
    """Return which of the code points `(n,)` are written in `script`.

    All of them, where Unicode knows no such script: then nothing can be said against a letter.
    """
    names = "".join(rf"\p{{scx={part}}}" for part in _PARTS.get(script, (script,)))
    characters = pl.Series([chr(point) for point in points.tolist()], dtype=pl.String)
    try:
        return characters.str.contains(f"[{names}]").to_numpy()
    except pl.exceptions.ComputeError:  # unknown to the regular expressions, which know Unicode's
        return np.ones(len(points), bool)
