"""Finds templates and parameters in wikitext, and their parts: one scan, linear in the text."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

_OPENING = re.compile(r"\{\{+")
_CLOSING = re.compile(r"\}\}+")
# What a part may hold whole: a link, a rule of language variants.
_PIPE = re.compile(r"\[\[|\]\]|-\{(?!\{)|(?<!\})\}-|\|")
_EQUALS = re.compile(r"\[\[|\]\]|-\{(?!\{)|(?<!\})\}-|=")
_SHORT = 1000  # characters of a text that is remembered with its spans and parts
_MOST = 3  # braces of a parameter, `{{{1}}}`; a template has two


class Span(NamedTuple):
    """`text[start:end]` is a template (two braces) or a parameter (three)."""

    start: int
    end: int
    braces: int


def brace_runs(text: str) -> list[re.Match[str]]:
    """Return the runs of two or more braces, in order."""
    # Two expressions that begin with a literal are several times as fast as one that does not.
    runs = [*_OPENING.finditer(text), *_CLOSING.finditer(text)]
    runs.sort(key=re.Match.start)
    return runs


def outer_spans(text: str) -> Sequence[Span]:
    """Return the templates and parameters that lie in no other, in order.

    Of a run of braces the innermost belong together, three where there are three on both sides:
    MediaWiki's preprocessor does so (Preprocessor_Hash.php). Braces without a partner are text.
    """
    if "{{" not in text:
        return ()
    return _short_spans(text) if len(text) <= _SHORT else _spans(text)


def _spans(text: str) -> Sequence[Span]:
    found: list[Span] = []
    open_: list[list[int]] = []  # start, and how many braces wait for a partner
    for run in brace_runs(text):
        start, end = run.span()
        if text[start] == "{":
            open_.append([start, end - start])
            continue
        while end - start > 1 and open_:
            top = open_[-1]
            size = min(_MOST, top[1], end - start)
            top[1] -= size
            start += size
            found.append(Span(top[0] + top[1], start, size))
            if top[1] < 2:
                open_.pop()
    return _outermost(text, found)


# The body of a template, and the same call in many articles, is looked at again and again.
_short_spans = lru_cache(maxsize=4096)(_spans)


def _outermost(text: str, found: list[Span]) -> Sequence[Span]:
    found.sort()
    kept: list[Span] = []
    for span in found:
        if not kept or span.start >= kept[-1].end:
            kept.append(span)
    # `{{a|x={b}}}`: the last brace closes the single one. MediaWiki shows it behind the template.
    for i, (start, end, braces) in enumerate(kept):
        if text.startswith("}", end) and text.count("{", start, end) > text.count("}", start, end):
            kept[i] = Span(start, end + 1, braces)
    return tuple(kept)


def parts(text: str) -> Sequence[str]:
    """Return what the pipes of `text` part, but for those within links, templates and rules."""
    if "|" not in text:
        return (text,)
    return _short_parts(text) if len(text) <= _SHORT else _parts(text)


def _parts(text: str) -> Sequence[str]:
    cuts = [-1, *_free(text, _PIPE), len(text)]
    return tuple(text[start + 1 : end] for start, end in itertools.pairwise(cuts))


_short_parts = lru_cache(maxsize=4096)(_parts)


def named(part: str) -> tuple[str, str] | None:
    """Return name and value of `name=value`, or None where no sign of equality stands free."""
    at = part.find("=")
    if at < 0:
        return None
    before = part[:at]
    if "{{" in before or "[[" in before or "-{" in before:  # the sign may stand within
        at = next(_free(part, _EQUALS), -1)
    return None if at < 0 else (part[:at], part[at + 1 :])


def _free(text: str, mark: re.Pattern[str]) -> Iterator[int]:
    """Yield where the single character of `mark` stands outside links, templates and rules."""
    spans = iter(outer_spans(text))
    span = next(spans, None)
    depth = 0
    for edge in mark.finditer(text):
        start = edge.start()
        while span and span.end <= start:
            span = next(spans, None)
        if span and span.start <= start:
            continue
        if edge[0] in ("[[", "-{"):
            depth += 1
        elif edge[0] in ("]]", "}-"):
            depth = max(0, depth - 1)
        elif not depth:
            yield start
