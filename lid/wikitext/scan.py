"""A search that goes over a text once, however often it is asked."""

from __future__ import annotations


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
