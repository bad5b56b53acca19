"""Brackets, quotation marks and commas that are empty because what stood in them was removed."""

from __future__ import annotations

import re

_SEPARATORS = ",;、，；،؛"
_SEPARATOR = f"[{_SEPARATORS}]"
# One expression for each first character: what begins with a literal is found fastest.
_BRACKETS = {
    "(": re.compile(r"\(([^()（）\n]*)[)）]"),
    "（": re.compile(r"（([^()（）\n]*)[)）]"),
    "[": re.compile(r"\[([\s,;/]*)\]"),
}
# `»so« »so«` is no empty pair of quotation marks.
_EMPTY_QUOTES = {
    opening: re.compile(rf"{opening}(?<![\w.,!?…]{opening})\s*+[{closing}](?!\w)")
    for opening, closing in (("«", "»"), ("„", "“”"), ("“", "”"), ("‹", "›"), ("‘", "’"))
} | {
    opening: re.compile(rf"{opening}\s*+{closing}")
    for opening, closing in (("「", "」"), ("『", "』"), ("《", "》"), ("【", "】"))
}
_REPEATED = {
    separator: re.compile(
        rf"{separator}(?:(?:\s*+{_SEPARATOR})+(?=[\s)）\]]|\Z)|\s*+(?=[.。](?:\s|\Z)))"
    )
    for separator in _SEPARATORS
}
_ANY_REPEATED = re.compile(rf"({_SEPARATOR})(?:\s*+{_SEPARATOR})+")
# What something was called that is not there: `IPA:`.
_LABEL = re.compile(rf"(?:\A|(?<={_SEPARATOR}))[^{_SEPARATORS}:：]*+[:：]\s*+(?:{_SEPARATOR}|\Z)")
_NOTHING = re.compile(r"(?:[\s/·–—:：]|-(?=\s)|(?<=\s)-)*")
_MAX_NESTING = 3
_GONE = "\0"  # stands where something was dropped, until the space around it is settled
_GONE_BEFORE_MARK = re.compile(rf" ?{_GONE}(?=[;:!?…)])|{_GONE}")


def tidy_brackets(text: str) -> str:
    """Return `text` without empty brackets, and without separators that separate nothing.

    `(; fr. X)` is left as `(fr. X)`, `(IPA: )` not at all; `main()` is text.
    """
    for opening, quotes in _EMPTY_QUOTES.items():
        if opening in text:
            text = quotes.sub(_GONE, text)
    for opening, brackets in _BRACKETS.items():
        for _ in range(_MAX_NESTING):
            if opening not in text or text == (text := brackets.sub(_bracket, text)):
                break
    for separator, repeated in _REPEATED.items():
        if separator in text:
            text = repeated.sub(_separator, text)
    return _GONE_BEFORE_MARK.sub("", text) if _GONE in text else text


def _bracket(match: re.Match[str]) -> str:
    inside, whole = match[1], match[0]
    text = _ANY_REPEATED.sub(r"\1", inside)
    if ":" in text or "：" in text:
        text = _LABEL.sub("", text)
    text = text.strip(f" \xa0{_SEPARATORS}")
    if text == inside and text[:1].isalnum():
        return whole
    if not _NOTHING.fullmatch(text):
        return f"{whole[0]}{text}{whole[-1]}"
    before = match.string[match.start() - 1 : match.start()]
    is_call = not inside and before.isascii() and (before.isalnum() or before == "_")
    return whole if is_call else _GONE


def _separator(match: re.Match[str]) -> str:
    """Leave one separator of several, and none before a full stop."""
    after = match.string[match.end() : match.end() + 1]
    return "" if after and after in ".。" else match[0][0]
