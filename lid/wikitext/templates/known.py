"""Templates that are known by name: `templates.tsv`, a line for each kind.

A line holds, parted by tabs: the languages of the wikis (`*` for any), the names, parted by `|`,
and what the template shows, in wikitext. `-` stands for nothing: notes, anchors, maintenance.
Instead of names one regular expression may stand between slashes, whose groups are `\\1`, `\\2` ...
in the wikitext; `\\n` is a line feed. The wikitext may use the functions of `shown`, whose names
begin with `~`.
"""

from __future__ import annotations

import re
from functools import cache

from bitseam.lid.wikitext.templates.locales import Locale, find_locale
from bitseam.lid.wikitext.templates.words import table

_ANY = "*"
_NOTHING = "-"
_LEAST_NOTE = 4  # letters of a name that means the same in every language


class _Rules:
    """The lines of one language, or of all."""

    def __init__(self) -> None:
        self._bodies: dict[str, str] = {}
        self._patterns: list[tuple[re.Pattern[str], str]] = []

    def add(self, names: str, body: str) -> None:
        if names.startswith("/"):
            self._patterns.append((re.compile(names.strip("/")), body))
        else:
            self._bodies.update((name.casefold(), body) for name in names.split("|"))

    def find(self, name: str) -> str | None:
        body = self._bodies.get(name.casefold())
        if body is None:
            for pattern, shown in self._patterns:
                if found := pattern.fullmatch(name):
                    return found.expand(shown)
        return body


class Known:
    """The known templates of a wiki in one language, and how it writes numbers and dates."""

    def __init__(self, language: str | None) -> None:
        self.language = language or ""
        self.locale: Locale = find_locale(self.language)
        self._own, self._any = _Rules(), _Rules()
        for languages, names, shown in _rows():
            if languages == _ANY:
                self._any.add(names, shown)
            elif self.language in languages.split(","):
                self._own.add(names, shown)

    def of_language(self, name: str) -> str | None:
        """Return what a template of the wiki's language shows, or None."""
        return self._own.find(name)

    def of_any(self, name: str) -> str | None:
        """Return what a template of this name shows in every wiki, or None.

        A note for editors in one language is one in all: names travel from wiki to wiki.
        """
        shown = self._any.find(name)
        return "" if shown is None and name.casefold() in _notes() else shown


@cache
def _rows() -> list[tuple[str, str, str]]:
    return [
        (languages, names, "" if shown == _NOTHING else shown.replace("\\n", "\n"))
        for languages, names, shown in table("templates.tsv")
    ]


@cache
def _notes() -> frozenset[str]:
    """Return the names that show nothing in some language, and nothing else in any other."""
    names = {True: set[str](), False: set[str]()}
    for _, listed, shown in _rows():
        if not listed.startswith("/"):
            names[shown == ""].update(listed.casefold().split("|"))
    return frozenset(name for name in names[True] - names[False] if len(name) >= _LEAST_NOTE)


@cache
def find_known(language: str | None) -> Known:
    """Return the known templates of the wikis in a language (`fr`), read once."""
    return Known(language)
