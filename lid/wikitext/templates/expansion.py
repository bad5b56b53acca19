"""Puts in the place of templates what they show: a small part of MediaWiki's preprocessor.

Known templates (`templates.tsv`), the wiki's own template pages and parser functions are expanded;
everything else leaves a hole. Depth, the number of expansions and the characters looked at are
bounded per page: beyond a bound there are holes, too.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from bitseam.lid.wikitext.holes import HOLE
from bitseam.lid.wikitext.literals import SEPARATOR
from bitseam.lid.wikitext.scan import close_up
from bitseam.lid.wikitext.templates.boxes import is_box, is_table
from bitseam.lid.wikitext.templates.braces import Span, outer_spans, parts
from bitseam.lid.wikitext.templates.frame import Frame
from bitseam.lid.wikitext.templates.functions import find_function, variable
from bitseam.lid.wikitext.templates.known import Known
from bitseam.lid.wikitext.templates.pages import OwnTemplates, page_key
from bitseam.lid.wikitext.templates.places import Place, places
from bitseam.lid.wikitext.templates.shown import SHOWN
from bitseam.lid.wikitext.templates.words import magic_word

MAX_DEPTH = 40  # templates within templates, or within their parameters
MAX_EXPANSIONS = 20_000  # of a page
MAX_CHARACTERS = 4_000_000  # looked at or put out within templates, of a page
MAX_NAME = 255  # characters of a title

_SUBSTITUTIONS = ("subst", "safesubst", "msg", "msgnw", "raw")
# The name of a call without templates in it: nothing else is looked at where it shows nothing.
_PLAIN_NAME = re.compile(r"[^{}|]*(?=\||\Z)")
_FIRST_TAG = re.compile(r"\s*<[a-z][^<>]*>", re.IGNORECASE)
_HIDDEN = (
    "noprint",
    "metadata",
    "navbox",
    "mbox",
    "infobox",
    "inline-template",
    "error",
    "hatnote",
)
_RAISED = re.compile(r"<sup\b[^<>]*>[^<>]*(?:<(?!/?sup)[^<>]*>[^<>]*)*</sup>", re.IGNORECASE)
# What a reader does not see of tags, bold text and links.
_UNSEEN = re.compile(r"<[^<>]*>|''+|\[\[(?:[^\[\]|]*\|)?")
_BRACKETED = re.compile(
    r"(?:\[(?!https?:|//)|&#91;|&#x5[Bb];|&lbrack;).*(?:\]|&#93;|&#x5[Dd];|&rbrack;)"
)
_BEGINS_LINE = re.compile(r"[*#:;]|\{\|")  # a list or a table, if it begins a line
_SIGN = re.compile(r"[*#:;](?!\s)")
_LONGEST_NOTE = 400
_LAST_WORD = re.compile(r"[^\W\d_]{5,30}\Z")
_MAY_END_WORD = 30


class Expansion:
    """The expansion of one page."""

    def __init__(self, known: Known, own: OwnTemplates, title: str) -> None:
        self.known, self.own, self.title = known, own, title
        self._calls = MAX_EXPANSIONS
        self._characters = MAX_CHARACTERS
        self._depth = 0

    def page(self, wikitext: str) -> str:
        """Return the wikitext of a page with its templates expanded."""
        spans = outer_spans(wikitext)
        if not spans:
            return wikitext
        root = Frame()
        kept = []
        position = 0
        for span, place in zip(spans, places(wikitext, spans), strict=True):
            if position < span.start:
                kept.append(wikitext[position : span.start])
            shown = self._span(wikitext, span, root, place)
            if place is Place.BLOCK and not shown.strip(f"{HOLE} "):
                shown = ""
            if shown:
                kept.append(shown)
            else:
                close_up(kept, wikitext, span.end)
            position = span.end + _echo(shown, wikitext, span.end)
        return "".join([*kept, wikitext[position:]])

    def text(self, wikitext: str, frame: Frame) -> str:
        """Return wikitext of a template, or of a parameter, with its templates expanded."""
        if not self._afford(len(wikitext)):
            return HOLE
        spans = outer_spans(wikitext)
        if not spans:
            return wikitext
        kept = []
        position = 0
        for span in spans:
            shown = self._span(wikitext, span, frame, Place.INLINE)
            if not self._afford(len(shown)):
                return HOLE
            kept += [wikitext[position : span.start], shown]
            position = span.end
        return "".join([*kept, wikitext[position:]])

    def value(self, frame: Frame, *names: str) -> str:
        """Return the first parameter of these names that is not empty, trimmed; else nothing."""
        for name in names:
            if value := (frame.value(name, self.text) or "").strip():
                return value
        return ""

    def _afford(self, characters: int) -> bool:
        self._characters -= characters
        return self._characters >= 0

    def _span(self, wikitext: str, span: Span, frame: Frame, place: Place) -> str:
        self._calls -= 1
        if self._calls < 0 or self._characters < 0 or self._depth >= MAX_DEPTH:
            return HOLE
        inner = wikitext[span.start + span.braces : span.end - span.braces]
        self._depth += 1
        try:
            if span.braces == 3:
                return self._parameter(inner, frame)
            shown = self._call(inner, frame, place)
        finally:
            self._depth -= 1
        if span.start == 0 or wikitext[span.start - 1] == "\n" or not _BEGINS_LINE.match(shown):
            return shown
        return f"\n{shown}"  # as MediaWiki does (Parser::braceSubstitution)

    def _parts(self, inner: str) -> Sequence[str]:
        return parts(inner) if self._afford(len(inner)) else (HOLE,)

    def _parameter(self, inner: str, frame: Frame) -> str:
        name, *defaults = self._parts(inner)
        value = frame.value(self.text(name, frame).strip(), self.text)
        if value is None:
            return self.text(defaults[0], frame) if defaults else HOLE
        return value

    def _call(self, inner: str, frame: Frame, place: Place) -> str:
        plain = _PLAIN_NAME.match(inner)
        head = plain[0] if plain else self.text(self._parts(inner)[0], frame)
        prefix, colon, rest = head.strip().partition(":")
        if colon and magic_word(prefix.strip()) in _SUBSTITUTIONS:
            head = rest
            prefix, colon, rest = head.strip().partition(":")
        name = head.strip()
        if colon and (function := find_function(prefix.strip())):
            return function(self, [rest, *self._parts(inner)[1:]], frame)
        if not name or HOLE in name:
            return HOLE
        if name in SHOWN:
            return SHOWN[name](self, self._parts(inner)[1:], frame)
        if (value := variable(name, self.title)) is not None:
            return value
        return self._template(name, inner, frame, place)

    def _template(self, name: str, inner: str, frame: Frame, place: Place) -> str:
        key = page_key(name.partition("#")[0], self.own.prefixes)
        target = self.own.redirects.get(key, key)
        if not key or len(key) > MAX_NAME:
            return HOLE
        if self.known.is_nothing(key) or self.known.is_nothing(target):
            return ""
        known = self.known.shown(key)
        if known is None:
            known = self.known.shown(target)
        shown = HOLE
        if (body := self.own.bodies.get(target)) is not None:
            if place is Place.INLINE:
                shown = _without_notes(self._body(body, target, inner, frame))
            elif known != "" and not is_table(body):
                shown = self._block(body, target, inner, frame)
        if HOLE in shown and known is not None:
            return _in_line(self._body(known, target, inner, frame))
        return shown

    def _block(self, body: str, name: str, inner: str, frame: Frame) -> str:
        """Return the prose that a template shows on lines of its own, or a hole."""
        shown = _without_notes(self._body(body, name, inner, frame))
        return HOLE if is_box(shown, self._parts(inner)[1:]) else shown

    def _body(self, body: str, name: str, inner: str, frame: Frame) -> str:
        """Return what a template's wikitext shows for the parameters of a call."""
        if not body:
            return ""
        if frame.is_within(name):
            return HOLE
        return self.text(body, Frame(name, self._parts(inner)[1:], frame))


def _in_line(shown: str) -> str:
    """Return what a known template shows: in its wiki most have a tag before a sign (`#1`)."""
    return SEPARATOR + shown if _SIGN.match(shown) else shown


def _without_notes(shown: str) -> str:
    """Return what a template shows, but nothing of boxes and notes such as `[citation needed]`."""
    tag = _FIRST_TAG.match(shown)
    if tag and "class" in tag[0] and any(name in tag[0].lower() for name in _HIDDEN):
        return ""
    if _is_note(shown):
        return ""
    return _RAISED.sub(lambda raised: "" if _is_note(raised[0]) else raised[0], shown)


def _is_note(shown: str) -> bool:
    if len(shown) > _LONGEST_NOTE:
        return False
    return _BRACKETED.fullmatch(_UNSEEN.sub("", shown).strip()) is not None


def _echo(shown: str, text: str, at: int) -> int:
    """Return how long a word is that follows at `at` and was shown last: `siècle siècle`."""
    word = _LAST_WORD.search(shown[-_MAY_END_WORD:])
    if not word or not text.startswith(f" {word[0]}", at):
        return 0
    end = at + 1 + len(word[0])
    return 0 if text[end : end + 1].isalnum() else end - at
