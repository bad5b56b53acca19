"""The documents of both sides of a corpus, laid out so that any of them is read without a search.

    scratch/<side>-<shard>.arrow      the sentences of a shard that are of one side, mapped
    scratch/<side>.documents.parquet  doc_id, shard, first and size (rows in it) of each document
    scratch/<side>.documents.npy      the vectors of the documents
    scratch/<side>.{rows,weights,bounds}.npy   of those sentences that have a vector: its row in
                                      `sides`, what it counts, and where a document begins
    scratch/<side>.means-<start>.npy  of each vector, its mean cosine with the other side's sample

Sentences that were dropped before embedding (copies, near-duplicates) count nothing here.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from bitseam.align.documents import Side, centre_documents, embed_documents, sentence_weights
from bitseam.pipelines.align.collection import SENTENCES
from bitseam.pipelines.align.matching import sample_means, sample_rows
from bitseam.pipelines.atomic import replacing
from bitseam.pipelines.parquet import write_table
from bitseam.pipelines.stages.near_duplicates import SIDES
from bitseam.pipelines.stages.sides import load_side
from bitseam.pipelines.step import Step
from bitseam.pipelines.work import Outcome, Work

# Of a document's sentences in both languages: fewer are quotations, or taken for the language.
_LEAST_SHARE = 0.25
MEASURED_ROWS = 1 << 16  # vectors of one task
_DOCUMENTS_AT_A_TIME = 1 << 12


@dataclass(frozen=True)
class LayOutDocuments(Step):
    """sentences shard -> the sentences and the documents of each side."""

    name: ClassVar[str] = "lay-out"
    sentences: Path
    languages: tuple[str, str]

    def run(self, shard: str) -> Outcome:
        columns = ["lang", "doc_id", *SENTENCES.names]
        rows = pl.read_parquet(self.sentences / f"{shard}.parquet", columns=columns, glob=False)
        for side, language in zip(SIDES, self.languages, strict=True):
            is_ours = pl.col("lang") == language
            share = is_ours.mean().over("doc_id")
            ours = rows.filter(is_ours & (share >= _LEAST_SHARE)).to_arrow().combine_chunks()
            with (
                replacing(_sentences_path(self.work, side, shard)) as path,
                pa.OSFile(str(path), "wb") as file,
                pa.ipc.new_file(file, SENTENCES) as writer,
            ):
                writer.write_table(ours.select(SENTENCES.names).cast(SENTENCES))
            runs = pc.run_end_encode(ours["doc_id"].combine_chunks(), run_end_type=pa.int64())
            ends = runs.run_ends.to_numpy()
            documents = {
                "doc_id": runs.values,
                "shard": pa.repeat(shard, len(ends)),
                "first": np.concatenate([[0], ends])[:-1].astype(np.int64),
                "size": np.diff(ends, prepend=0),
            }
            write_table(self.work.path("scratch", f"{side}-{shard}.parquet"), pa.table(documents))
        return Outcome()


@dataclass(frozen=True)
class MeasureSentences(Step):
    """a side and a range of its vectors -> their means (twin of `sample_means`)."""

    name: ClassVar[str] = "measure"
    dimension: int

    def run(self, task: str) -> Outcome:
        side, start = task.split("-")
        ours = load_side(self.work, side, self.dimension).vectors
        theirs = load_side(self.work, _other(side), self.dimension).vectors
        sample = np.ascontiguousarray(theirs[sample_rows(len(theirs))])
        part = ours[int(start) : int(start) + MEASURED_ROWS]
        _save(self.work, _means(side, int(start)), sample_means(part, sample))
        return Outcome()


@dataclass(frozen=True)
class EmbedDocuments(Step):
    """a side -> the vectors of its documents (twin of `align.documents.embedding`)."""

    name: ClassVar[str] = "embed-documents"
    dimension: int
    shards: tuple[str, ...]

    def run(self, side: str) -> Outcome:
        ours = load_side(self.work, side, self.dimension)
        documents = pl.concat(
            [pl.read_parquet(self.work.path("scratch", f"{side}-{s}.parquet"), glob=False)
             for s in self.shards]
        )  # fmt: skip
        parts = [_rows_of(self.work, side, shard, ours.ids) for shard in self.shards]
        document = np.repeat(np.arange(len(documents)), documents["size"].to_numpy())
        rows = np.concatenate([rows for rows, _ in parts])
        lengths = np.concatenate([lengths for _, lengths in parts])
        embedded = rows >= 0
        rows, lengths, document = rows[embedded], lengths[embedded], document[embedded]
        many = max(1, len(ours.ids))
        once = np.unique(document * many + rows) % many  # in each document
        weights = sentence_weights(lengths, np.bincount(once, minlength=many)[rows])
        bounds = np.searchsorted(document, np.arange(len(documents) + 1))
        vectors = _embed(ours.vectors, rows, weights, bounds)
        write_table(self.work.path("scratch", f"{side}.documents.parquet"), documents.to_arrow())
        for name, values in (
            ("rows", rows),
            ("weights", weights),
            ("bounds", bounds),
            ("documents", centre_documents(vectors)),
        ):
            _save(self.work, f"{side}.{name}", values)
        return Outcome((), {f"documents {side}": len(documents)})


def _embed(
    vectors: NDArray[np.float32],
    rows: NDArray[np.int64],
    weights: NDArray[np.float32],
    bounds: NDArray[np.int64],
) -> NDArray[np.float32]:
    """Embed a few thousand documents at a time: their sentences' vectors are mapped, not held."""
    parts = [np.zeros((0, vectors.shape[1]), np.float32)]
    for at in range(0, len(bounds) - 1, _DOCUMENTS_AT_A_TIME):
        here = bounds[at : at + _DOCUMENTS_AT_A_TIME + 1]
        part = slice(here[0], here[-1])
        parts.append(embed_documents(vectors[rows[part]], weights[part], here - here[0]))
    return np.concatenate(parts)


class MappedDocuments:
    """One side's documents as `compare_sentences` takes them; satisfies `matching.Sides`."""

    def __init__(self, work: Work, side: str, dimension: int) -> None:
        self._vectors = load_side(work, side, dimension).vectors
        self._rows, self._weights, self._bounds = (
            _load(work, f"{side}.{name}") for name in ("rows", "weights", "bounds")
        )
        starts = range(0, max(1, len(self._vectors)), MEASURED_ROWS)
        self._means = np.concatenate([_load(work, _means(side, start)) for start in starts])

    def __getitem__(self, document: int, /) -> Side:
        part = slice(*self._bounds[document : document + 2].tolist())
        rows = self._rows[part]
        return Side(self._vectors[rows], np.asarray(self._weights[part]), self._means[rows])


class DocumentTexts:
    """The sentences of one side's documents, mapped."""

    def __init__(self, work: Work, side: str) -> None:
        self._work, self._side = work, side
        self.documents = read_documents_of(work, side)

    def sentences_of(self, document: int) -> pa.Table:
        """Return the sentences of a document, as `collection.SENTENCES`."""
        _, shard, first, size = self.documents.row(document)
        return _mapped(_sentences_path(self._work, self._side, shard)).slice(first, size)


def read_documents_of(work: Work, side: str) -> pl.DataFrame:
    """Return the documents of a side: columns doc_id, shard, first, size."""
    return pl.read_parquet(work.path("scratch", f"{side}.documents.parquet"), glob=False)


def document_vectors(work: Work, side: str) -> NDArray[np.float32]:
    """Return the vectors of a side's documents, `(m, d)`."""
    return np.asarray(_load(work, f"{side}.documents"))


def measure_tasks(rows: dict[str, int]) -> list[str]:
    """Return the tasks of `MeasureSentences` for so many vectors a side."""
    return [
        f"{side}-{start:012d}"
        for side in SIDES
        for start in range(0, max(1, rows[side]), MEASURED_ROWS)
    ]


def _rows_of(
    work: Work, side: str, shard: str, ids: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return each sentence's row among `ids`, -1 for none, and its length."""
    table = _mapped(_sentences_path(work, side, shard))
    wanted = table["sentence_id"].to_numpy()
    rows = np.searchsorted(ids, wanted)
    known = rows < len(ids)
    known[known] = ids[rows[known]] == wanted[known]
    return np.where(known, rows, -1), pc.utf8_length(table["text"]).to_numpy().astype(np.int64)


def _means(side: str, start: int) -> str:
    return f"{side}.means-{start:012d}"


def _sentences_path(work: Work, side: str, shard: str) -> Path:
    return work.path("scratch", f"{side}-{shard}.arrow")


@lru_cache(maxsize=256)
def _mapped(path: Path) -> pa.Table:
    return pa.ipc.open_file(pa.memory_map(str(path))).read_all()


def _other(side: str) -> str:
    return SIDES[1 - SIDES.index(side)]


def _save(work: Work, name: str, values: NDArray[Any]) -> None:
    with replacing(work.path("scratch", f"{name}.npy")) as path, path.open("wb") as file:
        np.save(file, values, allow_pickle=False)


def _load(work: Work, name: str) -> NDArray[Any]:
    """Map an array; an empty one cannot be mapped."""
    path = work.path("scratch", f"{name}.npy")
    try:
        return np.load(path, mmap_mode="r", allow_pickle=False)  # type: ignore[no-any-return]
    except ValueError:
        return np.load(path, allow_pickle=False)  # type: ignore[no-any-return]
