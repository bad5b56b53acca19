"""Wikitext to plain prose, by one of two engines.

The text keeps its lines: a paragraph, a heading and a list item are a line each, and a blank line
stands where the page has one. Tables, references, templates, galleries, comments, and links to
files, to categories and to other languages go; the labels of links stay. A formula leaves a hole.
"""

from __future__ import annotations

from bitseam.lid.wikitext.elements import drop_hidden, strip_tags
from bitseam.lid.wikitext.fast import strip_fast
from bitseam.lid.wikitext.lines import drop_signatures, split_definitions, strip_line_marks
from bitseam.lid.wikitext.links import unlink
from bitseam.lid.wikitext.literals import decode_entities
from bitseam.lid.wikitext.names import hidden_namespaces
from bitseam.lid.wikitext.shield import shield
from bitseam.lid.wikitext.templates import (
    NO_TEMPLATES,
    Templates,
    expand_templates,
    settle_notes,
)
from bitseam.lid.wikitext.thorough import strip_thorough
from bitseam.lid.wikitext.tidy import tidy
from bitseam.lid.wikitext.variants import choose_variants
from bitseam.schemas.choices import WikitextEngine

__all__ = ["hidden_namespaces", "strip_markup"]

_DEFAULT_HIDDEN = hidden_namespaces()


def strip_markup(
    wikitext: str,
    engine: WikitextEngine = "fast",
    hidden: frozenset[str] = _DEFAULT_HIDDEN,
    templates: Templates = NO_TEMPLATES,
    title: str = "",
) -> str:
    """Return the prose of a wiki page.

    What readers see in the middle of a sentence and no text can stand for leaves the character
    U+FFFC, see `holes`.

    :param engine: what takes out templates and tables: `fast` by regular expressions, `thorough`
        by a parser (mwparserfromhell), an order of magnitude slower.
    :param hidden: see `hidden_namespaces`.
    :param templates: of the wiki that the page is from; `title` is the page's.
    """
    text = shield(wikitext.replace("\r\n", "\n"))
    if "{{" in text:
        text = shield(expand_templates(text, templates, title))
    text = decode_entities(drop_hidden(text)).replace("\t", " ")
    text = drop_signatures(choose_variants(text))
    # A line feed in front makes every line start alike: a literal, which `re` finds fastest.
    text = "\n" + text
    text = strip_fast(text) if engine == "fast" else strip_thorough(text)
    return tidy(settle_notes(strip_line_marks(strip_tags(unlink(split_definitions(text), hidden)))))
