"""Tags around text that stays: text of HTML, raised and lowered characters, hidden text."""

from __future__ import annotations

import re

from bitseam.lid.wikitext.scripts import set_scripts
from bitseam.lid.wikitext.tags import ATTRIBUTES, BLOCK_TAGS, INLINE_TAGS

_BLOCK = re.compile(rf"</?(?:{'|'.join(sorted(BLOCK_TAGS))}){ATTRIBUTES}>", re.IGNORECASE)
_INLINE = re.compile(rf"</?(?:{'|'.join(sorted(INLINE_TAGS))}){ATTRIBUTES}>", re.IGNORECASE)
_HIDDEN = re.compile(
    r"<(span|div|small)\b[^<>]*?\bdisplay *: *none\b[^<>]*>[^<>]*</\1 *>", re.IGNORECASE
)
# A tag that nobody closed with `>`, and its attributes.
_BROKEN = re.compile(
    r"</?(?:ref|references|br|nowiki|su[bp]|span|div|small|center|gallery|math)"
    r'(?:\s++[\w-]++ *=(?: *"[^"<>\n]*+"| *[^\s"<>]++))*+ */?(?![\w>-])',
    re.IGNORECASE,
)


def drop_hidden(text: str) -> str:
    """Return `text` without the elements that browsers do not show: keys to sort by."""
    return _HIDDEN.sub("", text) if "display" in text else text


def strip_tags(text: str) -> str:
    """Return `text` without tags around text that stays."""
    if "<" not in text:
        return text
    text = set_scripts(_INLINE.sub("", _BLOCK.sub("\n", text)))
    return _BROKEN.sub("", text)
