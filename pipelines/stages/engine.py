"""What finds the neighbours: an engine is the steps between two mapped sides and the table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import apache_beam as beam

from bitseam.pipelines.forecast import SearchForecast
from bitseam.pipelines.stages.sides import DIRECTIONS, neighbours_files
from bitseam.pipelines.work import Work


@dataclass(frozen=True)
class SearchTask:
    """What an engine is asked for.

    :ivar rows: rows of each side, "src" and "tgt".
    :ivar workers: processes that share this machine.
    """

    k: int
    dimension: int
    rows: Mapping[str, int]
    workers: int

    def files(self) -> list[str]:
        """Return the names of all files of neighbours."""
        return [
            name
            for direction, (queries, _) in DIRECTIONS.items()
            for name in neighbours_files(direction, self.rows[queries])
        ]


class Engine:
    """One way to search; subclasses say what it costs and which steps it runs."""

    name: ClassVar[str]

    def __init__(self, task: SearchTask) -> None:
        self.task = task

    @property
    def key(self) -> str:
        """What decides the neighbours, beside k: it stands in the signature of every score."""
        return self.name

    def forecast(self) -> SearchForecast:
        """Predict what the search will take."""
        raise NotImplementedError

    def steps(self, ready: beam.PCollection, work: Work) -> beam.PCollection:
        """Add the steps from both sides, laid out (see `sides`), to the files of the table."""
        raise NotImplementedError

    def record(self, work: Work) -> Mapping[str, Any]:
        """Return what the manifest should say of the finished search: `counts` at least."""
        raise NotImplementedError

    def steps_shown(self) -> Mapping[str, tuple[str, int | None]]:
        """Return, for each step, its unit and the units to do if known (for the display)."""
        raise NotImplementedError
