"""Characters that are text although they look like markup.

From the first pass to the last each stands as a private character of Unicode, plane 15, which no
pass in between takes for markup.
"""

from __future__ import annotations

import html
import re

_PLANE = 0xF0000
_MARKUP = "[]{}|'<>=*#:;_(),~-!\""
# Stands where an empty `<nowiki/>` keeps two marks apart, which would mean more together.
SEPARATOR = chr(_PLANE + 1)
_PRIVATE = {ord(character): chr(_PLANE + ord(character)) for character in _MARKUP}
_RESTORED = [(chr(private), chr(private - _PLANE)) for private in map(ord, _PRIVATE.values())]
_ENTITY = re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[a-zA-Z][a-zA-Z0-9]{1,30});")


def protect(text: str) -> str:
    """Return `text` with private characters for those of markup."""
    return text.translate(_PRIVATE)


def protect_literal(text: str) -> str:
    """Return the text of `<nowiki>`, in which entities are the only markup."""
    return protect(_ENTITY.sub(_decode, text))


def restore(text: str) -> str:
    """Return `text` with the characters that `protect` hid."""
    for private, character in _RESTORED:
        if private in text:  # at once for nearly all texts, which have no such planes
            text = text.replace(private, character)
    return text.replace(SEPARATOR, "")


def decode_entities(text: str) -> str:
    """Return `text` with characters for entities, escaped once or twice (`&amp;nbsp;`).

    `&#91;&#91;` is text, and makes no link.
    """
    if "&" not in text:
        return text
    return _ENTITY.sub(_decode, _ENTITY.sub(_decode, text))


def _decode(entity: re.Match[str]) -> str:
    character = html.unescape(entity[0])
    # U+FFFD stands for what is no character, such as `&#0;`: text that nobody wrote.
    return entity[0] if "\ufffd" in character else protect(character)
