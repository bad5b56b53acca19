"""Stage `sentences`: raw inputs -> documents -> labelled sentences with offsets."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, ClassVar

import apache_beam as beam
import pyarrow.parquet as pq

from bitseam.lid.extract import ExtractOptions, extract_sentences
from bitseam.lid.hygiene.documents import NOTHING_KNOWN
from bitseam.lid.segmentation.learned import abbreviations
from bitseam.pipelines.atomic import replace_folder, replacing
from bitseam.pipelines.models import shared_identifier
from bitseam.pipelines.parquet import to_table, write_table
from bitseam.pipelines.read_inputs import ReadInputs, found_languages
from bitseam.pipelines.readers import InputFile, ReadBatch, ReadOptions, read_documents
from bitseam.pipelines.readers.input_file import text_unit
from bitseam.pipelines.readers.storage import fingerprint
from bitseam.pipelines.rejects import write_rejects
from bitseam.pipelines.stages.corpus_facts import (
    MergeFacts,
    documents_path,
    load_facts,
    write_facts,
)
from bitseam.pipelines.stages.learned_words import (
    LearnWords,
    WordSample,
    load_learned,
    word_sample,
)
from bitseam.pipelines.stages.stage import Stage
from bitseam.pipelines.step import Once, Step
from bitseam.pipelines.work import Outcome, Work, tally
from bitseam.schemas import tables
from bitseam.schemas.choices import TextUnit

SHARD_BYTES = 8 << 20  # of text: some tens of thousands of sentences, seconds of work
_UNIT = b"bitseam.text_unit"  # in a documents shard's metadata
READ_BYTES = 32 << 20  # small inputs are read by one task until together they reach this


@dataclass(frozen=True)
class ReadDocuments(Step):
    """inputs -> documents shards; a task is a range of inputs, such as `00000-00012`."""

    name: ClassVar[str] = "read"
    inputs: tuple[InputFile, ...]
    options: ReadOptions
    hygiene: bool
    words: WordSample | None = None

    def run(self, task: str) -> Outcome:
        first, last = map(int, task.split("-"))
        writer = _ShardWriter(self.work, task, self.hygiene, self.words)
        told = ReadInputs()
        counts: Counter[str] = Counter()
        ticker = self.work.ticker(f"{self.name}.{task}")
        before = 0
        for file in self.inputs[first : last + 1]:
            read = 0
            for batch in read_documents(file, self.options):
                writer.add(batch, text_unit(batch.format, self.options.text_unit))
                told.add(batch.reports)
                counts["documents"] += batch.documents.num_rows
                counts["bytes"] += batch.documents.nbytes
                counts.update(tally(batch.rejects["reason"], "rejected"))
                read = batch.bytes_read
                ticker.set(before + read)
            before += file.size or read
        shards = writer.close()
        told.write(_told_path(self.work, task))
        counts.update(told.counts)
        ticker.close()
        return Outcome(tuple(shards), counts)


@dataclass(frozen=True)
class ExtractSentences(Step):
    """documents shard -> sentences shard and its rejects (twin of `lid.extract`)."""

    name: ClassVar[str] = "extract"
    lid_model: str
    options: ExtractOptions

    def run(self, shard: str) -> Outcome:
        identifier = shared_identifier(self.lid_model)
        sentences, rejects, cleaned, done = [], [], 0, 0
        found: Counter[str] = Counter()
        ticker = self.work.ticker(f"{self.name}.{shard}")
        with pq.ParquetFile(documents_path(self.work, shard)) as file:
            unit = file.schema_arrow.metadata[_UNIT].decode()
            options = replace(self.options, text_unit=unit)
            corpus = load_facts(self.work, shard) if options.judges_documents else NOTHING_KNOWN
            learned = load_learned(self.work)
            for group in range(file.num_row_groups):
                documents = file.read_row_group(group).combine_chunks().to_batches()
                for batch in documents:
                    known = corpus.about(done, batch.num_rows)
                    extracted = extract_sentences(batch, identifier, options, known, learned)
                    done += batch.num_rows
                    sentences.append(extracted.sentences)
                    rejects.append(extracted.rejects)
                    cleaned += extracted.cleaned
                    found.update(found_languages(batch, extracted.sentences, extracted.rejects))
                    ticker.add(batch.num_rows)
        ticker.close()
        kept = to_table(sentences, tables.SENTENCES)
        thrown = to_table(rejects, tables.REJECTS)
        write_table(self.work.path("sentences", f"{shard}.parquet"), kept)
        write_rejects(self.work, f"{self.name}-{shard}", thrown)
        counts = Counter(tally(kept["lang"], "sentences"))
        counts["cleaned"] = cleaned  # texts that differ from what stands at their offsets
        counts.update(tally(thrown["reason"], "rejected"))
        counts.update(found)
        return Outcome((shard,), counts)


class Sentences(Stage):
    """documents of all inputs -> `sentences`, in the order of the inputs."""

    name: ClassVar[str] = "sentences"
    upstream: ClassVar[str | None] = None

    def ingredients(self) -> Mapping[str, Any]:
        options = self.options
        identifier = shared_identifier(options.lid_model)
        return {
            "inputs": [
                [file.source, _identity(file), file.format, file.lang_hint]
                for file in self.job.inputs
            ],
            "identifier": [identifier.name, identifier.revision],
            "options": [
                options.text_unit,
                options.wikitext,
                options.min_chars,
                options.max_chars,
                options.min_lang_score,
                options.keep_documents,
                options.hygiene,
                options.keep_holes,
                options.text_column,
            ],
            "keep_rejects": options.keep_rejects,
        }

    def steps(self, pipeline: beam.Pipeline, work: Work) -> beam.PCollection:
        options = self.options
        words = word_sample(self.job.inputs, (options.src, options.tgt), options.lid_model)
        read = ReadDocuments(work, self.job.inputs, options.read_options(), options.hygiene, words)
        extract = ExtractSentences(
            work, options.lid_model, options.extract_options(options.text_unit)
        )
        shards = pipeline | beam.Create(read_tasks(self.job.inputs)) | read.transform()
        if options.hygiene:
            shards = shards | Once(["all"]) | MergeFacts(work).transform()
        if words is not None:
            counted = shards | "OnceCounted" >> Once(["all"])
            shards = counted | LearnWords(work).transform()
        return shards | extract.transform()

    def record(self, work: Work) -> Mapping[str, Any]:
        documents = work.path("scratch", "documents")
        if self.options.keep_documents and documents.exists():  # else a killed commit moved it
            replace_folder(documents, work.path("documents"))
        identifier = shared_identifier(self.options.lid_model)
        counts = work.counts("read") + work.counts("extract")
        told = ReadInputs.gather(_told_path(work, task) for task in read_tasks(self.job.inputs))
        return {
            "identifier": [identifier.name, identifier.revision],
            "counts": dict(counts),
            "learned_abbreviations": abbreviations(load_learned(work)),
            "inputs": told.record(),
        }

    def steps_shown(self, work: Work) -> Mapping[str, tuple[str, int | None]]:
        sizes = [file.size for file in self.job.inputs]
        total = None if None in sizes else sum(size or 0 for size in sizes)
        return {
            "read": ("B", total),
            "extract": ("documents", work.counts("read")["documents"] or None),
        }


def _identity(file: InputFile) -> str:
    """Return what tells a changed input from the same one; of a pipe, what came through it."""
    return file.content or fingerprint(file.path)


def _told_path(work: Work, task: str) -> Path:
    return work.path("scratch", "inputs", f"{task}.json")


def read_tasks(inputs: tuple[InputFile, ...]) -> list[str]:
    """Cut the list of inputs into ranges of at least `READ_BYTES` each: the tasks of the reader."""
    tasks, first, size = [], 0, 0
    for index, file in enumerate(inputs):
        size += file.size or READ_BYTES
        if size >= READ_BYTES or index == len(inputs) - 1:
            tasks.append(f"{first:05d}-{index:05d}")
            first, size = index + 1, 0
    return tasks


class _ShardWriter:
    """Writes what a reader yields: shards of one text unit, a row group a batch.

    Beside a shard lie its rejects and, of whole documents, what they tell about the corpus.
    """

    def __init__(self, work: Work, task: str, hygiene: bool, words: WordSample | None) -> None:
        self._work, self._task, self._hygiene, self._words = work, task, hygiene, words
        self._batches: list[ReadBatch] = []
        self._bytes = 0
        self._unit: TextUnit = "document"
        self._shards: list[str] = []

    def add(self, batch: ReadBatch, unit: TextUnit) -> None:
        if unit != self._unit and self._batches:
            self._flush()
        self._unit = unit
        self._batches.append(batch)
        self._bytes += batch.documents.nbytes + batch.rejects.nbytes
        if self._bytes >= SHARD_BYTES:
            self._flush()

    def close(self) -> list[str]:
        # An empty shard rather than none: the later stages then need no case of their own.
        if self._batches or not self._shards:
            self._flush()
        return self._shards

    def _flush(self) -> None:
        shard = f"{self._task}-{len(self._shards):05d}"
        schema = tables.DOCUMENTS.with_metadata({**tables.DOCUMENTS.metadata, _UNIT: self._unit})
        filled = [batch.documents for batch in self._batches if batch.documents.num_rows]
        with (
            replacing(documents_path(self._work, shard)) as path,
            pq.ParquetWriter(path, schema, compression="zstd") as writer,
        ):
            for documents in filled:
                writer.write_batch(documents)
        if self._hygiene and self._unit == "document":
            write_facts(self._work, shard, filled)
        if self._words is not None and self._unit == "document":
            self._words.write(self._work, shard, filled)
        rejects = to_table([batch.rejects for batch in self._batches], tables.REJECTS)
        write_rejects(self._work, f"{ReadDocuments.name}-{shard}", rejects)
        self._shards.append(shard)
        self._batches, self._bytes = [], 0
