"""Stage `embeddings`: sentences -> unique sentences -> unit-norm vectors.

Sentences are partitioned by the key of their folded text, so that copies and near-duplicates meet
in one partition whatever their number and side; each partition is then deduplicated and embedded
on its own, in bounded memory.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import apache_beam as beam
import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from bitseam.lid.identity import fold_keys
from bitseam.mining.dedup import UniqueSentences, deduplicate
from bitseam.mining.encoders import Encoder
from bitseam.pipelines.atomic import replacing
from bitseam.pipelines.models import shared_encoder
from bitseam.pipelines.parquet import write_table
from bitseam.pipelines.rejects import reject_rows
from bitseam.pipelines.stages.stage import Stage
from bitseam.pipelines.step import Once, Step
from bitseam.pipelines.vector_cache import VectorCache, shard_name
from bitseam.pipelines.work import Outcome, Work, tally
from bitseam.schemas import tables

PARTITION_ROWS = 1 << 17  # occurrences: with 1,024 dimensions half a gigabyte of vectors
ENCODE_ROWS = 1 << 13


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


@dataclass(frozen=True)
class EncodeSentences(Step):
    """partition -> embeddings of both sides' unique sentences (twin of `Encoder.encode`)."""

    name: ClassVar[str] = "encode"
    src: str
    tgt: str
    partitions: int
    encoder: str
    earlier: Path | None  # committed embeddings of an earlier run

    def run(self, task: str) -> Outcome:
        number = int(task)
        encoder = shared_encoder(self.encoder)
        cache = VectorCache(self.earlier, number, self.partitions, encoder)
        unique = self._unique(number)
        counts: Counter[str] = Counter()
        ticker = self.work.ticker(f"{self.name}.{task}")
        for side, sentences in (("src", unique.src), ("tgt", unique.tgt)):
            path = self.work.path("embeddings", shard_name(side, number, self.partitions))
            schema = tables.embeddings_schema(encoder.dimension, encoder.name, encoder.revision)
            known = cache.load(side)
            with (
                replacing(path) as temporary,
                pq.ParquetWriter(
                    temporary, schema, compression="zstd", use_dictionary=False
                ) as writer,
            ):
                for ids, vectors, cached in _encode(sentences, encoder, known):
                    flat = pa.FixedSizeListArray.from_arrays(vectors.ravel(), encoder.dimension)
                    writer.write_batch(pa.record_batch([pa.array(ids), flat], schema=schema))
                    counts["cached"] += cached
                    ticker.add(len(ids))
            counts[f"unique {side}"] += len(sentences)
        ticker.close()
        rejects = _rejects(unique)
        write_table(self.work.path("rejects", f"{self.name}-{task}.parquet"), rejects)
        counts.update(tally(rejects["reason"], "rejected"))
        return Outcome((), counts)

    def _unique(self, number: int) -> UniqueSentences:
        rows = (
            pl.scan_parquet(sorted(self.work.path("scratch").glob("*.parquet")), glob=False)
            .filter(pl.col("partition") == number)
            .collect()
        )
        return deduplicate(rows, self.src, self.tgt)


class Embeddings(Stage):
    """`sentences` -> `embeddings`: two files a partition, `src-...` and `tgt-...`."""

    name: ClassVar[str] = "embeddings"
    upstream: ClassVar[str] = "sentences"

    def ingredients(self) -> Mapping[str, Any]:
        encoder = shared_encoder(self.options.encoder)
        return {"encoder": [encoder.name, encoder.revision], "partition_rows": PARTITION_ROWS}

    def _occurrences(self) -> int:
        manifest = self.store.committed("sentences") or {"files": []}
        return sum(file["rows"] for file in manifest["files"])

    def steps(self, pipeline: beam.Pipeline, work: Work) -> beam.PCollection:
        partitions = partitions_for(self._occurrences())
        shards = [path.name for path in self.store.files("sentences")]
        partition = PartitionSentences(work, self.store.root / "sentences", partitions)
        encode = EncodeSentences(
            work,
            self.options.src,
            self.options.tgt,
            partitions,
            self.options.encoder,
            self.store.root / "embeddings" if self.store.committed("embeddings") else None,
        )
        return (
            pipeline
            | beam.Create(shards)
            | partition.transform()
            | Once([f"{number:05d}" for number in range(partitions)])
            | encode.transform()
        )

    def record(self, work: Work) -> Mapping[str, Any]:
        encoder = shared_encoder(self.options.encoder)
        return {
            "counts": dict(work.counts("encode")),
            "encoder": encoder.name,
            "revision": encoder.revision,
            "dimension": encoder.dimension,
        }

    def steps_shown(self, work: Work) -> Mapping[str, tuple[str, int | None]]:
        # Occurrences: how many of them are unique is known at the end.
        return {
            "partition": ("shards", len(self.store.files("sentences"))),
            "encode": ("sentences", self._occurrences()),
        }


def partitions_for(rows: int) -> int:
    """Return how many partitions hold `rows` sentences: a power of two, from the data alone."""
    return 1 << max(0, -(-rows // PARTITION_ROWS) - 1).bit_length()


def partition_of(keys: NDArray[np.int64], partitions: int) -> NDArray[np.int32]:
    """Return the partition of each key `(n,)`: its leading bits."""
    bits = partitions.bit_length() - 1
    if bits == 0:
        return np.zeros(len(keys), np.int32)
    return (keys.view(np.uint64) >> np.uint64(64 - bits)).astype(np.int32)


def _encode(
    sentences: pl.DataFrame, encoder: Encoder, known: tuple[NDArray[np.int64], NDArray[np.float32]]
) -> Iterator[tuple[NDArray[np.int64], NDArray[np.float32], int]]:
    """Yield ids, vectors and how many of them were known, `ENCODE_ROWS` at a time."""
    known_ids, known_vectors = known
    for chunk in sentences.iter_slices(ENCODE_ROWS):
        ids = chunk["sentence_id"].to_numpy()
        place = np.searchsorted(known_ids, ids)
        found = np.zeros(len(ids), bool)
        inside = place < len(known_ids)
        found[inside] = known_ids[place[inside]] == ids[inside]
        vectors = np.empty((len(ids), encoder.dimension), np.float32)
        vectors[found] = known_vectors[place[found]]
        vectors[~found] = encoder.encode(chunk["text"].filter(pl.Series(~found)).to_arrow())
        yield ids, vectors, int(found.sum())


def _rejects(unique: UniqueSentences) -> pa.Table:
    dropped = unique.dropped.with_columns(
        detail=pl.format("{} stays for {}", "kept", "sentence_id")
    )
    return reject_rows(dropped, what="sentence", stage="embeddings", source="sentences")
