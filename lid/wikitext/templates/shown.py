"""Functions of the lines of `templates.tsv`: what wikis compute in Lua."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from itertools import islice
from typing import TYPE_CHECKING

from bitseam.lid.wikitext.holes import HOLE
from bitseam.lid.wikitext.templates.convert import NO_BREAK, convert
from bitseam.lid.wikitext.templates.languages import language_name

if TYPE_CHECKING:
    from bitseam.lid.wikitext.templates.expansion import Expansion
    from bitseam.lid.wikitext.templates.frame import Frame

Shown = Callable[["Expansion", Sequence[str], "Frame"], str]

_CONVERT_NAMES = ("abbr", "adj", "disp", "order", "sp", "round")
_MOST_PARAMETERS = 100
_LETTERS = 4  # fewer has a preposition in a date


def _positional(x: Expansion, frame: Frame) -> list[str]:
    return list(islice(frame.positional(x.text), _MOST_PARAMETERS))


def _convert(x: Expansion, args: Sequence[str], frame: Frame) -> str:
    """`{{convert|120|m|ft}}`; `{{~convert|on}}` abbreviates units unless the call says how."""
    named = {name: x.value(frame, name) for name in _CONVERT_NAMES}
    named["abbr"] = named["abbr"] or "".join(args)
    given = _positional(x, frame)
    if HOLE in "".join(given) or not given:
        return HOLE
    return convert(given, {name: value for name, value in named.items() if value}, x.known.locale)


def _number(x: Expansion, args: Sequence[str], frame: Frame) -> str:
    """Write the first of the named parameters as a number: `{{~number|1|nombre}}`."""
    value = x.value(frame, *(args or ["1"]))
    return x.known.locale.number(value) if value else HOLE


def _unit(x: Expansion, args: Sequence[str], frame: Frame) -> str:
    """`{{unité|120|km|2|h|-1}}`: a number, units, each with its exponent."""
    value, *units = _positional(x, frame) or [HOLE]
    shown = x.known.locale.number(value)
    if power := x.value(frame, "e", "exp"):
        shown += f"{NO_BREAK}×{NO_BREAK}10<sup>{power}</sup>"
    units = units or [
        unit for name in ("u", "ul", "unit", "unité") if (unit := x.value(frame, name))
    ]
    written: list[str] = []
    for text in units:
        if re.fullmatch(r"[-+−]?\d{1,2}", text) and written:
            written[-1] += f"<sup>{text.replace('-', '−')}</sup>"
        elif text:
            written.append(text)
    return NO_BREAK.join([shown, "⋅".join(written)]) if written else shown


def _date(x: Expansion, args: Sequence[str], frame: Frame) -> str:
    """`{{date|3|mai|1921}}`, or a date in one parameter; `{{~date|3|2|1}}` for another order."""
    day, month, year = (x.value(frame, name) for name in args or ["1", "2", "3"])
    if HOLE in day + month + year:
        return HOLE
    if not month and not year:
        return _iso(x, day) or HOLE
    return x.known.locale.date(day, month, year)


def _iso(x: Expansion, text: str) -> str:
    found = re.fullmatch(r"(\d{4})-(\d\d)(?:-(\d\d))?", text)
    return x.known.locale.date(found[3] or "", found[2], found[1]) if found else text


def _english_date(x: Expansion, args: Sequence[str], frame: Frame) -> str:
    """`{{birth date|1921|5|3|df=y}}`, `{{dts|1921|5|3|format=dmy}}`."""
    year, month, day = (x.value(frame, name) for name in args or ["1", "2", "3"])
    day_first = x.value(frame, "df") in ("y", "yes") or x.value(frame, "format") == "dmy"
    form = "{d} {m} {y}" if day_first else ""
    if HOLE in day + month + year or not year:
        return HOLE
    return x.known.locale.date(day, month, year, form) if month else year


def _age(x: Expansion, args: Sequence[str], frame: Frame) -> str:
    """`{{age|1921|5|3|1990|1|2}}`: whole years; how old somebody is today is not known."""
    given = _positional(x, frame)
    if len(given) < 6 or not all(text.isdecimal() for text in given[:6]):
        return HOLE
    year, month, day, to_year, to_month, to_day = map(int, given[:6])
    return str(to_year - year - ((to_month, to_day) < (month, day)))


def _join(x: Expansion, args: Sequence[str], frame: Frame) -> str:
    """Join the positional parameters: `{{~join|, | and }}`."""
    separator, *last = args or [", "]
    values = [value for value in _positional(x, frame) if value]
    if last and len(values) > 1:
        return separator.join(values[:-1]) + last[0] + values[-1]
    return separator.join(values)


def _last(x: Expansion, args: Sequence[str], frame: Frame) -> str:
    values = _positional(x, frame)
    return values[-1] if values else HOLE


def _first(x: Expansion, args: Sequence[str], frame: Frame) -> str:
    """Return the first of the named parameters that is not empty: `{{~first|texte|2|1}}`.

    Without one a hole; nothing where the last name is empty.
    """
    return x.value(frame, *args) or ("" if args and not args[-1] else HOLE)


def _passage(x: Expansion, args: Sequence[str], frame: Frame) -> str:
    """Return the passage that a note for editors is about; some give a date in its place."""
    text = x.value(frame, "1")
    month = x.known.locale.month
    is_date = all(len(word) < _LETTERS or word.isdecimal() or month(word) for word in text.split())
    return "" if is_date else text


def _language(x: Expansion, args: Sequence[str], frame: Frame) -> str:
    """Name a language, if it is known, in the language of the wiki: `{{~language|de}}`."""
    return language_name("".join(args[:1]).strip(), x.known.language) or ""


def _language_of(x: Expansion, args: Sequence[str], frame: Frame) -> str:
    """Name the language whose code is in a parameter: `{{~language-of|1}}`."""
    return language_name(x.value(frame, *args), x.known.language) or ""


def _name(change: Callable[[str], str]) -> Shown:
    """Return the function that shows the name of the template that was called."""
    return lambda x, args, frame: change(frame.name)


def _ordinal(x: Expansion, args: Sequence[str], frame: Frame) -> str:
    text = x.value(frame, "1")
    if not text.isdecimal():
        return text or HOLE
    teen = text[-2:-1] == "1"
    return text + ("th" if teen else {"1": "st", "2": "nd", "3": "rd"}.get(text[-1], "th"))


def _julian(x: Expansion, args: Sequence[str], frame: Frame) -> str:
    """`{{JULGREGDATUM|22|4|1870}}`: a date in both calendars, from the Gregorian one."""
    given = [x.value(frame, name) for name in ("1", "2", "3")]
    try:
        day, month, year = map(int, given)
        gregorian = date(year, month, day)
    except ValueError:
        return HOLE
    century = year - (month < 3)
    julian = gregorian - timedelta(days=century // 100 - century // 400 - 2)
    year_before = str(julian.year) if julian.year != year else ""
    locale = x.known.locale
    before = locale.date(str(julian.day), str(julian.month), year_before)
    return f"{before} jul. / {locale.date(*given)} greg."


SHOWN: dict[str, Shown] = {
    "~age": _age,
    "~capital-name": _name(str),  # a title begins with a capital letter
    "~lower-name": _name(str.lower),
    "~upper-name": _name(str.upper),
    "~language-of": _language_of,
    "~convert": _convert,
    "~date": _date,
    "~english-date": _english_date,
    "~first": _first,
    "~join": _join,
    "~julian": _julian,
    "~language": _language,
    "~last": _last,
    "~number": _number,
    "~passage": _passage,
    "~ordinal": _ordinal,
    "~unit": _unit,
}
