"""The rows to train on and the rows held aside, as the commands of `mine train` take them."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Any, NamedTuple

import orjson
import pyarrow.compute as pc

from bitseam.mining.training.held_aside import hold_aside, without_texts_of
from bitseam.mining.training.parallel_rows import ParallelRows
from bitseam.pipelines.train.columns import languages_of
from bitseam.pipelines.train.parallel_data import read_parallel
from bitseam.schemas.errors import UserError

log = logging.getLogger("bitseam")


class DataOptions(NamedTuple):
    """What the user says of the data; see the help of `mine train static`."""

    data: Sequence[str]
    dev: Sequence[str] = ()
    dev_share: float = 0.05
    columns: Sequence[str] = ()


class Split(NamedTuple):
    """No text of `held` is in `train`."""

    train: list[ParallelRows]
    held: list[ParallelRows]

    @property
    def languages(self) -> list[str]:
        """The short codes that the columns are named by."""
        return languages_of([name for rows in self.train for name in rows.table.column_names])


def read_split(options: DataOptions) -> Split:
    """Read the data and hold rows aside, those of `--dev` or a share of all.

    :raises UserError: too few rows are left on one side.
    """
    sources = read_parallel(options.data, options.columns)
    if options.dev:
        held = read_parallel(options.dev, options.columns)
        train = without_texts_of(sources, held)
    else:
        train, held = hold_aside(sources, options.dev_share)
    read, rest, aside = (_rows(part) for part in (sources, train, held))
    log.info("%s rows to train on, %s held aside", f"{rest:,}", f"{aside:,}")
    if shared := read - rest - (0 if options.dev else aside):
        log.info("left out, since they share a text with those held aside: %s", f"{shared:,}")
    if rest < 2 or aside < 2:
        raise UserError(
            f"of {read:,} rows {rest:,} are left to train on and {aside:,} held aside: expected "
            "two or more of each; give more --data, or another --dev or --dev-share"
        )
    return Split(train, held)


def signature(split: Split, options: Mapping[str, Any]) -> str:
    """Return a digest of all texts and options: what decides the bytes of a model."""
    digest = sha256(orjson.dumps(options, option=orjson.OPT_SORT_KEYS))
    for rows in (*split.train, *split.held):
        digest.update(orjson.dumps([rows.table.num_rows, rows.table.column_names]))
        for column in rows.table.columns:
            digest.update(pc.binary_length(column).fill_null(-1).to_numpy().tobytes())
            for text in column.to_pylist():
                digest.update((text or "").encode())
    return digest.hexdigest()[:16]


def _rows(sources: Sequence[ParallelRows]) -> int:
    return sum(rows.table.num_rows for rows in sources)
