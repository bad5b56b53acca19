"""How the wikis write numbers and dates: `locales.tsv`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from bitseam.lid.wikitext.templates.words import table

_NUMBER = re.compile(r"([-+−]?)(\d+)(?:\.(\d+))?")
_GROUPS = re.compile(r"\d(?=(?:\d{3})+\Z)")
_DAY = re.compile(r"\{d\}\S*(?: de)?\s*")
_YEAR = re.compile(r",?\s*(?:de |năm |han )?\{y\}(?:年|년|\.(?: gada)?|ko| m\.)?\s*")
_MOST_DIGITS = 40


@dataclass(frozen=True)
class Locale:
    """Numbers and dates of a language."""

    language: str
    thousands: str
    decimal: str
    least_digits: int  # before the first separator
    date_form: str  # `{d}. {m} {y}`; `{n}` is the month's number
    in_dates: tuple[str, ...]  # months
    alone: tuple[str, ...]

    def number(self, text: str, *, grouped: bool = True) -> str:
        """Write a plain number, `-12345.6`; any other text is returned as it is."""
        found = _NUMBER.fullmatch(text.strip())
        if not found or len(text) > _MOST_DIGITS:
            return text
        sign, whole, rest = found.groups()
        if grouped and len(whole) >= 3 + self.least_digits:
            whole = _GROUPS.sub(rf"\g<0>{self.thousands}", whole)
        return ("−" if sign in ("-", "−") else "") + whole + (self.decimal + rest if rest else "")

    def plain(self, text: str) -> str:
        """Return a number without separators, with a decimal point."""
        for separator in {self.thousands, "\u00a0", "\u202f", " "} - {self.decimal}:
            text = text.replace(separator, "")
        return text.replace(self.decimal, ".").replace("−", "-")

    def month(self, text: str) -> int | None:
        """Return the number of a month that is given by number or name."""
        if text.isdecimal():
            return int(text) if 1 <= int(text) <= 12 else None
        name = text.casefold().rstrip(".")
        for number, names in enumerate(zip(self.in_dates, self.alone, strict=True), 1):
            if any(name in (known.casefold(), known.casefold()[:3]) for known in names):
                return number
        return None

    def date(self, day: str, month: str, year: str, form: str = "") -> str:
        """Write a date, of which day or year may be missing.

        :param form: another one than the language's own: `{d} {m} {y}`.
        """
        form = form or self.date_form
        number = self.month(month)
        months = self.in_dates if day else self.alone
        named = months[number - 1] if number else month
        if not day:
            form = _DAY.sub("", form)
        elif day.isdecimal():
            day = str(int(day))
            if day == "1" and self.language in ("fr", "wa", "frp"):
                day = "1er"
        if not year:
            form = _YEAR.sub("", form)
        if not month:
            return year
        return form.format(d=day, m=named, n=number or month, y=year).strip()


@cache
def _locales() -> dict[str, Locale]:
    found = {}
    for language, thousands, decimal, least, form, *months in table("locales.tsv"):
        in_dates = tuple(months[0].split("|"))
        alone = tuple(months[1].split("|")) if len(months) > 1 and months[1] else in_dates
        separator = {"nbsp": "\u00a0", "none": ""}.get(thousands, thousands)
        found[language] = Locale(language, separator, decimal, int(least), form, in_dates, alone)
    return found


def find_locale(language: str) -> Locale:
    """Return how a language writes; English where it is not known."""
    return _locales().get(language) or _locales()["en"]
