"""The units of a translation memory, cut from its text: damage in one costs that one.

Nothing outside the file is opened and no entity expanded: one of the file's own stays as written.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from lxml import etree

from bitseam.pipelines.readers.storage import one_line
from bitseam.pipelines.readers.streams import InputStream
from bitseam.schemas.errors import BitseamError

_MOST_CHARACTERS = 8 << 20  # of a unit
_PLACE = re.compile(r", line \d+, column \d+.*", re.DOTALL)

_MARKS = re.compile(r"<!--|<!\[CDATA\[|<tu(?=[\s>])|</tu\s*>|<tmx(?=[\s>])|</tmx\s*>")
_LONGEST_MARK = 64  # `</tu   >`
_ENDS = {"<!--": "-->", "<![CDATA[": "]]>"}
_NAMESPACES = re.compile(r"""\sxmlns(?::[\w.-]+)?\s*=\s*(?:"[^"<]*"|'[^'<]*')""")

_DECLARED = re.compile(rb"""<\?xml[^>]{0,200}?encoding\s*=\s*["']([\w.-]{1,40})["']""")
_BY_MARK = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
    b"<\0?\0": "utf-16-le",
    b"\0<\0?": "utf-16-be",
}
# Of text: Python knows others, that of zip among them.
_ENCODING = re.compile(r"(?i)(us-)?ascii|iso|latin|l\d|cp|windows|koi|mac|gb|big5|euc|shift|s?jis")
# What is decoded to it is no character, and so no XML.
codecs.register_error("bitseam-lone", lambda error: ("\udcff", error.end))  # type: ignore[attr-defined]


class Unit(NamedTuple):
    """The element of a unit, or None and why there is none; `line` is where it begins, from 1."""

    element: Any
    line: int
    damage: str = ""


def read_units(stream: InputStream) -> Iterator[Unit]:
    """Yield each unit of a memory in UTF-8, UTF-16, UTF-32 or the encoding that it declares.

    :raises BitseamError: it is no memory, ends before its end, or is in an unknown encoding.
    """
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False
    )
    cutter = Cutter()
    for text in _decoded(stream):
        for piece, line in cutter.cut(text):
            yield _parse(piece, line, cutter.namespaces, parser)
    cutter.close()


def _parse(piece: str, line: int, namespaces: str, parser: etree.XMLParser) -> Unit:
    # With a document type that is not read, unknown entities are no errors.
    whole = f'<!DOCTYPE body SYSTEM "tmx14.dtd"><body{namespaces}>{piece}</body>'
    try:
        return Unit(etree.fromstring(whole.encode(), parser)[0], line)
    except UnicodeEncodeError:
        return Unit(None, line, "bytes that are no text")
    except (etree.XMLSyntaxError, IndexError) as error:
        return Unit(None, line, _PLACE.sub("", one_line(error))[:200] or "no XML")


class Cutter:
    """Cuts text into units, whatever pieces it comes in."""

    def __init__(self) -> None:
        self.namespaces = ""
        self._waiting, self._at = "", 0  # text, and what of it was looked at
        self._line, self._counted = 1, 0  # the line of a place in it
        self._is_memory = self._is_ended = False
        self._unit: int | None = None  # where it begins
        self._hidden_to = ""  # the end of a comment between units

    def cut(self, text: str) -> Iterator[tuple[str, int]]:
        """Yield the units that end in `text`, with the lines on which they begin."""
        self._waiting += text
        while mark := self._next():
            begin, name = mark
            if name.startswith("<tmx"):
                self._is_memory = True
                self.namespaces = "".join(_NAMESPACES.findall(self._waiting[begin : self._at]))
            elif name.startswith("</tmx"):
                self._is_ended = True
            elif name == "<tu":
                if self._unit is not None:  # the one before has no end
                    yield self._take(begin)
                self._unit = begin
            elif name.startswith("</tu") and self._unit is not None:
                yield self._take(self._at)
        self._forget()

    def close(self) -> None:
        """Check that all was there.

        :raises BitseamError: it was not.
        """
        if not self._is_memory:
            raise BitseamError("there is no <tmx> in it")
        if self._unit is not None or not self._is_ended:
            raise BitseamError(f"it ends on line {self._line} without </tmx>")

    def _next(self) -> tuple[int, str] | None:
        """Return the next mark and where it begins; what comments and CDATA hide is none."""
        while True:
            if self._hidden_to and not self._pass(self._hidden_to):
                return None
            self._hidden_to = ""
            found = _MARKS.search(self._waiting, self._at)
            if not found:
                self._at = max(self._at, len(self._waiting) - _LONGEST_MARK)
                return None
            name = found[0]
            if name == "<tmx":
                end = self._waiting.find(">", found.end()) + 1
            elif name in _ENDS and self._unit is None:
                self._at, self._hidden_to = found.end(), _ENDS[name]
                continue
            elif name in _ENDS:
                end = self._end_within_unit(found.end(), _ENDS[name])
            else:
                end = found.end()
            if not end:  # more of it is to come
                self._at = found.start()
                return None
            self._at = end
            return found.start(), name

    def _pass(self, end: str) -> bool:
        place = self._waiting.find(end, self._at)
        found = place >= 0
        self._at = place + len(end) if found else max(self._at, len(self._waiting) - len(end))
        return found

    def _end_within_unit(self, begin: int, end: str) -> int:
        """Return where a comment ends, its mark alone where the unit ends first, 0 for not yet."""
        places = self._waiting.find(end, begin), self._waiting.find("</tu>", begin)
        if max(places) < 0:
            return 0
        is_whole = places[0] >= 0 and not 0 <= places[1] < places[0]
        return places[0] + len(end) if is_whole else begin

    def _take(self, end: int) -> tuple[str, int]:
        begin, self._unit = self._unit or 0, None
        self._count(begin)
        return self._waiting[begin:end], self._line

    def _count(self, place: int) -> None:
        self._line += self._waiting.count("\n", self._counted, place)
        self._counted = place

    def _forget(self) -> None:
        """Let go of what was cut or passed over."""
        begin = self._at if self._unit is None else self._unit
        if len(self._waiting) - begin > _MOST_CHARACTERS:
            raise BitseamError(f"a unit of more than {_MOST_CHARACTERS:,} characters")
        self._count(begin)
        self._waiting, self._at, self._counted = self._waiting[begin:], self._at - begin, 0
        if self._unit is not None:
            self._unit = 0


def _decoded(stream: InputStream) -> Iterator[str]:
    chunks = stream.chunks()
    head = b""
    for chunk in chunks:
        head += chunk
        if len(head) >= 256:
            break
    decoder = codecs.getincrementaldecoder(_encoding(head))("bitseam-lone")
    yield decoder.decode(head)
    for chunk in chunks:
        yield decoder.decode(chunk)
    yield decoder.decode(b"", final=True)


def _encoding(head: bytes) -> str:
    """Return the encoding by the byte order mark, else the XML declaration, else UTF-8.

    :raises BitseamError: it is unknown.
    """
    for mark, encoding in _BY_MARK.items():
        if head.startswith(mark):
            return encoding
    declared = _DECLARED.match(head.lstrip())
    name = declared[1].decode() if declared else "utf-8"
    if re.match("utf|ucs", name, re.IGNORECASE):
        return "utf-8"  # what was read up to here is in no wide encoding, whatever it declares
    if not _ENCODING.match(name):
        raise BitseamError(f"it declares an unknown encoding, {name!r}: convert it to UTF-8")
    try:
        return codecs.lookup(name).name
    except LookupError as error:
        raise BitseamError(
            f"it declares an unknown encoding, {name!r}: convert it to UTF-8"
        ) from error
