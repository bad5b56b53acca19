"""Where a template stands in its page: alone on its lines, or among text."""

from __future__ import annotations

import re
from collections.abc import Sequence
from enum import Enum, auto

from bitseam.lid.wikitext.templates.braces import Span


class Place(Enum):
    """A block shows a box, a notice or a paragraph; what stands among text is in a sentence."""

    BLOCK = auto()
    INLINE = auto()


# Beside a block: white space, signs of lists and indentation, tags.
_NOTHING = re.compile(r"(?:[\s*#:;]|<[^<>\n]*>|__[A-Z]+__)*\Z")
_LIST_MARKS = tuple("*#:;")
_NEAR = 40  # characters after a template that are looked at


def places(text: str, spans: Sequence[Span]) -> list[Place]:
    """Return the place of each span of `outer_spans(text)`.

    Templates are a block if nothing else stands on their lines. So is one of several lines that
    begins a line, or ends an item of a list, and one that begins a line with a sentence right
    behind it: `}} '''Name''' is ...`.
    """
    found: list[Place] = []
    for first, last in _lines(text, spans):
        before = text[text.rfind("\n", 0, spans[first].start) + 1 : spans[first].start]
        begins = _NOTHING.match(before) is not None
        end = text.find("\n", spans[last].end)
        after = text[spans[last].end : end if end >= 0 else len(text)]
        ends = _NOTHING.match(after) is not None
        gaps = [text[spans[i].end : spans[i + 1].start] for i in range(first, last)]
        if begins and ends and all(_NOTHING.match(gap) for gap in gaps):
            found += [Place.BLOCK] * (last - first + 1)
            continue
        for i in range(first, last + 1):
            is_long = "\n" in text[spans[i].start : spans[i].end]
            if begins and not is_long:
                begins = _begins_sentence(text[spans[i].end : spans[i].end + _NEAR])
            is_block = begins or (is_long and ends and i == last and before[:1] in _LIST_MARKS)
            found.append(Place.BLOCK if is_block else Place.INLINE)
            begins = begins and i < last and _NOTHING.match(gaps[i - first]) is not None
    return found


def _begins_sentence(after: str) -> bool:
    """Whether the subject of an article follows, in bold, or a capital at once."""
    if after.lstrip().startswith("'''"):
        return True
    return after.lstrip("['\"„“«")[:1].isupper()


def _lines(text: str, spans: Sequence[Span]) -> list[tuple[int, int]]:
    """Return first and last span of each run of spans without a line feed between them."""
    runs: list[tuple[int, int]] = []
    first = 0
    for i in range(len(spans)):
        if i + 1 == len(spans) or "\n" in text[spans[i].end : spans[i + 1].start]:
            runs.append((first, i))
            first = i + 1
    return runs
