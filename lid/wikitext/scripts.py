"""Raised and lowered characters: `10<sup>30</sup>` is no 1030.

Unicode's own superscripts and subscripts are taken where they exist, else `^` and `_`. The letters
of ordinals and abbreviations stay letters: `1<sup>er</sup>`, `M<sup>me</sup>`.
"""

from __future__ import annotations

import re

from bitseam.lid.wikitext.tags import ATTRIBUTES

_RAISED = str.maketrans("0123456789+-−=()ni", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁼⁽⁾ⁿⁱ")
_LOWERED = str.maketrans(
    "0123456789+-−=()aeoxhklmnpstiruvjβγρφχ", "₀₁₂₃₄₅₆₇₈₉₊₋₋₌₍₎ₐₑₒₓₕₖₗₘₙₚₛₜᵢᵣᵤᵥⱼᵦᵧᵨᵩᵪ"
)

_SCRIPT = re.compile(rf"<(su[bp]){ATTRIBUTES}>([^<>\n]{{0,200}})</\1\s*+>", re.IGNORECASE)
_OPEN = re.compile(rf"<(su[bp]){ATTRIBUTES}>\s*+([-+−]?[0-9]++)", re.IGNORECASE)
_TAG = re.compile(rf"</?su[bp]{ATTRIBUTES}>", re.IGNORECASE)
_MAX_NESTING = 3
_RAISED_LETTERS = ("n", "i")  # the only ones that Unicode calls superscripts

_SIGNED = re.compile(r"[0-9ni()+−=-]*+")  # all of it has a superscript
_DIGIT_OR_SIGN = re.compile(r"[0-9+−=-]")
_NOTE = re.compile(r"[\[(][^\[\]()]*+[\])]")  # `[1]`, `[note 2]`
_ATOM = re.compile(r"[0-9]++|[^\W0-9_]++")
_VARIABLE = re.compile(r"(?:\A|[^\w'’.])[a-z]\Z")  # a letter that stands alone
_ORDINAL_SIGNS = {"o": "º", "a": "ª"}
_COUNTED = re.compile(r"(?:[0-9]|\b[nN])\.?\Z")
_EXPONENTS = frozenset("kpqwxyz")  # the letters that end no ordinal and stand for no unit


def set_scripts(text: str) -> str:
    """Return `text` with characters in the place of the elements `<sup>` and `<sub>`."""
    for _ in range(_MAX_NESTING):
        text, changes = _SCRIPT.subn(_shown, text)
        if not changes:
            break
    return _TAG.sub("", _OPEN.sub(_shown, text))


def _shown(script: re.Match[str]) -> str:
    content = script[2].replace("''", "").strip()
    before = script.string[max(0, script.start() - 24) : script.start()].replace("''", "")
    if not any(map(str.isalnum, content)) and not _DIGIT_OR_SIGN.search(content):
        return content  # `®`, `*`
    if _NOTE.fullmatch(content) or (" " in content and not _DIGIT_OR_SIGN.search(content)):
        return ""  # a note on the text: `[1]`, `citation needed`
    if content.startswith("–") or content.endswith("–"):
        content = content.replace("–", "−")
    return _raised(content, before) if script[1][2] in "pP" else _lowered(content, before)


def _raised(content: str, before: str) -> str:
    is_number = _DIGIT_OR_SIGN.search(content) is not None
    if _SIGNED.fullmatch(content) and (is_number or content in _RAISED_LETTERS):
        return content.translate(_RAISED)
    if is_number:
        return _marked("^", content)
    if content in _ORDINAL_SIGNS and _COUNTED.search(before):
        return _ORDINAL_SIGNS[content]
    if len(content) == 1 and (
        _VARIABLE.search(before) or (content in _EXPONENTS and before[-1:].isdigit())
    ):
        return f"^{content}"
    return content


def _lowered(content: str, before: str) -> str:
    lowered = content.translate(_LOWERED)
    is_whole = all(old != new for old, new in zip(content, lowered, strict=True))
    if is_whole and (len(content) == 1 or _DIGIT_OR_SIGN.search(content)):
        return lowered
    return _marked("_", content) if before[-1:].isalnum() else content


def _marked(mark: str, content: str) -> str:
    return f"{mark}{content}" if _ATOM.fullmatch(content) else f"{mark}({content})"
