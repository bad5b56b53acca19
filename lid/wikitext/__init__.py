"""Wikitext to plain prose, by one of two engines.

The text keeps its lines: a paragraph, a heading and a list item are a line each, and a blank line
stands where the page has one. Tables, references, templates, galleries, formulas, comments, and
links to files, to categories and to other languages go; the labels of links stay.
"""

from __future__ import annotations

import html
import re

from bitseam.lid.wikitext.fast import strip_fast
from bitseam.lid.wikitext.holes import HOLE, settle_holes
from bitseam.lid.wikitext.names import hidden_namespaces
from bitseam.lid.wikitext.shield import shield
from bitseam.lid.wikitext.templates import (
    NO_TEMPLATES,
    Templates,
    expand_templates,
    settle_notes,
)
from bitseam.lid.wikitext.thorough import strip_thorough
from bitseam.schemas.choices import WikitextEngine

__all__ = ["hidden_namespaces", "strip_markup"]

_DEFAULT_HIDDEN = hidden_namespaces()

_VARIANT = re.compile(r"-\{(?:[^{}|]*+\|)?(?:[\w-]++:)?([^{};]*+)[^{}]*+\}-")  # zh, sr, kk ...
_QUOTES = re.compile(r"''+")
_BEHAVIOUR = re.compile(r"__[^\W\da-z]{2,40}?__")  # __TOC__, __KEIN_INHALTSVERZEICHNIS__
_TABLE_OR_RULE = re.compile(r"\n *+(?:\{\||\||----)[^\n]*+")  # of a table never closed
_ENTITY = re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[a-zA-Z][a-zA-Z0-9]{1,30});")
_SPACES = re.compile(r"  +")
_SPACE_BEFORE_STOP = re.compile(r" (?=[.,](?:\s|\Z))")
_BLANK_LINES = re.compile(r"\n\n\n+")
_BRACKETS = re.compile(r"\(([^()\n]*+)\)")


def strip_markup(
    wikitext: str,
    engine: WikitextEngine = "fast",
    hidden: frozenset[str] = _DEFAULT_HIDDEN,
    templates: Templates = NO_TEMPLATES,
    title: str = "",
) -> str:
    """Return the prose of a wiki page.

    :param engine: `fast` is a few ordered passes of regular expressions, `thorough` a parser
        (mwparserfromhell), an order of magnitude slower.
    :param hidden: see `hidden_namespaces`.
    :param templates: of the wiki that the page is from; `title` is the page's.
    """
    text = shield(wikitext.replace("\r\n", "\n"))
    if "{{" in text:
        text = shield(expand_templates(text, templates, title))
    # A line feed in front makes every line start alike: a literal, which `re` finds fastest.
    text = "\n" + text.replace("\t", " ")
    text = strip_fast(text, hidden) if engine == "fast" else strip_thorough(text, hidden)
    return _tidy(text)


def _tidy(text: str) -> str:
    """What is left to do after either engine."""
    text = settle_notes(text)
    if "-{" in text:
        text = _VARIANT.sub(r"\1", text)
    if "''" in text:  # four of them are an apostrophe and bold
        text = _QUOTES.sub(lambda quotes: "'" if len(quotes[0]) == 4 else "", text)
    if "__" in text:
        text = _BEHAVIOUR.sub("", text)
    text = _TABLE_OR_RULE.sub("\n", text)
    for brackets in ("[[", "]]", "{{", "}}"):
        text = text.replace(brackets, "")
    text = _SPACES.sub(" ", text).replace("\n ", "\n").replace(" \n", "\n")
    # A dropped template leaves separators behind: `(; fr. X)`, or nothing but the brackets.
    text = _BRACKETS.sub(lambda inside: f"({inside[1].strip(' ,;')})", text).replace(" ()", "")
    text = _SPACE_BEFORE_STOP.sub("", text)
    if "&" in text:
        text = _ENTITY.sub(_decode, _ENTITY.sub(_decode, text))  # twice: `&amp;nbsp;`
    if HOLE in text:
        text = settle_holes(text)
    return _BLANK_LINES.sub("\n\n", text).strip()


def _decode(entity: re.Match[str]) -> str:
    character = html.unescape(entity[0])
    # U+FFFD stands for what is no character, such as `&#0;`: text that nobody wrote.
    return entity[0] if "\ufffd" in character else character
