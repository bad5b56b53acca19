"""Which languages were found where: by the language that was hinted, and by input."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import polars as pl

from bitseam.schemas.reasons import Reason

LANGUAGES = 6  # beside the two, with a column of their own
ROWS = 12

_REST = "other languages"
_NOT_TAKEN = {
    Reason.LOW_LANG_SCORE: "too uncertain",
    Reason.OTHER_SCRIPT: "in another script",
}

By = Literal["hint", "input"]


@dataclass(frozen=True)
class Confusion:
    """Sentences by what they were said to be (a row) and what they are (a column).

    :ivar columns: the two languages first.
    :ivar rows: name (None: nobody said) and counts by column; most sentences first.
    :ivar others: how many further names there are, and their counts by column.
    """

    by: By
    columns: list[str]
    rows: list[tuple[str | None, list[int]]]
    others: tuple[int, list[int]]


def confusion(
    by: By, languages: tuple[str, str], kept: pl.DataFrame, rejected: pl.DataFrame
) -> Confusion:
    """Count the sentences of every language by hint or by input.

    :param kept: `Coverage.found`. :param rejected: `Rejects.found`.
    """
    sides = (pl.col(side).alias(name) for side, name in zip(("src", "tgt"), languages, strict=True))
    sentences = kept.select(by, *sides).unpivot(
        index=by, variable_name="column", value_name="count"
    )
    cells = pl.concat([sentences, _columns(rejected).select(by, "column", "count")])
    found = _largest(cells, "column")
    last = [name for name in (_REST, *_NOT_TAKEN.values()) if name in found]
    named = [name for name in found if name not in (*languages, *last)]
    columns = [*languages, *named, *last]
    names = _largest(cells, by)
    counts: dict[str | None, list[int]] = {name: [0] * len(columns) for name in names}
    for name, column, count in cells.iter_rows():
        counts[name][columns.index(column)] += count
    rows = list(counts.items())
    rest = [its for _, its in rows[ROWS:]]
    return Confusion(by, columns, rows[:ROWS], (len(rest), [*map(sum, zip(*rest, strict=True))]))


def _columns(rejected: pl.DataFrame) -> pl.DataFrame:
    """Give every reject the column it is counted in: its language, if that is certain and common.

    Which languages are common is asked of all rejects, so that every table has the same columns.
    """
    reasons = {str(reason): name for reason, name in _NOT_TAKEN.items()}
    not_taken = pl.col("reason").replace_strict(reasons, default=None, return_dtype=pl.String)
    rows = rejected.with_columns(column=pl.coalesce(not_taken, "language", pl.lit(_REST)))
    languages = _largest(rows.filter(not_taken.is_null()), "column")
    rare = pl.col("column").is_in(languages[LANGUAGES:])
    return rows.with_columns(column=pl.when(rare).then(pl.lit(_REST)).otherwise("column"))


def _largest(counted: pl.DataFrame, by: str) -> list[str]:
    """Return the values of a column, most counted first."""
    sums = counted.group_by(by).agg(pl.col("count").sum())
    return sums.sort(["count", by], descending=[True, False], nulls_last=True)[by].to_list()
