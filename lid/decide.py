"""Which language a sentence is in, given what the model says and where the sentence stands.

A classifier's posterior p(l | sentence) holds the prior of its training data. Under another prior
it becomes (Saerens, Latinne & Decaestecker 2002, "Adjusting the outputs of a classifier to new a
priori probabilities", eq. 2.4, https://doi.org/10.1162/089976602753284446)

    posterior(l) ~ p(l | sentence) * prior(l) / trained_prior(l)

with `trained_prior` taken as uniform, since models do not tell theirs. The prior here is a mixture:
a sentence goes on in the language mix of its neighbourhood (the rest of its document, or of a file
of lines), or it is in the language that its input was declared to be in, or in one of the two that
the user asks for, or in any of the model's languages. The mix of the rest is estimated from the
model's own answers, the first step of the paper's EM procedure.

fastText's probabilities are over-confident: they are raised to 1/TEMPERATURE first (Guo et al. 2017,
"On Calibration of Modern Neural Networks", https://arxiv.org/abs/1706.04599).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from bitseam.lid.identify import MIN_PROBABILITY, Prediction


@dataclass(frozen=True)
class Prior:
    """Weights of the mixture, each a share of what the ones before it leave."""

    neighbours: float  # the language mix of the rest of the document, or of the file
    hint: float = 0.9  # the language that the input was declared to be in
    sides: float = 0.5  # the two languages that the user asks for
    characters: float = 200.0  # of neighbourhood that give `neighbours` half its weight
    temperature: float = 1.5
    floor: float = MIN_PROBABILITY / 10  # probability of a language that the model did not name


DOCUMENT = Prior(neighbours=0.6)
LINES = Prior(neighbours=0.3)


class Decision(NamedTuple):
    """The language of each of n sentences and its posterior probability."""

    languages: np.ndarray  # (n,) int32, an index into Identifier.languages; -1: no evidence at all
    scores: np.ndarray  # (n,) float32


class Context(NamedTuple):
    """What surrounds each of n sentences."""

    neighbourhood: np.ndarray  # (n,) int64, equal for sentences that are evidence for each other
    lengths: np.ndarray  # (n,) characters
    hints: np.ndarray  # (n,) int32, the language that the input was declared to be in, or -1


def decide(
    prediction: Prediction,
    context: Context,
    sides: tuple[int, ...],
    n_languages: int,
    prior: Prior,
) -> Decision:
    """Return the most probable language of each sentence under the mixture prior."""
    languages, likelihoods = _candidates(prediction, sides, prior)
    if not len(languages):
        return Decision(np.zeros(0, np.int32), np.zeros(0, np.float32))
    base = np.full(languages.shape, 1 / n_languages)
    base = _mix(base, np.isin(languages, sides) / len(sides), prior.sides)
    hinted = prior.hint * (context.hints >= 0)[:, None]
    base = _mix(base, languages == context.hints[:, None], hinted)
    mix, characters = _rest_of_neighbourhood(languages, likelihoods, context, n_languages)
    weight = prior.neighbours * characters / (characters + prior.characters)
    posterior = likelihoods * _mix(base, mix, weight)
    posterior /= posterior.sum(axis=1, keepdims=True)
    best = posterior.argmax(axis=1)
    rows = np.arange(len(best))
    return Decision(languages[rows, best], posterior[rows, best].astype(np.float32))


def _mix(base: np.ndarray, other: np.ndarray, weight: np.ndarray | float) -> np.ndarray:
    return (1 - weight) * base + weight * other


def _candidates(
    prediction: Prediction, sides: tuple[int, ...], prior: Prior
) -> tuple[np.ndarray, np.ndarray]:
    """Return the languages to choose from and their likelihoods, both `(n, TOP + len(sides))`.

    The user's languages are always among them, at least with the floor's probability.
    """
    n = len(prediction.languages)
    absent = [
        np.where((prediction.languages == side) & (prediction.probabilities > 0), 1, 0).sum(1) == 0
        for side in sides
    ]
    asked = np.tile(np.array(sides, np.int32), (n, 1))
    languages = np.hstack([prediction.languages, asked])
    floors = np.stack(absent, axis=1) * prior.floor
    probabilities = np.hstack([prediction.probabilities, floors])
    likelihoods = probabilities ** (1 / prior.temperature)
    return languages, likelihoods / likelihoods.sum(axis=1, keepdims=True)


def _rest_of_neighbourhood(
    languages: np.ndarray, shares: np.ndarray, context: Context, n_languages: int
) -> tuple[np.ndarray, np.ndarray]:
    """Return the mix of the *other* sentences at the candidates `(n, c)`, and their size `(n, 1)`.

    A sentence is no evidence for itself. Sizes are in characters.
    """
    weights = shares * context.lengths[:, None]
    keys = context.neighbourhood[:, None] * n_languages + languages
    _, where = np.unique(keys, return_inverse=True)
    where = where.reshape(keys.shape)
    totals = np.bincount(where.ravel(), weights.ravel())[where]
    size = np.bincount(context.neighbourhood, context.lengths)[context.neighbourhood]
    rest = (size - context.lengths)[:, None].astype(float)
    return np.maximum(totals - weights, 0) / np.maximum(rest, 1), rest
