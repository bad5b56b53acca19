"""Looks for the sentences of a set in training data and in public test sets."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl
import pyarrow as pa

from bitseam.mining.benchmark.leaks import LeakCheck
from bitseam.pipelines.evalset.references import reference_texts
from bitseam.schemas.errors import UserError

log = logging.getLogger("bitseam")

_KINDS = ("exact", "near")
_SIDES = ("src", "tgt")


@dataclass(frozen=True)
class Checked:
    """What the check found, reference by reference.

    :ivar counts: a row each: what was read, and how many sentences of either side are in it.
    :ivar found: `(n,)` per pair where it leaked first, in words; null where it did not.
    """

    counts: Sequence[Mapping[str, str | int]]
    found: pl.Series


def check_leaks(pairs: pl.DataFrame, references: Mapping[str, Sequence[Path]]) -> Checked:
    """Look for both sides of all pairs (`src_text`, `tgt_text`) in every reference.

    :raises UserError: a reference has no text. :raises BitseamError: it is damaged.
    """
    n = len(pairs)
    found = np.full(n, None, object)
    counts: list[Mapping[str, str | int]] = []
    if references:
        sides = [pairs[f"{side}_text"].to_arrow().cast(pa.string()) for side in _SIDES]
        check = LeakCheck(pa.concat_arrays(sides))
        for name, paths in references.items():
            texts, kinds, details = _look(check, paths, 2 * n)
            if not texts:
                raise UserError(f"--against {name}: no text in it: expected data to check against")
            counts.append({"against": name, "texts": texts, **_tally(kinds)})
            log.info("%s: %s texts, in which %d pairs are", name, f"{texts:,}", counts[-1]["pairs"])
            for row in np.flatnonzero(kinds).tolist():
                if found[row % n] is None:
                    side = ("source", "target")[row // n]
                    found[row % n] = f"{side} in {name}, {_KINDS[kinds[row] - 1]}: {details[row]}"
    return Checked(counts, pl.Series("found", found.tolist(), dtype=pl.String))


def _look(
    check: LeakCheck, paths: Sequence[Path], rows: int
) -> tuple[int, np.ndarray, dict[int, str]]:
    """Return the texts read; 1 for each row found as it is, 2 for one found nearly; and in what."""
    texts, kinds, details = 0, np.zeros(rows, np.int8), {}
    for path in paths:
        for batch in reference_texts(path):
            texts += len(batch)
            leaks = check.find(batch)
            for row, reference, exact in zip(*(its.tolist() for its in leaks), strict=True):
                kind = 1 if exact else 2
                if not kinds[row] or kind < kinds[row]:
                    kinds[row], details[row] = kind, batch[reference].as_py()
    return texts, kinds, details


def _tally(kinds: np.ndarray) -> dict[str, int]:
    """Return how many sentences of each side were found, by kind, and how many pairs."""
    sides = np.split(kinds, 2)
    return {
        **{
            f"{side}_{kind}": int((its == number).sum())
            for side, its in zip(_SIDES, sides, strict=True)
            for number, kind in enumerate(_KINDS, 1)
        },
        "pairs": int((sides[0].astype(bool) | sides[1].astype(bool)).sum()),
    }
