"""Language variants: `-{zh-hans:台湾;zh-hant:臺灣}-` holds a text once for each script of the wiki.

The rules are those of MediaWiki's `ConverterRule`. Of several texts the one in the script of the
page around it is taken, so that a page stays in one script.
"""

from __future__ import annotations

import re
from collections import Counter
from functools import cache

from bitseam.lid.wikitext.holes import HOLE

MAX_NESTING = 20  # deeper ones are text
_SAMPLE = 20_000  # characters of a page from which its script is told

_CODE = (
    r"(?:zh|gan|wuu|sr|sh|kk|ku|shi|tg|uz|iu|ike|crh|ban|mni|tly|zgh)"
    r"(?:-[a-z]{2,8}(?:-[a-z]{2,8})?)?"
)
# `-{{` is a dash before a template; so is `}}-` one after it, but for `}}}-`.
_EDGE = re.compile(r"-\{(?!\{)|(?:(?<!\})|(?<=\}\}))\}-")
_FLAGS = re.compile(
    rf"\s*(?:(?:[ATRDHNS+-]|{_CODE})\s*(?:;\s*(?:[ATRDHNS+-]|{_CODE})\s*)*)?(?:;\s*)?\|",
    re.IGNORECASE,
)
_SEPARATOR = re.compile(rf";\s*(?={_CODE}\s*:|[^;:]*=>\s*{_CODE}\s*:|\Z)", re.IGNORECASE)
_ALTERNATIVE = re.compile(rf"(?:[^:]*=>)?\s*({_CODE})\s*:(.*)", re.IGNORECASE | re.DOTALL)
_RULE = re.compile(r"-\{[^{}]*+\}-")

_HIDING = frozenset("TH-")  # a title, a hidden rule, a rule taken back
_CHINESE = ("zh", "gan", "wuu")
_SIMPLIFIED = ("hans", "cn", "sg", "my")
_TRADITIONAL = ("hant", "tw", "hk", "mo")


def choose_variants(text: str) -> str:
    """Return `text` with each rule as its readers see it."""
    if "{" not in text or "-{" not in text:
        return text
    order = _Page(text)
    kept: list[str] = []
    open_: list[int] = []
    position = 0
    for edge in _EDGE.finditer(text):
        opens = edge[0] == "-{"
        if (opens and len(open_) == MAX_NESTING) or not (opens or open_):
            continue
        kept.append(text[position : edge.start()])
        position = edge.end()
        if opens:
            open_.append(len(kept))
            continue
        first = open_.pop()
        rule = "".join(kept[first:])
        del kept[first:]
        is_rule = "}" not in rule or -1 < rule.find("{") < rule.find("}")
        kept.append(_shown(rule, order) if is_rule else f"-{{{rule}}}-")  # `a-{b} and {c}-d`
    kept.append(text[position:])
    for first in open_:  # never closed: its flags go, the rest is text
        if not (_FLAGS.match(kept[first]) or _ALTERNATIVE.match(kept[first])):
            kept[first] = "-{" + kept[first]
        kept[first] = _FLAGS.sub("", kept[first], count=1)
    return "".join(kept)


class _Page:
    """In which script a page is written, told from its text outside of rules."""

    def __init__(self, text: str) -> None:
        sample = Counter(_RULE.sub("", text[:_SAMPLE]))
        self._blocks: Counter[int] = Counter()
        for letter, count in sample.items():
            if letter.isalpha():
                self._blocks[_block(letter)] += count
        simplified, traditional = _chinese_letters()
        balance = sum(count for letter, count in sample.items() if letter in simplified)
        balance -= sum(count for letter, count in sample.items() if letter in traditional)
        self._chinese = (
            (*_SIMPLIFIED, *_CHINESE, *_TRADITIONAL)
            if balance >= 0
            else (*_TRADITIONAL, *_CHINESE, *_SIMPLIFIED)
        )

    def choose(self, alternatives: dict[str, str]) -> str:
        """Return one of the texts, which are given by their codes, such as `zh-hans`."""
        regions = {
            code.rpartition("-")[2]: text  # `zh-hant-tw`, too
            for code, text in alternatives.items()
            if code.startswith(_CHINESE)
        }
        for region in self._chinese:
            if region in regions:
                return regions[region]
        return max(alternatives.values(), key=self._likeness)  # the first of equals

    def _likeness(self, text: str) -> float:
        letters = [letter for letter in text if letter.isalpha()]
        return sum(self._blocks[_block(letter)] for letter in letters) / max(1, len(letters))


def _block(letter: str) -> int:
    return ord(letter) >> 7  # scripts begin at multiples of 128 in Unicode, with few exceptions


@cache
def _chinese_letters() -> tuple[frozenset[str], frozenset[str]]:
    """Return the letters of simplified and of traditional Chinese, without those of both.

    The national character sets GB 2312 and Big5 hold one each.
    """
    cells = [bytes((lead, trail)) for lead in range(0xA4, 0xFA) for trail in range(0x40, 0xFF)]
    simplified, traditional = (
        {letter for cell in cells if "一" <= (letter := cell.decode(codec, "ignore")) <= "鿿"}
        for codec in ("gb2312", "big5")
    )
    return frozenset(simplified - traditional), frozenset(traditional - simplified)


def _shown(rule: str, page: _Page) -> str:
    flags = _FLAGS.match(rule)
    names = {name.strip().upper() for name in flags[0][:-1].split(";")} if flags else set()
    content = rule[flags.end() :] if flags else rule
    if names & _HIDING:
        return ""
    if "N" in names:  # the name of a variant
        return HOLE
    if "R" in names:
        return content
    alternatives: dict[str, str] = {}
    for part in _SEPARATOR.split(content):
        if found := _ALTERNATIVE.fullmatch(part.strip()):
            alternatives.setdefault(found[1].lower(), found[2].strip())
    return page.choose(alternatives) if alternatives else content
