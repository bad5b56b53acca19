"""Text that was decoded by the wrong table (`schÃ¶n` for `schön`) or escaped for HTML, repaired.

`ftfy` decides and repairs, one Python call a text: it sees only the few that look suspicious.
"""

from __future__ import annotations

import re

import ftfy
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

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

_TABLES = ("latin-1", "cp1252", "cp1250", "cp1251", "cp1253", "mac_roman")
_CONTROLS = r"\x{80}-\x{84}\x{86}-\x{9F}"  # U+0085 is a line break
# The bytes that begin a character in UTF-8, by how many others follow: of Latin, Greek, Cyrillic,
# Hebrew and Arabic; of the other scripts and of punctuation; of emoji.
_LEADS = {1: (*range(0xC2, 0xC6), *range(0xCE, 0xD2), *range(0xD7, 0xDA)), 2: range(0xE0, 0xF0)}
_REFERENCE = "&#?[0-9A-Za-z]{2,24};"
# `ftfy` undoes damage layer by layer: of a longer word, `&amp;amp;amp;...`, in quadratic time.
_MOST_CHARACTERS = 10_000


def _utf8_read_by(table: str) -> list[str]:
    """Return expressions for a character's UTF-8 bytes as `table` shows them."""
    following = re.escape(bytes(range(0x80, 0xC0)).decode(table, "ignore"))
    return [
        f"[{bytes(leads).decode(table)}][{following}{_CONTROLS}]{{{count}}}"
        for count, leads in _LEADS.items()
    ]


_SUSPICIOUS = "|".join(
    [
        f"[{_CONTROLS}]",
        "[ÃÂ] ",  # a no-break space that became a space
        _REFERENCE,
        *(expression for table in _TABLES for expression in _utf8_read_by(table)),
    ]
)


def repair(texts: pa.StringArray) -> pa.StringArray:
    """Return `texts` with mojibake undone and HTML's character references resolved.

    Texts of more than 10,000 characters, no sentences, stay as they are.
    """
    short = pc.less_equal(pc.utf8_length(texts), _MOST_CHARACTERS)
    suspicious = pc.and_(short, pc.match_substring_regex(texts, _SUSPICIOUS))
    rows = np.flatnonzero(suspicious.to_numpy(zero_copy_only=False))
    if not len(rows):
        return texts
    repaired = [ftfy.fix_text(text, _CONFIG) for text in texts.take(pa.array(rows)).to_pylist()]
    return pc.replace_with_mask(texts, suspicious, pa.array(repaired, pa.string()))
