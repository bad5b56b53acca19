"""Text that was decoded by the wrong table (`schÃ¶n` for `schön`) or escaped for HTML, repaired.

`ftfy` decides and repairs, one Python call a text: it sees only the few that look suspicious. What
may be right as it stands (see `plausible`) is repaired where the rest of the document is broken.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Container, Iterator
from itertools import pairwise
from typing import NamedTuple

import ftfy
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from bitseam.lid.hygiene.plausible import Place, is_plausible

# Only what is damage: quotes stay curly; ligatures and wide letters stay.
_CONFIG = ftfy.TextFixerConfig(
    unescape_html="auto",  # not beside a `<`, where `&lt;` may be meant
    remove_terminal_escapes=False,
    fix_latin_ligatures=False,
    fix_character_width=False,
    uncurl_quotes=False,
    fix_line_breaks=False,
    fix_surrogates=False,
    remove_control_chars=False,
    normalization=None,
    explain=False,
)
_WITHOUT_ENCODING = _CONFIG._replace(fix_encoding=False)

_TABLES = ("latin-1", "cp1252", "cp1250", "cp1251", "cp1253", "mac_roman")
_CONTROLS = "\x80-\x84\x86-\x9f"  # U+0085 is a line break
# The bytes that begin a character in UTF-8, by how many others follow: up to N'Ko; of the other
# scripts and of punctuation.
_LEADS = {1: range(0xC2, 0xE0), 2: range(0xE0, 0xF0)}
_REFERENCE = "&#?[0-9A-Za-z]{2,24};"
# `ftfy` undoes damage layer by layer: of a longer word, `&amp;amp;amp;...`, in quadratic time.
_MOST_CHARACTERS = 10_000


def _utf8_read_by(table: str) -> list[str]:
    """Return expressions for a character's UTF-8 bytes as `table` shows them."""
    following = re.escape(bytes(range(0x80, 0xC0)).decode(table, "ignore"))
    return [
        f"[{bytes(leads).decode(table, 'ignore')}][{following}{_CONTROLS}]{{{count}}}"
        for count, leads in _LEADS.items()
    ]


_BY_TABLE = {table: re.compile("|".join(_utf8_read_by(table))) for table in _TABLES}
_SUSPICIOUS = "|".join(
    [
        f"[{_CONTROLS}]",
        "[ÃÂ] ",  # a no-break space that became a space
        _REFERENCE,
        *(expression for table in _TABLES for expression in _utf8_read_by(table)),
    ]
)


class _Repair(NamedTuple):
    """A text repaired, with its references alone resolved, and by which tables it was broken."""

    whole: str
    resolved: str
    doubted: frozenset[str]  # tables; none where all that is broken is beyond doubt
    certain: frozenset[str]

    def chosen(self, evidence: Container[str]) -> str:
        """Return the text by what else of its document is broken beyond doubt."""
        kept = self.doubted and not any(table in evidence for table in self.doubted)
        return self.resolved if kept else self.whole


def repair(texts: pa.StringArray, documents: npt.NDArray[np.int64] | None = None) -> pa.StringArray:
    """Return `texts` with mojibake undone and HTML's character references resolved.

    Texts of more than 10,000 characters, no sentences, stay as they are.

    :param documents: `(n,)`, of which document each text is; None: each is one of its own.
    """
    short = pc.less_equal(pc.utf8_length(texts), _MOST_CHARACTERS)
    suspicious = pc.and_(short, pc.match_substring_regex(texts, _SUSPICIOUS))
    rows = np.flatnonzero(suspicious.to_numpy(zero_copy_only=False))
    if not len(rows):
        return texts
    repairs = [_repair(text) for text in texts.take(pa.array(rows)).to_pylist()]
    places = (rows if documents is None else documents[rows]).tolist()
    evidence = _evidence(repairs, places)
    chosen = [its.chosen(evidence[place]) for its, place in zip(repairs, places, strict=True)]
    return pc.replace_with_mask(texts, suspicious, pa.array(chosen, pa.string()))


def _repair(text: str) -> _Repair:
    whole = ftfy.fix_text(text, _CONFIG)
    resolved = ftfy.fix_text(text, _WITHOUT_ENCODING)
    if whole == resolved:
        return _Repair(whole, resolved, frozenset(), frozenset())
    doubted, certain = set(), set()
    for table, pattern in _BY_TABLE.items():
        places = [place for place in _places(text, table, pattern) if _is_gone(text, place, whole)]
        alone = {place.start for place in places if is_plausible(text, place)}
        joined = {place.start for place, other in pairwise(places) if place.end == other.start}
        if alone:
            doubted.add(table)
        if len(alone) < len(places) or (joined and len(places) > 2):
            certain.add(table)
    return _Repair(whole, resolved, frozenset(() if certain else doubted), frozenset(certain))


def _places(text: str, table: str, pattern: re.Pattern[str]) -> Iterator[Place]:
    for found in pattern.finditer(text):
        # A byte that stands for nothing in the table is a control character.
        of_bytes = (
            character.encode(table, "ignore") or character.encode() for character in found[0]
        )
        meant = b"".join(its[-1:] for its in of_bytes).decode("utf-8", "replace")
        if len(meant) == 1 and meant != "\ufffd":
            yield Place(found.start(), found.end(), meant)


def _is_gone(text: str, place: Place, repaired: str) -> bool:
    it = text[place.start : place.end]
    return repaired.count(it) < text.count(it)


def _evidence(repairs: list[_Repair], places: list[int]) -> dict[int, set[str]]:
    """Return the tables by which each document is broken beyond doubt as often as in doubt."""
    counts: Counter[tuple[int, str]] = Counter()
    for its, place in zip(repairs, places, strict=True):
        counts.update((place, table) for table in its.certain)
        counts.subtract((place, table) for table in its.doubted)
    evidence: dict[int, set[str]] = {place: set() for place in places}
    for (place, table), more in counts.items():
        if more >= 0:
            evidence[place].add(table)
    return evidence
