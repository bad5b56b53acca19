"""Stage `embeddings`: sentences -> unique sentences -> unit-norm vectors.

Each partition of them is deduplicated and embedded on its own, in bounded memory. What differs in
more than case and punctuation is looked for across all partitions, if at all.
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

from bitseam.mining.dedup import UniqueSentences, drop_near_duplicates
from bitseam.mining.encoders import Encoder, in_language
from bitseam.pipelines.atomic import replacing
from bitseam.pipelines.models import shared_encoder
from bitseam.pipelines.rejects import reject_rows, write_rejects
from bitseam.pipelines.stages.near_duplicates import (
    SIDES,
    FindNearDuplicates,
    SignSentences,
    load_near_duplicates,
)
from bitseam.pipelines.stages.partitions import (
    PARTITION_ROWS,
    PartitionSentences,
    partitions_for,
    unique_sentences,
)
from bitseam.pipelines.stages.stage import Stage
from bitseam.pipelines.step import Once, Step
from bitseam.pipelines.vector_cache import VectorCache, shard_name
from bitseam.pipelines.work import Outcome, Work, tally
from bitseam.schemas import tables

ENCODE_ROWS = 1 << 13


@dataclass(frozen=True)
class EncodeSentences(Step):
    """partition -> embeddings of both sides' unique sentences (twin of `Encoder.encode`)."""

    name: ClassVar[str] = "encode"
    src: str
    tgt: str
    partitions: int
    near_duplicates: bool  # whether some were looked for
    encoder: str
    earlier: Path | None  # committed embeddings of an earlier run

    def run(self, task: str) -> Outcome:
        number = int(task)
        encoder = shared_encoder(self.encoder)
        cache = VectorCache(self.earlier, number, self.partitions, encoder)
        unique = unique_sentences(self.work, number, self.src, self.tgt)
        if self.near_duplicates:
            unique = drop_near_duplicates(unique, load_near_duplicates(self.work, task))
        counts: Counter[str] = Counter()
        ticker = self.work.ticker(f"{self.name}.{task}")
        for side, lang, sentences in (("src", self.src, unique.src), ("tgt", self.tgt, unique.tgt)):
            speaking = in_language(encoder, lang)
            path = self.work.path("embeddings", shard_name(side, number, self.partitions))
            schema = tables.embeddings_schema(encoder.dimension, encoder.name, encoder.revision)
            known = cache.load(side)
            with (
                replacing(path) as temporary,
                pq.ParquetWriter(
                    temporary, schema, compression="zstd", use_dictionary=False
                ) as writer,
            ):
                for ids, vectors, cached in _encode(sentences, speaking, known):
                    flat = pa.FixedSizeListArray.from_arrays(vectors.ravel(), encoder.dimension)
                    writer.write_batch(pa.record_batch([pa.array(ids), flat], schema=schema))
                    counts["cached"] += cached
                    ticker.add(len(ids))
            counts[f"unique {side}"] += len(sentences)
        ticker.close()
        rejects = _rejects(unique)
        write_rejects(self.work, f"{self.name}-{task}", rejects)
        counts.update(tally(rejects["reason"], "rejected"))
        return Outcome((), counts)


class Embeddings(Stage):
    """`sentences` -> `embeddings`: two files a partition, `src-...` and `tgt-...`."""

    name: ClassVar[str] = "embeddings"
    upstream: ClassVar[str] = "sentences"

    def ingredients(self) -> Mapping[str, Any]:
        encoder = shared_encoder(self.options.encoder)
        return {
            "encoder": [encoder.name, encoder.revision],
            "partition_rows": PARTITION_ROWS,
            "near_duplicates": self.options.near_duplicates,
            "keep_rejects": self.options.keep_rejects,
        }

    def _occurrences(self) -> int:
        manifest = self.store.committed("sentences") or {"files": []}
        return sum(file["rows"] for file in manifest["files"])

    def _partitions(self) -> list[str]:
        return [f"{number:05d}" for number in range(partitions_for(self._occurrences()))]

    def steps(self, pipeline: beam.Pipeline, work: Work) -> beam.PCollection:
        options, root = self.options, self.store.root
        partitions = self._partitions()
        partition = PartitionSentences(work, root / "sentences", len(partitions))
        encode = EncodeSentences(
            work,
            options.src,
            options.tgt,
            len(partitions),
            options.near_duplicates is not None,
            options.encoder,
            root / "embeddings" if self.store.committed("embeddings") else None,
        )
        done = (
            pipeline
            | beam.Create([path.name for path in self.store.files("sentences")])
            | partition.transform()
        )
        if options.near_duplicates is not None:
            sign = SignSentences(work, options.src, options.tgt, options.near_duplicates)
            find = FindNearDuplicates(work, options.near_duplicates)
            done = done | "Sign" >> Once(partitions) | sign.transform()
            done = done | "Find" >> Once(list(SIDES)) | find.transform()
        return done | "Encode" >> Once(partitions) | encode.transform()

    def record(self, work: Work) -> Mapping[str, Any]:
        encoder = shared_encoder(self.options.encoder)
        return {
            "counts": dict(work.counts("encode")),
            "encoder": encoder.name,
            "revision": encoder.revision,
            "dimension": encoder.dimension,
        }

    def steps_shown(self, work: Work) -> Mapping[str, tuple[str, int | None]]:
        steps: dict[str, tuple[str, int | None]] = {
            "partition": ("shards", len(self.store.files("sentences")))
        }
        if self.options.near_duplicates is not None:
            steps["sign"] = ("partitions", len(self._partitions()))
            steps["near-duplicates"] = ("sides", len(SIDES))
        # Occurrences: how many of them are unique is known at the end.
        return {**steps, "encode": ("sentences", self._occurrences())}


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
