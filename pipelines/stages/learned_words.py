"""Abbreviations of languages without a list: words counted while documents are read, then learned.

    scratch/words/<shard>.parquet, stops/, forms/   see `lid.segmentation.word_counts`
    scratch/learned.parquet                         see `lid.segmentation.learned`

Only documents in one of the run's two languages are looked at, and of large inputs a sample of
about `SAMPLE_BYTES`. Memory of the merge: 0.3 GB for 64 MB of text; counting takes 0.05 s/MB.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, log2
from pathlib import Path
from typing import ClassVar

import polars as pl
import pyarrow as pa

from bitseam.lid.segmentation.learned import NOTHING_LEARNED, learn
from bitseam.lid.segmentation.word_counts import WordCounts, merge_counts
from bitseam.lid.word_facts import gather_words, to_be_learned
from bitseam.pipelines.models import shared_identifier
from bitseam.pipelines.parquet import write_table
from bitseam.pipelines.readers import InputFile
from bitseam.pipelines.step import Step
from bitseam.pipelines.work import Outcome, Work

SAMPLE_BYTES = 64 << 20  # of the inputs as they are stored


@dataclass(frozen=True)
class WordSample:
    """Which words are counted.

    :ivar languages: `ltz_Latn`, those without a list. :ivar level: of the sample of documents.
    """

    languages: tuple[str, ...]
    lid_model: str
    level: int

    def write(self, work: Work, shard: str, batches: Sequence[pa.RecordBatch]) -> None:
        """Count the words of a shard of documents, whose batches are given."""
        identifier = shared_identifier(self.lid_model)
        counts = merge_counts(
            gather_words(batch, identifier, self.languages, self.level) for batch in batches
        )
        for kind, frame in counts._asdict().items():
            write_table(_path(work, kind, shard), frame.to_arrow())


def word_sample(
    inputs: Sequence[InputFile], languages: Sequence[str], lid_model: str
) -> WordSample | None:
    """Return what is to be counted; None where every language has a list."""
    if not (unlisted := to_be_learned(languages)):
        return None
    size = sum(file.size or 0 for file in inputs)
    return WordSample(unlisted, lid_model, ceil(log2(max(size / SAMPLE_BYTES, 1))))


@dataclass(frozen=True)
class LearnWords(Step):
    """The words of all shards -> what is learned of them (twin of `lid.segmentation.learned`)."""

    name: ClassVar[str] = "learn"

    def run(self, task: str) -> Outcome:
        shards = [shard for outcome in self.work.outcomes("read") for shard in outcome.outputs]
        counted = [shard for shard in shards if _path(self.work, "words", shard).exists()]
        counts = merge_counts(
            WordCounts(
                *(
                    pl.read_parquet(_path(self.work, kind, shard), glob=False)
                    for kind in WordCounts._fields
                )
            )
            for shard in counted
        )
        write_table(self.work.path("scratch", "learned.parquet"), learn(counts).to_arrow())
        return Outcome(tuple(shards))


def load_learned(work: Work) -> pl.DataFrame:
    """Return what was learned; nothing where nothing was to be."""
    path = work.path("scratch", "learned.parquet")
    return pl.read_parquet(path, glob=False) if path.exists() else NOTHING_LEARNED


def _path(work: Work, kind: str, shard: str) -> Path:
    return work.path("scratch", kind, f"{shard}.parquet")
