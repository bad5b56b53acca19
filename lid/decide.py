"""Which language a sentence is in, given what the model says and where the sentence stands.

A classifier's posterior holds the prior of the data it was trained on: lid.176 saw 143 times as
much German as Luxembourgish. Under another prior the posterior becomes (Saerens, Latinne &
Decaestecker 2002, "Adjusting the outputs of a classifier to new a priori probabilities", eq. 2.4,
https://doi.org/10.1162/089976602753284446)

    posterior(l) ~ model(l | sentence) * prior(l) / trained_prior(l)

Model files tell their trained prior, fastText's as the count of each label. The new prior is a
mixture: a sentence is in the mix of languages of its neighbourhood (the rest of its document, or of
a batch of lines), or in the language that its input was declared to be in, or in one of the two
that the user asks for, or in any language as often as in the model's training data. The mix of the
neighbourhood is the mean of the posteriors of the other sentences, the first step of the paper's EM
procedure.

What is declared holds against languages that the model confuses with it. Some it tells apart in
every line (German and Luxembourgish), some hardly (Croatian and Bosnian, Hindi and Awadhi), and it
says so: in Croatian text many lines have a share of both. How much two languages overlap in the
other sentences of the declared input says how often "Bosnian" is a mistake there, and lowers its
likelihood: one sentence of the sort does not vouch for another. A clear sentence of a language that
does not overlap stays what it is.

The weights are small because the corrected evidence is good. With four times the weight for the
neighbourhood, 3 % more of three-word fragments of Luxembourgish are kept in Luxembourgish
documents, and 9 % more of three German words pass for Luxembourgish there (`benchmarks/lid.md`).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from bitseam.lid.identifiers import MIN_PROBABILITY, Prediction

# Weights of the mixture, each a share of what the ones after it leave.
SIDES = 0.1
HINT = 0.1
NEIGHBOURS = 0.2
HALF_WEIGHT = 200.0  # characters of neighbourhood that give it half of its weight

# In an input of a declared language, the prior of one that is neither side is multiplied by this,
UNASKED = 0.02
# and the likelihood of one that overlaps so much with the declared one (`_overlaps`) is halved.
OVERLAP = 0.05
EVIDENCE = 50.0  # characters that claim no overlap, added to those that were seen

# A language that the model did not name may have this much of the least probability that it names;
# only the user's two are tried so.
FLOOR = 0.2


class Context(NamedTuple):
    """What surrounds each of n sentences."""

    # (n,) int64 >= 0, equal for sentences that are evidence for each other
    neighbourhood: np.ndarray
    lengths: np.ndarray  # (n,) characters
    hints: np.ndarray  # (n,) int32, the language that the input was declared to be in, or -1


class Decision(NamedTuple):
    """The language of each of n sentences and its posterior."""

    languages: np.ndarray  # (n,) int32, an index into Identifier.languages
    scores: np.ndarray  # (n,) float32


def decide(
    prediction: Prediction, trained_prior: np.ndarray, sides: tuple[int, int], context: Context
) -> Decision:
    """Return the most probable language of each sentence under the mixture prior.

    `trained_prior` is `(languages,)`, positive; `sides` are the languages that the user asks for.
    """
    languages, probabilities = _candidates(prediction, trained_prior, sides)
    likelihoods = probabilities / trained_prior[languages]  # up to a factor for each sentence
    prior = (1 - SIDES) * trained_prior[languages] + SIDES * np.isin(languages, sides) / len(sides)
    hinted = HINT * (context.hints >= 0)[:, None]
    prior = (1 - hinted) * prior + hinted * (languages == context.hints[:, None])
    unasked = _unasked(prediction, languages, sides, context)
    prior *= unasked
    likelihoods *= _doubts(languages, likelihoods, context)

    vouching = _normalised(likelihoods * prior * unasked)  # surer than for itself
    mix, characters = _rest_of_neighbourhood(languages, vouching, context)
    weight = NEIGHBOURS * characters / (characters + HALF_WEIGHT)
    posterior = _normalised(likelihoods * ((1 - weight) * prior + weight * mix))
    best = posterior.argmax(axis=1)
    rows = np.arange(len(best))
    return Decision(languages[rows, best], posterior[rows, best].astype(np.float32))


def _candidates(
    prediction: Prediction, trained_prior: np.ndarray, sides: tuple[int, int]
) -> tuple[np.ndarray, np.ndarray]:
    """Return the languages to choose from and their probabilities, both `(n, TOP + 2)`.

    The user's languages are always among them, with a small probability if the model did not name
    them: less than the least that it named, and than their trained prior, lest silence be evidence
    for a rare language.
    """
    named = prediction.probabilities > 0
    unnamed = [~((prediction.languages == side) & named).any(axis=1) for side in sides]
    least = np.where(named, prediction.probabilities, MIN_PROBABILITY).min(axis=1, keepdims=True)
    floors = FLOOR * np.minimum(least, trained_prior[list(sides)])
    asked = np.broadcast_to(np.array(sides, np.int32), (len(named), len(sides)))
    return (
        np.hstack([prediction.languages, asked]),
        np.hstack([prediction.probabilities, floors * np.stack(unnamed, axis=1)]),
    )


def _unasked(
    prediction: Prediction, languages: np.ndarray, sides: tuple[int, int], context: Context
) -> np.ndarray:
    """Return by what to multiply the prior of each candidate `(n, c)`: less than 1 for those that
    nobody asked for, in a declared input.

    A model that names all above some probability, and not the declared language, is believed.
    """
    declared = context.hints[:, None]
    named = prediction.probabilities > 0
    possible = named.all(axis=1) | (named & (prediction.languages == declared)).any(axis=1)
    expected = np.isin(languages, sides) | (languages == declared)
    weights: np.ndarray = np.where(expected | ~possible[:, None] | (declared < 0), 1, UNASKED)
    return weights


def _doubts(languages: np.ndarray, likelihoods: np.ndarray, context: Context) -> np.ndarray:
    """Return by what to multiply the likelihood of each candidate `(n, c)`: less than 1 for what
    the model confuses with the language that the input was declared to be in."""
    declared = context.hints[:, None]
    if not (declared >= 0).any():
        return np.ones(languages.shape)
    doubts = 1 / (1 + (_overlaps(languages, likelihoods, context) / OVERLAP) ** 2)
    result: np.ndarray = np.where((declared < 0) | (languages == declared), 1, doubts)
    return result


def _overlaps(languages: np.ndarray, likelihoods: np.ndarray, context: Context) -> np.ndarray:
    """Return how much the model confuses each candidate `(n, c)` with the declared language, 0-1.

    Of all that the two claim in the other sentences that were declared alike, it is the part that
    both claim at once. A quotation that only one of them claims is no confusion.
    """
    shares = _normalised(likelihoods) * context.lengths[:, None]
    declared = np.where(languages == context.hints[:, None], shares, 0).sum(axis=1, keepdims=True)
    hints = np.maximum(context.hints, 0)[:, None]
    candidates = hints * (languages.max(initial=0) + 1) + languages
    homes = hints * (languages.max(initial=0) + 1) + hints
    both = np.minimum(shares, declared)
    size = int(max(candidates.max(initial=0), homes.max(initial=0))) + 1
    claimed = np.bincount(candidates.ravel(), shares.ravel(), size)
    shared = np.bincount(candidates.ravel(), both.ravel(), size)[candidates] - both
    rest = claimed[candidates] - shares + claimed[homes] - declared
    overlaps: np.ndarray = 2 * np.maximum(shared, 0) / (np.maximum(rest, 0) + EVIDENCE)
    return overlaps


def _normalised(weights: np.ndarray) -> np.ndarray:
    # A sum is never 0: each of the sides is there, named by the model or with the floor.
    shares: np.ndarray = weights / weights.sum(axis=1, keepdims=True)
    return shares


def _rest_of_neighbourhood(
    languages: np.ndarray, posteriors: np.ndarray, context: Context
) -> tuple[np.ndarray, np.ndarray]:
    """Return the others' mix at each candidate `(n, c)`, and their characters `(n, 1)`.

    A sentence is no evidence for itself. Long sentences count for more.
    """
    lengths = context.lengths[:, None].astype(np.float64)
    shares = posteriors * lengths
    keys = context.neighbourhood[:, None] * (languages.max(initial=0) + 1) + languages
    _, where = np.unique(keys, return_inverse=True)
    totals = np.bincount(where.ravel(), shares.ravel())[where.reshape(keys.shape)]
    size = np.bincount(context.neighbourhood, context.lengths)[context.neighbourhood]
    rest = size[:, None] - lengths
    mix: np.ndarray = np.maximum(totals - shares, 0) / np.maximum(rest, 1)
    return mix, rest
