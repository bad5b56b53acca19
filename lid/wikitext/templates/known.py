"""Templates that are known by name: `templates.tsv`, a line for each kind.

A line holds, parted by tabs: the languages of the wikis (`*` for any), the names, parted by `|`, and
what the template shows, in wikitext. `-` stands for nothing: notes, anchors, maintenance. Instead
of names one regular expression may stand between slashes, whose groups are `\\1`, `\\2` ... in the wikitext; `\\n` is a
line feed. The wikitext may use the functions of `shown`, whose names begin with `~`.
"""

from __future__ import annotations

import re
from functools import cache

from bitseam.lid.wikitext.templates.locales import Locale, find_locale
from bitseam.lid.wikitext.templates.words import table

_ANY = "*"
_NOTHING = "-"


class _Rules:
    """The lines of one language, or of all."""

    def __init__(self) -> None:
        self._bodies: dict[str, str] = {}
        self._patterns: list[tuple[re.Pattern[str], str]] = []

    def add(self, name: str, body: str) -> None:
        if name.startswith("/"):
            self._patterns.append((re.compile(name.strip("/")), body))
        else:
            self._bodies[name.casefold()] = body

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
        for languages, names, shown in table("templates.tsv"):
            rules = self._any if languages == _ANY else self._own
            if rules is self._any or self.language in languages.split(","):
                for name in [names] if names.startswith("/") else names.split("|"):
                    rules.add(name, "" if shown == _NOTHING else shown.replace("\\n", "\n"))

    def of_language(self, name: str) -> str | None:
        """Return what a template of the wiki's language shows, or None."""
        return self._own.find(name)

    def of_any(self, name: str) -> str | None:
        """Return what a template of this name shows in every wiki, or None."""
        return self._any.find(name)


@cache
def find_known(language: str | None) -> Known:
    """Return the known templates of the wikis in a language (`fr`), read once."""
    return Known(language)
