"""Sentences and their translations, line by line: what retrieval is measured on."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from bitseam.pipelines.evaluate.files import read_lines, short_names
from bitseam.pipelines.readers.inputs import COMPRESSIONS
from bitseam.pipelines.train.parallel_data import read_parallel
from bitseam.schemas.errors import UserError
from bitseam.schemas.named_by_language import find_named, read_language

log = logging.getLogger("bitseam")


@dataclass(frozen=True)
class RetrievalSet:
    """A table of translations, one column a language or version, and which columns to pair."""

    name: str
    table: pa.Table
    pairs: tuple[tuple[str, str], ...]


def read_retrieval_sets(
    paths: Sequence[str], columns: Sequence[str], pairs: Sequence[str]
) -> list[RetrievalSet]:
    """Read multi-way parallel text: a folder of files named by language, or what training reads.

    :param columns: those that are translations; none: see `train.columns.choose_columns`.
    :param pairs: `lb-de`, the pairs of columns to measure; none: every two, in their order.
    :raises UserError: there is no such input, no such column, or lines without counterparts.
    """
    paths = list(dict.fromkeys(paths))
    sets = []
    for path, name in zip(paths, short_names([*map(Path, paths)]), strict=True):
        folder = _language_files(Path(path).expanduser())
        table = _read_folder(folder, columns) if folder else read_parallel([path], columns)[0].table
        sets.append(RetrievalSet(name, table, _pairs(table.column_names, pairs, path)))
    return sets


def _language_files(folder: Path) -> dict[str, Path]:
    """Return a folder's files that are named by a language, in front or at the end.

    That is `ltz_Latn.txt`, `ltz.devtest`, or `dev.ltz`.
    """
    if not folder.is_dir() or any(folder.rglob("*.parquet")):
        return {}
    files = sorted(path for path in folder.iterdir() if path.is_file())
    for place in (0, -1):
        found: dict[str, Path] = {}
        for path in files:
            code = _plain(path).split(".")[place]
            if read_language(code) is None:
                continue
            if code in found and place == 0:
                raise UserError(f"{found[code]} and {path} are both of {code!r}: remove one")
            found[code] = path
        if len(found) > 1:
            return found
    return {}


def _plain(path: Path) -> str:
    return path.stem if path.suffix.lower() in COMPRESSIONS else path.name


def _read_folder(files: dict[str, Path], columns: Sequence[str]) -> pa.Table:
    named = [find_named(name, list(files)) for name in columns]
    if missing := [name for name, its in zip(columns, named, strict=True) if its is None]:
        folder = next(iter(files.values())).parent
        raise UserError(f"{folder}: no file of {missing[0]!r}: found {', '.join(files)}")
    chosen = [code for code in named if code] or list(files)
    sides = {code: read_lines(str(files[code])) for code in chosen}
    if len({len(lines) for lines in sides.values()}) > 1:
        counts = ", ".join(f"{files[code]} {len(lines):,}" for code, lines in sides.items())
        raise UserError(f"line-aligned files must have the same number of lines: found {counts}")
    blank = {code: pc.equal(pc.utf8_trim_whitespace(lines), "") for code, lines in sides.items()}
    return pa.table({c: pc.if_else(blank[c], None, lines) for c, lines in sides.items()})


def _pairs(columns: Sequence[str], wanted: Sequence[str], path: str) -> tuple[tuple[str, str], ...]:
    possible = {f"{a}-{b}": (a, b) for a in columns for b in columns if a != b}
    for name in wanted:  # by other codes of the same languages
        a, dash, b = name.partition("-")
        both = find_named(a, columns), find_named(b, columns)
        if dash and both[0] and both[1] and both[0] != both[1]:
            possible.setdefault(name, (both[0], both[1]))
    if missing := [name for name in wanted if name not in possible]:
        raise UserError(
            f"{path}: no pair {missing[0]!r} (--pair): expected two of its columns "
            f"{', '.join(columns)}, as in --pair {columns[0]}-{columns[1]}"
        )
    return tuple(possible[name] for name in wanted) or tuple(combinations(columns, 2))
