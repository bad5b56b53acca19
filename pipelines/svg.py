"""Small charts as SVG: the same bytes for the same numbers, and nothing to install.

Colours stand in attributes, so that a picture can be shown alone; what is drawn has a class, too
(`ground`, `grid`, `series-0`), so that a page's style sheet can give it others.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

import numpy as np
from numpy.typing import ArrayLike, NDArray

WIDTH, HEIGHT = 640, 400
COLOURS = ("#0b6e99", "#d9480f", "#2b8a3e", "#862e9c", "#c92a2a", "#5c940d", "#495057", "#e67700")

_LEFT, _RIGHT, _TOP, _BOTTOM = 64, 16, 36, 48


@dataclass(frozen=True)
class Axes:
    """Where numbers lie in a picture: `x` and `y` are lowest and highest, with labels.

    :ivar size: width and height of the picture.
    """

    title: str
    x_label: str
    y_label: str
    x: tuple[float, float]
    y: tuple[float, float]
    size: tuple[int, int] = (WIDTH, HEIGHT)

    def points(self, xs: ArrayLike, ys: ArrayLike) -> NDArray[np.float64]:
        """Return the places `(n, 2)` of numbers in the picture, to a tenth of a pixel."""
        width, height = self.size
        across = _LEFT + (np.asarray(xs) - self.x[0]) / _span(self.x) * (width - _LEFT - _RIGHT)
        up = (np.asarray(ys) - self.y[0]) / _span(self.y) * (height - _TOP - _BOTTOM)
        places: NDArray[np.float64] = np.stack([across, height - _BOTTOM - up], axis=1)
        return places.round(1)


def chart(
    axes: Axes, marks: Sequence[str], names: Sequence[str], *, legend_at: tuple[int, int]
) -> str:
    """Return a picture of `marks`; `names` are those of the colours, from `legend_at` down."""
    left, top = legend_at
    width, height = axes.size
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img" '
        f'font-family="sans-serif" font-size="12"><title>{escape(axes.title)}</title>'
        f'<rect class="ground" width="{width}" height="{height}" fill="#fff"/>'
        f'<text x="{width / 2:g}" y="22" text-anchor="middle" font-size="14">'
        f"{escape(axes.title)}</text>"
    )
    legend = [
        f'<g><rect x="{left}" y="{top + 18 * i}" width="10" height="10" '
        f'fill="{colour(i)}"/><text x="{left + 16}" y="{top + 9 + 18 * i}">'
        f"{escape(name)}</text></g>"
        for i, name in enumerate(names)
    ]
    return "\n".join([head, *frame(axes), *marks, *legend, "</svg>"]) + "\n"


def line(axes: Axes, xs: ArrayLike, ys: ArrayLike, number: int) -> str:
    """Return a line through the points; those that fall together are drawn once."""
    points = axes.points(xs, ys)
    apart = np.any(np.diff(points, axis=0, prepend=np.nan) != 0, axis=1)
    path = " ".join(f"{x:g},{y:g}" for x, y in points[apart])
    return (
        f'<polyline class="series-{number}" points="{path}" fill="none" '
        f'stroke="{colour(number)}" stroke-width="1.5"/>'
    )


def bars(axes: Axes, edges: Sequence[float], lows: ArrayLike, highs: ArrayLike, number: int) -> str:
    """Return one bar between each two `edges`, from `lows` to `highs`."""
    starts, ends = axes.points(edges[:-1], highs), axes.points(edges[1:], lows)
    rectangles = "".join(
        f'<rect x="{x:g}" y="{y:g}" width="{round(to - x - 1, 1):g}" '
        f'height="{round(bottom - y, 1):g}"/>'
        for (x, y), (to, bottom) in zip(starts, ends, strict=True)
        if bottom > y
    )
    return f'<g class="series-{number}" fill="{colour(number)}">{rectangles}</g>'


def colour(number: int) -> str:
    """Return the colour of a series, again from the first when they are used up."""
    return COLOURS[number % len(COLOURS)]


def ticks(low: float, high: float) -> list[float]:
    """Return five to ten round numbers from `low` to `high`."""
    power = 10.0 ** np.floor(np.log10((high - low) / 5))
    step = next(power * m for m in (5, 2, 1) if (high - low) / (power * m) >= 4.999)
    first, last = np.ceil(low / step - 1e-9), np.floor(high / step + 1e-9)
    return [float(f"{its:.10g}") for its in (np.arange(first, last + 1) + 0.0) * step]


def frame(axes: Axes) -> list[str]:
    """Return the grid of `axes` with its numbers and labels."""
    width, height = axes.size
    bottom, right = height - _BOTTOM, width - _RIGHT
    parts = [
        f'<text x="{width / 2:g}" y="{height - 10}" text-anchor="middle">'
        f"{escape(axes.x_label)}</text>",
        f'<text transform="translate(16 {height / 2:g}) rotate(-90)" text-anchor="middle">'
        f"{escape(axes.y_label)}</text>",
    ]
    for value in ticks(*axes.x):
        ((x, _),) = axes.points([value], [axes.y[0]])
        parts.append(f'<path d="M{x:g} {_TOP}V{bottom}" class="grid" stroke="#e9ecef"/>')
        parts.append(
            f'<text x="{x:g}" y="{bottom + 16}" text-anchor="middle">{_tick(value)}</text>'
        )
    for value in ticks(*axes.y):
        ((_, y),) = axes.points([axes.x[0]], [value])
        parts.append(f'<path d="M{_LEFT} {y:g}H{right}" class="grid" stroke="#e9ecef"/>')
        parts.append(f'<text x="{_LEFT - 6}" y="{y + 4:g}" text-anchor="end">{_tick(value)}</text>')
    return parts


def _tick(value: float) -> str:
    """Return a number short enough to stand beside an axis: 0.95, 4,000, 20k, 3.5M."""
    if abs(value) >= 1e6:
        return f"{value / 1e6:,.10g}M"
    return f"{value / 1e3:.10g}k" if abs(value) >= 1e4 else f"{value:,.10g}"


def _span(ends: tuple[float, float]) -> float:
    return ends[1] - ends[0]
