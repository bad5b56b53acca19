"""Histograms for the page: drawn wide and narrow, coloured by its style sheet."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from html import escape
from itertools import pairwise

import numpy as np

from bitseam.pipelines.report.scores import Bar
from bitseam.pipelines.svg import Axes, bars, frame, line

_SIZES = {"wide": (960, 320), "narrow": (400, 300)}
_TITLE = 28  # height that axes leave for a title, which in the page is a caption
_LEAST_TOP = 5.0  # of an axis of counts, which has no fractions then


def margins_picture(histogram: Sequence[Bar], threshold: float | None) -> str:
    """Return kept and left-out pairs by margin, and where the threshold is if there is one."""
    edges = _edges(histogram)
    kept = np.array([its.kept for its in histogram])
    every = kept + [its.left_out for its in histogram]
    told = (
        f"{kept.sum():,} pairs kept and {every.sum() - kept.sum():,} left out, "
        f"margins {edges[0]:g} to {edges[-1]:g}"
    )
    if threshold is not None:
        told += f", threshold {threshold:.4f}"

    def draw(axes: Axes) -> list[str]:
        marks = [bars(axes, edges, 0 * kept, kept, 0), bars(axes, edges, kept, every, 1)]
        if threshold is not None and edges[0] <= threshold <= edges[-1]:
            (x, bottom), (_, top) = axes.points([threshold, threshold], axes.y)
            marks.append(f'<path class="threshold" d="M{x:g} {bottom:g}V{top:g}"/>')
        return marks

    top = (0.0, 1.05 * max(_LEAST_TOP, float(every.max())))
    axes = Axes("Pairs by margin", "margin", "pairs", (edges[0], edges[-1]), top)
    return _pictures(axes, told, draw)


def precision_picture(histogram: Sequence[Bar]) -> str:
    """Return the mean of the estimated precisions at every margin."""
    known = [
        ((its.low + its.high) / 2, its.precision) for its in histogram if its.precision is not None
    ]
    middles, precisions = zip(*known, strict=True)
    edges = _edges(histogram)
    told = f"from {min(precisions):.2f} to {max(precisions):.2f}"

    def draw(axes: Axes) -> list[str]:
        dots = "".join(
            f'<circle cx="{x:g}" cy="{y:g}" r="3.5"/>' for x, y in axes.points(middles, precisions)
        )
        return [line(axes, middles, precisions, 0), f'<g class="series-0">{dots}</g>']

    title = "Estimated precision by margin"
    axes = Axes(title, "margin", "estimated precision", (edges[0], edges[-1]), (0.0, 1.0))
    return _pictures(axes, told, draw)


def coverage_picture(steps: Sequence[int]) -> str:
    """Return documents by the share of their sentences that stand in pairs."""
    counts = np.array(steps)
    edges = np.linspace(0, 100, len(counts) + 1).tolist()
    told = ", ".join(
        f"{low:.0f} to {high:.0f} %: {count:,}"
        for (low, high), count in zip(pairwise(edges), counts.tolist(), strict=True)
    )
    title = "Documents by the share of their sentences in pairs"
    top = (0.0, 1.05 * max(_LEAST_TOP, float(counts.max())))
    axes = Axes(title, "% of sentences in pairs", "documents", (0.0, 100.0), top)
    return _pictures(axes, told, lambda axes: [bars(axes, edges, 0 * counts, counts, 0)])


def _pictures(axes: Axes, told: str, draw: Callable[[Axes], list[str]]) -> str:
    """Return the picture in both sizes: the style sheet shows one of them."""
    pictures = []
    for name, (width, height) in _SIZES.items():
        sized = replace(axes, size=(width, height))
        head = (
            f'<svg xmlns="http://www.w3.org/2000/svg" class="chart {name}" '
            f'viewBox="0 {_TITLE} {width} {height - _TITLE}" role="img">'
            f"<title>{escape(axes.title)}</title><desc>{escape(told)}</desc>"
        )
        pictures += [head, *frame(sized), *draw(sized), "</svg>"]
    return "\n".join(pictures)


def _edges(histogram: Sequence[Bar]) -> list[float]:
    return [histogram[0].low, *(its.high for its in histogram)]
