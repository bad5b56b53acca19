"""Progress on a terminal as bars (rate, count, time left), otherwise as plain log lines."""

from __future__ import annotations

import logging
import sys
import threading
from collections.abc import Callable, Mapping
from types import TracebackType

from tqdm import tqdm

from bitseam.pipelines.work import TICK_SECONDS, Work

log = logging.getLogger("bitseam")

Shown = Mapping[str, tuple[str, int | None]]  # step -> (unit, units to do if known)
LINE_SECONDS = 10.0


class ProgressDisplay:
    """Show how far a stage has come, from the ticks its tasks leave in the work folder.

    Runners block until a stage ends, often in other processes; files are what all of them share.
    """

    def __init__(self, stage: str, work: Work, shown: Callable[[Work], Shown]) -> None:
        self._stage, self._work, self._shown = stage, work, shown
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._bars: dict[str, tqdm] = {}
        self._terminal = sys.stderr.isatty() and log.isEnabledFor(logging.INFO)

    def __enter__(self) -> ProgressDisplay:
        log.info("%s: started", self._stage)
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stop.set()
        self._thread.join()
        if kind is None:
            self._show(last=True)
            log.info("%s: done", self._stage)
        for bar in self._bars.values():
            bar.close()

    def _watch(self) -> None:
        while not self._stop.wait(TICK_SECONDS if self._terminal else LINE_SECONDS):
            self._show()

    def _show(self, last: bool = False) -> None:
        for step, (unit, total) in self._shown(self._work).items():
            done = self._work.progress(step)
            if self._terminal:
                self._draw(step, unit, done if last else total, done)
            elif done and not last:
                of = f" of {total:,}" if total else ""
                log.info("%s: %s, %s%s %s", self._stage, step, f"{done:,}", of, unit)

    def _draw(self, step: str, unit: str, total: int | None, done: int) -> None:
        if step not in self._bars:
            if not done:
                return
            self._bars[step] = tqdm(
                desc=f"{self._stage}: {step}",
                total=total,
                unit=f" {unit}",
                unit_scale=True,
                dynamic_ncols=True,
            )
            self._bars[step].start_t -= TICK_SECONDS  # it began about one look ago
        bar = self._bars[step]
        bar.total, bar.n = total, done
        bar.refresh()
