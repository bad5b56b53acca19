"""Charts and names of what is evaluated: what is drawn lies where its numbers are."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from bitseam.pipelines.evaluate.files import short_names
from bitseam.pipelines.svg import Axes, bars, chart, frame, line, ticks


def test_what_is_drawn_lies_where_its_numbers_are() -> None:
    axes = Axes("t", "x", "y", (0, 2), (0, 10))
    assert axes.points([0, 2], [0, 10]).tolist() == [[64, 352], [624, 36]]
    assert 'points="64,352 624,36"' in line(axes, [0, 0, 2], [0, 0, 10], 0)
    drawn = bars(axes, [0, 1, 2], [0, 0], [5, 0], 1)
    assert drawn.count("<rect") == 1  # an empty bar is none
    assert 'x="64" y="194" width="279" height="158"' in drawn
    assert chart(axes, [drawn], ["one"], legend_at=(80, 80)).startswith("<svg ")


@pytest.mark.parametrize(
    ("ends", "marks"),
    [((0, 1), [0, 0.2, 0.4, 0.6, 0.8, 1]), ((0.93, 1.07), [0.94, 0.96, 0.98, 1, 1.02, 1.04, 1.06])],
)
def test_ticks_are_round_numbers(ends, marks) -> None:
    assert ticks(*ends) == pytest.approx(marks)


def test_large_numbers_fit_beside_an_axis() -> None:
    drawn = "".join(frame(Axes("t", "x", "y", (0, 4000), (0, 2e6))))
    assert all(f">{its}</text>" in drawn for its in ("4,000", "200k", "1.2M"))


def test_short_names_tell_paths_apart() -> None:
    paths = [Path("x/a/model"), Path("x/b/model"), Path("y/other")]
    assert short_names(paths) == ["a/model", "b/model", "y/other"]
    assert short_names([Path("x/a")]) == ["a"]
    assert short_names([]) == []


def test_short_names_can_be_shown_anywhere() -> None:
    names = short_names([Path("\x1b[31m&.tsv"), Path(os.fsdecode(b"\xff.tsv"))])
    assert names == ["\ufffd[31m&.tsv", "\ufffd.tsv"]
