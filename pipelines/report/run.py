"""A run as it lies in its folder: its manifests, and its tables in batches."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from bitseam.pipelines.atomic import read_json
from bitseam.pipelines.parquet import read_batches, rows_by_file
from bitseam.pipelines.store import STAGES, STAGES_OF, Store, is_in_use
from bitseam.schemas import tables
from bitseam.schemas.errors import BitseamError, UserError


@dataclass(frozen=True)
class Run:
    """A run, finished or not.

    :ivar manifest: what was asked for.
    :ivar stages: the manifests of the stages that are finished, in order.
    :ivar in_progress: whether it was running when the folder was opened.
    """

    directory: Path
    manifest: dict[str, Any]
    stages: dict[str, dict[str, Any]]
    in_progress: bool

    @property
    def languages(self) -> tuple[str, str]:
        """Source and target as `ltz_Latn`."""
        return self.manifest["src"], self.manifest["tgt"]

    @property
    def options(self) -> dict[str, Any]:
        return dict(self.manifest.get("options") or {})

    @property
    def missing(self) -> tuple[str, ...]:
        """The stages that are not finished."""
        expected = STAGES_OF.get(self.options.get("scope", "sentences"), STAGES)
        return tuple(stage for stage in expected if stage not in self.stages)

    def count(self, stage: str, name: str) -> int:
        """Return a count of a stage's manifest; 0 where it has none."""
        return int(self.stages.get(stage, {}).get("counts", {}).get(name, 0))

    def files(self, table: str) -> list[Path]:
        """Return the files of `pairs`, `rejects/sentences`, ... in order.

        Those of a stage that is not finished are of an earlier run: there are none.
        """
        stage = "sentences" if table == "documents" else table.removeprefix("rejects/")
        files = sorted((self.directory / table).glob("*.parquet"))
        return files if stage in self.stages else []

    def has_column(self, table: str, name: str) -> bool:
        """Whether the table is there and has a column of this name."""
        files = self.files(table)
        return bool(files) and name in _schema(files[0]).names

    def frames(self, table: str, *columns: str) -> Iterator[pl.DataFrame]:
        """Stream a table, a few thousand rows at a time.

        :raises BitseamError: a file is damaged, lacks a column or is gone.
        """
        for path in self.files(table):
            yield from _frames(path, columns)

    def take(self, table: str, rows: NDArray[np.int64], *columns: str) -> pl.DataFrame:
        """Return some rows of a table, numbered over all of its files; `rows` must ascend."""
        found = []
        for path, here in rows_by_file(self.files(table), rows):
            first = 0
            for frame in _frames(path, columns) if len(here) else ():
                last = first + len(frame)
                start, stop = np.searchsorted(here, (first, last))
                if stop > start:
                    found.append(frame[here[start:stop] - first])
                first = last
                if stop == len(here):
                    break
        return pl.concat(found) if found else pl.DataFrame(schema=dict.fromkeys(columns, pl.Null))


def open_run(directory: Path) -> Run:
    """Return the run that lies in `directory`.

    :raises UserError: there is none, none of its stages is finished, or files of one are missing.
    """
    if not directory.is_dir():
        raise UserError(f"{directory} is no folder: expected the --output of a `mine` run")
    manifest = read_json(directory / "manifest.json")
    if not _is_whole(manifest):
        raise UserError(
            f"{directory} holds no run of Bitseam, its manifest.json is missing or damaged: "
            "expected the --output of a `mine` run"
        )
    in_progress = is_in_use(directory)
    stages = _finished(directory, manifest, in_progress)
    if not stages:
        state = "is in its first stage" if in_progress else "stopped in its first stage"
        then = "wait for it" if in_progress else "repeat its `mine` command"
        raise UserError(f"the run in {directory} {state}, there is nothing to report: {then}")
    return Run(directory, manifest, stages, in_progress)


def _is_whole(manifest: Any) -> bool:
    """Whether it has what the page needs, each of its kind: hands may have been in it."""
    if not isinstance(manifest, dict) or "bitseam" not in manifest:
        return False
    texts = all(isinstance(manifest.get(name), str) for name in ("src", "tgt"))
    records = all(isinstance(manifest.get(name) or {}, dict) for name in ("options", "stages"))
    return texts and records and isinstance(manifest.get("inputs", []), list)


def _finished(
    directory: Path, manifest: dict[str, Any], in_progress: bool
) -> dict[str, dict[str, Any]]:
    """Return the manifests of the stages that the run finished: those of another one are not its.

    :raises UserError: files of one are not there any more.
    """
    store = Store(directory)
    named = manifest.get("stages") or {}
    found = {stage: store.committed(stage) for stage in STAGES if named.get(stage)}
    lost = [stage for stage, its in found.items() if its is None]
    if lost and not in_progress:
        raise UserError(
            f"the files in {directory / lost[0]} are not those of its manifest: "
            "repeat the `mine` command that made them"
        )
    return {stage: its for stage, its in found.items() if its is not None}


def _frames(path: Path, columns: Sequence[str]) -> Iterator[pl.DataFrame]:
    missing = set(columns) - set(_schema(path).names)
    if missing:
        raise BitseamError(
            f"{path} lacks {', '.join(sorted(missing))}: repeat the `mine` command that made it"
        )
    try:
        for batch in read_batches(path, columns):
            yield pl.DataFrame(batch)
    except (pa.ArrowException, OSError) as error:
        raise _damaged(path, error) from error


def _schema(path: Path) -> pa.Schema:
    try:
        schema = pq.read_schema(path)
    except (pa.ArrowException, OSError) as error:
        raise _damaged(path, error) from error
    version = (schema.metadata or {}).get(b"bitseam.version", b"").decode(errors="replace")
    if not version.isdecimal() or int(version) > tables.VERSION:
        raise UserError(
            f"{path} is of table version {version or 'unknown'}, this Bitseam reads up to "
            f"{tables.VERSION}: upgrade with `pip install --upgrade bitseam`"
        )
    return schema


def _damaged(path: Path, error: Exception) -> BitseamError:
    return BitseamError(
        f"{path} cannot be read as Parquet ({error}): wait if its run is in progress, "
        "otherwise repeat the `mine` command that made it"
    )
