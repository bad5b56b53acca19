"""Wikitext to prose by a parser, mwparserfromhell."""

from __future__ import annotations

import re
from typing import Any

from bitseam.lid.wikitext.fast import strip_fast
from bitseam.lid.wikitext.names import shown_text
from bitseam.lid.wikitext.tags import BLOCK_TAGS, DROPPED_TAGS

# The parser reads on to the end of the text for each opening that is never closed: a page with
# more of them takes time that grows with the square of its length.
MAX_UNCLOSED = 20

_PAIRS = tuple(
    re.compile(pair, re.IGNORECASE)
    for pair in (
        r"(\[)|\]",
        r"(\{\{)|\}\}",
        r"(\{\|)|\|\}",
        r"(<(?!(?:br|hr|wbr|li|dt|dd|t[dhr]|img|meta|link)\b)[a-z]++(?![^<>]*+/>))|</[a-z]",
    )
)


def strip_thorough(wikitext: str, hidden: frozenset[str]) -> str:
    """Return the text of shielded `wikitext`, without tabs, after a line feed.

    A page too deeply nested, or with too much left open, for the parser is left to `strip_fast`.
    """
    import mwparserfromhell
    from mwparserfromhell.parser import ParserError

    if any(_unclosed(wikitext, pair) > MAX_UNCLOSED for pair in _PAIRS):
        return strip_fast(wikitext, hidden)
    try:
        # Bold and italics are left to the caller: a stray quote would hide other markup.
        return _text(mwparserfromhell.parse(wikitext, skip_style_tags=True), hidden)
    except (ParserError, RecursionError):
        return strip_fast(wikitext, hidden)


def _unclosed(wikitext: str, pair: re.Pattern[str]) -> int:
    depth = 0
    for edge in pair.finditer(wikitext):
        depth = depth + 1 if edge[1] else max(0, depth - 1)
    return depth


def _text(code: Any, hidden: frozenset[str]) -> str:
    return "".join(_node_text(node, hidden) for node in code.nodes) if code is not None else ""


def _node_text(node: Any, hidden: frozenset[str]) -> str:
    from mwparserfromhell import nodes

    match node:
        case nodes.Text() | nodes.HTMLEntity():
            return str(node)
        case nodes.Wikilink():
            return shown_text(str(node.title), _text(node.text, hidden), hidden)
        case nodes.ExternalLink():
            return _text(node.title, hidden) if node.brackets else str(node.url)
        case nodes.Heading():
            return f"\n{_text(node.title, hidden).strip()}\n"
        case nodes.Tag():
            return _tag_text(node, hidden)
        case _:  # templates, arguments, comments
            return ""


def _tag_text(tag: Any, hidden: frozenset[str]) -> str:
    name = str(tag.tag).strip().lower()
    if name in DROPPED_TAGS or (tag.wiki_markup and tag.self_closing):
        return ""  # lists and rules have their mark for a tag, and no contents
    text = _text(tag.contents, hidden)
    if name not in BLOCK_TAGS:
        return text
    return f"\n{text}\n" if text else "\n"
