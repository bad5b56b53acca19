"""Cuts a MediaWiki XML dump into its pages, and reads its head.

`<page>` and `</page>` stand nowhere else in a dump, since wikitext is escaped in it. Cut there,
memory is bounded by the largest page, and damage costs the page it is in, not the rest of the dump.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import chain
from typing import NamedTuple

from lxml import etree

from bitseam.lid.wikitext import hidden_namespaces
from bitseam.pipelines.readers.batches import BatchBuilder
from bitseam.pipelines.readers.storage import one_line
from bitseam.pipelines.readers.streams import InputStream
from bitseam.schemas.reasons import Reason

_TAG = re.compile(rb"</?page>")
_END = b"</mediawiki>"
_OVERLAP = len(_END)  # bytes kept of an oversized piece, lest a tag across two chunks be missed
_HEAD = 2000  # bytes of an oversized piece kept for its reject
_XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
_HIDDEN_KEYS = ("6", "14", "-2")  # File, Category, Media


class Piece(NamedTuple):
    """The bytes up to a `<page>`, or up to and with a `</page>`."""

    data: bytes
    start: int  # byte in the decompressed input
    end: int

    @property
    def is_blank(self) -> bool:
        return not self.data.strip()

    @property
    def is_oversized(self) -> bool:
        """Whether `data` is only the beginning of the piece."""
        return self.end - self.start > len(self.data)


class Site(NamedTuple):
    """What the head of a dump says about all its pages."""

    base: str | None = None  # address of the main page
    lang: str | None = None
    hidden: frozenset[str] = hidden_namespaces()


def cut_pages(stream: InputStream, limit: int) -> Iterator[Piece]:
    """Yield the head of the dump, then its pages and whatever stands between them.

    :raises DamagedInputError: the dump ends before its end tag.
    """
    chunks = stream.text_chunks()
    first = next(chunks, b"")
    start = stream.position - len(first)
    is_head = True
    kept = buffer = b""  # the beginning of an oversized piece; the end of it, or all of a piece
    skipped = searched = 0
    for chunk in chain([first], chunks):
        buffer += chunk
        cut = 0
        for tag in _TAG.finditer(buffer, searched):
            end = tag.start() if tag.group() == b"<page>" else tag.end()
            piece = _piece(kept or buffer[cut:end], start, skipped + end - cut, limit)
            yield piece
            start = piece.end
            is_head, kept, skipped, cut = False, b"", 0, end
        buffer = buffer[cut:]
        if skipped + len(buffer) > limit:
            kept = kept or buffer[:_HEAD]
            skipped += len(buffer[:-_OVERLAP])
            buffer = buffer[-_OVERLAP:]
        searched = max(0, len(buffer) - _OVERLAP)
    is_whole = buffer.rstrip().endswith(_END)
    if is_head or (is_whole and buffer.strip() != _END):
        yield _piece(kept or buffer, start, skipped + len(buffer), limit)
    if not is_whole:
        raise stream.damage(Reason.TRUNCATED, f"the dump ends before {_END.decode()}")


def _piece(data: bytes, start: int, length: int, limit: int) -> Piece:
    return Piece(data[:_HEAD] if length > limit else data, start, start + length)


def read_site(
    head: Piece, stream: InputStream, batch: BatchBuilder, parser: etree.XMLParser
) -> Site:
    """Read the head of a dump; where its siteinfo is damaged, reject that and go on without.

    :raises DamagedInputError: a document type is declared, or this is no dump.
    """
    if b"<!DOCTYPE" in head.data or b"<!ENTITY" in head.data:
        raise stream.damage(Reason.FORBIDDEN_XML, "document types and entities are not read")
    if b"<mediawiki" not in head.data:
        found = f"expected a MediaWiki dump, it starts with {head.data[:40]!r}"
        raise stream.damage(Reason.CORRUPT, found)
    try:
        root = etree.fromstring(head.data.rstrip().removesuffix(_END) + _END, parser)
    except etree.XMLSyntaxError as error:
        batch.add_reject(
            "row",
            Reason.CORRUPT,
            f"siteinfo: {one_line(error)}",
            start=head.start,
            end=head.end,
            text=head.data,
        )
        return Site()
    names = [
        name.text
        for name in root.iterfind("{*}siteinfo/{*}namespaces/{*}namespace")
        if name.get("key") in _HIDDEN_KEYS and name.text
    ]
    base = root.findtext("{*}siteinfo/{*}base")
    return Site(base, root.get(_XML_LANG), hidden_namespaces(names))
