"""Lines: headings, items of lists, rules, rows of tables that nobody opened or closed."""

from __future__ import annotations

import re

from bitseam.lid.wikitext.holes import HOLE

_HEADING = re.compile(r"\n(=[^\n]*)")
_LIST_MARKS = re.compile(r"\n([*#:;]++) *+")
_TERM = re.compile(r"(\n[*#:]*;)([^\n]*)")
_COLON = re.compile(
    r"(\[)|\]|<(/?)(?!br|hr|wbr)[a-z](?:[^<>]*[^<>/])?>|:(?!//|[0-9])[*#:;]*+", re.IGNORECASE
)
_RULE = re.compile(r"\n *+-----*+")
# A template that nobody closed: its name over lines of parameters, or the rest of its line.
_OPEN_TEMPLATE = re.compile(r"\{\{[^\n|{}]{1,80}(?:(?=\n *+\|)|\|[^\n]*+)")
_ROW = re.compile(r"\n *+(?:[|!]|[:*#]*+\{\|)")
_MARKS = ":*#"
_ROW_MARKS = ("{", *_MARKS)
_TIME_ZONE = re.compile(r"\((?:UTC|CES?T)\)")
_SIGNATURE = re.compile(r"(?:--|[—–])? ?\[\[[^\[\]\n]*\]\][^\n]{0,200}?[0-9]{4} \((?:UTC|CES?T)\)")


def drop_signatures(text: str) -> str:
    """Return `text` without `--[[User:Name|Name]] 12:03, 5 May 2005 (UTC)`."""
    if _TIME_ZONE.search(text):
        return _SIGNATURE.sub("", text)
    return text


def strip_line_marks(text: str) -> str:
    """Return `text`, which starts with a line feed, without what tells kinds of lines apart."""
    if "{" in text:
        text = _OPEN_TEMPLATE.sub(_hole, text)
    if _ROW.search(text):
        text = _drop_rows(text)
    text = _HEADING.sub(_heading, text)
    return _LIST_MARKS.sub("\n", _RULE.sub("\n\n", text))


def _hole(template: re.Match[str]) -> str:
    before = template.string[template.start() - 1]
    return "" if before == "\n" or "|" not in template[0] else HOLE


def _heading(line: re.Match[str]) -> str:
    """Set a heading apart; one that is not closed, too."""
    heading = line[1].strip()
    if heading.endswith("=") or (heading.startswith("==") and ">" not in heading[:4]):
        return f"\n\n{heading.strip('=').strip()}\n"
    return line[0]


def split_definitions(text: str) -> str:
    """Return `text` with the definition of `; term : definition` on a line of its own."""
    return _TERM.sub(_definition, text) if ";" in text else text


def _definition(line: re.Match[str]) -> str:
    depth = 0  # of brackets and tags, in which a colon is text
    for mark in _COLON.finditer(line[2]):
        if mark[0][0] == ":":
            if depth == 0:
                return f"{line[1]}{line[2][: mark.start()].rstrip()}\n{line[2][mark.end() :]}"
        elif mark[1] or mark[2] == "":
            depth += 1
        else:
            depth = max(0, depth - 1)
    return line[0]


def _drop_rows(text: str) -> str:
    """Drop the lines of tables that are left: there is no end, or no beginning."""
    kept = []
    in_table = after_blank = False
    for line in text.split("\n"):
        start = line.lstrip()
        if start[:1] == "|" or (start[:1] in _ROW_MARKS and start.lstrip(_MARKS).startswith("{|")):
            in_table = not start.startswith("|}")
            line = start[2:].lstrip("}") if start.startswith("|}") else ""
        elif start[:1] == "!" and (in_table or "!!" in start):
            line = ""
        elif start:
            in_table = in_table and not after_blank
        after_blank = not start
        kept.append(line)
    return "\n".join(kept)
