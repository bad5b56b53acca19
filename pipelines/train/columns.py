"""Which columns of a table are translations of each other."""

from __future__ import annotations

import re
from collections.abc import Sequence

from bitseam.schemas.errors import UserError
from bitseam.schemas.languages import short_code
from bitseam.schemas.named_by_language import find_named, language_of, languages_among

MINED = ("src_text", "tgt_text")  # of a `pairs` table and its exports

_NUMBER = re.compile(r"\s*[+-]?\d+(\.\d+)?([eE][+-]?\d+)?\s*")


def languages_of(names: Sequence[str]) -> list[str]:
    """Return the languages that the names of a table tell of, sorted short codes."""
    return sorted({short_code(found) for found in languages_among(names).values()})


def choose_columns(found: Sequence[str], wanted: Sequence[str], path: object) -> list[str]:
    """Return the columns to train on: `wanted`, else those that can only be meant.

    These are `src_text` and `tgt_text`, else all that are named by a language, else the only two.

    :param found: the columns of `path` that hold text.
    :param wanted: their names, or other codes of their languages: `lb` for `ltz`.
    :raises UserError: a wanted column is missing, or there is a doubt.
    """
    named = [find_named(name, found) for name in wanted]
    if missing := [name for name, its in zip(wanted, named, strict=True) if its is None]:
        raise UserError(
            f"{path}: no column of text named {missing[0]!r} (--columns): found {_listed(found)}"
        )
    languages = list(languages_among(found))
    if wanted:
        chosen = [name for name in named if name is not None]
    elif set(MINED) <= set(found):
        chosen = list(MINED)
    else:
        chosen = languages if len(languages) > 1 else list(found)
        if chosen is not languages and len(chosen) != 2:
            chosen = []
    if twice := [name for name in chosen if found.count(name) > 1]:
        raise UserError(f"{path}: two columns are named {twice[0]!r}: expected names of their own")
    if len(set(chosen)) < 2:
        raise UserError(
            f"{path}: cannot tell which columns are translations of each other: found "
            f"{_listed(found)}, expected two or more named by language (lb, de, ltz_Latn), or two "
            "in all: name them, as in --columns lb,de"
        )
    return chosen


def names_columns(
    cells: Sequence[str], wanted: Sequence[str], below: Sequence[Sequence[str]] = ()
) -> bool:
    """Whether the first line of a table is a header, to go by the names in it.

    :param below: some of the next lines. Two words of three letters are no header above words.
    """
    if wanted and all(find_named(name, cells) for name in wanted):
        return True
    if set(MINED) <= set(cells):
        return True
    below = [row for row in below if row and len(row) == len(cells)]
    columns = zip(cells, *below, strict=True)
    # What stands above numbers is the name of no text.
    texts = [cell for cell, *rows in columns if not rows or not all(map(_NUMBER.fullmatch, rows))]
    found = languages_among(texts)
    if all(language_of(name) or len(short_code(its)) == 2 for name, its in found.items()):
        return bool(found)
    return not all(cell.isalpha() and cell.islower() for row in below for cell in row)


def _listed(names: Sequence[str]) -> str:
    return ", ".join(map(repr, names[:12])) + (", ..." if len(names) > 12 else "") or "none"
