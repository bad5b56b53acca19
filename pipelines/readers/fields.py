"""From the named fields of a row to documents: the same rules for JSON, tables and Parquet.

A row has a text, or translations of one in several languages: Hugging Face's
`{"translation": {"en": ..., "de": ...}}`, or columns that are named by languages.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from bitseam.pipelines.readers.batches import BatchBuilder
from bitseam.pipelines.readers.document_ids import DocumentIds
from bitseam.pipelines.readers.formats import names_language
from bitseam.pipelines.readers.options import ReadOptions
from bitseam.schemas.reasons import Reason

TRANSLATION = "translation"
_SHOWN = 20  # names of columns


def translation_columns(names: Iterable[str]) -> list[str]:
    """Return the columns that are named by languages, where there are two or more.

    `id` is an identifier, not Indonesian.
    """
    found = [name for name in names if name != "id" and names_language(f".{name.lower()}")]
    return found if len(found) > 1 else []


def no_text_column(text: str, names: Iterable[str]) -> str:
    """Say what columns there are instead of the one that is read, and how to choose another."""
    found = list(names)
    shown = ", ".join(map(repr, found[:_SHOWN])) + (", ..." if len(found) > _SHOWN else "")
    return f"no column {text!r}, found {shown or 'none'}: name the one to read by --text-column"


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
        translations = row.get(TRANSLATION)
        if self._text not in row and isinstance(translations, Mapping):
            self._read_translations(row, translations, number, start, end)
            return
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
        reason, detail = self._why_not(text, row)
        self._batch.add_reject(
            "row",
            reason,
            f"row {number}: {detail}",
            doc_id=doc_id,
            start=start,
            end=end,
            text=excerpt if excerpt is not None else _excerpt(text),
        )

    def has_text(self, row: Mapping[str, object]) -> bool:
        """Whether the row has one of the fields that are read as text."""
        return self._text in row or isinstance(row.get(TRANSLATION), Mapping)

    def _read_translations(
        self,
        row: Mapping[str, object],
        translations: Mapping[str, object],
        number: int,
        start: int | None,
        end: int | None,
    ) -> None:
        """Add a document for each language; a text that is missing is no reject."""
        given = row.get(self._id)
        name = given if isinstance(given, str | int) and str(given).strip() else number
        added = 0
        for code, text in translations.items():
            if text is None or text == "":
                continue
            doc_id = self._ids.name(f"{name}.{code}", number)
            added += 1
            if isinstance(text, str) and text.strip() and "\0" not in text:
                self._batch.add_document(doc_id, text, lang=code, is_translation=True)
                continue
            reason, detail = self._why_not(text)
            self._batch.add_reject(
                "row",
                reason,
                f"row {number}: {detail} in {code!r}",
                doc_id=doc_id,
                start=start,
                end=end,
                text=_excerpt(text),
            )
        if not added:
            detail = f"row {number}: no text in {TRANSLATION!r}"
            self._batch.add_reject("row", Reason.MISSING_TEXT, detail, start=start, end=end)

    def _why_not(self, text: object, row: Mapping[str, object] | None = None) -> tuple[Reason, str]:
        if text is None and row is not None and self._text not in row:
            return Reason.MISSING_TEXT, no_text_column(self._text, row)
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
