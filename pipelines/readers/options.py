"""What a user can choose about reading."""

from __future__ import annotations

from dataclasses import dataclass

from bitseam.schemas.choices import TEXT_UNITS, WIKITEXT_ENGINES, TextUnit, WikitextEngine
from bitseam.schemas.errors import UserError


@dataclass(frozen=True)
class ReadOptions:
    """How inputs are read; the defaults suit every corpus we know.

    :raises UserError: a value is outside its range.
    """

    # Plain text: is a file one document, or is each line one?
    text_unit: TextUnit = "document"
    # Wikitext to prose: ordered regular expressions, or mwparserfromhell (ten times slower).
    wikitext: WikitextEngine = "fast"
    # Read the templates of a dump in a pass of their own, before its articles.
    own_templates: bool = True
    # A longer line (text, JSON Lines, TSV) or wiki page is rejected, without being held in memory.
    max_line_bytes: int = 16 << 20
    # A longer text file becomes several documents, cut between paragraphs.
    max_document_bytes: int = 64 << 20
    # Text in one batch; a document larger than this is a batch of its own.
    batch_bytes: int = 1 << 20
    # The fields of JSON Lines and the columns of TSV and Parquet. Only the text must be there.
    text_column: str = "text"
    id_column: str = "id"
    url_column: str = "url"
    title_column: str = "title"
    lang_column: str = "lang"

    def __post_init__(self) -> None:
        for name, known in (("text_unit", TEXT_UNITS), ("wikitext", WIKITEXT_ENGINES)):
            value = getattr(self, name)
            if value not in known:
                raise UserError(f"{name} {value!r}: expected one of {', '.join(known)}")
        for name in ("max_line_bytes", "max_document_bytes", "batch_bytes"):
            if getattr(self, name) < 1:
                raise UserError(
                    f"{name} {getattr(self, name)}: expected a positive number of bytes"
                )

    @property
    def optional_columns(self) -> tuple[str, str, str, str]:
        """The names of the id, url, title and language columns, in this order."""
        return self.id_column, self.url_column, self.title_column, self.lang_column
