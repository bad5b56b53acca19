"""Options that several commands read the same way."""

from __future__ import annotations

import math
from typing import Any

import click


class Number(click.FloatRange):
    """A number within bounds; for click `nan` is within any."""

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        number = float(super().convert(value, param, ctx))
        if math.isnan(number):
            self.fail(f"{value!r} is not a number.", param, ctx)
        return number


def names(_ctx: click.Context, _param: click.Parameter, value: str | None) -> tuple[str, ...]:
    """Return the names of a list with commas: the callback of an option."""
    return tuple(name.strip() for name in (value or "").split(",") if name.strip())


COLUMNS = click.option(
    "--columns",
    callback=names,
    metavar="NAME,NAME",
    help="The columns that are translations of each other; needed where their names do not tell. "
    "Those of a TSV file without a header are 1,2,...",
)
