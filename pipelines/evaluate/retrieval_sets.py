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
from bitseam.pipelines.train.columns import language_of
from bitseam.pipelines.train.parallel_data import read_parallel
from bitseam.schemas.errors import UserError
from bitseam.schemas.languages import parse_language

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


def language_of_column(name: str) -> str | None:
    """Return the language (`ltz_Latn`) that a column or a file is named by; None where by none."""
    if language_of(name):
        return language_of(name)
    try:
        return parse_language(name) if len(name) == 3 and name.isalpha() else None
    except UserError:
        return None


def _language_files(folder: Path) -> dict[str, Path]:
    """Return a folder's files that are named by a language (`ltz_Latn.txt`, `ltz.devtest`)."""
    if not folder.is_dir() or any(folder.rglob("*.parquet")):
        return {}
    files = sorted(path for path in folder.iterdir() if path.is_file())
    named = [path for path in files if language_of_column(path.name.partition(".")[0])]
    found: dict[str, Path] = {}
    for path in named:
        code = path.name.partition(".")[0]
        if code in found:
            raise UserError(f"{found[code]} and {path} are both of {code!r}: remove one")
        found[code] = path
    return found if len(found) > 1 else {}


def _read_folder(files: dict[str, Path], columns: Sequence[str]) -> pa.Table:
    if missing := [name for name in columns if name not in files]:
        folder = next(iter(files.values())).parent
        raise UserError(f"{folder}: no file of {missing[0]!r}: found {', '.join(files)}")
    sides = {code: read_lines(str(files[code])) for code in columns or files}
    if len({len(lines) for lines in sides.values()}) > 1:
        counts = ", ".join(f"{files[code]} {len(lines):,}" for code, lines in sides.items())
        raise UserError(f"line-aligned files must have the same number of lines: found {counts}")
    blank = {code: pc.equal(pc.utf8_trim_whitespace(lines), "") for code, lines in sides.items()}
    return pa.table({c: pc.if_else(blank[c], None, lines) for c, lines in sides.items()})


def _pairs(columns: Sequence[str], wanted: Sequence[str], path: str) -> tuple[tuple[str, str], ...]:
    possible = {f"{a}-{b}": (a, b) for a in columns for b in columns if a != b}
    if missing := [name for name in wanted if name not in possible]:
        raise UserError(
            f"{path}: no pair {missing[0]!r} (--pair): expected two of its columns "
            f"{', '.join(columns)}, as in --pair {columns[0]}-{columns[1]}"
        )
    return tuple(possible[name] for name in wanted) or tuple(combinations(columns, 2))
