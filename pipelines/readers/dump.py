"""Cuts a MediaWiki XML dump into its pages.

`<page>` and `</page>` stand nowhere else in a dump, since wikitext is escaped in it. Cut there,
memory is bounded by the largest page, and damage costs the page it is in, not the rest of the dump.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import chain
from typing import NamedTuple

from bitseam.pipelines.readers.streams import InputStream
from bitseam.schemas.reasons import Reason

LONGEST_TAG = 1000  # bytes, with attributes
END = b"</mediawiki>"

_TAG = re.compile(rb"<(/?)page(?=[\s/>])[^<>]{0,%d}>" % (LONGEST_TAG - len("</page>")))
_HEAD = 2000  # bytes of an oversized piece kept for its reject


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
            searched = tag.end()
            end = tag.end() if tag[1] or tag[0].endswith(b"/>") else tag.start()
            piece = _piece(kept or buffer[cut:end], start, skipped + end - cut, limit)
            yield piece
            start = piece.end
            is_head, kept, skipped, cut = False, b"", 0, end
        # A tag may lie across two chunks.
        searched = max(searched, len(buffer) - LONGEST_TAG) - cut
        buffer = buffer[cut:]
        if skipped + len(buffer) > limit:
            kept = kept or buffer[:_HEAD]
            cut = max(0, len(buffer) - LONGEST_TAG)
            skipped, searched, buffer = skipped + cut, max(0, searched - cut), buffer[cut:]
    is_whole = buffer.rstrip().endswith(END)
    if is_head or (is_whole and buffer.strip() != END):
        yield _piece(kept or buffer, start, skipped + len(buffer), limit)
    if not is_whole:
        raise stream.damage(Reason.TRUNCATED, f"the dump ends before {END.decode()}")


def _piece(data: bytes, start: int, length: int, limit: int) -> Piece:
    return Piece(data[:_HEAD] if length > limit else data, start, start + length)
