"""The first pass over wikitext: comments, literal text, and elements with contents of their own.

What opens first wins, as in MediaWiki (`Preprocessor_Hash::preprocessToObj`): a comment within
`<nowiki>` is text, a `<nowiki>` within a comment is none. Where something is never closed,
MediaWiki may hide the rest of the page; here it costs its tag, or its line, and the text stays.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import defaultdict
from typing import NamedTuple

from bitseam.lid.character_classes import SENTENCE_ENDS
from bitseam.lid.wikitext.holes import IN_SENTENCE, divides_sentence
from bitseam.lid.wikitext.literals import SEPARATOR, protect, protect_literal
from bitseam.lid.wikitext.scan import Next, close_up
from bitseam.lid.wikitext.tags import BLOCKS, CODE, DROPPED_TAGS, FORMULAS, NESTING, STRUCK

_NAMES = "|".join(sorted(DROPPED_TAGS | CODE | {"nowiki"}))
_TOKEN = re.compile(rf"<!--|<(/?)({_NAMES})(?=[\s/>])([^<>]*)>", re.IGNORECASE)
_RUNS = tuple("'[]{}=~")  # two of them mean more than one
_COMMENT_END = "-->"
_SENTENCE_START = re.compile(r"[\['\"„“«(]*+([^\W\d_])")
_UNSPACED_ENDS = "。！？｡．﹒﹖﹗︒︕︖"  # no space follows these ends of sentences
_ENDS_READING = re.compile(r"</?(?:rt|rp|rtc|rb|ruby)\b", re.IGNORECASE)


def shield(wikitext: str, is_template: bool = False) -> str:
    """Return `wikitext` without comments and dropped elements, and with literal text protected.

    The text of `<nowiki>` stands there in characters that no later pass takes for markup, see
    `literals`. A second call changes nothing.

    :param is_template: whether it is the page of a template, whose `<includeonly>` stays.
    """
    if "<" not in wikitext:
        return wikitext
    tokens = list(_TOKEN.finditer(wikitext))
    if is_template:
        tokens = [token for token in tokens if (token[2] or "").lower() != "includeonly"]
    return _Shield(wikitext, tokens).run() if tokens else wikitext


class _Opened(NamedTuple):
    """An element that may hold others of its name, up to now not closed."""

    name: str
    start: int
    limit: int  # where it cannot go on any more
    kept: int  # how much was kept before it


class _Shield:
    """One run over the tokens of a page."""

    def __init__(self, text: str, tokens: list[re.Match[str]]) -> None:
        self._text, self._tokens = text, tokens
        self._kept: list[str] = []
        self._position = 0  # everything before is kept or cut
        self._code_end = 0
        self._open: list[_Opened] = []
        self._depths: dict[str, int] = defaultdict(int)
        self._openings: dict[str, list[int]] = {}  # filled when they are first asked for
        self._closings: dict[str, list[tuple[int, int]]] = defaultdict(list)
        self._line, self._paragraph = Next(text, "\n"), Next(text, "\n\n")
        self._heading, self._comment_end = Next(text, "\n=="), Next(text, _COMMENT_END)

    def run(self) -> str:
        for token in self._tokens:
            if token.start() >= self._position:
                self._take(token)
        self._kept.append(self._text[self._position :])
        for unclosed in self._open:  # what was meant to stand in a note is no part of the word
            self._kept[unclosed.kept - 1] = " "
        return "".join(self._kept)

    def _take(self, token: re.Match[str]) -> None:
        start, end = token.span()
        if not token[2]:
            self._comment(start)
            return
        name = token[2].lower()
        if name in CODE:
            if not token[1] and (closing := self._closing(name, end)):
                self._code_end = closing[0]
        elif "\n\n" in token[3]:
            return  # a sign, and another one in some later paragraph
        elif token[1]:
            self._close(name, start, end)
        elif token[3].rstrip().endswith("/"):
            self._drop(start, end, self._rest(name, start, end))
        elif name in NESTING:
            self._cut(start, end)
            self._kept.append("")
            self._open.append(_Opened(name, start, self._limit(name, end), len(self._kept)))
            self._depths[name] += 1
        elif name in ("rt", "rp", "rtc"):
            self._reading(start, end)
        else:
            self._raw(name, start, end)

    def _limit(self, name: str, end: int) -> int:
        """Return where an element that ends only later was never closed."""
        if name in STRUCK:
            return self._paragraph.after(end)
        return self._heading.after(end) if name == "ref" else len(self._text)

    def _cut(self, start: int, end: int, instead: str = "") -> None:
        if start > self._position:
            self._kept.append(self._text[self._position : start])
        if instead:
            self._kept.append(instead)
        self._position = end

    def _drop(self, start: int, end: int, instead: str = "") -> None:
        self._cut(start, end, instead)
        if not instead:
            close_up(self._kept, self._text, end)

    def _comment(self, start: int) -> None:
        text = self._text
        end = self._comment_end.after(start + 4)
        line_end = self._line.after(start)
        if start < self._code_end < end:
            self._cut(start, start + 4, protect("<!--"))
        elif end == len(text) or (line_end < end and text.find("<!--", line_end, end) > 0):
            self._cut(start, line_end)  # never closed, before the next one opens
        else:
            end += len(_COMMENT_END)
            on_own_line = text[start - 1 : start] in ("", "\n") and text[end : end + 1] == "\n"
            self._drop(start, end + on_own_line)

    def _sort_tags(self) -> None:
        self._openings = defaultdict(list)
        for token in self._tokens:
            if token[1]:
                self._closings[token[2].lower()].append(token.span())
            elif token[2]:
                self._openings[token[2].lower()].append(token.start())

    def _closing(self, name: str, end: int) -> tuple[int, int] | None:
        if not self._openings:
            self._sort_tags()
        closings = self._closings[name]
        first = bisect_left(closings, (end, 0))
        return closings[first] if first < len(closings) else None

    def _raw(self, name: str, start: int, end: int) -> None:
        """Cut an element that ends at the first closing tag of its name."""
        closing = self._closing(name, end)
        if closing is None or self._opens_again(name, end, closing[0]):
            self._cut(start, end)
        elif name == "nowiki":
            inside = protect_literal(self._text[end : closing[0]])
            self._cut(start, closing[1], inside or self._apart(start, closing[1]))
        else:
            self._drop(start, closing[1], self._rest(name, start, closing[1]))

    def _opens_again(self, name: str, end: int, closing: int) -> bool:
        """Whether the closing tag belongs to another opening, in a later paragraph."""
        openings = self._openings[name]
        later = bisect_left(openings, self._paragraph.after(end))
        return later < len(openings) and openings[later] < closing

    def _reading(self, start: int, end: int) -> None:
        """Cut how characters are read, to the next tag of `<ruby>`: most have no closing tag."""
        line_end = self._line.after(end)
        stop = _ENDS_READING.search(self._text, end, line_end)
        self._cut(start, stop.start() if stop else end)

    def _close(self, name: str, start: int, end: int) -> None:
        """Cut a closing tag, with its element if that was opened."""
        self._cut(start, end)
        if not self._depths[name]:
            return
        while (opened := self._open.pop()).name != name:
            self._depths[opened.name] -= 1
        self._depths[name] -= 1
        if start <= opened.limit:
            del self._kept[opened.kept - 1 :]
            self._drop(end, end, self._rest(name, opened.start, end))
        else:
            self._kept[opened.kept - 1] = " "

    def _apart(self, start: int, end: int) -> str:
        before = self._text[start - 1 : start]
        return SEPARATOR if before in _RUNS and before == self._text[end : end + 1] else ""

    def _rest(self, name: str, start: int, end: int) -> str:
        """What is left of an element: a hole in a sentence, or an end of the paragraph."""
        if name in BLOCKS:
            return IN_SENTENCE if divides_sentence(self._text, start, end) else "\n\n"
        if name in FORMULAS:
            return IN_SENTENCE  # on a line of its own, too: it may be in the middle of a sentence
        if name == "nowiki":
            return self._apart(start, end)
        # `Et ass al.<ref/>Si`: a sentence ends where a note stands between two.
        before = self._kept[-1][-1:] if self._kept else ""
        if not before or before not in SENTENCE_ENDS or before in _UNSPACED_ENDS:
            return ""
        after = _SENTENCE_START.match(self._text, end)
        return " " if after and not after[1].islower() else ""
