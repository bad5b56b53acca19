"""Where something that readers see was taken out of a line of prose, a hole is left.

A sentence with a hole is no sentence that anybody wrote: whoever reads the text can tell it by
this character, the object replacement character of Unicode.
"""

from __future__ import annotations

import re

from bitseam.lid.character_classes import SENTENCE_ENDS

HOLE = "\ufffc"
# Up to the last pass, the hole of what is surely part of its sentence: a template may be a note.
IN_SENTENCE = "\U000f0000"

_WINDOW = 200  # characters around an element that are looked at: bounds the time of long lines
# A sentence, or its first part, ends here, whatever closes after it.
_ENDED = re.compile(rf"[:;：；{SENTENCE_ENDS}][\"'”’»)\]」』]*\s*\Z")
# Lines of nothing but holes, and of what stood behind them.
_LONE = re.compile(rf"(?:\n[ .,;:]*+{HOLE}[{HOLE} .,;:]*+(?=\n|\Z))++\n?")
_MARKS = " \t:*#;"  # at the beginning of a line: indents, and the marks of lists


def divides_sentence(text: str, start: int, end: int) -> bool:
    """Whether the block `text[start:end]` stands in the middle of a sentence.

    After a sentence, and at the end of a line, it is only put beside the text.
    """
    before = text[max(0, start - _WINDOW) : start].rpartition("\n")[2].lstrip(_MARKS)
    after = text[end : end + _WINDOW].partition("\n")[0].strip(" \t.,;:!?)")
    return bool(before and after) and not _ENDED.search(before)


def settle_holes(text: str) -> str:
    """Return `text`, whose lines end in one line feed, without lines that hold holes alone.

    A formula set on a line of its own is part of the sentence around it where the line before does
    not end a sentence, or the line after does not begin one: there the hole moves to them.
    """
    return _LONE.sub(_neighbours, text)


def _neighbours(lone: re.Match[str]) -> str:
    text, start, end = lone.string, lone.start(), lone.end()
    before, after = text[max(0, start - _WINDOW) : start], text[end : end + 1]
    breaks_off = before[-1:] not in ("", "\n", HOLE) and not _ENDED.search(before)
    goes_on = after.islower() or (breaks_off and after.strip() != "" and not after.isupper())
    return f"{f' {HOLE}' if breaks_off else ''}\n\n{f'{HOLE} ' if goes_on else ''}"
