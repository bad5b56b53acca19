"""Precision-recall curves of each set, and margin histograms of each system on it."""

from __future__ import annotations

import re
from collections.abc import Container, Sequence
from itertools import chain, count

import numpy as np

from bitseam.mining.evaluate.judged import precision_recall_curve
from bitseam.pipelines.evaluate.figures import Evaluation
from bitseam.pipelines.svg import Axes, bars, chart, line

_LONGEST_PART = 24  # characters: 96 bytes at most


def pictures(evaluations: Sequence[Evaluation]) -> dict[str, str]:
    """Return SVG pictures by file name, of the evaluations that have pairs."""
    judged = [its for its in evaluations if its.pairs is not None and len(its.pairs)]
    found: dict[str, str] = {}
    for name in dict.fromkeys(its.set for its in judged):
        here = [its for its in judged if its.set == name]
        found[_file_name(found, "precision-recall", name)] = _curves(name, here)
        for its in here:
            found[_file_name(found, f"{its.score}s", name, its.system)] = _histogram(its)
    return found


def _curves(name: str, evaluations: Sequence[Evaluation]) -> str:
    axes = Axes(f"{name}: precision and recall", "recall", "precision", (0.0, 1.0), (0.0, 1.0))
    lines = []
    for number, its in enumerate(evaluations):
        assert its.pairs is not None
        curve = precision_recall_curve(its.pairs)
        lines.append(line(axes, curve.recall, curve.precision, number))
    return chart(axes, lines, [its.system for its in evaluations], legend_at=(80, 200))


def _histogram(its: Evaluation) -> str:
    bands = its.bands
    edges = [bands[0].low, *(band.high for band in bands)]
    right = np.array([band.right for band in bands])
    every = np.array([band.pairs for band in bands])
    top = (0.0, 1.05 * float(every.max()))
    title = f"{its.set}, {its.system}: {its.score}s"
    axes = Axes(title, its.score, "pairs", (edges[0], edges[-1]), top)
    marks = [bars(axes, edges, 0 * right, right, 0), bars(axes, edges, right, every, 1)]
    return chart(axes, marks, ["in the gold list", "not in it"], legend_at=(480, 44))


def _file_name(taken: Container[str], *parts: str) -> str:
    """Return a name of letters, digits and hyphens, short enough for any disk and not `taken`."""
    shown = [re.sub(r"[^\w-]+", "-", part).strip("-")[-_LONGEST_PART:] for part in parts]
    plain = ".".join(filter(None, shown))
    numbered = (f"{plain}.{number}.svg" for number in count(2))
    return next(its for its in chain([f"{plain}.svg"], numbered) if its not in taken)
