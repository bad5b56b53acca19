"""The parameters of one call of a template, each expanded when it is asked for, once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from bitseam.lid.wikitext.templates.braces import named

Expand = Callable[[str, "Frame"], str]


class _Raw(NamedTuple):
    text: str
    is_named: bool  # white space around a named value counts for nothing


class Frame:
    """What `{{{1}}}` and `{{{name}}}` stand for within one template; a page has none."""

    def __init__(
        self, name: str = "", args: Sequence[str] = (), caller: Frame | None = None
    ) -> None:
        self.name, self.caller = name, caller
        self._args = args
        self._raw: dict[str, _Raw] | None = None
        self._values: dict[str, str] = {}

    def is_within(self, name: str) -> bool:
        """Whether the template is being expanded already: it would never end."""
        frame: Frame | None = self
        while frame:
            if frame.name == name:
                return True
            frame = frame.caller
        return False

    def value(self, name: str, expand: Expand) -> str | None:
        """Return the value of a parameter, or None where the call gives none."""
        if name not in self._values:
            raw = self._parameters(expand).get(name)
            if raw is None or not self.caller:
                return None
            text = expand(raw.text, self.caller)
            self._values[name] = text.strip() if raw.is_named else text
        return self._values[name]

    def positional(self, expand: Expand) -> Iterator[str]:
        """Yield the values of `1`, `2` ... up to the first that is not given, trimmed."""
        number = 1
        while (value := self.value(str(number), expand)) is not None:
            yield value.strip()
            number += 1

    def _parameters(self, expand: Expand) -> dict[str, _Raw]:
        if self._raw is None:
            self._raw = {}
            place = 0
            for part in self._args:
                pair = named(part)
                if pair is None:
                    place += 1
                    self._raw[str(place)] = _Raw(part, is_named=False)
                elif self.caller:
                    name = pair[0] if "{{" not in pair[0] else expand(pair[0], self.caller)
                    self._raw[name.strip()] = _Raw(pair[1], is_named=True)
        return self._raw
