r"""A sheet's rows as TSV: name, source, target, verdict; escapes as of `mine export --format tsv`.

A header stands first. Nothing is quoted; but what a spreadsheet quotes is understood. A text that a
spreadsheet would take for a formula, or for a quoted cell, which may swallow the rows after it,
begins with a backslash: `\=`, `\+`, `\-`, `\@`, `\"`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import pyarrow as pa

from bitseam.lid.identity import text_keys
from bitseam.pipelines.evaluate.files import read_lines
from bitseam.pipelines.exporters.tsv import ESCAPES
from bitseam.schemas.errors import UserError

VERDICTS = ("right", "partly", "wrong", "unsure")
HEADER = ("pair", "source", "target", "verdict")

_NAME = re.compile(r"p(\d{1,3})-([0-9a-f]{8})-([0-9a-f]{16})")
_MEANINGS = {escape: character for character, escape in ESCAPES.items()}
_SPECIAL = ("=", "+", "-", "@", '"')  # to a spreadsheet, where a cell begins
_ESCAPED = re.compile(r"\\[\\tnr]")


class SheetRow(NamedTuple):
    """One pair of a sheet: the parts of its name, two cells of text as they stand in the file, and
    the verdict, empty where there is none yet.
    """

    tiers: int
    fingerprint: str
    key: int
    src: str
    tgt: str
    verdict: str
    line: int


def format_row(name: str, src: str, tgt: str) -> str:
    """Return the cells of a pair but for the verdict, parted by tabs."""
    return "\t".join([name, _escape(src), _escape(tgt)])


def read_rows(path: Path) -> list[SheetRow]:
    """Return the rows of a sheet that was judged.

    :raises UserError: it is no sheet, or a verdict is none of `VERDICTS`.
    """
    lines = read_lines(str(path)).to_pylist()
    if not lines or not _is_header(lines[0]):
        raise UserError(
            f"{path} is no sheet: expected TSV that `mine evalset sheet` wrote, or that its page "
            f"saved, with the columns {', '.join(HEADER)}"
        )
    rows = [
        _row(path, number, line.split("\t"))
        for number, line in enumerate(lines[1:], 2)
        # A spreadsheet fills up empty rows with tabs; sheets that were joined have several headers.
        if line.strip() and not _is_header(line)
    ]
    if not rows:
        raise UserError(f"{path}: a sheet without pairs")
    return rows


def _is_header(line: str) -> bool:
    return tuple(map(_unquoted, line.split("\t")))[: len(HEADER)] == HEADER


def _row(path: Path, line: int, cells: Sequence[str]) -> SheetRow:
    name = _NAME.fullmatch(_unquoted(cells[0]))
    if not name or len(cells) < len(HEADER) - 1:  # programs that trim lines drop an empty verdict
        raise UserError(
            f"{path}, line {line}: {' | '.join(cells)[:80]!r} is no row of a sheet: expected "
            f"{', '.join(HEADER)}; copy the row from the sheet as it was written"
        )
    cells = [*cells, ""]
    verdict = _unquoted(cells[3]).strip().lower()
    if verdict and verdict not in VERDICTS:
        raise UserError(
            f"{path}, line {line}: the verdict {cells[3][:40]!r} is none of {', '.join(VERDICTS)}; "
            "leave it empty where the pair is not judged"
        )
    tiers, fingerprint, key = name.groups()
    return SheetRow(int(tiers), fingerprint, int(key, 16), cells[1], cells[2], verdict, line)


def shows(cell: str, text: str) -> bool:
    """Whether a cell of text is that text still, but for quotes around it (see `text_keys`)."""
    ours, *theirs = text_keys(pa.array([text, _unescape(cell), _unescape(_unquoted(cell))]))
    return ours in theirs


def _unquoted(cell: str) -> str:
    """Return a cell as it was before a spreadsheet quoted it, which it does where a quote is."""
    if len(cell) > 1 and cell[0] == cell[-1] == '"' and '"' not in cell[1:-1].replace('""', ""):
        return cell[1:-1].replace('""', '"')
    return cell


def _escape(text: str) -> str:
    escaped = "".join(ESCAPES.get(character, character) for character in text)
    return "\\" + escaped if escaped.startswith(_SPECIAL) else escaped


def _unescape(cell: str) -> str:
    if cell.startswith("\\") and cell[1:].startswith(_SPECIAL):
        cell = cell[1:]
    return _ESCAPED.sub(lambda match: _MEANINGS[match[0]], cell)
