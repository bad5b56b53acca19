"""A stage in progress: a folder of its own where tasks leave files and a marker each.

The folder's name carries the stage's key (a hash of its inputs, options and code version), so that
what a killed run left behind is only ever continued by the same work. A task is done when its
marker exists; its files appear by rename before that.
"""

from __future__ import annotations

import shutil
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bitseam.pipelines.atomic import read_json, write_json
from bitseam.schemas.errors import BitseamError

if TYPE_CHECKING:
    import pyarrow as pa

TICK_SECONDS = 0.5


@dataclass(frozen=True)
class Outcome:
    """What one task left behind.

    :ivar outputs: names for the next step (shards), in order.
    :ivar counts: what it counted, summed over tasks in the report.
    """

    outputs: tuple[str, ...] = ()
    counts: Mapping[str, int] = field(default_factory=dict)


def tally(column: pa.Array | pa.ChunkedArray, prefix: str) -> dict[str, int]:
    """Count a column's values as an outcome's counts, `prefix value`: "rejected too_short"."""
    return {f"{prefix} {row['values']}": row["counts"] for row in column.value_counts().to_pylist()}


@dataclass(frozen=True)
class Work:
    """The folder of a stage in progress; it travels to workers as a path.

    :ivar keep_rejects: whether tasks leave what they threw away, or only its counts.
    """

    folder: Path
    keep_rejects: bool = True

    def path(self, *parts: str) -> Path:
        """Return a path in the folder; what lies below `path("scratch")` is not committed."""
        return self.folder.joinpath(*parts)

    def once(self, task: str, run: Callable[[], Outcome]) -> Outcome:
        """Return the outcome of `task`, running it unless an earlier run finished it."""
        marker = self.path("done", f"{task}.json")
        known = read_json(marker)
        if known is not None:
            return Outcome(tuple(known["outputs"]), known["counts"])
        try:
            outcome = run()
        except Exception as error:
            self._leave_error(task, error)
            raise
        write_json(marker, {"outputs": list(outcome.outputs), "counts": dict(outcome.counts)})
        return outcome

    def forget(self) -> None:
        """Forget which tasks are done: their files are about to leave this folder."""
        shutil.rmtree(self.path("done"), ignore_errors=True)

    def _leave_error(self, task: str, error: Exception) -> None:
        """Leave the message where the driver finds it: runners hand on a traceback at best."""
        if not isinstance(error, BitseamError):
            error = BitseamError(f"{task}: {type(error).__name__}: {error}")
        left = {"message": str(error), "exit_code": error.exit_code}
        write_json(self.path("error.json"), left)

    def take_error(self) -> dict[str, Any] | None:
        """Return and remove the message a failed task left, if any."""
        path = self.path("error.json")
        left: dict[str, Any] | None = read_json(path)
        path.unlink(missing_ok=True)
        return left

    def outcomes(self, step: str) -> list[Outcome]:
        """Return the outcomes of a step's tasks (named `step.<task>`), in order of their names."""
        markers = sorted(self.path("done").glob(f"{step}.*.json"))
        found = (read_json(marker) for marker in markers)
        return [Outcome(tuple(item["outputs"]), item["counts"]) for item in found if item]

    def counts(self, step: str) -> Counter[str]:
        """Sum the counts of a step's tasks."""
        total: Counter[str] = Counter()
        for outcome in self.outcomes(step):
            total.update(outcome.counts)
        return total

    def progress(self, step: str) -> int:
        """Sum the ticks of a step's tasks, or count the finished ones of a step without ticks."""
        ticks = list(self.path("progress").glob(f"{step}.*"))
        if not ticks:
            return len(list(self.path("done").glob(f"{step}.*.json")))
        done = 0
        for path in ticks:
            try:
                done += int(path.read_text("ascii") or 0)
            except (OSError, ValueError):  # being written, or removed by the commit
                continue
        return done

    def ticker(self, task: str) -> Ticker:
        """Return a counter the progress display reads while `task` runs."""
        return Ticker(self.path("progress", task))


class Ticker:
    """Tells the display, in another process, how far a task has come: one small file a task."""

    def __init__(self, path: Path) -> None:
        self._path, self._done, self._next = path, 0, 0.0
        path.parent.mkdir(parents=True, exist_ok=True)

    def add(self, amount: int) -> None:
        """Count `amount` more units; the file is written at most twice a second."""
        self.set(self._done + amount)

    def set(self, done: int) -> None:
        """Set the units done so far."""
        self._done = done
        now = time.monotonic()
        if now >= self._next:
            self._path.write_text(str(done), "ascii")
            self._next = now + TICK_SECONDS

    def close(self) -> None:
        """Write the last count."""
        self._path.write_text(str(self._done), "ascii")
