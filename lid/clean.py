"""Cleaning of sentences: the same characters for the same text. Offsets are taken before it.

Mojibake repaired; control and format characters dropped; Unicode NFC; every run of white space one
space; trimmed.
"""

from __future__ import annotations

from typing import NamedTuple
from unicodedata import normalize

import numpy as np
import numpy.typing as npt
import polars as pl
import pyarrow as pa
import pyarrow.compute as pc

from bitseam.lid.hygiene.mojibake import repair

# Format characters (Cf: soft hyphen, zero-width space, marks of direction, BOM) and controls (Cc)
# that are no white space. U+200C and U+200D join or part letters of Arabic and Indic scripts and
# emoji: they stay between two characters other than a space.
# U+FFFC stands for something that is no text: see `hygiene.sentences.incomplete`.
_DROPPED = (
    r"[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\x{AD}\x{61C}\x{180E}\x{200B}\x{200E}\x{200F}"
    r"\x{202A}-\x{202E}\x{2060}-\x{206F}\x{FEFF}\x{FFF9}-\x{FFFC}]"
)
_SPACES = r"[\s\x1c-\x1f]+"
_JOINERS = "\u200c\u200d"
_STRAY_JOINERS = f"[{_JOINERS}]* [ {_JOINERS}]*"  # beside a space, with nothing to join

# Characters that cleaning leaves alone, whatever stands beside them: most texts hold no others, and
# single spaces within. Latin, Greek, Cyrillic, punctuation, currencies, kana, ideographs.
PLAIN = (
    r"\x20-\x7e\x{A1}-\x{AC}\x{AE}-\x{2FF}\x{388}-\x{482}\x{48A}-\x{52F}\x{2010}-\x{2027}"
    r"\x{2030}-\x{205E}\x{20A0}-\x{20CF}\x{3001}-\x{3029}\x{3041}-\x{3096}\x{30A1}-\x{30FF}"
    r"\x{4E00}-\x{9FFF}\x{FF01}-\x{FFEE}"
)
_ODD = f"[^{PLAIN}]|^ |  | $"
_MOST_PASSES = 4


class Cleaned(NamedTuple):
    """Cleaned texts and which of them differ from what stood in the document."""

    texts: pa.StringArray
    changed: pa.BooleanArray


def clean(texts: pa.StringArray, documents: npt.NDArray[np.int64] | None = None) -> Cleaned:
    """Return `texts` repaired, in NFC without control characters, with single spaces, trimmed.

    :param documents: `(n,)`, of which document each text is: what may be right as it stands is
        repaired where the rest of its document is broken; None: each text is one of its own.
    """
    result = _clean_once(texts, documents)
    changed = pc.not_equal(result, texts)
    again = changed
    for _ in range(_MOST_PASSES):  # damage can hide damage: a control character in a broken letter
        if not pc.any(again).as_py():
            break
        before = result.filter(again)
        rows = again.to_numpy(zero_copy_only=False)
        after = _clean_once(before, None if documents is None else documents[rows])
        result = pc.replace_with_mask(result, again, after)
        again = pc.replace_with_mask(again, again, pc.not_equal(after, before))
    return Cleaned(result, changed)


def _clean_once(texts: pa.StringArray, documents: npt.NDArray[np.int64] | None) -> pa.StringArray:
    # First of all: controls and soft hyphens are bytes of lost letters.
    repaired = repair(texts, documents)
    odd = pl.Series(repaired, dtype=pl.String).str.contains(_ODD).to_arrow()
    if not pc.any(odd).as_py():
        return repaired
    return pc.replace_with_mask(repaired, odd, _clean_odd(repaired.filter(odd)))


def _clean_odd(texts: pa.StringArray) -> pa.StringArray:
    cleaned = pl.Series(texts).str.replace_all(_DROPPED, "")  # can part an accent
    # A Python call a sentence, 0.3 us each: polars takes 3 us, and what pc.utf8_normalize calls NFC
    # it leaves decomposed (pyarrow 18 to 25).
    composed = [normalize("NFC", text) for text in cleaned.to_list()]
    cleaned = pl.Series(composed, dtype=pl.String).str.replace_all(_SPACES, " ")
    if cleaned.str.contains(f"[{_JOINERS}]").any():
        cleaned = cleaned.str.replace_all(_STRAY_JOINERS, " ")
    return cleaned.str.strip_chars(" " + _JOINERS).to_arrow().cast(pa.string())
