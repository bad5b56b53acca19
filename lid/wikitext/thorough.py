"""Templates and tables taken out of wikitext by a parser, mwparserfromhell."""

from __future__ import annotations

import re
from typing import Any

from bitseam.lid.wikitext.fast import strip_fast

# The parser reads on to the end of the text for each opening that is never closed: a page with
# more of them takes time that grows with the square of its length.
MAX_UNCLOSED = 20
MAX_LIST_MARKS = 20_000  # each of them is a node: half a second

_LIST_MARKS = re.compile(r"\n[*#:;]++")

_PAIRS = tuple(
    re.compile(pair, re.IGNORECASE)
    for pair in (
        r"(\[)|\]",
        r"(\{\{)|\}\}",
        r"(\{\|)|\|\}",
        r"(<(?!(?:br|hr|wbr|li|dt|dd|t[dhr]|img|meta|link)\b)[a-z]++(?![^<>]*+/>))|</[a-z]",
    )
)


def strip_thorough(wikitext: str) -> str:
    """Return shielded `wikitext`, which starts with a line feed, without templates and tables.

    A page too deeply nested, or with too much left open, for the parser is left to `strip_fast`.
    """
    import mwparserfromhell
    from mwparserfromhell.parser import ParserError

    marks = sum(found.end() - found.start() - 1 for found in _LIST_MARKS.finditer(wikitext))
    too_open = any(_unclosed(wikitext, pair) > MAX_UNCLOSED for pair in _PAIRS)
    if too_open or marks > MAX_LIST_MARKS:
        return strip_fast(wikitext)
    try:
        # Bold and italics are left to the caller: a stray quote would hide other markup.
        text = _text(mwparserfromhell.parse(wikitext, skip_style_tags=True))
    except (ParserError, RecursionError):
        text = wikitext
    return strip_fast(text)  # what the parser knows no table in: `:{|`


def _unclosed(wikitext: str, pair: re.Pattern[str]) -> int:
    depth = 0
    for edge in pair.finditer(wikitext):
        depth = depth + 1 if edge[1] else max(0, depth - 1)
    return depth


def _text(code: Any) -> str:
    return "".join(map(_node_text, code.nodes)) if code is not None else ""


def _node_text(node: Any) -> str:
    """Return the wikitext of a node, without templates and tables in it."""
    from mwparserfromhell import nodes

    match node:
        case nodes.Template() | nodes.Argument() | nodes.Comment():
            return ""
        case nodes.Wikilink():
            label = f"|{_text(node.text)}" if node.text is not None else ""
            return f"[[{_text(node.title)}{label}]]"
        case nodes.ExternalLink():
            if not node.brackets:
                return str(node.url)
            space = "" if node.title is None or node.suppress_space else " "
            return f"[{_text(node.url)}{space}{_text(node.title)}]"
        case nodes.Heading():
            marks = "=" * node.level
            return f"{marks}{_text(node.title)}{marks}"
        case nodes.Tag():
            return _tag_text(node)
        case _:
            return str(node)


def _tag_text(tag: Any) -> str:
    if tag.wiki_markup == "{|":
        wikitext = str(tag)
        return strip_fast(f"\n{wikitext}") if "\n==" in wikitext else "\n\n"
    if tag.self_closing or tag.contents is None:
        return str(tag)
    name = str(tag.tag)
    return f"<{name}>{_text(tag.contents)}</{name}>"
