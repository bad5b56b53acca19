"""Finds the input files of a run: globs, folders, single files, local or behind a URL."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from glob import glob, has_magic
from pathlib import Path

from bitseam.pipelines.readers.storage import is_remote, one_line, remote_filesystem
from bitseam.schemas.choices import TextUnit
from bitseam.schemas.errors import BitseamError, UserError
from bitseam.schemas.languages import parse_language

FORMATS = {
    ".txt": "text",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".parquet": "parquet",
    ".tsv": "tsv",
    ".xml": "mediawiki",
}
_PART_OF_DUMP = re.compile(r"\.xml-p\d+p\d+")  # enwiki-...-pages-articles1.xml-p1p41242.bz2
COMPRESSIONS = {".gz": "gzip", ".bz2": "bzip2", ".xz": "xz", ".zst": "zstd"}


@dataclass(frozen=True)
class InputFile:
    """One file to read, and what its name says about it."""

    path: str  # absolute local path, or URL
    source: str  # short and unique in the run: the start of every `doc_id` of this file
    format: str  # text, jsonl, parquet, tsv, mediawiki
    compression: str | None  # gzip, bzip2, xz, zstd
    size: int | None  # bytes as stored; None where a server does not say
    lang_hint: str | None = None  # ltz_Latn

    def text_unit(self, chosen: TextUnit) -> TextUnit:
        """A wiki page is a document, whatever a line of text or a row of a table is said to be."""
        return "document" if self.format == "mediawiki" else chosen


def find_inputs(patterns: Sequence[str], *, lang_hint: str | None = None) -> list[InputFile]:
    """Expand globs, folders and URLs into input files, sorted by path, each once.

    A folder stands for every file below it with a known extension; hidden files are passed over.

    :param lang_hint: the language of all these files (any code `parse_language` understands).
    :raises UserError: a pattern matches nothing, or names a file of an unknown format.
    """
    hint = parse_language(lang_hint) if lang_hint else None
    found: dict[str, int | None] = {}
    for pattern in patterns:
        matches = dict(_expand(pattern))
        if not matches:
            raise UserError(f"no input matches {pattern!r}: expected a file, a folder or a glob")
        found.update(matches)
    files = []
    for path in sorted(found):
        format_, compression = _classify(path)
        files.append(InputFile(path, path, format_, compression, found[path], hint))
    return distinct_sources(files)[0]


def distinct_sources(*groups: list[InputFile]) -> list[list[InputFile]]:
    """Name the files of several lists so that `source` is unique over all of them.

    A source is the base name or, where base names collide, the shortest end of the path that tells
    the files apart: a run gives the same names wherever its folder lies.
    """
    by_name: dict[str, set[str]] = defaultdict(set)
    for file in (file for group in groups for file in group):
        by_name[_tail(file.path, 1)].add(file.path)
    sources: dict[str, str] = {}
    for paths in by_name.values():
        depth = 1
        while len({_tail(path, depth) for path in paths}) < len(paths):
            depth += 1
        sources.update({path: _tail(path, depth) for path in paths})
    return [[replace(file, source=sources[file.path]) for file in group] for group in groups]


def _tail(path: str, parts: int) -> str:
    return "/".join(path.split("/")[-parts:])


def _is_known(path: str) -> bool:
    name = Path(path).name
    return not name.startswith(".") and _split_extensions(name)[0] in FORMATS


def _split_extensions(name: str) -> tuple[str, str]:
    name = _PART_OF_DUMP.sub(".xml", name.lower())
    suffix = Path(name).suffix
    compression = suffix if suffix in COMPRESSIONS else ""
    return Path(name.removesuffix(compression)).suffix, compression


def _classify(path: str) -> tuple[str, str | None]:
    address = path.partition("?")[0] if is_remote(path) else path
    extension, compression = _split_extensions(address.rpartition("/")[2])
    if extension not in FORMATS and not _is_language(extension):
        raise UserError(
            f"{path}: unknown extension {extension or '(none)'!r}: expected {' '.join(FORMATS)}, "
            "or a language code for plain text (corpus.lb), each alone or with "
            f"{' '.join(COMPRESSIONS)} after it"
        )
    return FORMATS.get(extension, "text"), COMPRESSIONS.get(compression)


def _is_language(extension: str) -> bool:
    """Whether a file is named as in Moses' and OPUS' corpora: `corpus.lb`, `corpus.de`.

    Two letters only: among the codes of three are `csv`, `doc` and `tar`.
    """
    if len(extension) != len(".lb"):
        return False
    try:
        parse_language(extension.removeprefix("."))
    except UserError:
        return False
    return True


def _expand(pattern: str) -> Iterator[tuple[str, int | None]]:
    if not pattern.strip():
        raise UserError("an input is named '': expected a file, a folder or a glob")
    pattern = pattern.removeprefix("file://")
    yield from _expand_remote(pattern) if is_remote(pattern) else _expand_local(pattern)


def _expand_local(pattern: str) -> Iterator[tuple[str, int | None]]:
    path = Path(pattern).expanduser()
    # A name with brackets that exists is that file, not a glob.
    matches = [path] if path.exists() else []
    if not matches and has_magic(pattern):
        # pathlib's glob takes no absolute pattern
        matches = [Path(match) for match in glob(str(path), recursive=True)]  # noqa: PTH207
    for match in matches:
        if match.is_dir():
            files: Iterable[Path] = _files_below(match)
        else:
            files = [match]
        for file in files:
            _check_name(file)
            yield file.absolute().as_posix(), file.stat().st_size


def _check_name(file: Path) -> None:
    """Refuse a name that cannot stand in a table: Linux allows any bytes, `doc_id` is text."""
    try:
        str(file).encode()
    except UnicodeEncodeError as error:
        shown = str(file).encode("utf-8", "backslashreplace").decode()
        raise UserError(f"{shown}: the name is no UTF-8: rename the file") from error


def _files_below(folder: Path) -> Iterator[Path]:
    for path in folder.rglob("*"):
        hidden = any(part.startswith(".") for part in path.relative_to(folder).parts)
        if not hidden and _is_known(path.name) and path.is_file():
            yield path


def _expand_remote(pattern: str) -> Iterator[tuple[str, int | None]]:
    filesystem, path = remote_filesystem(pattern)
    is_http = pattern.startswith(("http://", "https://"))
    try:
        if is_http:  # a web server has no folders, and "?" belongs to the address
            listing = {path: filesystem.info(path)}
        elif has_magic(path):
            listing = filesystem.glob(path, detail=True)
        else:
            listing = filesystem.find(path, detail=True)
    except FileNotFoundError:
        return
    except Exception as error:  # each storage library has its own error tree
        raise BitseamError(f"{pattern}: cannot list: {one_line(error)}") from error
    for name, info in sorted(listing.items()):
        if info.get("type") == "file" and (len(listing) == 1 or has_magic(path) or _is_known(name)):
            yield (pattern if is_http else filesystem.unstrip_protocol(name)), info.get("size")
