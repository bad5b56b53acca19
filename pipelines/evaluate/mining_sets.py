"""Sets in the layout of the BUCC shared task: gold pairs hidden among other sentences.

lb-de.lb     id<TAB>text            de-en.training.de
lb-de.de     id<TAB>text       or   de-en.training.en
lb-de.gold   id<TAB>id              de-en.training.gold
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from bitseam.lid.identity import text_keys
from bitseam.mining.evaluate.statistics import Rows
from bitseam.pipelines.evaluate.files import read_lines, short_names
from bitseam.schemas.errors import UserError
from bitseam.schemas.languages import parse_language

log = logging.getLogger("bitseam")

_GOLD = ".gold"
_EXPECTED = "expected a BUCC set such as lb-de, for lb-de.lb, lb-de.de and lb-de.gold"


@dataclass(frozen=True)
class MiningSet:
    """Two piles of unique texts, and the pairs of them that are translations.

    :ivar languages: as in the files' names, `("lb", "de")`.
    :ivar texts: source and target, `(n,)` and `(m,)`; a text that occurs again is one sentence.
    :ivar gold: rows of the source and of the target, `(g,)` each.
    """

    name: str
    languages: tuple[str, str]
    texts: tuple[pa.LargeStringArray, pa.LargeStringArray]
    gold: tuple[Rows, Rows]


def read_mining_sets(paths: Sequence[str]) -> list[MiningSet]:
    """Read each set by its common name (`lb-de`), its gold file, or all those of a folder.

    :raises UserError: there is no such set, or its name does not tell two languages.
    """
    prefixes = [its for path in dict.fromkeys(paths) for its in _prefixes(Path(path).expanduser())]
    return [_read(*its) for its in zip(prefixes, short_names(prefixes), strict=True)]


def _prefixes(path: Path) -> list[Path]:
    if path.is_dir():
        found = [its.with_suffix("") for its in sorted(path.glob(f"*{_GOLD}"))]
        if not found:
            raise UserError(f"{path} is a folder without files *{_GOLD}: {_EXPECTED}")
        return found
    return [path.with_suffix("") if path.suffix == _GOLD else path]


def _read(prefix: Path, name: str) -> MiningSet:
    languages = tuple(prefix.name.partition(".")[0].split("-"))
    if len(languages) != 2:
        raise UserError(f"{prefix}: its name does not tell two languages: {_EXPECTED}")
    for code in languages:
        parse_language(code)
    paths = [prefix.with_name(f"{prefix.name}.{end}") for end in (*languages, _GOLD[1:])]
    if missing := [path for path in paths if not path.is_file()]:
        raise UserError(f"{missing[0]}: no such file: {_EXPECTED}")
    (src_ids, src), (tgt_ids, tgt), gold = (_columns(path) for path in paths)
    for path, ids in zip(paths, (src_ids, tgt_ids), strict=False):
        if again := len(ids) - pc.count_distinct(ids).as_py():
            log.warning("%s: ids that occur again, where the first counts: %d", path, again)
    (src, src_rows), (tgt, tgt_rows) = map(_unique, (src, tgt))
    sides = ((gold[0], src_ids, src_rows), (gold[1], tgt_ids, tgt_rows))
    rows = [_rows_of(*its) for its in sides]
    known = (rows[0] >= 0) & (rows[1] >= 0)
    if not known.any():
        raise UserError(f"{paths[2]}: no pair of ids that are in {paths[0]} and {paths[1]}")
    if lost := len(known) - int(known.sum()):
        log.warning("%s: pairs with an id that is not in its file, left out: %d", paths[2], lost)
    return MiningSet(
        name, (languages[0], languages[1]), (src, tgt), (rows[0][known], rows[1][known])
    )


def _columns(path: Path) -> tuple[pa.LargeStringArray, pa.LargeStringArray]:
    """Return what stands before and after the first tab of each line, without white space around.

    Ids that programs have padded are the same ids.
    """
    cells = pc.split_pattern(read_lines(str(path)), "\t", max_splits=1)
    whole = pc.equal(pc.list_value_length(cells), 2)
    if lost := len(cells) - (pc.sum(whole).as_py() or 0):
        log.warning("%s: lines without a tab, left out: %d", path, lost)
    flat = pc.utf8_trim_whitespace(cells.filter(whole).flatten())
    return flat[::2], flat[1::2]


def _unique(texts: pa.LargeStringArray) -> tuple[pa.LargeStringArray, Rows]:
    """Return each text once, as it first stands, and its row of every text `(n,)`."""
    encoded = pa.array(text_keys(texts)).dictionary_encode()
    rows: Rows = encoded.indices.to_numpy().astype(np.int64)
    return texts.take(pa.array(np.unique(rows, return_index=True)[1])), rows


def _rows_of(wanted: pa.LargeStringArray, ids: pa.LargeStringArray, rows: Rows) -> Rows:
    """Return the row among the unique texts of each wanted id, -1 where there is no such id."""
    places = pc.fill_null(pc.index_in(wanted, ids), -1).to_numpy(zero_copy_only=False)
    return np.where(places >= 0, np.append(rows, -1)[places], -1)
