"""Templates and tables taken out of wikitext, each by one scan over its brackets."""

from __future__ import annotations

import re

from bitseam.lid.wikitext.scan import Next
from bitseam.lid.wikitext.templates.braces import brace_runs

# `|}}` ends a template whose last parameter is empty, `|}}}` a table in a template.
_TABLE_EDGE = re.compile(r"\n[ :*#]*+(?:\{\||\|\}(?!\}(?!\})))")


def strip_fast(wikitext: str) -> str:
    """Return shielded `wikitext`, which starts with a line feed, without templates and tables."""
    return _drop_tables(_drop_templates(wikitext))


def _drop_templates(text: str) -> str:
    if "{" not in text or "{{" not in text:
        return text
    spans: list[tuple[int, int]] = []
    open_: list[int] = []
    for braces in brace_runs(text):
        start, end = braces.span()
        if text[start] == "{":
            open_.extend(range(start, end - 1, 2))
            continue
        for _ in range((end - start) // 2):
            if open_:
                spans.append((open_.pop(), end))
    return _cut(text, sorted(spans))


def _drop_tables(text: str) -> str:
    """Drop tables, but for one that runs over a heading: another table's end is taken for its own.

    Of that one only the rows go, with all tables that nobody closed: see `lines`.
    """
    headings = Next(text, "\n==")
    spans: list[tuple[int, int]] = []
    open_: list[tuple[int, int]] = []  # start, and the next heading
    for edge in _TABLE_EDGE.finditer(text):
        if edge[0].endswith("{|"):
            open_.append((edge.start(), headings.after(edge.start())))
        elif open_:
            start, heading = open_.pop()
            if edge.start() <= heading:
                spans.append((start, edge.end()))
    return _cut(text, sorted(spans), "\n\n")  # a table ends a paragraph


def _cut(text: str, spans: list[tuple[int, int]], instead: str = "") -> str:
    """Return `text` without the spans, which are sorted by start and may contain one another."""
    if not spans:
        return text
    kept: list[str] = []
    position = 0
    for start, end in spans:
        if start >= position:
            kept += (text[position:start], instead)
        position = max(position, end)
    kept.append(text[position:])
    return "".join(kept)
