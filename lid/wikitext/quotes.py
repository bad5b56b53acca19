"""Bold and italics: `''` and `'''`, and the apostrophes among them.

The rules are those of MediaWiki (`Parser::doQuotes`), a line at a time.
"""

from __future__ import annotations

import re

_RUN = re.compile(r"(''+)")
_LONGEST = 7  # a longer run is a line drawn by hand
# An elided word, and one that it is elided before: the apostrophe was lost among the quotes.
_ELIDED = re.compile(
    r"(?<!['’0-9a-zà-ÿ])(?:[cdjlmnst]|(?:jus|lors|puis|quoi|pres|)qu|un|(?:d|n|s|)all|dell|nell|sull|coll"
    r"|bell|quell|quest|sant|tutt|mezz)\Z",
    re.IGNORECASE,
)
_MAY_BE_ELIDED = re.compile(r"''(?<=[cdjlmnstzu]'')'?[aàáâäæeéèêëhiíîïoóòôöœuúùûüy]", re.IGNORECASE)
_LETTERS = tuple("cjmnst")
_VOWEL = re.compile(r"[aàáâäæeéèêëhiíîïoóòôöœuúùûüy]\w\w", re.IGNORECASE)


def strip_quotes(text: str) -> str:
    """Return `text` without the quotes of bold and italics."""
    parts = text.split("''")
    if len(parts) == 1:
        return text
    if "" in parts or _MAY_BE_ELIDED.search(text) or _has_odd_line(parts):
        lines = text.split("\n")
        return "\n".join(_strip_line(line) if "''" in line else line for line in lines)
    return "".join([part[1:] if part[0] == "'" else part for part in parts])


def _has_odd_line(parts: list[str]) -> bool:
    """Whether a line has an odd number of bold, and of italic, of the text between quotes."""
    bold = italic = 0
    for part in parts[1:]:
        if part[0] == "'":
            bold += 1
        else:
            italic += 1
        if "\n" in part:
            if bold & italic & 1:
                return True
            bold = italic = 0
    return bool(bold & italic & 1)


def _strip_line(line: str) -> str:
    parts = _RUN.split(line)  # texts, and between them runs
    lengths = [len(run) for run in parts[1::2]]
    bold = [place for place, length in enumerate(lengths) if length > 2]
    italic = sum(length == 2 or length > 4 for length in lengths)
    # Of an odd number of each, one bold is an apostrophe and italics.
    demoted = _demoted(parts, lengths) if len(bold) % 2 and italic % 2 else None
    for place, length in enumerate(lengths):
        apostrophe = length == _LONGEST or place == demoted
        # Four or six may also be what is left of `''[[File:A.jpg]]''`: nothing in italics.
        if length == 4:
            apostrophe = parts[2 * place][-1:].isalnum() or parts[2 * place + 2][:1].isalnum()
        if not apostrophe and _VOWEL.match(parts[2 * place + 2]):
            elided = _ELIDED.search(parts[2 * place][-8:])
            # In `'''l'''aser` a letter is bold, and nothing elided.
            apostrophe = elided is not None and (place == 0 or elided[0] != parts[2 * place])
            if elided and length == 2 and elided[0].lower() in _LETTERS:
                apostrophe = False  # `s''ing''` shows how a word is made
        parts[2 * place + 1] = "'" if apostrophe else ""
    return "".join(parts)


def _demoted(parts: list[str], lengths: list[int]) -> int | None:
    """Return which bold opens after an apostrophe: the likeliest by what stands before it."""
    after_word = after_space = None
    for place, length in enumerate(lengths):
        if length not in (3, 4):
            continue
        before = parts[2 * place] + "'" * (length == 4)
        if before[-1:] == " ":
            after_space = place if after_space is None else after_space
        elif before[-2:-1] == " ":
            return place  # a single letter
        else:
            after_word = place if after_word is None else after_word
    return after_space if after_word is None else after_word
