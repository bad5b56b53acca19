"""Which encoding a text is in: what it declares, what it is, or what a detector is sure of.

UTF-8 is passed on as it is. Anything else is turned into UTF-8 as it comes; a byte that is no text
becomes one of 128 surrogates, which are no UTF-8: readers reject its line, and know the byte.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from typing import NamedTuple

from bitseam.pipelines.readers.codec_names import known_codec
from bitseam.pipelines.readers.peeking import peek
from bitseam.pipelines.readers.sampling import (
    UTF_8_SHARE,
    Sample,
    count_others,
    gather_sample,
    is_utf8,
    is_wide,
    utf8_share,
)

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16, whose mark it starts with
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_DECLARED_IN = 1024  # bytes: as browsers look for it
_XML = re.compile(rb"""\A\s*<\?xml[^>]{0,200}?\bencoding\s*=\s*["']([\w.:-]{1,40})["']""")
_META = re.compile(rb"""<meta[^>]{0,400}?\bcharset\s*=\s*["']?\s*([\w.:-]{1,40})""", re.IGNORECASE)
_ISO_2022_JP = (b"\x1b$B", b"\x1b$@")  # it says so itself
DAMAGE = "bitseam.damage"  # our handler of undecodable bytes
_FIRST_DAMAGE = 0xDC00
_LONG_LINE = 1 << 20
_CONTROLS = re.compile("[\x80-\x84\x86-\x9f]")
_DAMAGED = re.compile("[\udc00-\udcff]")


class Encoding(NamedTuple):
    """An encoding, and how it became known."""

    codec: str = "utf-8"  # Python's name
    how: str = ""  # nothing has to be said of UTF-8
    mark: int = 0  # bytes of its byte order mark

    @property
    def label(self) -> str:
        """The name that people and `iconv` know."""
        name = re.sub(r"^cp(12\d\d|874)$", r"windows-\1", self.codec)
        return re.sub(r"^iso8859", "iso-8859", name).upper().replace("WINDOWS", "windows")

    @property
    def is_utf8(self) -> bool:
        return self.codec == "utf-8"

    @property
    def is_single_byte(self) -> bool:
        return self.codec.startswith(("cp12", "cp8", "iso8859", "koi8"))

    def size(self, data: bytes) -> int:
        """Return how many bytes of the input this piece of `text_chunks` was."""
        if self.is_utf8 or (data.isascii() and not self.codec.startswith("utf")):
            return len(data)
        text, damaged = _DAMAGED.subn("", data.decode("utf-8", "surrogatepass"))
        return len(text.encode(self.codec, "replace")) + damaged

    def byte_at(self, data: bytes, place: int) -> int:
        """Return the byte of the input that could not be decoded."""
        if self.is_utf8:
            return data[place]
        return ord(data[place : place + 3].decode("utf-8", "surrogatepass")) & 0xFF

    def shown(self, data: bytes) -> bytes | str:
        """Return a piece of `text_chunks` for a reject: its undecodable bytes as escapes."""
        if self.is_utf8:
            return data
        text = codecs.getincrementaldecoder("utf-8")("surrogatepass").decode(data)
        return _DAMAGED.sub(lambda match: f"\\x{ord(match[0]) & 0xFF:02x}", text)


UTF_8 = Encoding()


class Choice:
    """The chunks of a text as UTF-8, and its encoding as far as they have been taken."""

    def __init__(self, chunks: Iterator[bytes], hint: str | None) -> None:
        self.encoding = UTF_8
        self.guess: str | None = None  # of a text that stays UTF-8 and is none
        self._hint = hint
        self.chunks = self._decoded(chunks)

    def _decoded(self, chunks: Iterator[bytes]) -> Iterator[bytes]:
        head, chunks = peek(chunks, len(codecs.BOM_UTF32_LE))
        for mark, codec in _MARKS:
            if head.startswith(mark):
                how = "" if codec == "utf-8" else "by its byte order mark"
                self.encoding = Encoding(codec, how, len(mark))
                yield from _transcoded(_without(chunks, len(mark)), self.encoding)
                return
        first = next(chunks, b"")
        declared = declared_encoding(first[:_DECLARED_IN])
        if declared.codec.startswith(("utf-16", "utf-32", "iso2022")):
            self.encoding = declared
            yield from _transcoded(_again(first, chunks), declared)
            return
        yield from self._detected(first, chunks, declared)

    def _detected(
        self, first: bytes, chunks: Iterator[bytes], declared: Encoding
    ) -> Iterator[bytes]:
        """Pass ASCII on; decide where other bytes are met first."""
        is_start = True
        chunk = first
        while chunk and chunk.isascii() and not (is_start and b"\0" in chunk):
            yield chunk
            is_start = False
            chunk = next(chunks, b"")
        if not chunk:
            return
        sample, chunks = gather_sample(chunk, chunks, is_start)
        self.encoding = self._decide(sample, declared)
        if self.encoding.is_utf8:
            yield from chunks
        else:
            yield from _transcoded(chunks, self.encoding)

    def _decide(self, sample: Sample, declared: Encoding) -> Encoding:
        may_be_wide = sample.is_start and is_wide(sample.data)
        if not may_be_wide and utf8_share(sample.data) >= UTF_8_SHARE:
            return UTF_8
        if not declared.is_utf8 and fits(declared.codec, sample.data):
            return declared
        from bitseam.pipelines.readers.detection import detect  # the identifier is loaded there

        found = detect(sample, self._hint)
        self.guess = Encoding(found.guess).label if found.guess else None
        return Encoding(found.codec, "as detected") if found.codec else UTF_8


def find_encoding(chunks: Iterator[bytes], hint: str | None) -> Choice:
    """Return the text of `chunks` as UTF-8 without byte order mark, in bounded memory.

    :param hint: the language that it should be in, as `ltz_Latn`.
    """
    return Choice(chunks, hint)


def declared_encoding(head: bytes) -> Encoding:
    """Return the encoding that a text's beginning names: in XML, HTML, or an escape sequence."""
    if any(escape in head for escape in _ISO_2022_JP):
        return Encoding("iso2022_jp", "by its escape sequences")
    narrow = head.replace(b"\0", b"") if head[:2] in (b"<\0", b"\0<") else head
    for pattern, how in ((_XML, "as its XML declaration says"), (_META, "as its <meta> says")):
        if match := pattern.search(narrow):
            codec = known_codec(match[1].decode("ascii", "replace"))
            if narrow is not head:
                codec = "utf-16-le" if head.startswith(b"<\0") else "utf-16-be"
            elif codec and codec.startswith(("utf-16", "utf-32")):
                codec = None  # it could not be read here if that were true
            return Encoding(codec, how) if codec and codec != "utf-8" else UTF_8
    return UTF_8


def fits(codec: str, data: bytes) -> bool:
    """Whether a sample is text in this encoding, but for a damaged byte in a hundred."""
    text = codecs.getincrementaldecoder(codec)(DAMAGE).decode(data)
    others = sum(not character.isascii() for character in text)
    bad = len(_DAMAGED.findall(text)) + len(_CONTROLS.findall(text))
    return bad * 100 <= others


def _transcoded(chunks: Iterator[bytes], encoding: Encoding) -> Iterator[bytes]:
    if encoding.is_utf8:
        yield from chunks
        return
    decoder = codecs.getincrementaldecoder(encoding.codec)(DAMAGE)
    is_first = True
    for chunk in _in_lines(chunks) if encoding.is_single_byte else chunks:
        text = decoder.decode(chunk)
        if encoding.is_single_byte and not chunk.isascii():
            text = _without_utf8(chunk, text)
        if text := _without_controls(text, encoding):
            yield _as_utf8(text, is_first)
            is_first = False
    if text := _without_controls(decoder.decode(b"", final=True), encoding):
        yield _as_utf8(text, is_first)


def _in_lines(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """Cut the chunks at the ends of lines, but for very long ones."""
    rest = b""
    for chunk in chunks:
        rest += chunk
        end = rest.rfind(b"\n") + 1 or (len(rest) if len(rest) > _LONG_LINE else 0)
        if end:
            yield rest[:end]
            rest = rest[end:]
    if rest:
        yield rest


def _without_utf8(chunk: bytes, text: str) -> str:
    """Take lines of UTF-8 in a text of another encoding for damage: they would become mojibake."""
    lines = chunk.split(b"\n")
    strange = {n for n, line in enumerate(lines) if count_others(line) >= 4 and is_utf8(line)}
    if not strange:
        return text
    texts = text.split("\n")
    for n in strange:
        texts[n] = "".join(
            chr(byte) if byte < 0x80 else chr(_FIRST_DAMAGE + byte) for byte in lines[n]
        )
    return "\n".join(texts)


def _without_controls(text: str, encoding: Encoding) -> str:
    """Take the controls for damage that stand beside the letters of the ISO 8859 family."""
    if not encoding.codec.startswith("iso8859"):
        return text
    return _CONTROLS.sub(lambda match: chr(_FIRST_DAMAGE + ord(match[0])), text)


def _as_utf8(text: str, is_first: bool) -> bytes:
    data = text.encode("utf-8", "surrogatepass")
    return _renamed(data) if is_first else data


def _renamed(head: bytes) -> bytes:
    """Let an XML declaration name the encoding that the text is in by now, at the same length."""
    declared = _XML.match(head)
    if not declared or len(declared[1]) < len(b"UTF-8"):
        return head
    end = head.index(b">", declared.end())
    quoted = head[declared.end() - 1 : declared.end()]
    filling = b" " * (len(declared[1]) - len(b"UTF-8"))
    rest = head[declared.end() : end]
    question = rest.rfind(b"?")
    middle = rest[:question] + filling + rest[question:]
    return head[: declared.start(1)] + b"UTF-8" + quoted + middle + head[end:]


def _again(first: bytes, chunks: Iterator[bytes]) -> Iterator[bytes]:
    yield first
    yield from chunks


def _without(chunks: Iterator[bytes], size: int) -> Iterator[bytes]:
    """Leave out the first bytes."""
    for chunk in chunks:
        kept = chunk[size:] if size else chunk
        size = max(0, size - len(chunk))
        if kept:
            yield kept


def _escape(error: UnicodeError) -> tuple[str, int]:
    """Stand a surrogate in for each byte that is no text."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    bad = error.object[error.start : error.end]
    return "".join(chr(_FIRST_DAMAGE + byte) for byte in bad), error.end


codecs.register_error(DAMAGE, _escape)
