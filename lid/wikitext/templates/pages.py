"""A wiki's own template pages, as its dump holds them."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass, field

from bitseam.lid.wikitext.shield import shield
from bitseam.lid.wikitext.templates.words import namespaces_of_all_languages, redirect_words

MAX_BODY = 128 << 10  # characters of one template: longer ones show no part of a sentence
MAX_ALL = 32 << 20  # characters of all templates of a wiki that are held in memory
TEMPLATE = 10  # the number of the namespace

_ONLY = re.compile(r"<(/?)onlyinclude\s*(/?)>", re.IGNORECASE)
_NOT = re.compile(r"<(/?)noinclude\s*(/?)>", re.IGNORECASE)
_TAGS = re.compile(r"</?(?:includeonly|noinclude|onlyinclude)\s*/?>", re.IGNORECASE)
_REDIRECT = re.compile(
    r"\s*[#＃]([^\s:\[\]#]{1,40}(?: [^\s:\[\]#]{1,40})?)\s*:?\s*\[\[([^\[\]|#\n]+)[^\[\]\n]*\]\]"
)
# Wikitext of boxes beside the text: it shows no part of a sentence, and fills most of the room.
_BOX = re.compile(
    r"\s*(?:<[^<>]*>\s*)*\{\{\s*(?:#invoke:\s*)?"
    r"(?:nav(?:b|i)|infobox|taxobox|sidebar|palette|[at]?mbox|asbox|hatnote|méta palette)",
    re.IGNORECASE,
)


def redirect_target(wikitext: str) -> str | None:
    """Return the title that a page redirects to by its first line, in any language; else None.

    A word that no language of MediaWiki has for it counts if nothing else is on the page: a list
    begins alike.
    """
    found = _REDIRECT.match(wikitext)
    if not found:
        return None
    if found[1].casefold() in redirect_words() or not wikitext[found.end() :].strip():
        return found[2].strip()
    return None


def page_key(name: str, prefixes: Collection[str] = ()) -> str:
    """Return a template's title without its namespace, as MediaWiki compares titles.

    :param prefixes: what the wiki calls the namespace, in lower case.
    """
    name = " ".join(name.replace("_", " ").split())
    prefix, colon, rest = name.partition(":")
    if colon and (prefix.strip().casefold() in prefixes or _is_template_prefix(prefix)):
        name = rest.strip()
    return name[:1].upper() + name[1:]


def _is_template_prefix(prefix: str) -> bool:
    return namespaces_of_all_languages().get(prefix.strip().casefold()) == TEMPLATE


@dataclass
class OwnTemplates:
    """Template pages by title, without the namespace.

    :ivar prefixes: names of the namespace in this wiki, in lower case.
    """

    prefixes: frozenset[str] = frozenset()
    bodies: dict[str, str] = field(default_factory=dict)
    redirects: dict[str, str] = field(default_factory=dict)
    characters: int = 0
    left_out: int = 0  # pages beyond the bounds

    def add(self, title: str, wikitext: str) -> None:
        """Take a page in, unless it is too long or the room is full."""
        key = page_key(title, self.prefixes)
        target = redirect_target(wikitext)
        body = "" if target else _body(wikitext)
        size = len(key) + len(target or body or "")
        if body is None or self.characters + size > MAX_ALL:
            self.left_out += 1
            return
        self.characters += size
        if target:
            self.redirects[key] = page_key(target, self.prefixes)
        else:
            self.bodies[key] = body


def _body(wikitext: str) -> str | None:
    """Return what a call of a template stands for: nothing for a box, None if it is too long."""
    if len(wikitext) > MAX_BODY:
        return None
    body = included(wikitext)
    return "" if _BOX.match(body) else body


def included(wikitext: str) -> str:
    """Return what of a template's page is put in the place of a call, without comments."""
    text = shield(wikitext, is_template=True)
    if "<" not in text:
        return text
    if only := _contents(_ONLY, text):
        text = "".join(text[start:end] for start, end in only)
    hidden = _contents(_NOT, text)
    edges = [0, *(edge for span in hidden for edge in span), len(text)]
    text = "".join(text[start:end] for start, end in zip(edges[::2], edges[1::2], strict=True))
    return _TAGS.sub("", text)


def _contents(tag: re.Pattern[str], text: str) -> list[tuple[int, int]]:
    """Return where the contents of elements lie, which do not nest; one never closed ends last."""
    spans = []
    opened: int | None = None
    for found in tag.finditer(text):
        if found[1] and opened is not None:
            spans.append((opened, found.start()))
            opened = None
        elif not found[1] and not found[2] and opened is None:
            opened = found.end()
    return spans if opened is None else [*spans, (opened, len(text))]
