"""What shows only in a corpus: gathered while documents are read, merged before sentences are.

    scratch/lines/<shard>.parquet       key, document: each line of each document once
    scratch/signatures/<shard>.parquet  document, its bands and minhashes
    scratch/boilerplate.parquet         key, documents: lines that stand in many documents;
                                        shard, first: the document that keeps each
    scratch/originals/<shard>.parquet   document, original: documents that repeat another one

Memory of the merge: 0.3 GB for a million documents, twice that where every one is like another;
lines are counted `COUNTED_ROWS` at a time.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import ClassVar

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from bitseam.lid.hygiene.documents import CorpusFacts, gather_facts
from bitseam.lid.hygiene.lines import is_boilerplate
from bitseam.lid.hygiene.minhash import shared_buckets
from bitseam.lid.hygiene.near_documents import BANDS, Signatures, find_originals
from bitseam.pipelines.parquet import count_rows, read_column, rows_by_file, write_table
from bitseam.pipelines.step import Step
from bitseam.pipelines.work import Outcome, Work
from bitseam.schemas.tables import DOCUMENTS

COUNTED_ROWS = 1 << 21  # lines at a time: with polars about 0.4 GB
_MOST_ROWS = 1 << 40  # documents of a shard
_KEYS = (-(1 << 63), 1 << 63)


def write_facts(work: Work, shard: str, batches: list[pa.RecordBatch]) -> None:
    """Gather the facts of a shard of documents, whose batches are given."""
    first, lines, signatures = 0, [], []
    for batch in batches or [pa.RecordBatch.from_pylist([], DOCUMENTS)]:
        facts = gather_facts(batch["text"])
        lines.append(pl.DataFrame({"key": facts.line_key, "document": facts.line_document + first}))
        signatures.append(_to_table(facts.signatures, first))
        first += batch.num_rows
    write_table(_path(work, "lines", shard), pl.concat(lines).sort("key", "document").to_arrow())
    write_table(_path(work, "signatures", shard), pa.concat_tables(signatures))


def load_facts(work: Work, shard: str) -> CorpusFacts:
    """Return what the corpus tells about a shard of documents."""
    boilerplate = pl.read_parquet(work.path("scratch", "boilerplate.parquet"), glob=False)
    repeats = pl.read_parquet(_path(work, "originals", shard), glob=False)
    originals = np.full(count_rows(documents_path(work, shard)), None, object)
    originals[repeats["document"].to_numpy()] = repeats["original"].to_numpy()
    return CorpusFacts(
        boilerplate["key"].to_numpy(),
        boilerplate["documents"].to_numpy(),
        pa.array(originals, pa.string()),
        _keepers(boilerplate, shard),
    )


def _keepers(boilerplate: pl.DataFrame, shard: str) -> NDArray[np.int64]:
    """Return the rows of the documents of `shard` that keep a line, -1 for those of others."""
    is_here = pl.col("shard") == shard
    return boilerplate.select(pl.when(is_here).then("first").otherwise(-1)).to_series().to_numpy()


def documents_path(work: Work, shard: str) -> Path:
    """Return where a shard of documents lies."""
    return _path(work, "documents", shard)


@dataclass(frozen=True)
class MergeFacts(Step):
    """The facts of all shards -> what the corpus tells about each (see `lid.hygiene`)."""

    name: ClassVar[str] = "merge-facts"

    def run(self, task: str) -> Outcome:
        shards = [shard for outcome in self.work.outcomes("read") for shard in outcome.outputs]
        surveyed = [shard for shard in shards if _path(self.work, "lines", shard).exists()]
        if surveyed:  # else every document is a line
            repeats = self._write_originals(surveyed)
            self._write_boilerplate(surveyed, repeats)
        return Outcome(tuple(shards))

    def _write_originals(self, shards: list[str]) -> dict[str, NDArray[np.int64]]:
        """Find the documents that repeat another one; return their rows by shard."""
        paths = [_path(self.work, "signatures", shard) for shard in shards]
        buckets = np.stack([shared_buckets(read_column(paths, f"band{i}")) for i in range(BANDS)])
        alike = np.flatnonzero((buckets >= 0).any(axis=0))
        found = find_originals(buckets[:, alike], _minhashes(paths, alike))
        copies, originals = alike[found >= 0], alike[found[found >= 0]]
        document = read_column(paths, "document")
        number = np.repeat(np.arange(len(paths)), [count_rows(path) for path in paths])
        names = self._doc_ids(shards, number[originals], document[originals])
        repeats = {}
        for i, shard in enumerate(shards):
            here = number[copies] == i
            repeats[shard] = document[copies[here]]
            columns = {
                "document": pa.array(repeats[shard], pa.int64()),
                "original": pa.array(names[here], pa.string()),
            }
            write_table(_path(self.work, "originals", shard), pa.table(columns))
        return repeats

    def _doc_ids(
        self, shards: list[str], number: NDArray[np.int64], document: NDArray[np.int64]
    ) -> NDArray[np.object_]:
        """Return the ids of documents `(n,)`, given by the numbers of their shards and rows."""
        names = np.empty(len(number), object)
        for i in np.unique(number).tolist():
            here = number == i
            table = pq.read_table(documents_path(self.work, shards[i]), columns=["doc_id"])
            names[here] = table["doc_id"].take(document[here]).to_pylist()
        return names

    def _write_boilerplate(self, shards: list[str], repeats: dict[str, NDArray[np.int64]]) -> None:
        """Count in how many documents each line stands, the documents that repeat others apart."""
        paths = [_path(self.work, "lines", shard) for shard in shards]
        documents = sum(count_rows(documents_path(self.work, shard)) for shard in shards)
        documents -= sum(map(len, repeats.values()))
        schema = {"key": pl.Int64, "documents": pl.Int64, "first": pl.Int64}
        found = [pl.DataFrame(schema=schema)]
        for first, last in _key_ranges(sum(map(count_rows, paths))):
            counted = [
                _count_lines(path, repeats[shard], first, last).with_columns(
                    pl.col("first") + i * _MOST_ROWS
                )
                for i, (path, shard) in enumerate(zip(paths, shards, strict=True))
            ]
            agg = pl.col("documents").sum(), pl.col("first").min()
            counts = pl.concat(counted).group_by("key").agg(agg)
            found.append(counts.filter(is_boilerplate(counts["documents"].to_numpy(), documents)))
        boilerplate = pl.concat(found).sort("key")
        shard = boilerplate["first"] // _MOST_ROWS
        boilerplate = boilerplate.with_columns(
            pl.Series("shard", shards, pl.String).gather(shard), pl.col("first") % _MOST_ROWS
        )
        write_table(self.work.path("scratch", "boilerplate.parquet"), boilerplate.to_arrow())


def _count_lines(path: Path, repeats: NDArray[np.int64], first: int, last: int) -> pl.DataFrame:
    return (
        pl.scan_parquet(path, glob=False)
        .filter(pl.col("key").is_between(first, last))
        .filter(~pl.col("document").is_in(pl.Series(repeats).implode()))
        .group_by("key")
        .agg(documents=pl.len().cast(pl.Int64), first=pl.col("document").min())
        .collect()
    )


def _key_ranges(rows: int) -> Iterator[tuple[int, int]]:
    """Cut the keys into ranges of about `COUNTED_ROWS` of `rows` lines, both ends included."""
    parts = 1 + rows // COUNTED_ROWS
    ends = [_KEYS[0] + (_KEYS[1] - _KEYS[0]) * part // parts for part in range(parts + 1)]
    return ((first, last - 1) for first, last in pairwise(ends))


def _to_table(signatures: Signatures, first: int) -> pa.Table:
    hashes = signatures.minhashes
    columns = {"document": pa.array(signatures.rows + first)}
    columns |= {f"band{i}": pa.array(signatures.bands[:, i]) for i in range(BANDS)}
    columns["minhashes"] = pa.FixedSizeListArray.from_arrays(
        pa.array(hashes.ravel()), hashes.shape[1]
    )
    return pa.table(columns)


def _minhashes(paths: list[Path], rows: NDArray[np.int64]) -> NDArray[np.uint16]:
    """Return the minhashes of some `rows` of all files, ascending."""
    found = []
    for path, here in rows_by_file(paths, rows):
        lists = pq.read_table(path, columns=["minhashes"])["minhashes"].combine_chunks()
        found.append(lists.flatten().to_numpy().reshape(-1, lists.type.list_size)[here])
    return np.concatenate(found)


def _path(work: Work, kind: str, shard: str) -> Path:
    return work.path("scratch", kind, f"{shard}.parquet")
