"""The data that a set is checked against for leaks: every text in it, whatever its columns are."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import cast

import orjson
import pyarrow as pa
import pyarrow.compute as pc

from bitseam.lid.clean import clean
from bitseam.pipelines.lid.lines import LineBatches
from bitseam.pipelines.parquet import read_batches
from bitseam.pipelines.readers.inputs import COMPRESSIONS
from bitseam.pipelines.readers.storage import one_line
from bitseam.pipelines.train.tmx_file import read_segments
from bitseam.schemas.errors import BitseamError, UserError
from bitseam.schemas.named_by_language import read_language

log = logging.getLogger("bitseam")

_UNITS = 4096  # of a translation memory, at a time

_KNOWN = (".parquet", ".tsv", ".jsonl", ".ndjson", ".tmx", ".txt")
# Read as lines, these would hide sentences between commas, quotes and tags, or in compressed bytes.
_UNREADABLE = (
    *(".csv", ".json", ".xml", ".html", ".sgm", ".sgml", ".po", ".arrow", ".feather", ".orc"),
    *(".xlsx", ".ods", ".docx", ".odt", ".pdf", ".zip", ".tar", ".tgz", ".7z", ".pkl", ".npy"),
)
_EXPECTED = (
    "expected text, TSV, JSON Lines, Parquet or TMX, a folder of them, or the common name of "
    "corpus.lb and corpus.de"
)


def named_references(given: Sequence[str]) -> dict[str, list[Path]]:
    """Return the files of each `NAME=PATH`; a PATH without a name is named by its last part.

    :raises UserError: two have one name, or there is no such file, folder or common name, or files
        of a format that is not read.
    """
    found: dict[str, list[Path]] = {}
    for item in given:
        name, path = "", item
        if "=" in item and not Path(item).expanduser().exists():  # as a folder lang=de may
            name, _, path = item.partition("=")
        if not path:
            raise UserError(f"--against {item}: no path in it: {_EXPECTED}")
        name = name or Path(path).absolute().name
        if name in found:
            raise UserError(f"--against {item}: a second {name!r}: give each a NAME of its own")
        found[name] = _files(Path(path).expanduser())
    return found


def reference_texts(path: Path) -> Iterator[pa.StringArray]:
    """Yield the texts of a file in cleaned batches, empty ones left out.

    Of Parquet and JSON Lines all strings, in lists and structs, too; of TMX all segments; else what
    stands between the tabs of each line.

    :raises BitseamError: the file is damaged.
    """
    for texts in _READERS.get(_extension(path), _fields)(path):
        kept = clean(texts.drop_null()).texts
        yield kept.filter(pc.not_equal(kept, ""))


def _files(path: Path) -> list[Path]:
    if path.is_file():
        if _extension(path) in _UNREADABLE:
            raise UserError(f"--against {path}: {_extension(path)} is not read: {_EXPECTED}")
        return [path]
    if path.is_dir():
        found = _files_below(path / "pairs" if (path / "pairs").is_dir() else path)
    else:  # line-aligned files by their common name
        beside = sorted(path.parent.glob(f"{path.name}.*")) if path.parent.is_dir() else []
        found = [its for its in beside if read_language(_extension(its).removeprefix("."))]
    if not found:
        raise UserError(f"--against {path}: no such file, or no data below it: {_EXPECTED}")
    return found


def _files_below(folder: Path) -> list[Path]:
    """Return the files of data in a folder; what looks like data and is not read is told."""
    files = [path for path in sorted(folder.rglob("*")) if path.is_file() and _is_of_user(path)]
    if unread := [path.name for path in files if _extension(path) in _UNREADABLE]:
        named = ", ".join(unread[:5]) + (", ..." if len(unread) > 5 else "")
        log.warning("%s: not read, and so not checked for leaks: %s", folder, named)
    return [path for path in files if _is_data(path)]


def _is_of_user(path: Path) -> bool:
    """Whether a file is more than what a program notes of its own work."""
    return not path.name.startswith((".", "rejects.", "manifest."))


def _extension(path: Path) -> str:
    plain = path.with_suffix("") if path.suffix.lower() in COMPRESSIONS else path
    return plain.suffix.lower()


def _is_data(path: Path) -> bool:
    extension = _extension(path)
    ends = (path.name.partition(".")[0], extension.removeprefix("."))
    is_named = any(read_language(end) for end in ends)
    return extension in _KNOWN or (is_named and extension not in _UNREADABLE)


def _fields(path: Path) -> Iterator[pa.StringArray]:
    batches = LineBatches(str(path))
    for lines in batches:
        yield pc.split_pattern(lines, "\t").flatten()
    batches.warn()


def _json_strings(path: Path) -> Iterator[pa.StringArray]:
    batches, damaged = LineBatches(str(path)), 0
    for lines in batches:
        values = [_json(line) for line in lines.to_pylist()]
        damaged += values.count(None)
        yield pa.array([text for value in values for text in _strings(value)], pa.string())
    batches.warn()
    if damaged:
        log.warning("%s: lines that are no JSON, left out: %s", path, f"{damaged:,}")


def _json(line: str) -> object:
    try:
        return cast(object, orjson.loads(line))
    except orjson.JSONDecodeError:
        return None


def _strings(value: object) -> Iterator[str]:
    waiting = [value]
    while waiting:
        value = waiting.pop()
        if isinstance(value, str):
            yield value
        elif isinstance(value, dict | list):
            waiting.extend(value.values() if isinstance(value, dict) else value)


def _columns(path: Path) -> Iterator[pa.StringArray]:
    try:
        for batch in read_batches(path):
            batch.validate(full=True)  # what is no UTF-8 makes polars panic
            for column in batch.columns:
                yield from _leaves(column)
    except (pa.ArrowException, OSError) as error:
        raise BitseamError(f"{path} cannot be read as Parquet: {one_line(error)}") from error


def _leaves(column: pa.Array) -> Iterator[pa.StringArray]:
    """Yield the strings of a column, of lists and structs of them, too."""
    kind = column.type
    if pa.types.is_dictionary(kind):
        yield from _leaves(column.dictionary_decode())
    elif kind in (pa.string(), pa.large_string(), pa.string_view()):
        yield column.cast(pa.string())
    elif pa.types.is_struct(kind):
        for child in column.flatten():
            yield from _leaves(child)
    elif pa.types.is_map(kind):
        yield from _leaves(column.keys)
        yield from _leaves(column.items)
    elif pa.types.is_nested(kind):  # lists of any kind
        yield from _leaves(column.flatten())


def _segments(path: Path) -> Iterator[pa.StringArray]:
    segments = read_segments(path)
    while units := [*islice(segments, _UNITS)]:
        yield pa.array([text for unit in units for text in unit], pa.string())


_READERS: dict[str, Callable[[Path], Iterator[pa.StringArray]]] = {
    ".parquet": _columns,
    ".jsonl": _json_strings,
    ".ndjson": _json_strings,
    ".tmx": _segments,
}
