"""Mined pairs with their scores, from a run's folder, Parquet, or TSV as WikiMatrix has it."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from bitseam.lid.identity import text_keys
from bitseam.mining.evaluate.statistics import Floats, Rows
from bitseam.pipelines.evaluate.files import short_names
from bitseam.pipelines.exporters.pairs import open_pairs
from bitseam.pipelines.lid.lines import LineBatches
from bitseam.pipelines.parquet import read_batches
from bitseam.pipelines.readers.content import HEAD_BYTES, is_parquet
from bitseam.pipelines.readers.pipes import is_pipe, stored_pipe
from bitseam.pipelines.readers.storage import one_line
from bitseam.pipelines.train.parallel_data import read_parallel
from bitseam.schemas.choices import Score
from bitseam.schemas.errors import BitseamError, UserError

log = logging.getLogger("bitseam")

_TEXTS = ("src_text", "tgt_text")
_RANKS = ("src_rank", "tgt_rank")
_HIGHEST = 1e9  # no margin comes near it
_EXPECTED = (
    "expected the --output of a `mine` run, Parquet with the columns src_text, tgt_text and "
    "margin (or what --by names), or TSV without a header: margin, source, target"
)


@dataclass(frozen=True)
class ScoredPairs:
    """Pairs as hashes of their texts, with scores; every field but names `(p,)`.

    :ivar margin: or what else they are to be ranked by: the `score`.
    :ivar ranks: `(p, 2)` of each among the other's neighbours, 0 for none; None where not known.
    """

    name: str
    signature: str | None
    src: Rows
    tgt: Rows
    margin: Floats
    ranks: Rows | None
    score: Score = "margin"


def read_scored_pairs(paths: Sequence[str], score: Score = "margin") -> list[ScoredPairs]:
    """Read each file or folder a batch at a time; of the texts only hashes are kept.

    :param score: the column that pairs are ranked by; a TSV has but one.
    :raises UserError: there are no such pairs; :raises BitseamError: a file is damaged.
    """
    found = [
        stored_pipe(path) if is_pipe(path) else Path(path).expanduser()
        for path in dict.fromkeys(paths)
    ]
    return [_read(*its, score) for its in zip(found, short_names(found), strict=True)]


def _read(path: Path, name: str, score: Score) -> ScoredPairs:
    signature = None
    needed = (*_TEXTS, score)
    if path.is_dir():
        run = open_pairs(path)
        _check_columns(path, run.schema, needed)
        frames, ranked, signature = run.frames(*needed, *_RANKS), True, run.signature
    elif not path.exists():
        raise UserError(f"{path}: no such file or folder: {_EXPECTED}")
    elif path.suffix == ".parquet" or _starts_as_parquet(path):
        schema = _read_schema(path)
        _check_columns(path, schema, needed)
        ranked = set(_RANKS) <= set(schema.names)
        frames = _parquet_frames(path, [*needed, *_RANKS] if ranked else needed)
    else:
        frames, ranked = _tsv_frames(path), False
    named = (frame.rename({score: "margin"}, strict=False) for frame in frames)
    return replace(_hashed(name, signature, named, ranked), score=score)


def read_gold(path: str, columns: Sequence[str]) -> tuple[Rows, Rows]:
    """Return the hashes of the texts of gold pairs, `(g,)` each, in any form that training reads.

    :raises UserError: there is no such input, or not two columns.
    """
    (rows,) = read_parallel([path], columns)
    if rows.table.num_columns != 2:
        raise UserError(
            f"{path}: gold pairs have two columns, found {', '.join(rows.table.column_names)}: "
            "choose two with --columns"
        )
    src, tgt = (text_keys(column) for column in rows.table.columns)
    return src, tgt


def _starts_as_parquet(path: Path) -> bool:
    with path.open("rb") as file:
        return is_parquet(file.read(HEAD_BYTES))


def _read_schema(path: Path) -> pa.Schema:
    try:
        return pq.read_schema(path)
    except (pa.ArrowException, OSError) as error:
        raise BitseamError(f"{path} cannot be read as Parquet: {one_line(error)}") from error


def _check_columns(path: Path, schema: pa.Schema, needed: Sequence[str]) -> None:
    if missing := [name for name in needed if name not in schema.names]:
        names = ", ".join(schema.names)
        raise UserError(f"{path}: no column {missing[0]!r}, found {names}: {_EXPECTED}")
    kind = schema.field(needed[-1]).type
    if not (pa.types.is_floating(kind) or pa.types.is_integer(kind)):
        raise UserError(f"{path}: the column {needed[-1]!r} is of {kind}: expected numbers")


def _parquet_frames(path: Path, columns: Sequence[str]) -> Iterator[pl.DataFrame]:
    for batch in read_batches(path, columns):
        yield pl.DataFrame(batch)


def _tsv_frames(path: Path) -> Iterator[pl.DataFrame]:
    lines, first = LineBatches(str(path)), 1
    for batch in lines:
        cells = pl.Series("line", batch).str.splitn("\t", 3)
        frame = cells.struct.rename_fields(["margin", "src_text", "tgt_text"]).struct.unnest()
        frame = frame.with_columns(pl.col("margin").cast(pl.Float64, strict=False))
        bad = frame.select(pl.any_horizontal(pl.all().is_null())).to_series()
        if bad.any():
            raise UserError(
                f"{path}, line {first + (bad.arg_max() or 0)}: no margin, source and target: "
                f"{_EXPECTED}"
            )
        first += len(frame)
        yield frame
    lines.warn()


def _hashed(
    name: str, signature: str | None, frames: Iterator[pl.DataFrame], ranked: bool
) -> ScoredPairs:
    parts = []
    for frame in frames:
        margin = frame["margin"].cast(pl.Float64)
        known = (margin.abs() < _HIGHEST) & margin.is_not_nan()
        if not known.fill_null(False).all():
            raise UserError(f"{name}: a score that is no number, or beyond 1e9: {_EXPECTED}")
        if frame.select(_TEXTS).null_count().row(0) != (0, 0):
            raise UserError(f"{name}: a pair without text: {_EXPECTED}")
        ids = [text_keys(frame[side].to_arrow()) for side in _TEXTS]
        ranks = frame.select(_RANKS if ranked else []).to_numpy().astype(np.int64)
        parts.append((*ids, margin.to_numpy(), ranks))
    if not any(map(len, (part[0] for part in parts))):
        log.warning("%s: no pairs in it", name)
    if not parts:
        empty = np.empty(0, np.int64)
        return ScoredPairs(name, signature, empty, empty, empty.astype(np.float64), None)
    src, tgt, margins, found = (np.concatenate(column) for column in zip(*parts, strict=True))
    return ScoredPairs(name, signature, src, tgt, margins, found if ranked else None)
