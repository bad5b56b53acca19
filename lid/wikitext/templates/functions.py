"""Parser functions and variables of MediaWiki, as far as they show text that is sure."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from bitseam.lid.wikitext.holes import HOLE
from bitseam.lid.wikitext.templates import arithmetic
from bitseam.lid.wikitext.templates.braces import named
from bitseam.lid.wikitext.templates.words import magic_word

if TYPE_CHECKING:
    from bitseam.lid.wikitext.templates.expansion import Expansion
    from bitseam.lid.wikitext.templates.frame import Frame

Function = Callable[["Expansion", Sequence[str], "Frame"], str]

MAX_PADDING = 500
_LINK = re.compile(r"\[\[[^\[\]|]*:[^\[\]]*\]\]")  # categories and the like show nothing
_ADDRESS = "https://example.org"  # of a page of the wiki: it stands in links, unseen


def find_function(name: str) -> Function | None:
    """Return the function of this name, in any language of MediaWiki: `#if`, `#wenn`."""
    return _FUNCTIONS.get(magic_word(name))


def variable(name: str, title: str) -> str | None:
    """Return what a variable shows on the page of this title; None where it is no variable."""
    if name in _CHARACTERS:
        return _CHARACTERS[name]
    match magic_word(name):
        case "pagename" | "fullpagename" | "basepagename" | "subpagename" | "rootpagename":
            return title or HOLE
        case "namespace":
            return ""  # of an article
        case _:
            return None


_CHARACTERS = {"!": "|", "=": "="}


def _nth(x: Expansion, args: Sequence[str], n: int, frame: Frame) -> str:
    """Return the n-th argument, expanded and trimmed; nothing where it is not given."""
    return x.text(args[n], frame).strip() if n < len(args) else ""


def _if(x: Expansion, args: Sequence[str], frame: Frame) -> str:
    test = _nth(x, args, 0, frame)
    if HOLE in test:
        return _either(x, args, 1, 2, frame)
    return _nth(x, args, 1 if test else 2, frame)


def _ifeq(x: Expansion, args: Sequence[str], frame: Frame) -> str:
    left, right = _nth(x, args, 0, frame), _nth(x, args, 1, frame)
    if HOLE in left + right:
        return _either(x, args, 2, 3, frame)
    return _nth(x, args, 2 if _equal(left, right) else 3, frame)


def _ifexpr(x: Expansion, args: Sequence[str], frame: Frame) -> str:
    expression = _nth(x, args, 0, frame)
    value = arithmetic.evaluate(expression) if expression else 0.0
    if value is None:
        return _either(x, args, 1, 2, frame)
    return _nth(x, args, 1 if value else 2, frame)


def _ifexist(x: Expansion, args: Sequence[str], frame: Frame) -> str:
    return _nth(x, args, 2, frame)


def _iferror(x: Expansion, args: Sequence[str], frame: Frame) -> str:
    value = _nth(x, args, 0, frame)
    return value if HOLE in value or len(args) < 3 else _nth(x, args, 2, frame)


def _either(x: Expansion, args: Sequence[str], yes: int, no: int, frame: Frame) -> str:
    """Return what both branches show, if it is the same: which one holds is not known."""
    shown = {_LINK.sub("", _nth(x, args, n, frame)).strip() for n in (yes, no)}
    return shown.pop() if len(shown) == 1 else HOLE


def _equal(left: str, right: str) -> bool:
    if left == right:
        return True
    try:
        return float(left) == float(right)
    except ValueError:
        return False


def _switch(x: Expansion, args: Sequence[str], frame: Frame) -> str:
    value = _nth(x, args, 0, frame)
    if HOLE in value:
        return HOLE
    found = is_default = False
    default = ""
    for place, case in enumerate(args[1:], 1):
        pair = named(case)
        name = x.text(case if pair is None else pair[0], frame).strip()
        found = found or _equal(name, value)
        is_default = is_default or magic_word(name) == "#default"
        if pair is None:  # falls through to the next value; the last one is the default
            if place == len(args) - 1:
                return name
        elif found:
            return x.text(pair[1], frame).strip()
        elif is_default:
            default, is_default = pair[1], False
    return x.text(default, frame).strip()


def _expr(x: Expansion, args: Sequence[str], frame: Frame) -> str:
    value = arithmetic.evaluate(_nth(x, args, 0, frame))
    return HOLE if value is None else arithmetic.shown(value)


def _invoke(x: Expansion, args: Sequence[str], frame: Frame) -> str:
    """Some modules show nothing: `templates.tsv` lists them by the name of their call."""
    return "" if x.known.is_nothing("#invoke:" + _nth(x, args, 0, frame)) else HOLE


def _tag(x: Expansion, args: Sequence[str], frame: Frame) -> str:
    name = _nth(x, args, 0, frame).lower()
    content = x.text(args[1], frame) if len(args) > 1 and named(args[1]) is None else ""
    return f"<{name}>{content}</{name}>" if name.isalpha() else HOLE


def _plural(x: Expansion, args: Sequence[str], frame: Frame) -> str:
    """Choose between two forms; languages with more of them have rules of their own."""
    number = _nth(x, args, 0, frame)
    if len(args) > 3 or not re.fullmatch(r"-?[\d.,]+", number):
        return HOLE
    return _nth(x, args, 1 if number in ("1", "-1") or len(args) == 2 else 2, frame)


def _formatnum(x: Expansion, args: Sequence[str], frame: Frame) -> str:
    number, how = _nth(x, args, 0, frame), _nth(x, args, 1, frame).upper()
    if how == "R":
        return x.known.locale.plain(number)
    return x.known.locale.number(number, grouped=how != "NOSEP")


def _pad(x: Expansion, args: Sequence[str], frame: Frame, *, left: bool) -> str:
    text, width, filling = (_nth(x, args, n, frame) for n in range(3))
    if not width.isdecimal() or int(width) > MAX_PADDING:
        return text
    filling = ((filling or "0") * int(width))[: max(0, int(width) - len(text))]
    return filling + text if left else text + filling


def _change(change: Callable[[str], str]) -> Function:
    return lambda x, args, frame: change(_nth(x, args, 0, frame))


def _show(text: str) -> Function:
    return lambda x, args, frame: text


_FUNCTIONS: dict[str, Function] = {
    "#if": _if,
    "#ifeq": _ifeq,
    "#ifexpr": _ifexpr,
    "#ifexist": _ifexist,
    "#iferror": _iferror,
    "#switch": _switch,
    "#expr": _expr,
    "#invoke": _invoke,
    "#tag": _tag,
    "#dateformat": _change(str),
    "#coordinates": _show(""),
    "#set": _show(""),  # of Semantic MediaWiki
    "formatnum": _formatnum,
    "plural": _plural,
    "lc": _change(str.lower),
    "uc": _change(str.upper),
    "lcfirst": _change(lambda text: text[:1].lower() + text[1:]),
    "ucfirst": _change(lambda text: text[:1].upper() + text[1:]),
    "padleft": lambda x, args, frame: _pad(x, args, frame, left=True),
    "padright": lambda x, args, frame: _pad(x, args, frame, left=False),
    "anchorencode": _change(str),
    "urlencode": _change(str),
    "defaultsort": _show(""),
    "displaytitle": _show(""),
    "fullurl": _show(_ADDRESS),
    "localurl": _show(_ADDRESS),
    "canonicalurl": _show(_ADDRESS),
    "filepath": _show(_ADDRESS),
}
