"""Values as the page shows them: foreign text is harmless, numbers are readable."""

from __future__ import annotations

import unicodedata
from typing import Any

# Format characters that text needs: soft hyphen, the two joiners, and the tags of flags' emoji.
_NEEDED = frozenset("\u00ad\u200c\u200d")
_PICTURES = 0x2400  # of the controls U+0000 to U+001F


def shown(value: Any) -> Any:
    """Return text in which what is invisible or would act on its surroundings can be read.

    Control characters become their pictures (`␀`); characters that change the direction of text,
    lone surrogates and others without a shape become their names in brackets (`⟨U+202E⟩`).
    What is no text, or was made by the page itself, is returned as it is.
    """
    if type(value) is not str:
        return value
    return "".join(map(_visible, value)) if not value.isprintable() else value


def _visible(character: str) -> str:
    if character.isprintable() or character in _NEEDED:
        return character
    code = ord(character)
    if unicodedata.category(character) == "Zs" or character in "\n\t":
        return " "
    if code < 0x20:
        return chr(_PICTURES + code)
    return f"⟨U+{code:04X}⟩"


def share(part: float, of: float) -> str:
    """Return a share in per cent; a small one is not shown as none, a large one not as all."""
    if not of:
        return "–"
    percent = 100 * part / of
    digits = 0 if 10 <= percent < 99 or percent in (0, 100) else 1
    text = f"{percent:.{digits}f}"
    if text == "0.0":
        return "< 0.1 %"
    return "> 99.9 %" if text == "100.0" else f"{text} %"


def number(value: float | None, digits: int = 0) -> str:
    """Return a number with thousands set apart; a dash for none."""
    return "–" if value is None else f"{value:,.{digits}f}"


def seconds(value: float) -> str:
    """Return a time in the unit a person would choose."""
    if value < 60:
        return f"{value:.1f} s"
    minutes = round(value / 60)
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60:02d} min"
