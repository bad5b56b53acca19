"""The last pass: leftovers of markup, and of what was removed in the middle of a line."""

from __future__ import annotations

import re

from bitseam.lid.wikitext.brackets import tidy_brackets
from bitseam.lid.wikitext.holes import HOLE, IN_SENTENCE, settle_holes
from bitseam.lid.wikitext.literals import restore
from bitseam.lid.wikitext.quotes import strip_quotes

_BEHAVIOUR = re.compile(
    r"__(?:[^\W\da-z]{2,40}?|no(?:toc|cc|tc|index|gallery|editsection|titleconvert|contentconvert)"
    r"|forcetoc|toc|index|hiddencat|(?:no)?newsectionlink|staticredirect|disambig)__"
)  # __TOC__, __KEIN_INHALTSVERZEICHNIS__; `__init__` is text
_TILDES = re.compile(r"~{3,5}")
_MARKS = ("[[", "]]", "{{", "}}", "{|", "|}")
_MAX_ROUNDS = 10
_BRACKET = re.compile(r"[\[\]{}]")
_LONE_COMMENT_END = re.compile(r"\n *+--> *+(?=\n|\Z)")
# What begins with a literal is found many times faster: a space is too frequent to begin with.
_SPACED_STOPS = [re.compile(rf"{re.escape(stop)}(?<= .)") for stop in ".,。、，"]
_SPACE_BEFORE_STOP = re.compile(r" (?=[.,](?:\s|\Z)|[。、，])")
_BLANK_LINES = re.compile(r"\n\n\n+")


def tidy(text: str) -> str:
    """Return `text`, which starts with a line feed, without leftovers and idle white space."""
    text = _drop_marks(strip_quotes(_drop_leftovers(text.replace(IN_SENTENCE, HOLE))))
    text = _squeeze(text)
    tidied = tidy_brackets(text)
    if tidied is not text:
        text = _squeeze(_drop_marks(tidied))
    if any(stop.search(text) for stop in _SPACED_STOPS):
        text = _SPACE_BEFORE_STOP.sub("", text)
    if HOLE in text:
        text = settle_holes(text)
    return restore(_BLANK_LINES.sub("\n\n", text).strip())


def _drop_leftovers(text: str) -> str:
    if "_" in text:
        text = _BEHAVIOUR.sub("", text)
    if "~" in text:
        text = _TILDES.sub("", text)
    if ">" in text:
        text = _LONE_COMMENT_END.sub("\n", text)
    return text


def _drop_marks(text: str) -> str:
    """Drop the brackets of links, templates and tables, and those that meet when they are gone."""
    if "[" not in text and "]" not in text and "{" not in text and "}" not in text:
        return text
    for _ in range(_MAX_ROUNDS):
        before = text
        for mark in _MARKS:
            text = text.replace(mark, "")
        if text == before:
            return text
    return _BRACKET.sub("", text)


def _squeeze(text: str) -> str:
    while "  " in text:  # halves each run: quicker than an expression
        text = text.replace("  ", " ")
    return "\n".join([line.strip(" ") for line in text.split("\n")])
