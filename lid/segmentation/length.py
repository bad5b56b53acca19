"""Sentences longer than a bound, split at the best places under it, so that they can be mined."""

from __future__ import annotations

import re
from math import ceil

# Before these words a clause often begins. One list for all languages: a word that means something
# else in another one is still a place between two words.
_CONJUNCTIONS = (
    "an|a|awer|mee|mä|oder|well|datt|ob|wou|und|aber|denn|weil|dass|wenn|wobei|sowie|et|mais|ou|car|"
    "donc|que|qui|and|but|or|because|which|while|although|when|en|maar|of|want|omdat|terwijl|y|e|"
    "pero|porque|aunque|ma|perché|mas|og|men|eller|och|fordi|eftersom|ale|nebo|protože|i|oraz|"
    "ponieważ|и|но|или|потому|который|і|але|και|αλλά|ve|ama|और|लेकिन|या"
)
_UNSPACED = r"\u0e01-\u0e30\u1000-\u102a\u1780-\u17b3\u3005-\u30ff\u3400-\u9fff"

# Best first. A match ends where the next part begins.
_PLACES = (
    # No full stop: that of the end of a sentence was seen before, this one is of an abbreviation.
    re.compile(r"[!?…;:؛—–][\"'”“’»«)\]]*\s+|[。！？；：][”』」）]*"),
    re.compile(r"[,،]\s+|[，、]"),
    re.compile(rf"\s+(?=(?:{_CONJUNCTIONS})\s)"),
    re.compile(r"\s+"),
    re.compile(rf"(?<=[{_UNSPACED}])(?=[{_UNSPACED}])"),
)
_SPACE = re.compile(r"\s+")
_LOOKAHEAD = 16


def split_long(text: str, longest: int) -> list[int]:
    """Return where the parts of `text` begin, without the first: each of at most `longest`
    characters but for a word that is longer.

    A part ends at a mark that is stronger than a comma, else at a comma, else before a conjunction,
    else between two words. The parts are about equally long, and but for the last none is shorter
    than a third of the bound where another place serves.
    """
    beginnings: list[int] = []
    start = 0
    while len(text) - start > longest:
        cut = _best_place(text, start, longest)
        if cut is None:
            break
        beginnings.append(cut)
        start = cut
    return beginnings


def _best_place(text: str, start: int, longest: int) -> int | None:
    left = len(text) - start
    aim = start + left / ceil(left / longest)
    first, last = start + longest // 3, start + longest
    for pattern in _PLACES:
        found = pattern.finditer(text, first, last + _LOOKAHEAD)
        places = [match.end() for match in found if start < match.end() <= last]
        if places:
            return min(places, key=lambda place: abs(place - aim))
    # A word of more than `longest` characters: a table, a URL.
    after = _SPACE.search(text, start)
    return after.end() if after and after.end() < len(text) else None
