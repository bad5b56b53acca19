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
    """Return the rows of the buckets, `(buckets, dimension)`, trained by row-wise Adagrad.

    The loss is contrastive, both ways, over batches of one source. The norm of a row is its weight
    in a sum, and learned with it. `after_epoch` is told the epoch, its mean loss, and the table.
    """
    rng = np.random.default_rng(options.seed)
    texts, indexed = index_rows(sources, options.column_weights)
    features = ngram_buckets(texts, options.ngrams, classes)
    shape = (options.ngrams.buckets, options.dimension)
    state = _Adagrad(rng.standard_normal(shape, dtype=np.float32) * np.float32(0.1), features)
    with ThreadPoolExecutor(options.threads) as pool:
        for epoch in range(options.epochs):
            batches = list(draw_batches(indexed, options.batch_size, rng))
            losses = []
            for step, batch in enumerate(batches):
                progress = (epoch + step / len(batches)) / options.epochs
                warmth = min(1, progress * options.epochs / options.warm_up)
                rate = options.learning_rate * warmth * (1 - progress)
                losses.append(_train_step(state, batch, rate, options, pool))
            if after_epoch is not None:
                after_epoch(epoch, float(np.mean(losses)), state.table)
    return state.table


class _Adagrad:
    """The table, the squared gradients of its rows, and the features of all texts."""

    def __init__(
        self, table: Table, features: tuple[npt.NDArray[np.uint32], npt.NDArray[np.int64]]
    ) -> None:
        self.table = table
        self.squares = np.full(len(table), 1e-12, np.float32)
        self.ids, self.offsets = features


def _train_step(
    state: _Adagrad,
    batch: npt.NDArray[np.int32],
    rate: float,
    options: TrainingOptions,
    pool: ThreadPoolExecutor,
) -> float:
    texts = np.ascontiguousarray(batch.T).reshape(-1)  # all sources, then all targets
    sums = np.zeros((len(texts), options.dimension), np.float32)
    pooling = partial(_pool, state.table, state.ids, state.offsets, texts, sums)
    list(pool.map(pooling, *_ranges(len(texts), options.threads)))
    source, target = np.split(sums, 2)
    loss, *slopes = contrastive_loss(source, target, options.temperature)
    known = (state.table, state.squares, state.ids, state.offsets, texts)
    update = partial(_update, *known, np.concatenate(slopes), np.float32(rate))
    list(pool.map(update, *_ranges(len(state.table), options.threads)))
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
