"""Templates of wiki pages: what they show is put in their place, or a hole is left."""

from __future__ import annotations

from dataclasses import dataclass, field

from bitseam.lid.wikitext.templates.expansion import Expansion
from bitseam.lid.wikitext.templates.known import find_known
from bitseam.lid.wikitext.templates.notes import settle_notes
from bitseam.lid.wikitext.templates.pages import OwnTemplates, redirect_target

__all__ = [
    "NO_TEMPLATES",
    "OwnTemplates",
    "Templates",
    "expand_templates",
    "redirect_target",
    "settle_notes",
]


@dataclass(frozen=True)
class Templates:
    """What is known of the templates of one wiki.

    :ivar language: of the wiki, by its Wikipedia's code: `fr`.
    :ivar own: the template pages in the dump.
    """

    language: str | None = None
    own: OwnTemplates = field(default_factory=OwnTemplates)


NO_TEMPLATES = Templates()  # but those known in every wiki


def expand_templates(wikitext: str, templates: Templates = NO_TEMPLATES, title: str = "") -> str:
    """Return `wikitext`, without comments and literal text, with its templates expanded.

    A template that is not known leaves U+FFFC in a line of text, and nothing on lines of its own.
    Never raises; time and memory are bounded, whatever the templates do.
    """
    if "{{" not in wikitext:
        return wikitext
    return Expansion(find_known(templates.language), templates.own, title).page(wikitext)
