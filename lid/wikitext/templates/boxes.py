"""What a wiki's own template shows on lines of its own: prose, or something beside the text."""

from __future__ import annotations

import re
from collections.abc import Sequence

from bitseam.lid.character_classes import SENTENCE_ENDS
from bitseam.lid.wikitext.holes import HOLE
from bitseam.lid.wikitext.names import hidden_namespaces, is_hidden
from bitseam.lid.wikitext.templates.words import namespaces_of_all_languages

_TABLE_FIRST = re.compile(r"\s*\{\||\s*<table\b", re.IGNORECASE)
_TABLE = re.compile(
    r"^[ :*#]*(?:\{\||[|!])|<(?:table|t[rdh]|caption)\b", re.IGNORECASE | re.MULTILINE
)
_STYLED = re.compile(r"<(?:div|center|aside|nav|section)\b[^<>]*>", re.IGNORECASE)
# A `<div>` with other looks is a paragraph in a dress: indented, in italics, in smaller type.
_BOXED = re.compile(
    r"\b(?:class|id|role) *=|\b(?:border|background|float|width|clear|display|position)\b",
    re.IGNORECASE,
)
_QUOTING = re.compile(
    r"class *= *[\"']?[^\"'<>]{0,80}(?:quot|zitat|cita|poem|verse)", re.IGNORECASE
)
_LINK = re.compile(r"\[\[([^\[\]|]*)(?:\|([^\[\]]*))?\]\]")
_EXTERNAL = re.compile(r"\[https?:|https://example\.org")  # to edit the page, mostly
_CROSS_REFERENCE = re.compile(r"\s*:+\s*''(?!')")
_OWN_PROSE = re.compile(r"<(?:blockquote|poem)\b|\A\s*[*#] ", re.IGNORECASE)
_MARKUP = re.compile(r"<[^<>]*>|''+|^[ :*#;]+", re.MULTILINE)
_WORD = re.compile(r"[^\W\d_]")
_ENDED = re.compile(rf"[{SENTENCE_ENDS}][\"'”’»“」』)\]]*(?=\s|\Z)")
_LETTER_ENDED = re.compile(rf"[^\W\d_][{SENTENCE_ENDS}][\"'”’»“」』)\]]*\s*\Z")
_LABEL = re.compile(r"^[ :*#]*'''[^'\n]+(?:'''\s*:|:\s*''')", re.MULTILINE)
_HIDDEN = hidden_namespaces()
_PAGES_FOR_EDITORS = range(2, 16)  # namespaces from `User` to `Category talk`
_FEWEST_LABELS = 2
_FEW_WORDS = 3


def is_table(body: str) -> bool:
    """Whether a template begins with a table: it need not be expanded."""
    return _TABLE_FIRST.match(body) is not None


def is_box(shown: str, given: Sequence[str]) -> bool:
    """Whether what a template shows is a box, a notice or a list for navigation, or nothing.

    :param given: the parameters of the call. What a template says of its own on many pages is a
        notice, but for a quotation and a list.
    """
    text = _LINK.sub(_label, _MARKUP.sub("", shown))
    if not _WORD.search(text) or _TABLE.search(shown):
        return True
    if any(_BOXED.search(tag) and not _QUOTING.search(tag) for tag in _STYLED.findall(shown)):
        return True
    if _is_notice(shown) or not (_OWN_PROSE.search(shown) or any(map(_is_text, given))):
        return True
    if _ENDED.search(text):
        return False
    return HOLE in text or _navigates(shown, text) or len(_LABEL.findall(shown)) >= _FEWEST_LABELS


def _is_notice(shown: str) -> bool:
    """Whether it speaks to editors, or sends readers to other pages."""
    if _EXTERNAL.search(shown) or _CROSS_REFERENCE.match(shown):
        return True
    return any(_is_for_editors(link[1]) for link in _LINK.finditer(shown))


def _is_text(parameter: str) -> bool:
    """Whether it is a text, rather than a date or a name."""
    return len(parameter.split()) >= _FEW_WORDS or _LETTER_ENDED.search(parameter) is not None


def _is_for_editors(target: str) -> bool:
    """Whether a link shows a picture, sorts the page, or leads out of the articles."""
    prefix, colon, _ = target.strip().lstrip(":").partition(":")
    number = namespaces_of_all_languages().get(prefix.strip().casefold())
    return bool(colon) and (number in _PAGES_FOR_EDITORS or is_hidden(target, _HIDDEN))


def _navigates(shown: str, text: str) -> bool:
    """Whether at least half of the letters are those of links."""
    linked = sum(len(_WORD.findall(_label(link))) for link in _LINK.finditer(shown))
    return 2 * linked >= len(_WORD.findall(text))


def _label(link: re.Match[str]) -> str:
    return link[1] if link[2] is None else link[2]
