"""One stage: a key, a pipeline of steps, a commit. The same frame for all four."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import version
from typing import TYPE_CHECKING, Any, ClassVar

from bitseam.pipelines.progress import ProgressDisplay
from bitseam.pipelines.readers import InputFile
from bitseam.pipelines.runner import run_pipeline
from bitseam.pipelines.store import Store, stage_key
from bitseam.schemas import tables

if TYPE_CHECKING:
    import apache_beam as beam

    from bitseam.pipelines.options import MineOptions
    from bitseam.pipelines.work import Work


@dataclass(frozen=True)
class Job:
    """A run of the main job: what was asked for, what it reads, where it writes."""

    options: MineOptions
    inputs: tuple[InputFile, ...]
    store: Store


class Stage:
    """A stage of the main job; subclasses say what it depends on and which steps it runs."""

    name: ClassVar[str]
    upstream: ClassVar[str | None]

    def __init__(self, job: Job) -> None:
        self.job = job
        self.options = job.options
        self.store = job.store

    def ingredients(self) -> Mapping[str, Any]:
        """Return the options and inputs that decide this stage's bytes."""
        raise NotImplementedError

    def steps(self, pipeline: beam.Pipeline, work: Work) -> beam.PCollection:
        """Add the stage's steps to `pipeline`."""
        raise NotImplementedError

    def record(self, work: Work) -> Mapping[str, Any]:
        """Return what the manifest should say of the finished work: `counts` at least."""
        raise NotImplementedError

    def steps_shown(self, work: Work) -> Mapping[str, tuple[str, int | None]]:
        """Return, for each step, its unit and the units to do if known (for the display)."""
        raise NotImplementedError

    def key(self) -> str:
        """Hash what decides this stage's bytes, the stage before it by content."""
        before = self.store.committed(self.upstream) if self.upstream else None
        return stage_key(
            {
                "stage": self.name,
                "pair": [self.options.src, self.options.tgt],
                "bitseam": version("bitseam"),
                "tables": tables.VERSION,
                "upstream": before["content"] if before else None,
                **self.ingredients(),
            }
        )

    def run(self) -> dict[str, Any]:
        """Run the stage, or skip it if it is up to date; return its manifest."""
        key = self.key()
        known = self.store.committed(self.name)
        if known is not None and known["key"] == key:
            return {**known, "skipped": True}
        work = self.store.work(self.name, key, self.options.keep_rejects)
        began = time.monotonic()
        with ProgressDisplay(self.name, work, self.steps_shown):
            run_pipeline(
                lambda pipeline: self.steps(pipeline, work),
                work,
                self.options.workers,
                self.options.beam_args,
            )
        record = {**self.record(work), "seconds": round(time.monotonic() - began, 3)}
        return self.store.commit(self.name, key, work, record)
