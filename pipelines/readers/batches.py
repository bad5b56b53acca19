"""Gathers documents and rejects into Arrow batches of bounded size."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

import pyarrow as pa

from bitseam.pipelines.readers.input_file import InputFile
from bitseam.pipelines.readers.input_report import InputReport, Tally
from bitseam.schemas.errors import UserError
from bitseam.schemas.languages import NO_LANGUAGE, parse_language
from bitseam.schemas.reasons import Reason
from bitseam.schemas.tables import DOCUMENTS, EXCERPT, REJECTS

MAX_ROWS = 65_536


class ReadBatch(NamedTuple):
    """What was read since the batch before."""

    documents: pa.RecordBatch  # schemas.tables.DOCUMENTS
    rejects: pa.RecordBatch  # schemas.tables.REJECTS
    bytes_read: int  # of the stored file so far, for progress
    format: str  # of all its documents
    reports: tuple[InputReport, ...]  # of the files, or members of an archive, that have been read


class BatchBuilder:
    """Columns of documents and rejects that wait to become a `ReadBatch`.

    What is added belongs to the input begun last, which may be a member of the one before.
    """

    def __init__(self, batch_bytes: int) -> None:
        self._batch_bytes = batch_bytes
        self._open: list[Tally] = []
        self._format = self._next_format = ""
        self._clear()

    @property
    def _file(self) -> InputFile:
        return self._open[-1].file

    @property
    def is_untouched(self) -> bool:
        """Whether nothing has come out of the input begun last."""
        return self._open[-1].is_untouched

    def begin(self, file: InputFile, format_: str) -> None:
        """Begin an input. If `is_full` then, take the batch: what follows is of another format."""
        self._open.append(Tally(file, format_))
        self._next_format = format_
        if not self._documents["text"]:
            self._format = format_

    def end(self, encoding: str, guess: str | None, notes: Sequence[str]) -> None:
        """End the input begun last; what it is part of goes on.

        :param guess: of the encoding, where it is not sure enough to decode.
        """
        tally = self._open.pop()
        tally.guess = guess
        self._reports.append(tally.report(encoding, notes))
        if self._open:
            self._open[-1].add_member(tally)
            self._next_format = self._open[-1].format

    def _clear(self) -> None:
        self._documents: dict[str, list[str | None]] = {name: [] for name in DOCUMENTS.names}
        self._rejects: list[dict[str, object]] = []
        self._reports: list[InputReport] = []
        self._characters = 0
        self._format = self._next_format

    @property
    def is_full(self) -> bool:
        rows = len(self._documents["text"]) + len(self._rejects) + len(self._reports)
        if self._documents["text"] and self._format != self._next_format:
            return True
        return self._characters >= self._batch_bytes or rows >= MAX_ROWS

    def add_document(
        self,
        doc_id: str,
        text: str,
        *,
        url: str | None = None,
        title: str | None = None,
        lang: str | None = None,
        is_translation: bool = False,
    ) -> None:
        """Add one document; the language named for the whole file wins over its own `lang`, but not
        over that of a row's translations, of which one at most can be in it.
        """
        self._open[-1].documents += 1
        columns = self._documents
        columns["doc_id"].append(doc_id)
        columns["url"].append(url)
        columns["title"].append(title)
        hint = None if is_translation else self._file.lang_hint
        columns["lang_hint"].append(hint or language_or_none(lang))
        columns["text"].append(text)
        self._characters += len(text)

    def add_documents(self, doc_ids: Sequence[str], texts: Sequence[str]) -> None:
        """Add documents of which only the text is known."""
        self._open[-1].documents += len(texts)
        columns = self._documents
        columns["doc_id"].extend(doc_ids)
        columns["url"].extend([None] * len(texts))
        columns["title"].extend([None] * len(texts))
        columns["lang_hint"].extend([self._file.lang_hint] * len(texts))
        columns["text"].extend(texts)
        self._characters += sum(map(len, texts))

    def add_reject(
        self,
        what: str,
        reason: Reason,
        detail: str,
        *,
        doc_id: str | None = None,
        start: int | None = None,
        end: int | None = None,
        text: bytes | str | None = None,
    ) -> None:
        """Add one reject: `start` and `end` are bytes of the decompressed input."""
        self._open[-1].reject(what, reason, detail)
        excerpt = None if text is None else _excerpt(text)
        self._rejects.append(
            {
                "what": what,
                "stage": "read",
                "reason": str(reason),
                "source": self._file.source,
                "doc_id": doc_id,
                "start": start,
                "end": end,
                "text": excerpt,
                "detail": detail,
            }
        )
        self._characters += len(excerpt or "")

    def take(self, bytes_read: int) -> ReadBatch:
        """Return what was gathered and start anew."""
        documents = pa.RecordBatch.from_pydict(self._documents, schema=DOCUMENTS)
        rejects = pa.RecordBatch.from_pylist(self._rejects, schema=REJECTS)
        batch = ReadBatch(documents, rejects, bytes_read, self._format, tuple(self._reports))
        self._clear()
        return batch


def _excerpt(text: bytes | str) -> str:
    """At most 500 characters, with undecodable bytes and NULs written as escapes."""
    if isinstance(text, bytes):
        text = text[: 4 * EXCERPT].decode("utf-8", "backslashreplace")
    return text[:EXCERPT].replace("\0", "\\x00")[:EXCERPT]


@lru_cache(maxsize=4096)
def language_or_none(tag: str | None) -> str | None:
    """Return `tag` as `ltz_Latn`, or None where it names no language: a hint is only a hint."""
    if not tag:
        return None
    try:
        language = parse_language(tag)
    except UserError:
        return None
    return None if language.startswith(NO_LANGUAGE) else language
