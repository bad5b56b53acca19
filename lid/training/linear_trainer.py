"""Labelled texts -> a language identifier: a table of n-gram rows and a linear layer over it.

The model of Joulin et al. 2017, "Bag of Tricks for Efficient Text Classification",
https://aclanthology.org/E17-2068, but that a text's vector has unit norm: the mean of its rows
would do as well at naming the language, and worse at saying how sure it is.
"""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from numba import njit

from bitseam.lid.character_classes import character_classes
from bitseam.lid.identifiers.linear_model import LinearModel
from bitseam.lid.ngram_table import NgramTable, quantise
from bitseam.lid.ngrams import ngram_buckets
from bitseam.lid.training.augment import augmented
from bitseam.lid.training.calibrate import fitted_sharpness
from bitseam.lid.training.config import TrainConfig
from bitseam.lid.training.examples import Examples, label_examples

AfterEpoch = Callable[[int, float], None]


def train_identifier(
    texts: pa.StringArray,
    languages: pa.StringArray,
    config: TrainConfig | None = None,
    after_epoch: AfterEpoch | None = None,
) -> LinearModel:
    """Return an identifier of the languages in `languages` and of `und_Zyyy`, no language.

    `texts` and `languages` are `(n,)`, a label such as `ltz_Latn` for each text. Every twentieth
    text of a language is held out, to fit how sure the model may be. `after_epoch` is told the
    epoch and its mean loss.

    :raises UserError: fewer than two languages, or a language with too few texts to learn from.
    """
    config = config or TrainConfig()
    examples = label_examples(texts, languages, config)
    classes = character_classes()
    rows, weights = _trained(examples, classes, config, after_epoch or (lambda *_: None))
    table = NgramTable(config.ngrams, classes, *quantise(rows))
    weights = weights.astype(np.float16).astype(np.float32)
    # Held-out text is changed as the training text is: whole sentences would look too easy.
    rng = Random(config.seed + 1)
    held_out = augmented(examples.held_out, examples.held_out, rng)
    logits = table.embed(held_out) @ weights
    return LinearModel(
        table=table,
        languages=examples.languages,
        weights=weights,
        prior=examples.prior,
        sharpness=fitted_sharpness(logits, examples.held_out_labels, examples.held_out_weights),
        card={"texts": examples.texts_by_language()},
    )


def _trained(
    examples: Examples,
    classes: npt.NDArray[np.uint8],
    config: TrainConfig,
    after_epoch: AfterEpoch,
) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
    """Return the rows `(buckets, d)` and the weights `(d, languages)`."""
    rng = np.random.default_rng(config.seed)
    choices = Random(config.seed)
    width = np.float32(2 / config.dimension)
    rows = (rng.random((config.buckets, config.dimension), np.float32) - np.float32(0.5)) * width
    weights = np.zeros((config.dimension, len(examples.languages)), np.float32)
    for epoch in range(config.epochs):
        texts, labels = examples.draw(choices)
        features = ngram_buckets(pa.array(texts, pa.large_string()), config.ngrams, classes)
        order = rng.permutation(len(labels))
        rates = [config.learning_rate * (1 - (epoch + i) / config.epochs) for i in (0, 1)]
        loss = _descend(*features, labels, order, rows, weights, *rates)
        after_epoch(epoch, float(loss))
    return rows, weights


_compiled: Any = njit(cache=True, nogil=True, fastmath=True)


@_compiled
def _descend(  # type: ignore[no-untyped-def]
    ids, offsets, labels, order, rows, weights, rate_first, rate_last
):
    """One step of gradient descent for each text in `order`; returns the mean loss in nats."""
    dimension, languages = weights.shape
    vector = np.zeros(dimension, np.float32)
    scores = np.zeros(languages, np.float32)
    loss = 0.0
    for step in range(len(order)):
        text = order[step]
        features = ids[offsets[text] : offsets[text + 1]]
        if len(features) == 0:
            continue
        rate = np.float32(rate_first + (rate_last - rate_first) * step / len(order))
        norm = _embed(features, rows, vector)
        loss += _posterior(vector, weights, labels[text], scores)
        scores *= rate
        _step_back(features, rows, weights, vector, norm, scores)
    return loss / max(len(order), 1)


@_compiled
def _embed(features, rows, vector):  # type: ignore[no-untyped-def]
    """Write the unit vector of a text's features; return the norm it had."""
    vector[:] = 0
    for feature in features:
        row = rows[feature]
        for j in range(len(vector)):
            vector[j] += row[j]
    square = np.float32(0)
    for j in range(len(vector)):
        square += vector[j] * vector[j]
    norm = np.sqrt(square) + np.float32(1e-6)
    vector /= norm
    return norm


@_compiled
def _posterior(vector, weights, label, scores):  # type: ignore[no-untyped-def]
    """Write the gradient of the loss by the scores, posterior less truth; return the loss."""
    scores[:] = 0
    for j in range(len(vector)):
        value, row = vector[j], weights[j]
        for c in range(len(scores)):
            scores[c] += value * row[c]
    top = scores.max()
    total = np.float32(0)
    for c in range(len(scores)):
        scores[c] = np.exp(scores[c] - top)
        total += scores[c]
    scores /= total
    loss = -np.log(max(scores[label], np.float32(1e-30)))
    scores[label] -= np.float32(1)
    return loss


@_compiled
def _step_back(features, rows, weights, vector, norm, push):  # type: ignore[no-untyped-def]
    """Move the weights and the text's rows against the gradient, `push` of the scores."""
    gradient = np.zeros(len(vector), np.float32)
    along = np.float32(0)
    for j in range(len(vector)):
        value, row = vector[j], weights[j]
        total = np.float32(0)
        for c in range(len(push)):
            total += push[c] * row[c]
            row[c] -= push[c] * value
        gradient[j] = total
        along += total * value
    for j in range(len(vector)):  # through the norm: only what turns the vector counts
        gradient[j] = (gradient[j] - along * vector[j]) / norm
    for feature in features:
        row = rows[feature]
        for j in range(len(gradient)):
            row[j] -= gradient[j]
