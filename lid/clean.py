"""Cleaning of sentences: the same characters for the same text. Offsets are taken before it.

Unicode NFC; control and format characters dropped; every run of white space one space; trimmed.
"""

from __future__ import annotations

from typing import NamedTuple

import polars as pl
import pyarrow as pa
import pyarrow.compute as pc

# Format characters (Cf: soft hyphen, zero-width space, marks of direction, BOM) and controls (Cc)
# that are no white space. U+200C and U+200D join or part letters of Arabic and Indic scripts and
# emoji: they stay between two characters other than a space.
_DROPPED = (
    r"[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\x{AD}\x{61C}\x{180E}\x{200B}\x{200E}\x{200F}"
    r"\x{202A}-\x{202E}\x{2060}-\x{206F}\x{FEFF}\x{FFF9}-\x{FFFB}]"
)
_SPACES = r"[\s\x0b\x1c-\x1f\x{85}\p{Z}]+"
_STRAY_JOINERS = r"(^|[\s\x{200C}\x{200D}])[\x{200C}\x{200D}]+|[\x{200C}\x{200D}]+($|\s)"
_JOINERS = "[\u200c\u200d]"


class Cleaned(NamedTuple):
    """Cleaned texts and which of them differ from what stood in the document."""

    texts: pa.StringArray
    changed: pa.BooleanArray


def clean(texts: pa.StringArray) -> Cleaned:
    """Return `texts` in NFC without control characters, with single spaces, trimmed."""
    # Not pc.utf8_normalize: what it calls NFC it leaves decomposed (pyarrow 18 to 25).
    cleaned = pl.Series(texts).str.normalize("NFC").to_arrow().cast(pa.string())
    cleaned = pc.replace_substring_regex(cleaned, _DROPPED, "")
    if pc.any(pc.match_substring_regex(cleaned, _JOINERS)).as_py():
        cleaned = pc.replace_substring_regex(cleaned, _STRAY_JOINERS, r"\1\2")
    cleaned = pc.replace_substring_regex(cleaned, _SPACES, " ")
    cleaned = pc.utf8_trim(cleaned, " ")
    return Cleaned(cleaned, pc.not_equal(cleaned, texts))
