"""`{{convert|120|m|ft}}`: a measure and what it is in another unit, as English Wikipedia shows it.

The rules of rounding are those of Template:Convert's documentation: as precise as the value that is
given, and never less than two significant digits.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from fractions import Fraction
from functools import cache

from bitseam.lid.wikitext.holes import HOLE
from bitseam.lid.wikitext.templates.arithmetic import round_half_up
from bitseam.lid.wikitext.templates.locales import Locale
from bitseam.lid.wikitext.templates.words import table

_VALUE = re.compile(r"([-+−]?)(?:(\d[\d,]*)(?:\.(\d*))?|(\.\d+))(?:e(\d{1,2}))?")
_FRACTION = re.compile(r"(?:(\d{1,9})[+ ])?(\d{1,9})[/⁄](\d{1,9})")
_RANGES = {
    "-": "–", "–": "–", "to": " to ", "and": " and ", "or": " or ", "by": " by ", "x": " × ",
    "×": " × ", "xx": " × ", "to(-)": " to ", "to about": " to about ", ",": ", ", "+": " + ",
    "&": " and ", "+/-": " ± ", "±": " ± ", "and(-)": " and ", "or(-)": " or ",
}  # fmt: skip
_BELOW = {("ft", "in"): 12, ("lb", "oz"): 16, ("st", "lb"): 14, ("yd", "ft"): 3, ("mi", "yd"): 1760}
_MIXED = {"ftin": ("ft", "in"), "stlb": ("st", "lb"), "lboz": ("lb", "oz")}
_KELVINS = {"°C": (1.0, 273.15), "°F": (5 / 9, 255.3722222222222), "K": (1.0, 0.0)}
_MOST_VALUES = 4
NO_BREAK = "\u00a0"


@dataclass(frozen=True)
class Unit:
    """A row of `units.tsv`."""

    symbol: str
    name: str
    plural: str
    measures: str
    factor: float
    default: str


@cache
def _units() -> dict[str, Unit]:
    return {
        code: Unit(symbol, name, plural, measures, float(factor), default)
        for codes, symbol, name, plural, measures, factor, default in table("units.tsv")
        for code in codes.split("|")
    }


@dataclass(frozen=True)
class _Value:
    number: float
    decimals: int  # of a whole number, less by one for each zero at its end
    shown: str


@dataclass(frozen=True)
class _Style:
    """How units and numbers are written."""

    locale: Locale
    named: dict[str, str]  # the named parameters

    def amount(self, shown: str, unit: Unit, *, is_output: bool, is_one: bool = False) -> str:
        """Put a unit behind its number: by name where the call wants it, and English is written."""
        abbr = self.named.get("abbr", "out")
        by_name = abbr in ("off", "none") or (
            abbr in ("out", "") and is_output == (self.named.get("order") == "flip")
        )
        is_english = self.locale.language in ("en", "simple")
        if not (by_name and is_english) or unit.measures == "temperature":
            return f"{shown}{'' if unit.symbol.startswith('/') else NO_BREAK}{unit.symbol}"
        is_adjective = self.named.get("adj") in ("on", "mid", "pre") and not is_output
        name = unit.name if is_adjective or is_one else unit.plural
        if self.named.get("sp") == "us":
            name = name.replace("metre", "meter").replace("litre", "liter")
        return f"{shown}-{name.replace(' ', '-')}" if is_adjective else f"{shown} {name}"


def convert(given: list[str], named: dict[str, str], locale: Locale) -> str:
    """Return what a call shows; a hole where a value or a unit is not understood.

    :param given: the positional parameters: value, unit, the other unit, decimals.
    """
    style = _Style(locale, named)
    try:
        values, between, unit, shown, rest = _measure(given, style)
    except (LookupError, ValueError, ArithmeticError):
        return HOLE
    target = next((text for text in rest if text and not _is_number(text)), unit.default)
    places = next((text for text in rest if _is_number(text)), "")
    try:
        converted = "; ".join(
            _converted(values, between, unit, code, places, style)
            for code in ([target] if target in _MIXED or target in _units() else target.split())
        )
    except (LookupError, ValueError, ArithmeticError):
        return shown  # a unit that is not known: the measure alone
    return _arranged(shown, converted, named)


def _measure(
    given: list[str], style: _Style
) -> tuple[list[_Value], list[str], Unit, str, list[str]]:
    """Read values, what stands between them, and their unit; return the parameters after them."""
    values, between, at = [_value(given[0], style.locale)], [], 1
    while given[at] in _RANGES and len(values) < _MOST_VALUES:
        between.append(_RANGES[given[at]])
        values.append(_value(given[at + 1], style.locale))
        at += 2
    code, at = given[at], at + 1
    unit = _units()[code]
    numbers = values[0].shown + "".join(
        word + value.shown for word, value in zip(between, values[1:], strict=True)
    )
    is_one = len(values) == 1 and values[0].number == 1
    shown = style.amount(numbers, unit, is_output=False, is_one=is_one)
    while len(given) > at + 1 and _is_number(given[at]):
        below = _units().get(given[at + 1])
        parts = _BELOW.get((unit.symbol, below.symbol)) if below else None
        if below is None or parts is None or len(values) > 1:
            break
        more = _value(given[at], style.locale)
        shown += " " + style.amount(more.shown, below, is_output=False, is_one=more.number == 1)
        # As precise as the smaller unit.
        total = values[0].number * parts + more.number
        values, unit, at = [_Value(total, 0, "")], below, at + 2
    return values, between, unit, shown, given[at:]


def _value(text: str, locale: Locale) -> _Value:
    text = text.strip().replace("\u2212", "-")
    if fraction := _FRACTION.fullmatch(text):
        number = int(fraction[1] or 0) + Fraction(int(fraction[2]), int(fraction[3]))
        return _Value(float(number), 1, text.replace("+", " "))
    found = _VALUE.fullmatch(text)
    if not found:
        raise ValueError(text)
    plain = text.replace(",", "")
    whole, decimals = (found[2] or "0").replace(",", ""), found[3] or (found[4] or "")[1:]
    zeros = len(whole) - len(whole.rstrip("0")) if whole.strip("0") else 0
    return _Value(
        float(plain), (len(decimals) or -zeros) - int(found[5] or 0), locale.number(plain)
    )


def _is_number(text: str) -> bool:
    return bool(_VALUE.fullmatch(text.strip()) or _FRACTION.fullmatch(text.strip()))


def _converted(
    values: list[_Value], between: list[str], unit: Unit, code: str, places: str, style: _Style
) -> str:
    if code in _MIXED:
        large, small = (_units()[name] for name in _MIXED[code])
        parts = _BELOW[large.symbol, small.symbol]
        total = round(_exactly(values[0].number, unit, small))
        whole, rest = divmod(total, parts)
        return f"{whole}{NO_BREAK}{large.symbol} {rest}{NO_BREAK}{small.symbol}"
    target = _units()[code]
    if target.measures != unit.measures:
        raise ValueError(code)
    decimals = max(_decimals(value, unit, target, places) for value in values)
    shown = [_rounded(_exactly(v.number, unit, target), decimals, style.locale) for v in values]
    numbers = shown[0] + "".join(
        word + number for word, number in zip(between, shown[1:], strict=True)
    )
    return style.amount(numbers, target, is_output=True, is_one=numbers == "1")


def _exactly(number: float, unit: Unit, target: Unit) -> float:
    if unit.measures == "temperature":
        scale, zero = _KELVINS[unit.symbol]
        target_scale, target_zero = _KELVINS[target.symbol]
        return (number * scale + zero - target_zero) / target_scale
    return number * unit.factor / target.factor


def _decimals(value: _Value, unit: Unit, target: Unit, places: str) -> int:
    """Return to how many decimals a converted value is rounded; below 0 to tens, hundreds."""
    if places:
        return int(float(places))
    if unit.measures == "temperature":
        return max(0, value.decimals)
    number = abs(_exactly(value.number, unit, target))
    shift = -math.floor(math.log10(unit.factor / target.factor / 2)) - 1
    return max(value.decimals + shift, 1 - math.floor(math.log10(number)) if number else 0)


def _rounded(number: float, decimals: int, locale: Locale) -> str:
    rounded = round_half_up(number, decimals)
    return locale.number(f"{rounded + 0.0:.{max(0, decimals)}f}")


def _arranged(shown: str, converted: str, named: dict[str, str]) -> str:
    if named.get("order") in ("flip", "out"):
        shown, converted = converted, shown
    match named.get("disp", ""):
        case "out" | "output only" | "output":
            return converted
        case "or":
            return f"{shown} or {converted}"
        case "comma":
            return f"{shown}, {converted}"
        case "/" | "slash" | "s":
            return f"{shown}/{converted}"
        case "sqbr":
            return f"{shown} [{converted}]"
        case "unit" | "number" | "output number only" | "unit2":
            return HOLE
        case _:
            return f"{shown} ({converted})"
