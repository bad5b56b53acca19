"""Sums by group over a table that is read in batches."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

_WAITING = 1 << 18  # rows that are gathered before they are added up


class Sums:
    """Adds up columns of whole numbers by group; groups stand in the order they were met.

    Names are kept as categories: a view of a batch's strings would keep the whole batch.
    """

    def __init__(self, by: Sequence[str], counts: Sequence[str]) -> None:
        self._by, self._counts = list(by), list(counts)
        kinds = {**dict.fromkeys(by, pl.Categorical), **dict.fromkeys(counts, pl.Int64)}
        self._total = pl.DataFrame(schema=kinds)
        self._waiting: list[pl.DataFrame] = []
        self._rows = 0

    def add(self, frame: pl.DataFrame) -> None:
        """Add the rows of `frame`."""
        few = self._summed(frame).cast(self._total.schema)
        self._waiting.append(few)
        self._rows += len(few)
        if self._rows > max(_WAITING, len(self._total)):
            self._add_up()

    def total(self) -> pl.DataFrame:
        """Return the sums, a row a group."""
        self._add_up()
        return self._total.with_columns(pl.col(self._by).cast(pl.String))

    def _add_up(self) -> None:
        self._total = self._summed(pl.concat([self._total, *self._waiting]))
        self._waiting, self._rows = [], 0

    def _summed(self, frame: pl.DataFrame) -> pl.DataFrame:
        return frame.group_by(self._by, maintain_order=True).agg(pl.col(self._counts).sum())
