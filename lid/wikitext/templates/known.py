"""Templates that are known by name: `templates.tsv`, a line for each kind.

A line holds, parted by tabs: the languages of the wikis (`*` for any), the names, parted by `|`,
and what the template shows, in wikitext. `-` stands for nothing: notes, anchors, maintenance.
A line counts where the wiki has no page of that name, or one that needs Lua. But `-` counts in the
wikis of its languages in any case, and `--` in every wiki.

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
_SURELY_NOTHING = "--"
_LEAST_NOTE = 4  # letters of a name that means the same in every language


class _Rules:
    """Lines of the file: names and what they show."""

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
        self._nothing, self._language, self._any = _Rules(), _Rules(), _Rules()
        for languages, names, shown in table("templates.tsv"):
            is_any = languages == _ANY
            if is_any or self.language in languages.split(","):
                is_nothing = shown == (_SURELY_NOTHING if is_any else _NOTHING)
                rules = self._nothing if is_nothing else self._any if is_any else self._language
                rules.add(names, _body(shown))

    def is_nothing(self, name: str) -> bool:
        """Whether a template shows nothing, whatever the wiki's own page of this name says."""
        return self._nothing.find(name) is not None and self._language.find(name) is None

    def shown(self, name: str) -> str | None:
        """Return what a template of this name shows where the wiki has none of its own, or None.

        A note for editors in one language is one in all: names travel from wiki to wiki.
        """
        for rules in (self._language, self._any):
            if (body := rules.find(name)) is not None:
                return body
        return "" if name.casefold() in _notes() else None


def _body(shown: str) -> str:
    return "" if shown in (_NOTHING, _SURELY_NOTHING) else shown.replace("\\n", "\n")


@cache
def _notes() -> frozenset[str]:
    """Return the names that show nothing in some language, and nothing else in any other."""
    names = {True: set[str](), False: set[str]()}
    for _, listed, shown in table("templates.tsv"):
        if not listed.startswith("/"):
            names[not _body(shown)].update(listed.casefold().split("|"))
    return frozenset(name for name in names[True] - names[False] if len(name) >= _LEAST_NOTE)


@cache
def find_known(language: str | None) -> Known:
    """Return the known templates of the wikis in a language (`fr`), read once."""
    return Known(language)
