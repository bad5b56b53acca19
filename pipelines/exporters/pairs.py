"""The `pairs` table of a run, read in batches: the one way every exporter sees it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from bitseam.pipelines.atomic import read_json
from bitseam.pipelines.parquet import count_rows, read_batches
from bitseam.pipelines.store import Store
from bitseam.schemas import tables
from bitseam.schemas.errors import BitseamError, UserError
from bitseam.schemas.languages import bcp47_codes


@dataclass(frozen=True)
class Pairs:
    """Committed pairs of one run, best margin first over `files` in order."""

    directory: Path
    files: tuple[Path, ...]
    schema: pa.Schema

    @property
    def signature(self) -> str:
        """What the scores depend on, as one line: `bitseam:0.1.0|encoder:...|k:4|...`."""
        return str(self.schema.metadata[b"bitseam.signature"].decode())

    @cached_property
    def rows(self) -> int:
        """The number of pairs."""
        return sum(count_rows(path) for path in self.files)

    @cached_property
    def languages(self) -> tuple[str, str]:
        """Source and target as `ltz_Latn`.

        :raises UserError: the rows are of several language pairs, or nothing names the languages.
        """
        frames = self.frames("src_lang", "tgt_lang")
        found = sorted({pair for frame in frames for pair in frame.unique().rows()})
        if len(found) > 1:
            raise UserError(
                f"{self.directory} holds pairs of several languages "
                f"({', '.join('-'.join(pair) for pair in found[:4])}): export one at a time"
            )
        if found:
            return found[0]
        manifest = read_json(self.directory / "manifest.json") or {}
        if not {"src", "tgt"} <= manifest.keys():
            raise UserError(
                f"{self.directory} has no pairs and no manifest.json that names its languages: "
                "only tsv and jsonl can be written"
            )
        return manifest["src"], manifest["tgt"]

    @property
    def codes(self) -> tuple[str, str]:
        """Source and target as BCP-47: `lb`; `sr-Latn` where they differ by their script alone."""
        return bcp47_codes(*self.languages)

    def frames(self, *columns: str) -> Iterator[pl.DataFrame]:
        """Stream the rows, a few thousand at a time; no `columns` means all of them.

        :raises BitseamError: a file is damaged.
        """
        for path in self.files:
            try:
                for batch in read_batches(path, columns or None):
                    yield pl.DataFrame(batch)
            except (pa.ArrowException, OSError) as error:
                raise _damaged(path, error) from error


def open_pairs(directory: Path) -> Pairs:
    """Return the pairs that a run committed to `directory`.

    :raises UserError: there are none, they are incomplete, or this version cannot read them.
    :raises BitseamError: a file is damaged.
    """
    store = Store(directory)
    files = tuple(store.files("pairs"))
    if not files:
        raise UserError(f"{directory} {_instead_of_pairs(directory)}")
    if store.is_marked("pairs") and store.committed("pairs") is None:
        raise UserError(
            f"the files in {directory / 'pairs'} are not those of its manifest: "
            "repeat the `mine` command that made them"
        )
    schemas = [_read_schema(path) for path in files]
    for path, schema in zip(files, schemas, strict=True):
        if not schema.equals(schemas[0], check_metadata=True):
            raise UserError(
                f"{path} and {files[0].name} differ in columns or signature: "
                "keep the files of one run only"
            )
    return Pairs(directory, files, schemas[0])


def _instead_of_pairs(directory: Path) -> str:
    """Say what stands where pairs were expected, and the way on."""
    if not directory.is_dir():
        return "is no folder: expected the --output of a `mine` run"
    names = sorted(path.name for path in directory.iterdir() if not path.name.startswith("."))
    listed = ", ".join([*names[:6], "..."] if len(names) > 6 else names)
    return (
        f"holds {listed or 'nothing'}, but no pairs: run (or finish) "
        f"`mine --src ... --tgt ... --input ... --output {directory}` first"
    )


def _read_schema(path: Path) -> pa.Schema:
    """Return a file's schema once it is known to be a `pairs` table this version can read."""
    try:
        schema = pq.read_schema(path)
    except (pa.ArrowException, OSError) as error:
        raise _damaged(path, error) from error
    metadata = schema.metadata or {}
    table = metadata.get(b"bitseam.table", b"").decode()
    if table != "pairs":
        raise UserError(
            f"{path} is {f'a table of {table}' if table else 'no table of Bitseam'}: expected pairs"
        )
    table_version = metadata.get(b"bitseam.version", b"").decode()
    if not table_version.isdecimal() or int(table_version) > tables.VERSION:
        raise UserError(
            f"{path} is of table version {table_version or 'unknown'}, this Bitseam reads up to "
            f"{tables.VERSION}: upgrade with `pip install --upgrade bitseam`"
        )
    required = [field for field in tables.PAIRS if not field.nullable]
    missing = [field.name for field in required if not _has(schema, field)]
    if b"bitseam.signature" not in metadata:
        missing.append("the signature in its metadata")
    if missing:
        raise UserError(f"{path} is no complete pairs table, it lacks {', '.join(missing)}")
    return schema


def _has(schema: pa.Schema, field: pa.Field) -> bool:
    return field.name in schema.names and schema.field(field.name).type == field.type


def _damaged(path: Path, error: Exception) -> BitseamError:
    return BitseamError(
        f"{path} cannot be read as Parquet ({error}): repeat the `mine` command that made it"
    )
