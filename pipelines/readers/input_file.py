"""One file to read, and what its name says about it."""

from __future__ import annotations

from dataclasses import dataclass

from bitseam.schemas.choices import TextUnit


@dataclass(frozen=True)
class InputFile:
    """One file to read: of an archive the file itself, or one of its members."""

    path: str  # absolute local path, or URL
    source: str  # short and unique in the run: the start of every `doc_id` of this file
    format: str  # a name in `formats.FORMATS`
    compression: str | None  # what the name promises: gzip, bzip2, xz, zstd, lzma
    size: int | None  # bytes as stored; None where a server does not say
    lang_hint: str | None = None  # ltz_Latn
    content: str | None = None  # hash of what came through a pipe, for `resume`


def text_unit(format_: str, chosen: TextUnit) -> TextUnit:
    """A wiki page is a document, whatever a line of text or a row of a table is said to be."""
    return "document" if format_ == "mediawiki" else chosen
