"""The two sides of the pairs that `mine words` is given."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pyarrow as pa

from bitseam.pipelines.train.columns import MINED
from bitseam.pipelines.train.parallel_data import read_columns
from bitseam.schemas.errors import UserError
from bitseam.schemas.named_by_language import find_named, read_language


@dataclass(frozen=True)
class Sides:
    """Sentences of two languages, row for row; a missing one is an empty text.

    :ivar names: the columns or languages of source and target.
    """

    src: pa.LargeStringArray
    tgt: pa.LargeStringArray
    names: tuple[str, str]

    def extended(self, more: Sides) -> Sides:
        """Return these pairs, then `more`."""
        return Sides(
            pa.concat_arrays([self.src, more.src]),
            pa.concat_arrays([self.tgt, more.tgt]),
            self.names,
        )


def read_sides(path: str, columns: Sequence[str], like: Sides | None = None) -> Sides:
    """Return every row of the parallel text at `path`, in order, also those with an empty side.

    :param columns: source and target; none: the columns of `like` where they are here, too, else
        the only two there are, in their order.
    :raises UserError: there is no such input, or it has not the two columns.
    :raises BitseamError: a file is damaged.
    """
    table = _read(path, columns)
    found = table.column_names
    known = list(like.names) if like and _all_named(like.names, found) else found
    # Those of mined pairs are named by their languages.
    asked = known if not columns or (tuple(columns) == MINED and len(found) == 2) else [*columns]
    wanted = [find_named(name, found) or name for name in asked]
    if len(set(wanted)) != 2 or not set(wanted) <= set(found):
        raise UserError(
            f"{path}: expected two columns, source and target, found "
            f"{', '.join(map(repr, found))}: name two of them, as in --columns lb,de"
        )
    src, tgt = (
        table[name].cast(pa.large_string()).combine_chunks().fill_null("") for name in wanted
    )
    return Sides(src, tgt, (wanted[0], wanted[1]))


def _read(path: str, columns: Sequence[str]) -> pa.Table:
    """Read the columns; `lb` and `de` of mined pairs are known when these are read."""
    try:
        return read_columns(path, columns)
    except UserError:
        if not columns or not all(map(read_language, columns)):
            raise
        table = read_columns(path, ())
        if not _all_named(columns, table.column_names):
            raise
        return table


def _all_named(wanted: Sequence[str], found: Sequence[str]) -> bool:
    return all(find_named(name, found) for name in wanted)
