"""The documents of one side, read whole: their sentences, and what else is known of them."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from bitseam.lid.clean import clean
from bitseam.lid.divide import divide, unwrapped
from bitseam.lid.hygiene.sentences import with_marks
from bitseam.lid.identifiers import Identifier
from bitseam.lid.identity import sentence_ids
from bitseam.lid.segmentation.learned import NOTHING_LEARNED, learn
from bitseam.lid.segmentation.word_counts import merge_counts
from bitseam.lid.word_facts import gather_words, to_be_learned
from bitseam.pipelines.readers import InputFile, ReadOptions, read_documents
from bitseam.pipelines.readers.input_report import cure_of
from bitseam.pipelines.readers.storage import is_remote
from bitseam.schemas.errors import BitseamError
from bitseam.schemas.reasons import Reason

log = logging.getLogger("bitseam")

# A text file is one document, however long.
_READ = ReadOptions(max_document_bytes=1 << 40)
_LONGEST = 10_000  # characters of a sentence; of more the static encoder would not see the end
_SHOWN = 5  # rejects of a file that are told one by one

SENTENCES = pa.schema(
    {
        "sentence_id": pa.int64(),
        "text": pa.string(),
        "position": pa.int32(),
        "start": pa.int32(),
        "end": pa.int32(),
    }
)


@dataclass(frozen=True)
class Collection:
    """Documents and their sentences.

    :ivar language: `ltz_Latn`.
    :ivar documents: columns doc_id, name (the path below what was given, for evidence), url,
        title; m rows.
    :ivar sentences: as `SENTENCES`, in the order of the documents.
    :ivar bounds: `(m + 1,)` where the sentences of each document begin and end.
    """

    language: str
    documents: pa.Table
    sentences: pa.Table
    bounds: NDArray[np.int64]

    def __len__(self) -> int:
        return int(self.documents.num_rows)

    def sentences_of(self, document: int) -> pa.Table:
        """Return the sentences of one document."""
        first, last = self.bounds[document : document + 2].tolist()
        return self.sentences.slice(first, last - first)


def read_collection(
    given: str,
    files: list[InputFile],
    language: str,
    identifier: Identifier,
    *,
    in_lines: bool,
) -> Collection:
    """Read all documents of `files` and part them into sentences.

    :param given: the path that the files were found by.
    :param in_lines: a sentence a line, blank lines counted too; else by segmentation.
    :raises BitseamError: a text file is damaged or in an encoding that is not sure, or nothing at
        all was found.
    """
    documents, sentences, sizes = [], [], []
    batches: Iterable[tuple[InputFile, pa.RecordBatch]]
    batches = ((file, batch) for file in files for batch in _read(file))
    learned = NOTHING_LEARNED
    if not in_lines and (languages := to_be_learned([language])):
        batches = [*batches]
        counts = (gather_words(batch, identifier, languages) for _, batch in batches)
        learned = learn(merge_counts(counts))
    for file, batch in batches:
        rows, parts = _lines(batch) if in_lines else _segments(batch, identifier, learned)
        documents.append(_described(batch, file, given))
        parts = parts.append_column(
            "sentence_id", pa.array(sentence_ids(language, parts["text"].combine_chunks()))
        )
        sentences.append(parts.select(SENTENCES.names).cast(SENTENCES))
        sizes.append(np.bincount(rows, minlength=batch.num_rows))
    if not any(pc.any(pc.not_equal(parts["text"], "")).as_py() for parts in sentences):
        raise BitseamError(f"{given} holds no text: expected sentences in {language}")
    bounds = np.concatenate([[0], np.cumsum(np.concatenate(sizes))])
    return Collection(
        language,
        pa.concat_tables(documents).combine_chunks(),
        pa.concat_tables(sentences).combine_chunks(),
        bounds.astype(np.int64),
    )


def _read(file: InputFile) -> Iterator[pa.RecordBatch]:
    """Yield batches of documents; what is empty and bad rows of a table are left out and told.

    :raises BitseamError: a text file is damaged, or in an encoding that is not sure.
    """
    rejected = 0
    for batch in read_documents(file, _READ):
        for reject in batch.rejects.to_pylist():
            message = f"{file.path}: {reject['detail']} ({reject['reason']})"
            is_empty = reject["reason"] == Reason.EMPTY
            if not is_empty and (reject["what"] == "file" or batch.format == "text"):
                cure = (
                    cure_of(reject["detail"], None)
                    if reject["reason"] == Reason.INVALID_UTF8
                    else ""
                )
                raise BitseamError(f"{message}: expected whole documents in UTF-8{cure}")
            if rejected < _SHOWN:
                log.warning("%s: left out", message)
            rejected += 1
        for report in batch.reports:
            notes = [f"read as {report.encoding}"] if report.encoding else []
            for note in (*notes, *report.notes):
                log.warning("%s: %s", report.source, note)
        if batch.documents.num_rows:
            yield batch.documents
    if rejected > _SHOWN:
        log.warning("%s: %s rows left out in all", file.path, f"{rejected:,}")


def _described(batch: pa.RecordBatch, file: InputFile, given: str) -> pa.Table:
    """Return what is known of documents, with their names below the path that was given."""
    ids = batch["doc_id"]
    below = ids
    if not is_remote(file.path):
        root = Path(given).expanduser().absolute()
        name = Path(file.path).relative_to(root) if root.is_dir() else Path(file.path).name
        ends = pc.utf8_slice_codeunits(ids, len(file.source))  # `#12`, of a row of a table
        below = pc.binary_join_element_wise(str(name), ends, "")
    return pa.table({"doc_id": ids, "name": below, "url": batch["url"], "title": batch["title"]})


def _segments(
    batch: pa.RecordBatch, identifier: Identifier, learned: pl.DataFrame
) -> tuple[NDArray[np.int64], pa.Table]:
    """Return the document of each sentence `(n,)` and the sentences, by segmentation."""
    segments = divide(batch, identifier, _LONGEST, False, learned)
    columns = {
        "text": clean(unwrapped(batch, segments), segments.document).texts,
        "position": segments.position,
        "start": segments.start,
        "end": segments.end,
    }
    columns["text"] = with_marks(columns["text"], segments.texts)
    return segments.document, pa.table(columns)


def _lines(batch: pa.RecordBatch) -> tuple[NDArray[np.int64], pa.Table]:
    """Return the same of lines: a blank one is a sentence without text, so that numbers agree."""
    texts = pc.replace_substring_regex(batch["text"], r"\n\z", "")  # the last line's end
    lists = pc.split_pattern(texts, "\n")
    lines = lists.flatten()
    counts = pc.list_value_length(lists).to_numpy(zero_copy_only=False)
    rows = np.repeat(np.arange(len(texts)), counts)
    firsts = np.repeat(np.cumsum(counts) - counts, counts)
    lengths = pc.utf8_length(lines).to_numpy(zero_copy_only=False).astype(np.int64)
    before = np.cumsum(lengths + 1) - lengths - 1  # with their line ends
    starts = before - before[firsts]
    columns = {
        "text": clean(lines, rows).texts,
        "position": np.arange(len(rows)) - firsts,
        "start": starts,
        "end": starts + lengths,
    }
    columns["text"] = with_marks(columns["text"], lines)
    return rows, pa.table(columns)
