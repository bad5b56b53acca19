"""Gathers documents and rejects into Arrow batches of bounded size."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

import pyarrow as pa

from bitseam.pipelines.readers.inputs import InputFile
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


class BatchBuilder:
    """Columns of documents and rejects that wait to become a `ReadBatch`."""

    def __init__(self, file: InputFile, batch_bytes: int) -> None:
        self._file = file
        self._batch_bytes = batch_bytes
        self.is_untouched = True
        self._clear()

    def _clear(self) -> None:
        self._documents: dict[str, list[str | None]] = {name: [] for name in DOCUMENTS.names}
        self._rejects: list[dict[str, object]] = []
        self._characters = 0

    @property
    def is_full(self) -> bool:
        rows = len(self._documents["text"]) + len(self._rejects)
        return self._characters >= self._batch_bytes or rows >= MAX_ROWS

    def add_document(
        self,
        doc_id: str,
        text: str,
        *,
        url: str | None = None,
        title: str | None = None,
        lang: str | None = None,
    ) -> None:
        """Add one document; the language named for the whole file wins over its own `lang`."""
        self.is_untouched = False
        columns = self._documents
        columns["doc_id"].append(doc_id)
        columns["url"].append(url)
        columns["title"].append(title)
        columns["lang_hint"].append(self._file.lang_hint or language_or_none(lang))
        columns["text"].append(text)
        self._characters += len(text)

    def add_documents(self, doc_ids: Sequence[str], texts: Sequence[str]) -> None:
        """Add documents of which only the text is known."""
        self.is_untouched = self.is_untouched and not texts
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
        self.is_untouched = False
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
        self._clear()
        return ReadBatch(documents, rejects, bytes_read)


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
