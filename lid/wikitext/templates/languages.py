"""What a wiki writes before a word of another language: `languages.tsv`."""

from __future__ import annotations

from functools import cache

from bitseam.lid.wikitext.templates.words import table


@cache
def _names() -> dict[tuple[str, str], str]:
    return {
        (wiki, code): name
        for wikis, pairs in table("languages.tsv")
        for wiki in wikis.split(",")
        for code, _, name in (pair.partition("=") for pair in pairs.split("|") if pair)
    }


def language_name(code: str, wiki: str) -> str | None:
    """Return how the wiki of one language introduces a word of another: `German: `."""
    names, code = _names(), code.lower()
    return names.get((wiki, code)) or names.get((wiki, code.partition("-")[0]))
