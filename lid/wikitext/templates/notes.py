"""Holes that cost no sentence anything: in brackets of their own, and behind a sentence."""

from __future__ import annotations

import re

from bitseam.lid.character_classes import SENTENCE_ENDS
from bitseam.lid.wikitext.holes import HOLE

_RUN = re.compile(f"{HOLE}{{2,}}")
_BRACKETS = re.compile(r" ?\(([^()\n]*)\)| ?（([^（）\n]*)）")
_SEPARATOR = re.compile(r"(\s*[;,；，、]\s*)")
_WORD = re.compile(r"\w")
_LAST_WORD = re.compile(r"(\w*)[.!?…]?[\"'”’»“」』)\]）】]*\Z")
# What ends a sentence, a closing quotation mark or bracket after it included.
_END = re.compile(rf"[៖{SENTENCE_ENDS}][\"'”’»“」』)\]）】]*\Z")
_FULL_STOP = re.compile(r"\.[\"'”’»“」』)\]）】]*\Z")
_SHORT = 3  # letters of a word that a full stop may abbreviate: `ca.`
_NEAR = 40  # characters before a mark that are looked at


def settle_notes(text: str) -> str:
    """Take away the holes of which no sentence is the poorer in its grammar.

    That is one in brackets of its own, one that is an item of a list in brackets, and a note
    behind the end of a sentence. All others stay.
    """
    if HOLE not in text:
        return text
    lines = text.split("\n")
    return "\n".join(_settle(line) if HOLE in line else line for line in lines)


def _settle(line: str) -> str:
    line = _BRACKETS.sub(_without_items, _RUN.sub(HOLE, line))
    text = line.rstrip(f" {HOLE}")
    if HOLE in line[len(text) :] and _END.search(text[-_NEAR:]):
        line = text
    kept = ""
    position = 0
    while (at := line.find(HOLE, position)) >= 0:
        kept += line[position:at]
        position = at + 1
        if not _is_note(kept[-_NEAR:], line[position : position + 1]):
            kept += HOLE
    return kept + line[position:]


def _without_items(brackets: re.Match[str]) -> str:
    """Drop the items of a list in brackets that show nothing, and brackets that hold no others."""
    inside = brackets[1] if brackets[1] is not None else brackets[2]
    if HOLE not in inside:
        return brackets[0]
    pieces = _SEPARATOR.split(inside)
    kept = ""
    for item, separator in zip(pieces[::2], ["", *pieces[1::2]], strict=True):
        if HOLE in item and not _WORD.search(item):
            continue
        kept += separator + item if kept else item
    if not _WORD.search(kept):
        return ""
    return brackets[0].replace(inside, kept)


def _is_note(before: str, after: str) -> bool:
    """Whether a hole is put to the end of a sentence, rather than in it or before the next one."""
    if not after.isspace() or not _END.search(before):
        return False
    word = _LAST_WORD.search(before)
    is_short = word is not None and word[1].isalpha() and len(word[1]) < _SHORT
    return not (is_short and _FULL_STOP.search(before))
