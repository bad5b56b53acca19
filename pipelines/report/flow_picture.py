"""The way of the sentences as bands that part and join: a Sankey diagram."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from bitseam.pipelines.report.flow import Node

WIDTH = 960

_TALLEST = 200  # of all sentences together
_BAR = 12  # width of a node
_TOP, _APART = 8, 40  # between nodes, so that labels of small ones do not meet
_LABEL = 170, 36  # width and height of a label


def flow_picture(columns: Sequence[Sequence[Node]]) -> str:
    """Return the picture; the height of a node and of a band is its number of sentences."""
    scale = _TALLEST / max(1, columns[0][0].sentences)
    height = _TOP + _TALLEST + _APART * (max(map(len, columns)) - 1) + _LABEL[1]
    step = (WIDTH - _LABEL[0] - _BAR) / max(1, len(columns) - 1)
    told = "; ".join(
        ", ".join(f"{node.name} {node.sentences:,}" for node in column) for column in columns
    )
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="flow" viewBox="0 0 {WIDTH} {height}" '
        'role="img"><title>The way of the sentences, from left to right</title>'
        f"<desc>{escape(told)}</desc>"
    )
    bands, nodes = [], []  # a band may not lie over a label
    before: list[float] = []
    for number, column in enumerate(columns):
        x = number * step
        tops = _tops(column, scale)
        bands += _bands(column, tops, before, x, step, scale)
        nodes += [_node(node, x, top, scale) for node, top in zip(column, tops, strict=True)]
        before = tops
    return "\n".join([head, *bands, *nodes, "</svg>"])


def _tops(column: Sequence[Node], scale: float) -> list[float]:
    tops, y = [], float(_TOP)
    for node in column:
        tops.append(y)
        y += node.sentences * scale + _APART
    return tops


def _bands(
    column: Sequence[Node],
    tops: Sequence[float],
    before: Sequence[float],
    x: float,
    step: float,
    scale: float,
) -> list[str]:
    """Return the bands into a column; each leaves its node below those drawn before."""
    bands = []
    used = [0.0] * len(before)
    for node, top in zip(column, tops, strict=True):
        right = top
        for source, count in node.comes_from:
            left, height = before[source] + used[source], count * scale
            used[source] += height
            bands.append(_band(x - step + _BAR, left, x, right, height, node.kind))
            right += height
    return [band for band in bands if band]


def _band(x0: float, y0: float, x1: float, y1: float, height: float, kind: str) -> str:
    if height <= 0:
        return ""
    middle = (x0 + x1) / 2
    curve = (
        f"M{x0:.1f} {y0:.1f}C{middle:.1f} {y0:.1f} {middle:.1f} {y1:.1f} {x1:.1f} {y1:.1f}"
        f"v{height:.1f}C{middle:.1f} {y1 + height:.1f} {middle:.1f} {y0 + height:.1f} "
        f"{x0:.1f} {y0 + height:.1f}Z"
    )
    return f'<path class="band {kind}" d="{curve}"/>'


def _node(node: Node, x: float, top: float, scale: float) -> str:
    height = max(1.0, node.sentences * scale)
    middle = top + max(height / 2, 14)
    return (
        f'<rect class="node {node.kind}" x="{x:.1f}" y="{top:.1f}" width="{_BAR}" '
        f'height="{height:.1f}"/>'
        f'<text x="{x + _BAR + 8:.1f}" y="{middle:.1f}">'
        f'<tspan class="count">{node.sentences:,}</tspan>'
        f'<tspan x="{x + _BAR + 8:.1f}" dy="16">{escape(node.name)}</tspan></text>'
    )
