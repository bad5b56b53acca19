r"""Alignments in the formats of other tools: one function a format, tables in, bytes out.

- vecalign: `[0]:[0, 1]:0.123456` a bead, the numbers of sentences from 0, then the cost; of several
  documents, `# source<TAB>target` before the beads of each.
- tsv: a header line, then a bead a row; numbers of sentences are separated by spaces, and texts
  escaped as `mine export` does it.
- tmx: a unit for each bead that has text on both sides.
- parquet: the `alignments` table.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import chain
from typing import IO

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from bitseam.pipelines.exporters.tmx import write_units
from bitseam.pipelines.exporters.tsv import ESCAPES
from bitseam.schemas.languages import bcp47_codes
from bitseam.schemas.tables import ALIGNMENTS

_ROW_GROUP = 1 << 16
_TSV_COLUMNS = (
    *("src_doc", "tgt_doc", "type", "src_positions", "tgt_positions", "cost", "cosine"),
    *("src_text", "tgt_text"),
)


@dataclass(frozen=True)
class Written:
    """What a file of alignments says of itself.

    :ivar languages: source and target, `ltz_Latn`.
    :ivar signature: what its numbers depend on.
    :ivar several: whether more than one pair of documents may follow.
    """

    languages: tuple[str, str]
    signature: str
    several: bool


def write_vecalign(beads: Iterable[pa.Table], file: IO[bytes], about: Written) -> None:
    """Write the form that vecalign writes and its scorer reads."""
    for table in beads:
        if about.several and table.num_rows:
            places = [_one_line(table[f"{side}_doc"][0].as_py()) for side in ("src", "tgt")]
            file.write("# {}\t{}\n".format(*places).encode())
        lists = (table[name].to_pylist() for name in ("src_positions", "tgt_positions", "cost"))
        lines = [f"{src}:{tgt}:{cost:.6f}\n" for src, tgt, cost in zip(*lists, strict=True)]
        file.write("".join(lines).encode())


def write_tsv(beads: Iterable[pa.Table], file: IO[bytes], about: Written) -> None:
    """Write a header line and a row a bead; what is not there is an empty field."""
    file.write(("\t".join(_TSV_COLUMNS) + "\n").encode())
    free_text = pl.col("src_doc", "tgt_doc", "src_text", "tgt_text")
    positions = pl.col("src_positions", "tgt_positions")
    for table in beads:
        rows = pl.DataFrame(table.select(_TSV_COLUMNS)).with_columns(
            positions.cast(pl.List(pl.String)).list.join(" "),
            free_text.str.replace_many(ESCAPES),
        )
        text = rows.write_csv(include_header=False, separator="\t", quote_style="never")
        file.write(text.encode())


def write_tmx(beads: Iterable[pa.Table], file: IO[bytes], about: Written) -> None:
    """Write a translation unit a bead; properties as of `mine export --format tmx`."""
    codes = bcp47_codes(*about.languages)
    write_units(_units(beads), file, codes, about.signature, ("cosine", "cost", "type"))


def _units(beads: Iterable[pa.Table]) -> Iterator[pl.DataFrame]:
    for table in beads:
        # Blank lines may be a bead; nothing, a null, is no text either.
        both = (pl.col("src_text") != "") & (pl.col("tgt_text") != "")
        first = pl.col("src_ids", "tgt_ids").list.first().name.map(lambda name: name[:-1])
        yield pl.DataFrame(table).filter(both).with_columns(first)


def write_parquet(beads: Iterable[pa.Table], file: IO[bytes], about: Written) -> None:
    """Write the `alignments` table with its signature, many pairs of documents in a row group."""
    schema = alignments_schema(about.signature)
    with pq.ParquetWriter(file, schema, compression="zstd") as writer:
        waiting: list[pa.Table] = []
        rows = 0
        for table in chain(beads, [None]):
            if waiting and (table is None or rows + table.num_rows > _ROW_GROUP):
                writer.write_table(pa.concat_tables(waiting).cast(schema).combine_chunks())
                waiting, rows = [], 0
            if table is not None:
                waiting.append(table)
                rows += table.num_rows


def alignments_schema(signature: str) -> pa.Schema:
    """Return the schema of an `alignments` table whose numbers have this signature."""
    return ALIGNMENTS.with_metadata({**ALIGNMENTS.metadata, "bitseam.signature": signature})


WRITERS: dict[str, Callable[[Iterable[pa.Table], IO[bytes], Written], None]] = {
    "vecalign": write_vecalign,
    "tsv": write_tsv,
    "tmx": write_tmx,
    "parquet": write_parquet,
}


def _one_line(name: str) -> str:
    return "".join(ESCAPES.get(character, character) for character in name)
