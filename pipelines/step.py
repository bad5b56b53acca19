"""A step: one Beam transform that spreads tasks over workers, each task done once.

What passes between steps is the *names* of shards: a Reshuffle moves about 50 MB/s and holds four
times its payload in memory, a Parquet file beside it does neither.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

import apache_beam as beam

from bitseam.pipelines.work import Outcome, Work


@dataclass(frozen=True)
class Step:
    """What a step does to one task (a shard's name); subclasses are the twins of pure functions.

    :ivar name: the step's name in markers, progress and reports.
    """

    work: Work
    name: ClassVar[str]

    def run(self, task: str) -> Outcome:
        """Do one task: read a shard, call the pure function, write shards."""
        raise NotImplementedError

    def transform(self) -> beam.PTransform:
        """Return the Beam transform: a collection of tasks in, the next step's tasks out."""
        return type(self).__name__ >> _ForEachTask(self)


class _ForEachTask(beam.PTransform):
    def __init__(self, step: Step) -> None:
        super().__init__()
        self._step = step

    def expand(self, tasks: beam.PCollection) -> beam.PCollection:
        # Without the Reshuffle every task would run in the worker that made the list of them.
        return tasks | beam.Reshuffle() | beam.ParDo(_RunTask(self._step))


class _RunTask(beam.DoFn):
    def __init__(self, step: Step) -> None:
        self._step = step

    def process(self, task: str) -> Iterator[str]:
        step = self._step
        outcome = step.work.once(f"{step.name}.{task}", lambda: step.run(task))
        yield from outcome.outputs


class Once(beam.PTransform):
    """Wait for all tasks of the step before, then go on with the given ones."""

    def __init__(self, tasks: list[str]) -> None:
        super().__init__()
        self._tasks = tasks

    def expand(self, before: beam.PCollection) -> beam.PCollection:
        return (
            before
            | beam.combiners.Count.Globally()
            | beam.FlatMap(lambda _count, tasks=self._tasks: tasks)
        )
