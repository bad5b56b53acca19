"""The epochs of a training: which was the best, and when to stop."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from bitseam.mining.training.held_aside import Accuracy, mean_accuracy

log = logging.getLogger("bitseam")


@dataclass
class History:
    """An entry for each epoch: `epoch`, `loss` (null before the first), `accuracy`, `pairs`.

    `accuracy` is the mean of all pairs and directions.
    """

    entries: list[dict[str, Any]] = field(default_factory=list)
    best_epoch: int = -1

    def add(self, epoch: int, of: int, loss: float | None, measured: Sequence[Accuracy]) -> bool:
        """Take in and log an epoch; return whether none before was better."""
        accuracy = mean_accuracy(measured)
        shown = ", ".join(f"{its.pair} {its.forward:.3f} {its.backward:.3f}" for its in measured)
        head = "before" if loss is None else f"epoch {epoch}/{of}: loss {loss:.4f}"
        log.info("%s, accuracy %s", head, shown)
        is_best = all(entry["accuracy"] <= accuracy for entry in self.entries)
        pairs = [its._asdict() for its in measured]
        self.entries.append({"epoch": epoch, "loss": loss, "accuracy": accuracy, "pairs": pairs})
        if is_best:
            self.best_epoch = epoch
        return is_best

    def is_stuck(self, patience: int) -> bool:
        """Whether the last `patience` epochs were all worse than the best."""
        return bool(self.entries) and self.entries[-1]["epoch"] - self.best_epoch >= patience
