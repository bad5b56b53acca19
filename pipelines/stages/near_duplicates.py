"""Near-duplicate sentences, where they are asked for: signed by partition, found by side.

    scratch/signatures/<side>-<partition>.parquet   sentence_id, text, count and its bands
    scratch/near/<side>-<partition>.parquet         sentence_id, kept: what goes, and what stays

Memory of a side's search, for a million sentences of 100 characters: 0.6 GB for a similarity of
0.9, 1.2 GB for 0.7 (see `MEMORY`).
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from bitseam.lid.hygiene.minhash import Sets, join_sets, shared_buckets
from bitseam.lid.hygiene.near_sentences import (
    bands_for,
    find_near_sentences,
    gram_sets,
    sign_sentences,
)
from bitseam.pipelines.parquet import count_rows, read_column, rows_by_file, write_table
from bitseam.pipelines.stages.partitions import unique_sentences
from bitseam.pipelines.step import Step
from bitseam.pipelines.work import Outcome, Work

SIDES = ("src", "tgt")
# Bytes a sentence, and bytes a band of it, at most: of the search, and of the signatures.
MEMORY = (560, 12)
DISK = (100, 8)


@dataclass(frozen=True)
class SignSentences(Step):
    """partition -> the bands of both sides' unique sentences (twin of `sign_sentences`)."""

    name: ClassVar[str] = "sign"
    src: str
    tgt: str
    similarity: float

    def run(self, task: str) -> Outcome:
        unique = unique_sentences(self.work, int(task), self.src, self.tgt)
        for side, sentences in zip(SIDES, (unique.src, unique.tgt), strict=True):
            texts = sentences["text"].to_arrow().cast(pa.string())
            signed = sign_sentences(texts, self.similarity)
            columns = {f"band{i}": pl.Series(band) for i, band in enumerate(signed.bands.T)}
            table = sentences[signed.rows].with_columns(**columns).to_arrow()
            write_table(_path(self.work, "signatures", side, task), table)
        return Outcome()


@dataclass(frozen=True)
class FindNearDuplicates(Step):
    """all signatures of a side -> what goes, by partition (twin of `find_near_sentences`)."""

    name: ClassVar[str] = "near-duplicates"
    similarity: float

    def run(self, side: str) -> Outcome:
        paths = sorted(self.work.path("scratch", "signatures").glob(f"{side}-*.parquet"))
        bands = range(bands_for(self.similarity))
        buckets = np.stack([shared_buckets(read_column(paths, f"band{i}")) for i in bands])
        alike = np.flatnonzero(buckets.max(axis=0) >= 0)
        ids, counts = read_column(paths, "sentence_id"), read_column(paths, "count")
        # Whatever the partitions: the most frequent first, then the lower id.
        order = np.lexsort((ids[alike], -counts[alike]))
        grams = _load_grams(paths, alike).take(order)
        rows = alike[order]
        found = find_near_sentences(buckets[:, rows], grams, self.similarity)
        kept = np.full(len(ids), -1)
        kept[rows[found >= 0]] = rows[found[found >= 0]]
        self._write(paths, ids, kept)
        return Outcome()

    def _write(self, paths: list[Path], ids: NDArray[np.int64], kept: NDArray[np.int64]) -> None:
        """Write, for each partition, the ids of what goes, ascending, and of what stays for it.

        :param kept: `(n,)`, the row of what stays for each sentence, or -1.
        """
        first = 0
        for path in paths:
            here = kept[first : first + count_rows(path)]
            gone = np.flatnonzero(here >= 0)
            columns = {"sentence_id": ids[first + gone], "kept": ids[here[gone]]}
            write_table(self.work.path("scratch", "near", path.name), pa.table(columns))
            first += len(here)


def load_near_duplicates(work: Work, task: str) -> pl.DataFrame:
    """Return a partition's near-duplicates of both sides: columns sentence_id, kept."""
    paths = [_path(work, "near", side, task) for side in SIDES]
    return pl.read_parquet(paths, glob=False)


def _load_grams(paths: list[Path], rows: NDArray[np.int64]) -> Sets:
    """Return the grams of some `rows` of all files, ascending."""
    return join_sets(
        [gram_sets(_texts(path).take(pa.array(here))) for path, here in rows_by_file(paths, rows)]
    )


def _texts(path: Path) -> pa.StringArray:
    return pq.read_table(path, columns=["text"])["text"].combine_chunks().cast(pa.string())


def _path(work: Work, kind: str, side: str, task: str) -> Path:
    return work.path("scratch", kind, f"{side}-{task}.parquet")
