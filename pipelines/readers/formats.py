"""The one table of what can be read: formats, archives and compressions, by their endings."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from functools import cache
from importlib import import_module
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, NamedTuple

from bitseam.schemas.named_by_language import read_language

if TYPE_CHECKING:
    from bitseam.pipelines.readers.batches import BatchBuilder
    from bitseam.pipelines.readers.options import ReadOptions
    from bitseam.pipelines.readers.streams import InputStream

    Reader = Callable[[InputStream, BatchBuilder, ReadOptions], Iterator[None]]


_SHOWN = 8  # kinds of files that are passed over


class Format(NamedTuple):
    """One format: a file of this folder reads it, imported when the first input needs it."""

    name: str
    endings: tuple[str, ...]
    reader: str | None  # module:function; None: an archive, whose members are read


FORMATS = (
    Format("text", (".txt",), "text:read_text"),
    Format("jsonl", (".jsonl", ".ndjson"), "jsonl:read_jsonl"),
    Format("json", (".json",), "json:read_json"),
    Format("tsv", (".tsv", ".tab"), "tsv:read_tsv"),
    Format("csv", (".csv",), "csv:read_csv"),
    Format("parquet", (".parquet",), "parquet:read_parquet"),
    Format("mediawiki", (".xml",), "mediawiki:read_mediawiki"),
    Format("zip", (".zip",), None),
    Format("tar", (".tar",), None),
    Format("7z", (".7z",), None),
)
BY_NAME = {format_.name: format_ for format_ in FORMATS}
BY_ENDING = {ending: format_.name for format_ in FORMATS for ending in format_.endings}
ARCHIVES = frozenset(format_.name for format_ in FORMATS if format_.reader is None)
COMPRESSIONS = {
    ".gz": "gzip",
    ".bz2": "bzip2",
    ".xz": "xz",
    ".zst": "zstd",
    ".lzma": "lzma",
}
_SHORT = {".tgz": ".tar.gz", ".tbz2": ".tar.bz2", ".txz": ".tar.xz", ".tzst": ".tar.zst"}
_MOST_COMPRESSIONS = 3  # corpus.txt.gz.bz2
_PART_OF_DUMP = re.compile(r"\.xml-p\d+p\d+")  # enwiki-...-pages-articles1.xml-p1p41242.bz2
# Endings that promise something else than text, although some are codes of languages, too.
FOREIGN = frozenset(
    """
    .arrow .avro .bak .bib .bin .bmp .cfg .css .dat .db .dic .djvu .doc .docx .eml .epub .exe
    .feather .fst .gif .h5 .htm .html .ico .idx .ini .ipynb .jar .jpeg .jpg .js .lock .log .lua
    .mbox .md .mdb .mid .mobi .mov .mp3 .mp4 .msg .npy .npz .odp .ods .odt .orc .out .pdf .pkl
    .png .po .pot .ppt .pptx .py .pyc .rar .rst .rtf .sgm .sgml .sh .sql .sqlite .srt .ssh .sub
    .svg .tei .tex .tif .tiff .tmp .tmx .toml .ttf .vtt .warc .wav .webp .wet .woff .xhtml .xlf
    .xliff .xls .xlsx .yaml .yml
    """.split()  # noqa: SIM905
)
EXPECTED = (
    f"expected {' '.join(BY_ENDING)}, or a language code for plain text (corpus.lb), each alone or "
    f"with {' '.join(COMPRESSIONS)} after it"
)


@cache
def reader_of(name: str) -> Reader:
    """Return the function that reads a format."""
    module, _, function = (BY_NAME[name].reader or "").partition(":")
    found: Reader = getattr(import_module(f"bitseam.pipelines.readers.{module}"), function)
    return found


class NameParts(NamedTuple):
    """What the name of a file says."""

    ending: str  # in lower case, without the endings of compression; empty where there is none
    format: str | None  # None where the ending tells nothing
    compression: str | None  # the outermost: bzip2 of corpus.txt.gz.bz2

    @property
    def is_foreign(self) -> bool:
        """Whether the ending is known to be of something that is not read."""
        return self.ending in FOREIGN


def parse_name(name: str) -> NameParts:
    """Return what the last part of a path says of its format and compression."""
    name = _PART_OF_DUMP.sub(".xml", name.lower())
    for short, long in _SHORT.items():
        name = name.removesuffix(short) + long if name.endswith(short) else name
    compressions = []
    for _ in range(_MOST_COMPRESSIONS):
        suffix = PurePosixPath(name).suffix
        if suffix not in COMPRESSIONS:
            break
        compressions.append(COMPRESSIONS[suffix])
        name = name.removesuffix(suffix)
    ending = PurePosixPath(name).suffix
    format_ = BY_ENDING.get(ending) or ("text" if names_language(ending) else None)
    return NameParts(ending, format_, compressions[0] if compressions else None)


def names_language(ending: str) -> bool:
    """Whether a file is named as in Moses' and OPUS' corpora: `.lb`, `.hau`, `.ltz_latn`."""
    return ending not in FOREIGN and read_language(ending.removeprefix(".")) is not None


def shown_kinds(kinds: Counter[str]) -> str:
    """Return how many files of each kind were passed over, the most frequent first."""
    counted = kinds.most_common()
    shown = ", ".join(f"{count:,} {kind}" for kind, count in counted[:_SHOWN])
    rest = sum(count for _, count in counted[_SHOWN:])
    return shown + (f", {rest:,} others" if rest else "")
