"""From the named fields of a row to a document: the same rules for JSON Lines, TSV and Parquet."""

from __future__ import annotations

from collections.abc import Mapping

from bitseam.pipelines.readers.batches import BatchBuilder
from bitseam.pipelines.readers.document_ids import DocumentIds
from bitseam.pipelines.readers.options import ReadOptions
from bitseam.schemas.reasons import Reason


class FieldReader:
    """Adds rows to a batch, as documents or as rejects."""

    def __init__(self, source: str, batch: BatchBuilder, options: ReadOptions) -> None:
        self._ids = DocumentIds(source)
        self._batch = batch
        self._text = options.text_column
        self._id, self._url, self._title, self._lang = options.optional_columns

    def read(
        self,
        row: Mapping[str, object],
        number: int,
        *,
        start: int | None = None,
        end: int | None = None,
        excerpt: bytes | str | None = None,
    ) -> None:
        """Add the row with this number; optional fields that are no strings are left out."""
        doc_id = self._ids.name(row.get(self._id), number)
        text = row.get(self._text)
        if isinstance(text, str) and text.strip() and "\0" not in text:
            self._batch.add_document(
                doc_id,
                text,
                url=_string(row.get(self._url)),
                title=_string(row.get(self._title)),
                lang=_string(row.get(self._lang)),
            )
            return
        reason, detail = self._why_not(text)
        self._batch.add_reject(
            "row",
            reason,
            f"row {number}: {detail}",
            doc_id=doc_id,
            start=start,
            end=end,
            text=excerpt if excerpt is not None else _excerpt(text),
        )

    def _why_not(self, text: object) -> tuple[Reason, str]:
        if text is None:
            return Reason.MISSING_TEXT, f"no {self._text!r}"
        if isinstance(text, bytes):
            return Reason.INVALID_UTF8, f"{self._text!r} is no UTF-8"
        if not isinstance(text, str):
            found = type(text).__name__
            return Reason.MISSING_TEXT, f"{self._text!r} is no string but {found}"
        if "\0" in text:
            return Reason.NUL_BYTE, f"NUL at character {text.index(chr(0))} of {self._text!r}"
        return Reason.EMPTY, f"{self._text!r} is empty"


def _string(value: object) -> str | None:
    return value if isinstance(value, str) and value else None


def _excerpt(value: object) -> bytes | str | None:
    return value if isinstance(value, bytes | str) else None
