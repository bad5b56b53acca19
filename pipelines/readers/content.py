"""What a file is, by its first bytes: names lie, and some say nothing."""

from __future__ import annotations

import codecs
import re

import orjson

from bitseam.pipelines.readers.compression import XZ_MEMORY

HEAD_BYTES = 4096  # that are looked at

_COMPRESSED = {
    "gzip": re.compile(rb"\x1f\x8b\x08"),
    "bzip2": re.compile(rb"BZh[1-9](1AY&SY|\x17rE8P\x90)"),
    "xz": re.compile(rb"\xfd7zXZ\x00"),
    "zstd": re.compile(rb"\x28\xb5\x2f\xfd|[\x50-\x5f]\x2a\x4d\x18"),  # or a frame without data
}
_ARCHIVES = {b"PK\x03\x04": "zip", b"PK\x05\x06": "zip", b"7z\xbc\xaf\x27\x1c": "7z"}
_TAR_MAGIC = 257, b"ustar"
_UNKNOWN_SIZE, _LARGEST_SIZE = (1 << 64) - 1, 1 << 38  # of .lzma
# What else people take for text.
_FOREIGN = {
    b"%PDF-": "PDF",
    b"\xd0\xcf\x11\xe0": "Microsoft Office",
    b"{\\rtf": "RTF",
    b"Rar!\x1a": "RAR",
    b"ARROW1": "Arrow",
    b"SQLite format 3\0": "SQLite",
    b"\x89PNG": "PNG",
    b"\xff\xd8\xff": "JPEG",
    b"GIF8": "GIF",
    b"\x7fELF": "ELF",
    b"WARC/": "WARC",
}
_CONTROLS = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
_MOST_CONTROLS = 0.002  # of text that is damaged here and there
_BOMS = (codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE, codecs.BOM_UTF32_BE)
_SPACE = b" \t\r\n"
_XML_LEADER = re.compile(rb"\s*(?:<\?[^>]{0,999}>|<!--.{0,1999}?-->|<![^>\[]{0,999}>)", re.DOTALL)
_ROOT = re.compile(rb"\s*<([A-Za-z_][\w.:-]{0,99})")


def compression_of(head: bytes) -> str | None:
    """Return how a file that starts so is compressed, if it is."""
    for kind, magic in _COMPRESSED.items():
        if magic.match(head):
            return kind
    return "lzma" if _is_lzma_alone(head) else None


def _is_lzma_alone(head: bytes) -> bool:
    """Whether this is the header of the old format, which has no magic: as `xz` decides it."""
    if len(head) < 13 or head[0] != 0x5D:
        return False
    dictionary = int.from_bytes(head[1:5], "little")
    size = int.from_bytes(head[5:13], "little")
    sizes = {1 << n for n in range(12, 31)} | {3 << n for n in range(11, 30)}
    known = dictionary in sizes and dictionary <= XZ_MEMORY
    return known and (size == _UNKNOWN_SIZE or size < _LARGEST_SIZE)


def archive_of(head: bytes) -> str | None:
    """Return zip, tar or 7z where a file that starts so is one."""
    for magic, kind in _ARCHIVES.items():
        if head.startswith(magic):
            return kind
    start, magic = _TAR_MAGIC
    return "tar" if head[start : start + len(magic)] == magic else None


def foreign_kind(head: bytes) -> str | None:
    """Return the name of a kind of file that is not read, where these are its first bytes."""
    return next((kind for magic, kind in _FOREIGN.items() if head.startswith(magic)), None)


def is_parquet(head: bytes) -> bool:
    """Whether Parquet starts so; a line of text may start with its four letters."""
    return head.startswith(b"PAR1") and bool(_CONTROLS.search(head[4:64]) or len(head) < 64)


def looks_like_text(head: bytes) -> bool:
    """Whether these bytes can be text in any encoding that is read."""
    if head.startswith(_BOMS):
        return True
    nuls = head.count(0)
    if nuls > len(head) / 5 and max(head[::2].count(0), head[1::2].count(0)) > 0.95 * nuls:
        return True  # UTF-16 without its mark
    return len(_CONTROLS.findall(head)) <= _MOST_CONTROLS * len(head)


def xml_root(head: bytes) -> str | None:
    """Return the name of the first element of an XML (or HTML) file, None where it is none."""
    head = head.removeprefix(codecs.BOM_UTF8)
    place = 0
    while leader := _XML_LEADER.match(head, place):
        place = leader.end()
    root = _ROOT.match(head, place)
    return root[1].decode() if root else None


def format_of(head: bytes, text_column: str = "text") -> str | None:
    """Return the format of a file whose name tells nothing, by its first bytes (as UTF-8).

    None: it is XML of another kind, or no text.
    """
    if is_parquet(head):
        return "parquet"
    if archive := archive_of(head):
        return archive
    if foreign_kind(head) or not looks_like_text(head):
        return None
    text = head.removeprefix(codecs.BOM_UTF8).lstrip(_SPACE)
    if root := xml_root(text):
        if root == "mediawiki":
            return "mediawiki"
        return None if text.startswith(b"<?xml") or root.lower() == "html" else "text"
    if re.match(rb"\[\s*(\{|\]\s*$)", text):
        return "json"
    first = text.partition(b"\n")[0].rstrip(b"\r")
    if re.match(rb'\{\s*"', text):
        return "jsonl" if is_json(first) else "json"
    for separator, format_ in ((b"\t", "tsv"), (b",", "csv"), (b";", "csv")):
        cells = [cell.strip(b'"') for cell in first.split(separator)]
        if len(cells) > 1 and text_column.encode() in cells:
            return format_
    return "text"


def is_json(line: bytes) -> bool:
    """Whether a line is a whole JSON value."""
    try:
        orjson.loads(line)
    except orjson.JSONDecodeError:
        return False
    return True
