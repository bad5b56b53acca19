"""Trains a table of n-gram rows so that the sums of two translations' rows point the same way."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt
from numba import njit

from bitseam.lid.ngrams import NgramConfig, ngram_buckets
from bitseam.mining.training.contrastive import contrastive_loss
from bitseam.mining.training.parallel_rows import ParallelRows, draw_batches, index_rows

Table = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class TrainingOptions:
    """What the training depends on besides its data: the same options give the same bytes.

    The learning rate rises over the first `warm_up` epochs, while Adagrad knows too little of the
    gradients and would leap, and falls in a line to nothing. `column_weights` says how readily a
    language is drawn from a row, against 1 for the others. `threads` does not change the result.
    """

    ngrams: NgramConfig = field(default_factory=NgramConfig)
    dimension: int = 256
    epochs: int = 10
    batch_size: int = 2048
    temperature: float = 0.05
    learning_rate: float = 0.05
    warm_up: float = 0.5
    column_weights: Mapping[str, float] = field(default_factory=dict)
    seed: int = 0
    threads: int = 2


def train_static_table(
    sources: list[ParallelRows],
    classes: npt.NDArray[np.uint8],
    options: TrainingOptions,
    after_epoch: Callable[[int, float, Table], None] | None = None,
) -> Table:
    """Return the rows of the buckets, `(buckets, dimension)`; see `StaticTraining`.

    `after_epoch` is told the epoch, its mean loss, and the table.
    """
    training = StaticTraining(sources, classes, options)
    while training.epoch < options.epochs:
        loss = training.run_epoch()
        if after_epoch is not None:
            after_epoch(training.epoch - 1, loss, training.table)
    return training.table


class StaticTraining:
    """Trains a table by row-wise Adagrad; between two epochs it can be stopped and continued.

    The loss is contrastive, both ways, over batches of one source. The norm of a row is its weight
    in a sum, and learned with it.

    :ivar epoch: how many epochs are done.
    :ivar table: the rows of the buckets so far, `(buckets, dimension)`.
    :ivar squares: the summed squared gradients of each row, `(buckets,)`.
    """

    def __init__(
        self,
        sources: list[ParallelRows],
        classes: npt.NDArray[np.uint8],
        options: TrainingOptions,
        start: Table | None = None,
    ) -> None:
        """Start from the rows `start`, or from small random ones."""
        shape = (options.ngrams.buckets, options.dimension)
        if start is not None and start.shape != shape:
            raise ValueError(f"expected a table of {shape} to start from, got {start.shape}")
        self._options = options
        self._rng = np.random.default_rng(options.seed)
        texts, self._rows = index_rows(sources, options.column_weights)
        self._ids, self._offsets = ngram_buckets(texts, options.ngrams, classes)
        if start is None:
            self.table = self._rng.standard_normal(shape, dtype=np.float32) * np.float32(0.1)
        else:
            self.table = start.copy()
        self.squares = np.full(len(self.table), 1e-12, np.float32)
        self.epoch = 0

    @property
    def random_state(self) -> dict[str, Any]:
        """The state of the random draws, which JSON can hold."""
        return dict(self._rng.bit_generator.state)

    def restore(
        self, epoch: int, table: Table, squares: Table, random_state: Mapping[str, Any]
    ) -> None:
        """Continue where a training of the same data and options stood after `epoch` epochs."""
        self.epoch, self.table, self.squares = epoch, table, squares
        self._rng.bit_generator.state = random_state

    def run_epoch(self, after_step: Callable[[int, int], None] | None = None) -> float:
        """Train on every row as often as its source says; return the mean loss.

        `after_step` is told how many batches are done, and of how many.
        """
        options, losses = self._options, []
        batches = list(draw_batches(self._rows, options.batch_size, self._rng))
        with ThreadPoolExecutor(options.threads) as pool:
            for step, batch in enumerate(batches):
                progress = (self.epoch + step / len(batches)) / options.epochs
                warmth = min(1, progress * options.epochs / options.warm_up)
                rate = options.learning_rate * warmth * (1 - progress)
                losses.append(self._train_step(batch, rate, pool))
                if after_step is not None:
                    after_step(step + 1, len(batches))
        self.epoch += 1
        return float(np.mean(losses))

    def _train_step(
        self, batch: npt.NDArray[np.int32], rate: float, pool: ThreadPoolExecutor
    ) -> float:
        options = self._options
        texts = np.ascontiguousarray(batch.T).reshape(-1)  # all sources, then all targets
        sums = np.zeros((len(texts), options.dimension), np.float32)
        pooling = partial(_pool, self.table, self._ids, self._offsets, texts, sums)
        list(pool.map(pooling, *_ranges(len(texts), options.threads)))
        source, target = np.split(sums, 2)
        loss, *slopes = contrastive_loss(source, target, options.temperature)
        known = (self.table, self.squares, self._ids, self._offsets, texts)
        update = partial(_update, *known, np.concatenate(slopes), np.float32(rate))
        list(pool.map(update, *_ranges(len(self.table), options.threads)))
        return loss


def _ranges(length: int, parts: int) -> tuple[list[int], list[int]]:
    """The starts and the ends of `parts` ranges that make up `length`."""
    bounds = [length * i // parts for i in range(parts + 1)]
    return bounds[:-1], bounds[1:]


_compiled: Any = njit(cache=True, nogil=True)


@_compiled
def _pool(table, ids, offsets, texts, sums, first, last):  # type: ignore[no-untyped-def]
    """Sum the rows of the texts `first` to `last` of the batch."""
    dimension = table.shape[1]
    for i in range(first, last):
        total = sums[i]
        for k in range(offsets[texts[i]], offsets[texts[i] + 1]):
            row = table[ids[k]]
            for d in range(dimension):
                total[d] += row[d]


@_compiled
def _update(  # type: ignore[no-untyped-def]
    table, squares, ids, offsets, texts, gradient, rate, first, last
):
    """Row-wise Adagrad for the buckets `first` to `last`, one step for each time one occurs.

    A thread owns a range of buckets and sees the whole batch in order: no races, and the same
    result for any number of threads.
    """
    dimension = table.shape[1]
    for i in range(len(texts)):
        slope = gradient[i]
        square = np.float32(0)
        for d in range(dimension):
            square += slope[d] * slope[d]
        square /= np.float32(dimension)
        for k in range(offsets[texts[i]], offsets[texts[i] + 1]):
            bucket = ids[k]
            if first <= bucket < last:
                squares[bucket] += square
                size = rate / np.sqrt(squares[bucket])
                row = table[bucket]
                for d in range(dimension):
                    row[d] -= size * slope[d]
