"""A static encoder adapted to pairs that a first pass was surest of, and whether that helps.

Self-training: nobody has checked the pairs. So some of them are held aside, and the adapted
encoder is only of use if it finds more of their translations than the one it was made from; what
wrong pairs teach is of no help on other pairs.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from bitseam.lid.ngram_table import NgramTable, quantise
from bitseam.mining.encoders.static_model import StaticModel
from bitseam.mining.evaluate.ranks import gold_ranks
from bitseam.mining.training.held_aside import Encode, hold_aside
from bitseam.mining.training.parallel_rows import ParallelRows
from bitseam.mining.training.static_trainer import StaticTraining, TrainingOptions

FEWEST_PAIRS = 50  # of fewer nothing is learnt
_HELD_SHARE = 0.1
_LEAST_PROBABILITY = 0.05  # that the held-out pairs show such a gain by chance
_LEAST_ACCURACY = 0.25  # below, vectors mislead an alignment more than they help it
_SERVES = 0.5  # of an encoder of which no pair was seen in training
# Chosen on FLORES-200, Tatoeba and the Bible, enciphered, with a tenth of the sentences left out.
_BATCH, _RATE, _TEMPERATURE, _EPOCHS, _WARM_UP = 256, 0.03, 0.1, 10, 4.0


class HeldOut(NamedTuple):
    """How many of `pairs` held aside each encoder finds, the mean of both directions: 0 to 1.

    :ivar gain: the probability that so much more is found by chance (a sign test).
    """

    pairs: int
    before: float
    after: float
    gain: float

    @property
    def helps(self) -> bool:
        """Whether the adapted encoder finds more of them."""
        return self.after >= _LEAST_ACCURACY and self.gain < _LEAST_PROBABILITY

    @property
    def base_serves(self) -> bool:
        """Whether the encoder of before knows the languages as it is, named or not."""
        return self.before >= _SERVES


class Adapted(NamedTuple):
    """An encoder made from another one, and what the pairs held aside say of both."""

    model: StaticModel
    held_out: HeldOut


def adapt_static(
    base: StaticModel,
    pairs: pa.Table,
    card: dict[str, object],
    *,
    before: tuple[Encode, Encode] | None = None,
    threads: int = 1,
    after_epoch: Callable[[int, int], None] | None = None,
) -> Adapted:
    """Train on `pairs`, a table of the columns src and tgt, `FEWEST_PAIRS` rows or more.

    The same pairs give the same model, for any number of threads.

    :param card: what the model's file shall say of it.
    :param before: of source and target texts, what is used so far, if it is not `base`.
    :param after_epoch: is told how many epochs are done, and of how many.
    :raises ValueError: too few pairs.
    """
    if len(pairs) < FEWEST_PAIRS:
        raise ValueError(f"expected {FEWEST_PAIRS} pairs or more, got {len(pairs)}")
    (train,), (held,) = hold_aside([ParallelRows("bootstrap", pairs)], _HELD_SHARE)
    from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

    options = TrainingOptions(
        ngrams=base.table.ngrams,
        dimension=base.table.dimension,
        epochs=_EPOCHS,
        batch_size=_BATCH,
        temperature=_TEMPERATURE,
        learning_rate=_RATE,
        warm_up=_WARM_UP,
        threads=threads,
    )
    start = base.table.rows * base.table.scales[:, None]
    training = StaticTraining([train], base.table.classes, options, start)
    with threadpool_limits(1):  # BLAS rounds differently for another number of threads
        while training.epoch < _EPOCHS:
            training.run_epoch()
            if after_epoch is not None:
                after_epoch(training.epoch, _EPOCHS)
    table = NgramTable(base.table.ngrams, base.table.classes, *quantise(training.table))
    encoders = before or (base.table.embed, base.table.embed), (table.embed, table.embed)
    return Adapted(StaticModel(table, card), _compare(held.table, *encoders))


def _compare(
    held: pa.Table, before: tuple[Encode, Encode], after: tuple[Encode, Encode]
) -> HeldOut:
    """Return what share of the rows each encoder finds, and whether the gain may be chance."""
    from scipy.stats import binomtest

    ours, theirs = (_found(held, encoders) for encoders in (before, after))
    won, lost = int((theirs > ours).sum()), int((ours > theirs).sum())
    by_chance = binomtest(won, won + lost, alternative="greater").pvalue if won + lost else 1.0
    return HeldOut(len(held), float(ours.mean()), float(theirs.mean()), float(by_chance))


def _found(held: pa.Table, encoders: tuple[Encode, Encode]) -> NDArray[np.float64]:
    """Return how surely each row's texts are nearest to each other, the mean of both ways."""
    texts = [held[side].combine_chunks() for side in ("src", "tgt")]
    vectors = [encode(side) for encode, side in zip(encoders, texts, strict=True)]
    forward = gold_ranks(vectors[0], vectors[1], texts[1])
    backward = gold_ranks(vectors[1], vectors[0], texts[0])
    found: NDArray[np.float64] = (forward.within(1) + backward.within(1)) / 2
    return found
