"""Links: their labels in their place, whatever stands in a label.

Links without brackets in their label, nearly all, are found by regular expressions; the others by
one scan over the brackets. A link ends with its paragraph, closed or not. One that is never closed
costs what readers should not see of it: its address, its target before a pipe, or the line of a
picture.
"""

from __future__ import annotations

import re
from operator import itemgetter
from typing import NamedTuple

from bitseam.lid.wikitext.literals import protect
from bitseam.lid.wikitext.names import is_hidden, shown_text

MAX_NESTING = 30  # brackets within brackets; deeper ones are dropped

_ADDRESS = (
    r"(?:(?:https?:|ftps?:|sftp:|ircs?:|git:|svn:|ssh:|gopher:|telnet:|nntp:|mms:|worldwind:)?//"
    r"|mailto:|news:|tel:|sips?:|sms:|urn:|geo:|magnet:|matrix:|bitcoin:|xmpp:)"
    r"(?:[^\s\[\]<>\"|']|\[[0-9a-f:.]++\])"
)
_URL = r"""[^\s\[\]<>"|']++|'(?!')"""  # italics may follow at once
_PLAIN = re.compile(r"\[\[(?![#/. ])(?:[^\[\]|:{}\n]++\|)?([^\[\]|:{}\n]++)\]\]")
_SIMPLE = re.compile(r"\[\[(?!(?:https?:|ftp:)?//)([^\[\]\n]*+)\]\]")
_SIMPLE_WEB = re.compile(
    rf"\[(?<!\[\[){_ADDRESS}(?:{_URL})*+[ \t|]*+([^\[\]\n]*+)\]", re.IGNORECASE
)
# An address may hold brackets: `https://example.org/a[1]`.
_WEB_MARK = rf'\[\[?{_ADDRESS}(?:{_URL}|\[[^\s\[\]<>"]*+\])*+[ \t|]*+'
# A label at the beginning of a line that begins like an item of a list, or a row of a table.
_LIKE_A_MARK = re.compile(r"(\n\[(?:\[[^\[\]|\n]*\||[a-z]*:?//[^\s\[\]]*[ \t|]++))([*#:;|!=])")
_TOKEN = re.compile(rf"{_WEB_MARK}|\[\[(?!\[)|\[|\]+|\n(?: *+\n|==)", re.IGNORECASE)
_AFTER_ADDRESS = re.compile(r"\A\[\[?[!-~]*+ *+")  # Chinese goes on without a space
_LABEL = itemgetter(1)  # of a match, quicker than the template `\1`
_TARGET = re.compile(r"\A[^\[\]|{}<>\n]{0,255}\|")

_SINGLE, _DOUBLE, _WEB, _DOUBLED_WEB = range(4)


class _Open(NamedTuple):
    kind: int
    place: int  # of its bracket in what is kept
    lone: list[int]  # of single closing brackets within


def unlink(text: str, hidden: frozenset[str]) -> str:
    """Return `text` with labels in the place of links, and without pictures and categories.

    :param hidden: see `hidden_namespaces`.
    """
    if "[" not in text:
        return text

    def shown(link: re.Match[str]) -> str:
        target, pipe, label = link[1].partition("|")
        return shown_text(target, label if pipe else None, hidden)

    text = _LIKE_A_MARK.sub(lambda link: link[1] + protect(link[2]), text)
    text = _SIMPLE_WEB.sub(_LABEL, _PLAIN.sub(_LABEL, text))
    text = _SIMPLE.sub(shown, text)
    return _Links(text, hidden).run() if "[" in text else text


class _Links:
    """One run over the brackets of a text."""

    def __init__(self, text: str, hidden: frozenset[str]) -> None:
        self._text, self._hidden = text, hidden
        self._kept: list[str] = []
        self._open: list[_Open] = []

    def run(self) -> str:
        position = 0
        for token in _TOKEN.finditer(self._text):
            self._kept.append(self._text[position : token.start()])
            position = token.end()
            mark = token[0]
            if mark[0] == "[":
                self._begin(mark)
            elif mark[0] == "]":
                self._end(len(mark))
            else:
                self._give_up()
                self._kept.append(mark)
        self._kept.append(self._text[position:])
        self._give_up()
        return "".join(self._kept)

    def _begin(self, mark: str) -> None:
        is_double = mark.startswith("[[")
        if len(mark) > 2:
            kind = _DOUBLED_WEB if is_double else _WEB
        else:
            kind = _DOUBLE if is_double else _SINGLE
        if len(self._open) < MAX_NESTING:
            self._open.append(_Open(kind, len(self._kept), []))
            self._kept.append("" if kind == _DOUBLE else mark)

    def _end(self, brackets: int) -> None:
        """Close what `brackets` closing ones in a row may close."""
        while brackets and self._open:
            kind, index, lone = self._open[-1]
            under = self._open[-2].kind if len(self._open) > 1 else None
            if kind == _DOUBLE and brackets == 1:
                lone.append(len(self._kept))
                self._kept.append("]")
                return
            self._open.pop()
            if kind == _SINGLE and brackets == 2 and under == _DOUBLE:
                if not self._open[-1].lone:
                    continue  # `[[a|b [c]]`: a bracket in a label that nobody closed
                under = None  # `[[a] b [c]]`: two links that lack a bracket each
                outer = self._open.pop()
                self._show(outer.place, outer.lone[0])
            if kind == _DOUBLE or (kind == _SINGLE and brackets == 2 and under is None):
                self._show(index, len(self._kept))
                brackets -= 2
            elif kind == _SINGLE:
                self._kept.append("]")
                brackets -= 1
            else:
                self._kept[index] = ""
                brackets -= 2 if kind == _DOUBLED_WEB and brackets > 1 else 1
        self._kept.append("]" * (brackets % 2))

    def _show(self, index: int, end: int) -> None:
        """Put what readers see in the place of the link from its bracket to before `end`."""
        target, pipe, label = "".join(self._kept[index + 1 : end]).partition("|")
        shown = shown_text(target, label if pipe else None, self._hidden)
        if end == len(self._kept):
            del self._kept[index:]
            self._kept.append(shown)
        else:
            self._kept[index : end + 1] = [shown, *[""] * (end - index)]

    def _give_up(self) -> None:
        """End the paragraph: what is open was never closed."""
        for kind, index, lone in reversed(self._open):
            if kind in (_WEB, _DOUBLED_WEB):
                self._kept[index] = _AFTER_ADDRESS.sub("", self._kept[index])
            elif kind == _SINGLE:
                pass  # a bracket of the text
            elif lone:
                self._show(index, lone[0])
            elif is_hidden(self._kept[index + 1], self._hidden):
                self._cut_line(index + 1)
            else:
                self._kept[index + 1] = _TARGET.sub("", self._kept[index + 1], count=1)
        self._open.clear()

    def _cut_line(self, index: int) -> None:
        for place in range(index, len(self._kept)):
            _, line_end, rest = self._kept[place].partition("\n")
            self._kept[place] = line_end + rest
            if line_end:
                return
