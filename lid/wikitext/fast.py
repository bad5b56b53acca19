"""Wikitext to prose by ordered passes of regular expressions, each linear in the text's length.

Where a pattern could try many ways to fail, its quantifiers are possessive (`*+`), but for those
of groups within a capture, which Python 3.11.2 (Debian 12) gets wrong: there the ways exclude each
other. Nested markup is matched by one scan over its brackets.
"""

from __future__ import annotations

import re

from bitseam.lid.wikitext.names import shown_text
from bitseam.lid.wikitext.tags import BLOCK_TAGS, INLINE_TAGS

MAX_NESTING = 6  # of links in the captions of links

_BLOCK = re.compile(rf"</?(?:{'|'.join(sorted(BLOCK_TAGS))})\b[^<>]*+>", re.IGNORECASE)
_INLINE = re.compile(rf"</?(?:{'|'.join(sorted(INLINE_TAGS))})\b[^<>]*+>", re.IGNORECASE)

_BRACES = re.compile(r"\{\{+|\}\}+")
# `|}}` ends a template whose last parameter is empty, `|}}}` a table in a template.
_TABLE_EDGE = re.compile(r"\n[ :*#]*+(?:\{\||\|\}(?!\}(?!\})))")

_PLAIN_LINK = re.compile(r"\[\[(?:[^\[\]|:{}\n]++\|)?([^\[\]|:{}\n]++)\]\]")
_LINK = re.compile(r"\[\[([^\[\]]*+(?:(?:\[(?!\[)|\](?!\]))[^\[\]]*+)*)\]\]")
_WEB_LINK = re.compile(
    r"\[(?:https?:|ftp:|mailto:|news:|irc:)?+(?://)?+(?<=[:/])[^\s\[\]]*+[ \t]*+([^\[\]\n]*+)\]",
    re.IGNORECASE,
)
_HEADING = re.compile(r"\n(=[^\n]*)")
_LIST_MARK = re.compile(r"\n[*#:;]++ *+")


def strip_fast(wikitext: str, hidden: frozenset[str]) -> str:
    """Return the text of shielded `wikitext`, without tabs, after a line feed."""
    text = _drop_templates(wikitext)
    text = _drop_tables(text)
    text = _unlink(text, hidden)
    if "<" in text:
        text = _INLINE.sub("", _BLOCK.sub("\n", text))
    text = _HEADING.sub(_heading_text, text)
    return _LIST_MARK.sub("\n", text)


def _heading_text(line: re.Match[str]) -> str:
    heading = line[1].strip()
    return f"\n\n{heading.strip('=').strip()}\n" if heading.endswith("=") else line[0]


def _drop_templates(text: str) -> str:
    spans: list[tuple[int, int]] = []
    open_: list[int] = []
    for braces in _BRACES.finditer(text):
        start, end = braces.span()
        if text[start] == "{":
            open_.extend(range(start, end - 1, 2))
            continue
        for _ in range((end - start) // 2):
            if open_:
                spans.append((open_.pop(), end))
    return _cut(text, sorted(spans))


def _drop_tables(text: str) -> str:
    spans: list[tuple[int, int]] = []
    open_: list[int] = []
    for edge in _TABLE_EDGE.finditer(text):
        if edge[0].endswith("{|"):
            open_.append(edge.start() + 1)  # the line feed stays: a table ends a paragraph
        elif open_:
            spans.append((open_.pop(), edge.end()))
    return _cut(text, sorted(spans))


def _cut(text: str, spans: list[tuple[int, int]]) -> str:
    """Return `text` without the spans, which are sorted by start and may contain one another."""
    if not spans:
        return text
    kept = []
    position = 0
    for start, end in spans:
        if start >= position:
            kept.append(text[position:start])
        position = max(position, end)
    kept.append(text[position:])
    return "".join(kept)


def _unlink(text: str, hidden: frozenset[str]) -> str:
    """Put labels in the place of links, the innermost first."""

    def shown(link: re.Match[str]) -> str:
        target, _, label = link[1].partition("|")
        return shown_text(target, label, hidden)

    for _ in range(MAX_NESTING):
        if "[" not in text:
            break
        before = text
        text = _PLAIN_LINK.sub(r"\1", text)
        text = _WEB_LINK.sub(r"\1", text)
        text = _LINK.sub(shown, text)
        if text == before:
            break
    return text
