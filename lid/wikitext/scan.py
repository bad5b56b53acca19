"""Pieces of a scan over a text from its start to its end."""

from __future__ import annotations

import re

# Before `.` and `,` a space is never right, see `tidy`; before these it is, in French.
_STOPS = re.compile(r"[;:!?]+(?=[\s<]|\Z)")


def close_up(kept: list[str], text: str, end: int) -> None:
    """Drop the space that ends `kept` where a stop follows: what stood between them is gone."""
    if kept and kept[-1].endswith(" ") and _STOPS.match(text, end):
        before = kept[-1].rstrip(" ")
        if before and not before.endswith("\n"):  # there `:` would indent
            kept[-1] = before


class Next:
    """Where a string comes next, for positions that only grow: linear time over all calls."""

    def __init__(self, text: str, wanted: str) -> None:
        self._text, self._wanted, self._found = text, wanted, -1

    def after(self, position: int) -> int:
        """Return the first place at or after `position`, or the text's length."""
        if self._found < position:
            found = self._text.find(self._wanted, position)
            self._found = len(self._text) if found < 0 else found
        return self._found
