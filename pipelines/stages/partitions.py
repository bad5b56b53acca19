"""Sentences in partitions by the key of their folded text, so that copies and near-duplicates meet
in one partition whatever their number and side; each partition is then deduplicated on its own.

    scratch/<shard>.parquet     the distinct sentences of a shard, in the order of partitions
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import numpy as np
import polars as pl
from numpy.typing import NDArray

from bitseam.lid.identity import fold_keys
from bitseam.mining.dedup import UniqueSentences, deduplicate
from bitseam.pipelines.atomic import replacing
from bitseam.pipelines.step import Step
from bitseam.pipelines.work import Outcome, Work

PARTITION_ROWS = 1 << 17  # occurrences: with 1,024 dimensions half a gigabyte of vectors


@dataclass(frozen=True)
class PartitionSentences(Step):
    """sentences shard -> its distinct rows in the order of partitions."""

    name: ClassVar[str] = "partition"
    sentences: Path
    partitions: int

    def run(self, shard: str) -> Outcome:
        rows = pl.read_parquet(
            self.sentences / shard, columns=["sentence_id", "lang", "text"], glob=False
        )
        keys = fold_keys(rows["text"].to_arrow())
        distinct = (
            rows.with_columns(key=keys, partition=partition_of(keys, self.partitions))
            .group_by("partition", "sentence_id")
            .agg(pl.col("lang", "text", "key").first(), count=pl.len().cast(pl.Int64))
            .sort("partition", "sentence_id")
        )
        with replacing(self.work.path("scratch", shard)) as path:
            # Row groups of about a partition each: a reader of one skips the others.
            size = max(512, len(distinct) // self.partitions)
            distinct.write_parquet(path, row_group_size=size)
        return Outcome()


def unique_sentences(work: Work, number: int, src: str, tgt: str) -> UniqueSentences:
    """Return what is left of a partition of both sides without copies (see `mining.dedup`)."""
    rows = (
        pl.scan_parquet(sorted(work.path("scratch").glob("*.parquet")), glob=False)
        .filter(pl.col("partition") == number)
        .collect()
    )
    return deduplicate(rows, src, tgt)


def partitions_for(rows: int) -> int:
    """Return how many partitions hold `rows` sentences: a power of two, from the data alone."""
    return 1 << max(0, -(-rows // PARTITION_ROWS) - 1).bit_length()


def partition_of(keys: NDArray[np.int64], partitions: int) -> NDArray[np.int32]:
    """Return the partition of each key `(n,)`: its leading bits."""
    bits = partitions.bit_length() - 1
    if bits == 0:
        return np.zeros(len(keys), np.int32)
    return (keys.view(np.uint64) >> np.uint64(64 - bits)).astype(np.int32)
