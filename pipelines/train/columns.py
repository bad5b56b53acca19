"""Which columns of a table are translations of each other."""

from __future__ import annotations

import re
from collections.abc import Sequence

from bitseam.schemas.errors import UserError
from bitseam.schemas.languages import parse_language, short_code

MINED = ("src_text", "tgt_text")  # of a `pairs` table and its exports

# Of codes of three letters alone some are everyday names of columns: `set`, `src`, `doc`, `url`.
_LANGUAGE = re.compile(r"[a-z]{2}(-[A-Z][a-z]{3})?|[a-z]{3}_[A-Z][a-z]{3}")
_IDENTIFIER = "id"  # and Indonesian, if so asked with --columns


def language_of(name: str) -> str | None:
    """Return the language of a column or a file extension as `ltz_Latn`; None where it is none."""
    if not _LANGUAGE.fullmatch(name):
        return None
    try:
        return parse_language(name)
    except UserError:
        return None


def languages_of(names: Sequence[str]) -> list[str]:
    """Return the languages that the names tell of, sorted short codes."""
    return sorted({short_code(found) for name in names if (found := language_of(name))})


def choose_columns(found: Sequence[str], wanted: Sequence[str], path: object) -> list[str]:
    """Return the columns to train on: `wanted`, else those that can only be meant.

    These are `src_text` and `tgt_text`, else all that are named by a language, else the only two.

    :param found: the columns of `path` that hold text.
    :raises UserError: a wanted column is missing, or there is a doubt.
    """
    if missing := [name for name in wanted if name not in found]:
        raise UserError(
            f"{path}: no column of text named {missing[0]!r} (--columns): found {_listed(found)}"
        )
    languages = [name for name in found if name != _IDENTIFIER and language_of(name)]
    if wanted:
        chosen = list(wanted)
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


def names_columns(cells: Sequence[str], wanted: Sequence[str]) -> bool:
    """Whether the first line of a table is a header, to go by the names in it."""
    known = set(wanted) <= set(cells) if wanted else set(MINED) <= set(cells)
    return known or sum(language_of(cell) is not None for cell in cells) > 1


def _listed(names: Sequence[str]) -> str:
    return ", ".join(map(repr, names[:12])) + (", ..." if len(names) > 12 else "") or "none"
