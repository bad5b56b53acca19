"""Stage `alignments`: documents of both sides -> pairs of documents -> their beads."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import apache_beam as beam
import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from bitseam.align.documents import (
    THRESHOLD,
    THRESHOLD_UNKNOWN,
    DocumentPairs,
    evidence_names,
    select_documents,
)
from bitseam.mining.encoders import Encoder, in_language
from bitseam.mining.encoders.coverage import unknown_languages
from bitseam.mining.given_pairs import GivenPairs
from bitseam.mining.knn import Neighbours, nearest_neighbours
from bitseam.pipelines.align.beads import DocumentPair, align_documents
from bitseam.pipelines.align.first_pass import align_by_words
from bitseam.pipelines.align.matching import Described, find_candidates, score_candidates
from bitseam.pipelines.bootstrap import by_words
from bitseam.pipelines.models import shared_encoder
from bitseam.pipelines.parquet import write_table
from bitseam.pipelines.stages.document_sides import (
    DocumentTexts,
    EmbedDocuments,
    LayOutDocuments,
    MappedDocuments,
    MeasureSentences,
    document_vectors,
    measure_tasks,
    read_documents_of,
)
from bitseam.pipelines.stages.near_duplicates import SIDES
from bitseam.pipelines.stages.sides import AssembleVectors, load_side
from bitseam.pipelines.stages.stage import Stage
from bitseam.pipelines.step import Once, Step
from bitseam.pipelines.work import Outcome, Work
from bitseam.schemas.choices import Margin
from bitseam.schemas.tables import ALIGNMENTS

COMPARED = 1 << 13  # candidates of one task
ALIGNED = 1 << 9  # pairs of documents of one task


@dataclass(frozen=True)
class FindCandidates(Step):
    """all documents -> pairs worth a comparison (twin of `matching.find_candidates`)."""

    name: ClassVar[str] = "candidates"
    documents: Path
    languages: tuple[str, str]

    def run(self, task: str) -> Outcome:
        described = _describe(self.documents, *(read_documents_of(self.work, s) for s in SIDES))
        src, tgt = (document_vectors(self.work, side) for side in SIDES)
        found = find_candidates(src, tgt, described, self.languages)
        _write(self.work, "candidates", found)
        return Outcome(_ranges(len(found), COMPARED), {"candidates": len(found)})


@dataclass(frozen=True)
class CompareDocuments(Step):
    """a range of candidates -> their scores (twin of `align.documents.compare_sentences`)."""

    name: ClassVar[str] = "compare"
    dimension: int

    def run(self, task: str) -> Outcome:
        first, last = map(int, task.split("-"))
        candidates = _read(self.work, "candidates").take(np.arange(first, last))
        sides = (MappedDocuments(self.work, side, self.dimension) for side in SIDES)
        _write(self.work, f"compared-{task}", score_candidates(candidates, *sides))
        return Outcome()


@dataclass(frozen=True)
class MatchDocuments(Step):
    """scored candidates -> pairs of documents (twin of `align.documents.select_documents`)."""

    name: ClassVar[str] = "match"
    threshold: float

    def run(self, task: str) -> Outcome:
        names = sorted(path.stem for path in self.work.path("scratch").glob("compared-*.parquet"))
        matched = select_documents(_read(self.work, *names), self.threshold)
        _write(self.work, "matched", matched)
        return Outcome(_ranges(len(matched), ALIGNED), {"document pairs": len(matched)})


@dataclass(frozen=True)
class AlignDocuments(Step):
    """a range of document pairs -> their beads (twin of `beads.align_documents`)."""

    name: ClassVar[str] = "align"
    languages: tuple[str, str]
    encoder: str
    dimension: int
    k: int
    margin: Margin
    rescore: bool

    def run(self, task: str) -> Outcome:
        encoder = shared_encoder(self.encoder)
        encoders = in_language(encoder, self.languages[0]), in_language(encoder, self.languages[1])
        ticker = self.work.ticker(f"{self.name}.{task}")
        tables = [ALIGNMENTS.empty_table()]
        for table in self._align(task, encoder, encoders):
            tables.append(table)
            ticker.add(1)
        ticker.close()
        beads = pa.concat_tables(tables).combine_chunks()
        beads = self._with_scores(beads, encoders)
        write_table(self.work.path("alignments", f"alignments-{task}.parquet"), beads)
        return Outcome((), {"beads": beads.num_rows})

    def _align(
        self, task: str, encoder: Encoder, encoders: tuple[Encoder, Encoder]
    ) -> Iterator[pa.Table]:
        """Yield the beads of each pair; without an encoder that knows the languages by words."""
        if not by_words(encoder, self.languages):
            yield from align_documents(self._pairs(task), encoders)
            return
        first = align_by_words(list(self._pairs(task)))
        if not unknown_languages(encoder, self.languages):
            yield from align_documents(first.pairs, encoders, first.align_again)
            return
        for table in first.rows():
            yield _with_cosines(table, encoders)

    def _pairs(self, task: str) -> Iterator[DocumentPair]:
        first, last = map(int, task.split("-"))
        matched = _read(self.work, "matched").take(np.arange(first, last))
        texts = [DocumentTexts(self.work, side) for side in SIDES]
        rows = (matched.src, matched.tgt, matched.score, matched.evidence)
        for src, tgt, score, evidence in zip(*(row.tolist() for row in rows), strict=True):
            yield DocumentPair(
                texts[0].documents["doc_id"][src],
                texts[1].documents["doc_id"][tgt],
                texts[0].sentences_of(src),
                texts[1].sentences_of(tgt),
                score,
                evidence_names(evidence),
            )

    def _with_scores(self, beads: pa.Table, encoders: tuple[Encoder, Encoder]) -> pa.Table:
        """Fill in margin and log odds of beads with both sides: as of mining, in the corpus."""
        both = np.flatnonzero(beads["cosine"].is_valid().to_numpy())
        given = self._given(beads.take(both), encoders)
        encode = (encoders[0].encode, encoders[1].encode) if self.rescore else None
        scores = {"margin": given.margins(self.margin), "log_odds": given.log_odds(encode)}
        for name, found in scores.items():
            column = np.full(beads.num_rows, np.nan, np.float32)
            column[both] = found
            field = ALIGNMENTS.field(name)
            filled = pa.array(column, mask=np.isnan(column))
            beads = beads.set_column(ALIGNMENTS.get_field_index(name), field, filled)
        return beads

    def _given(self, beads: pa.Table, encoders: tuple[Encoder, Encoder]) -> GivenPairs:
        """Put beads among the sentences of the corpus."""
        src, tgt = (beads[f"{side}_text"].combine_chunks() for side in SIDES)
        forward, of_tgt = self._neighbours(encoders[0].encode(src), "tgt", beads["tgt_ids"])
        backward, of_src = self._neighbours(encoders[1].encode(tgt), "src", beads["src_ids"])
        cosines = beads["cosine"].to_numpy()
        return GivenPairs((src, tgt), cosines, (forward, backward), (of_tgt, of_src))

    def _neighbours(
        self, vectors: NDArray[np.float32], side: str, members: pa.ChunkedArray
    ) -> tuple[Neighbours, NDArray[np.bool_]]:
        """Return the nearest of a side's sentences, and which of them the bead has there."""
        database = load_side(self.work, side, self.dimension)
        found = nearest_neighbours(vectors, database.vectors, self.k)
        return found, _are_listed(database.ids[found.rows], members)


class Alignments(Stage):
    """`sentences`, `embeddings` and `documents` -> `alignments`, in the order of the documents."""

    name: ClassVar[str] = "alignments"
    upstream: ClassVar[str] = "embeddings"

    def ingredients(self) -> Mapping[str, Any]:
        return {
            "sentences": (self.store.committed("sentences") or {}).get("content"),
            "scores": [self.options.k, self.options.margin, self.options.rescore],
            "columns": ALIGNMENTS.names,  # a table of before one was added is made again
            **self._by_words(),
        }

    def _by_words(self) -> Mapping[str, bool]:
        languages = self.options.src, self.options.tgt
        return {"words": True} if by_words(shared_encoder(self.options.encoder), languages) else {}

    def steps(self, pipeline: beam.Pipeline, work: Work) -> beam.PCollection:
        options, root = self.options, self.store.root
        embeddings = self.store.committed("embeddings") or {"counts": {}, "dimension": 1}
        dimension = embeddings["dimension"]
        languages = options.src, options.tgt
        shards = tuple(path.stem for path in self.store.files("sentences"))
        rows = {side: embeddings["counts"].get(f"unique {side}", 0) for side in SIDES}
        assemble = AssembleVectors(work, root / "embeddings")
        threshold = THRESHOLD_UNKNOWN if self._by_words() else THRESHOLD
        align = AlignDocuments(
            work,
            languages,
            options.encoder,
            dimension,
            options.k,
            options.margin,
            options.rescore,
        )
        return (
            pipeline
            | beam.Create(list(SIDES))
            | assemble.transform()
            | "Measure" >> Once(measure_tasks(rows))
            | MeasureSentences(work, dimension).transform()
            | "Shards" >> Once(list(shards))
            | LayOutDocuments(work, root / "sentences", languages).transform()
            | "Sides" >> Once(list(SIDES))
            | EmbedDocuments(work, dimension, shards).transform()
            | "Candidates" >> Once(["all"])
            | FindCandidates(work, root / "documents", languages).transform()
            | CompareDocuments(work, dimension).transform()
            | "Match" >> Once(["all"])
            | MatchDocuments(work, threshold).transform()
            | align.transform()
        )

    def record(self, work: Work) -> Mapping[str, Any]:
        steps = ("embed-documents", "candidates", "match", "align")
        counts = {name: count for step in steps for name, count in work.counts(step).items()}
        return {"counts": counts}

    def steps_shown(self, work: Work) -> Mapping[str, tuple[str, int | None]]:
        return {"align": ("document pairs", work.counts("match")["document pairs"] or None)}


def _with_cosines(beads: pa.Table, encoders: tuple[Encoder, Encoder]) -> pa.Table:
    """Fill in the cosines of beads that were aligned without vectors."""
    both = pc.and_(beads["src_text"].is_valid(), beads["tgt_text"].is_valid()).to_numpy()
    cosines = np.full(beads.num_rows, np.nan, np.float32)
    src, tgt = (
        encoder.encode(beads[f"{side}_text"].filter(both))
        for encoder, side in zip(encoders, SIDES, strict=True)
    )
    cosines[both] = np.einsum("bd,bd->b", src, tgt)
    at = ALIGNMENTS.get_field_index("cosine")
    filled = pa.array(cosines, mask=~both)
    return beads.set_column(at, ALIGNMENTS.field("cosine"), filled)


def _describe(folder: Path, *sides: pl.DataFrame) -> tuple[Described, Described]:
    """Return what the documents table says of the documents of each side."""
    known = pl.scan_parquet(sorted(folder.glob("*.parquet")), glob=False).select(
        "doc_id", "url", "title"
    )
    src, tgt = (
        side.lazy().select("doc_id").join(known, on="doc_id", how="left", maintain_order="left")
        .collect()
        for side in sides
    )  # fmt: skip
    return tuple(  # type: ignore[return-value]
        Described(*(rows[name].to_list() for name in ("doc_id", "url", "title")))
        for rows in (src, tgt)
    )


def _are_listed(ids: NDArray[np.int64], lists: pa.ChunkedArray) -> NDArray[np.bool_]:
    """Tell of each of `ids`, `(n, k)`, whether it is in the list of its row."""
    rows = np.repeat(np.arange(len(lists)), lists.combine_chunks().value_lengths().to_numpy())
    members = lists.combine_chunks().flatten().to_numpy()
    listed = np.zeros(ids.shape, bool)
    for place in range(ids.shape[1]):
        hits = rows[ids[rows, place] == members]
        listed[hits, place] = True
    return listed


def _ranges(count: int, size: int) -> tuple[str, ...]:
    """Cut rows into ranges, one at least: a stage without any file is an error."""
    return tuple(
        f"{first:09d}-{min(first + size, count):09d}" for first in range(0, max(1, count), size)
    )


def _write(work: Work, name: str, pairs: DocumentPairs) -> None:
    columns = {field: getattr(pairs, field) for field in DocumentPairs.__dataclass_fields__}
    write_table(work.path("scratch", f"{name}.parquet"), pa.table(columns))


def _read(work: Work, *names: str) -> DocumentPairs:
    paths = [work.path("scratch", f"{name}.parquet") for name in names]
    rows = pl.read_parquet(paths, glob=False)
    return DocumentPairs(*(rows[name].to_numpy() for name in DocumentPairs.__dataclass_fields__))
