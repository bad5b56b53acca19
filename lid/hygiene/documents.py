"""Which documents, and which parts of them, are worth keeping: what only shows in a corpus.

A pass over all documents gathers `DocumentFacts`; merged, they are the `CorpusFacts` by which
`unwanted_segments` judges the segments of a document.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from bitseam.lid.code_points import lowered
from bitseam.lid.hygiene.lines import MAX_LINE, Lines, find_lines, in_menu, like_items
from bitseam.lid.hygiene.near_documents import Signatures, sign
from bitseam.lid.hygiene.phrases import holds_phrase, speaks_of_page
from bitseam.schemas.reasons import Reason


class DocumentFacts(NamedTuple):
    """What n documents tell about the corpus they are of."""

    line_document: npt.NDArray[np.int64]  # (lines,) row of a document, each line of it once
    line_key: npt.NDArray[np.int64]  # (lines,)
    signatures: Signatures


def gather_facts(texts: pa.StringArray) -> DocumentFacts:
    """Return the facts of some documents."""
    points = lowered(texts)
    lines = find_lines(points)
    short = np.flatnonzero(lines.end - lines.start <= MAX_LINE)
    document, key = lines.document[short], lines.key[short]
    order = np.lexsort((key, document))
    document, key = document[order], key[order]
    new = np.ones(len(order), bool)
    new[1:] = (document[1:] != document[:-1]) | (key[1:] != key[:-1])
    return DocumentFacts(document[new], key[new], sign(points))


@dataclass(frozen=True)
class CorpusFacts:
    """What a corpus tells about some of its documents.

    :ivar boilerplate: `(n,)` int64, ascending keys of lines. :ivar counts: `(n,)`, in how many
        documents each stands. :ivar keepers: `(n,)`, the row of the document that keeps it, any
        other number where that is none of these documents; None if no document keeps a line.
    :ivar originals: of each document the `doc_id` of the one it repeats, null where it is none;
        None if no document repeats another.
    """

    boilerplate: npt.NDArray[np.int64]
    counts: npt.NDArray[np.int64]
    originals: pa.StringArray | None = None
    keepers: npt.NDArray[np.int64] | None = None

    def about(self, first: int, count: int) -> CorpusFacts:
        """Return the facts about `count` of the documents."""
        originals, keepers = self.originals, self.keepers
        return replace(
            self,
            originals=None if originals is None else originals.slice(first, count),
            keepers=None if keepers is None else keepers - first,
        )

    def without_repeats(self) -> CorpusFacts:
        """Return the facts about the documents that repeat no other one."""
        if self.originals is None or self.keepers is None:
            return self
        stays = self.originals.is_null().to_numpy(zero_copy_only=False)
        rows = np.append(np.where(stays, np.cumsum(stays) - 1, -1), -1)
        inside = (self.keepers >= 0) & (self.keepers < len(stays))
        return replace(self, originals=None, keepers=rows[np.where(inside, self.keepers, -1)])


NOTHING_KNOWN = CorpusFacts(np.zeros(0, np.int64), np.zeros(0, np.int64))


class Unwanted(NamedTuple):
    """Why segments are not wanted, and more about that; null where they are."""

    reasons: pa.StringArray
    details: pa.StringArray


def unwanted_segments(
    documents: pa.StringArray,
    where: tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], npt.NDArray[np.int64]],
    cleaned: pa.StringArray,
    facts: CorpusFacts,
) -> Unwanted:
    """Judge the segments of `documents` by the lines they stand in, and by what they say.

    :param where: document, start and end of each segment, `(n,)` each, in code points.
    :param cleaned: their texts after cleaning.
    """
    document, start, end = where
    points = lowered(documents)
    lines = find_lines(points)
    begins = points.bounds[:-1][document] + start
    ends = points.bounds[:-1][document] + end
    line = np.searchsorted(lines.start, begins, side="right") - 1
    inside = line >= 0
    inside[inside] = ends[inside] <= lines.end[line[inside]]
    counts, kept, menu = np.zeros(len(line), np.int64), *np.zeros((2, len(line)), bool)
    counts[inside] = _documents_with(lines.key, facts)[line[inside]]
    kept[inside] = _kept_here(lines, facts)[line[inside]]
    menu[inside] = in_menu(lines)[line[inside]]
    counts[kept & ~speaks_of_page(cleaned)] = 0
    repeated, is_phrase = pa.array(counts > 0), pa.array(holds_phrase(cleaned))
    return Unwanted(
        pc.case_when(
            pc.make_struct(pc.or_(repeated, is_phrase), pa.array(menu)),
            Reason.BOILERPLATE.value,
            Reason.MENU.value,
        ),
        pc.case_when(
            pc.make_struct(repeated, is_phrase),
            pc.binary_join_element_wise("in", pa.array(counts).cast(pa.string()), "documents", " "),
            "phrase of web pages",
        ),
    )


def _documents_with(keys: npt.NDArray[np.int64], facts: CorpusFacts) -> npt.NDArray[np.int64]:
    """Return in how many documents each line `(n,)` stands if it is boilerplate, else 0."""
    place, found = _places(keys, facts)
    counts = np.zeros(len(keys), np.int64)
    counts[found] = facts.counts[place[found]]
    return counts


def _kept_here(lines: Lines, facts: CorpusFacts) -> npt.NDArray[np.bool_]:
    """Return `(n,)`: which lines are the copy that stays: the first in the document that keeps it.

    What has the shape of a menu's item is kept by none.
    """
    kept = np.zeros(len(lines.key), bool)
    if facts.keepers is None:
        return kept
    place, found = _places(lines.key, facts)
    found &= ~like_items(lines)
    found[found] = facts.keepers[place[found]] == lines.document[found]
    rows = np.flatnonzero(found)
    kept[rows[np.unique(place[rows], return_index=True)[1]]] = True
    return kept


def _places(
    keys: npt.NDArray[np.int64], facts: CorpusFacts
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.bool_]]:
    """Return where each line stands in the boilerplate, and whether it does."""
    place = np.searchsorted(facts.boilerplate, keys)
    found = place < len(facts.boilerplate)
    found[found] = facts.boilerplate[place[found]] == keys[found]
    return place, found
