"""How well languages are identified: gold against predicted labels, and the scores' honesty.

Labels are indices into a tuple of languages. All figures but recall at a precision follow from a
`Tally` of counts; tallies of the same languages add up, so that parts can be counted apart.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

BINS = 10  # of the reliability table, each a tenth of the scores from 0 to 1


@dataclass(frozen=True)
class Tally:
    """Sufficient statistics of an evaluation over l languages."""

    languages: tuple[str, ...]
    confusion: np.ndarray  # (l, l) int64, rows gold, columns predicted
    # (BINS, 3) float64: answers, the sum of their scores, how many of them are right
    reliability: np.ndarray

    def __add__(self, other: Tally) -> Tally:
        if self.languages != other.languages:
            raise ValueError("tallies of different languages do not add up")
        return Tally(
            self.languages,
            self.confusion + other.confusion,
            self.reliability + other.reliability,
        )


class LanguageFigures(NamedTuple):
    """Figures of each of l languages, `(l,)`; precision and the like are 0 where undefined."""

    support: np.ndarray  # int64, gold lines
    predicted: np.ndarray  # int64
    precision: np.ndarray
    recall: np.ndarray
    f1: np.ndarray
    false_positive_rate: np.ndarray  # the share of other languages' lines that are called this one


class Overall(NamedTuple):
    """Means over the languages that have gold lines (macro), and over the lines (micro)."""

    lines: int
    macro_precision: float
    macro_recall: float
    macro_f1: float
    macro_false_positive_rate: float
    # One label a line on both sides: micro precision, recall, F1 and accuracy are the same number.
    micro_f1: float


class Bin(NamedTuple):
    """Answers with similar scores."""

    answers: int
    mean_score: float  # nan in an empty bin
    share_right: float


class Confusion(NamedTuple):
    """Lines of one language called another."""

    gold: str
    predicted: str
    lines: int


def tally(
    gold: np.ndarray, predicted: np.ndarray, scores: np.ndarray, languages: tuple[str, ...]
) -> Tally:
    """Count n lines: `gold` and `predicted` are `(n,)` indices, `scores` `(n,)` from 0 to 1.

    A score of 0 is no answer, and is left out of the reliability table.
    """
    count = len(languages)
    confusion = np.bincount(gold.astype(np.int64) * count + predicted, minlength=count * count)
    answered = scores > 0
    where = np.minimum((scores[answered] * BINS).astype(np.int64), BINS - 1)
    right = (gold == predicted)[answered]
    weights = (None, scores[answered], right)
    reliability = np.stack([np.bincount(where, w, minlength=BINS) for w in weights], axis=1)
    return Tally(languages, confusion.reshape(count, count), reliability.astype(np.float64))


def language_figures(counts: Tally) -> LanguageFigures:
    """Return precision, recall, F1 and false-positive rate of each language."""
    right = counts.confusion.diagonal()
    support = counts.confusion.sum(axis=1)
    predicted = counts.confusion.sum(axis=0)
    return LanguageFigures(
        support,
        predicted,
        _share(right, predicted),
        _share(right, support),
        _share(2 * right, support + predicted),
        _share(predicted - right, support.sum() - support),
    )


def overall(counts: Tally) -> Overall:
    """Return the macro and micro averages."""
    figures = language_figures(counts)
    gold = figures.support > 0
    lines = int(figures.support.sum())
    right = int(counts.confusion.diagonal().sum())
    if not lines:
        return Overall(0, *[0.0] * 5)
    return Overall(
        lines,
        float(figures.precision[gold].mean()),
        float(figures.recall[gold].mean()),
        float(figures.f1[gold].mean()),
        float(figures.false_positive_rate[gold].mean()),
        right / lines,
    )


def reliability_table(counts: Tally) -> list[Bin]:
    """Return, for each bin of scores, how many answers are in it and how many of them are right."""
    answers, scores, right = counts.reliability.T
    with np.errstate(invalid="ignore"):
        means = np.stack([scores, right]) / answers
    return [Bin(int(n), *mean) for n, mean in zip(answers, means.T.tolist(), strict=True)]


def calibration_error(counts: Tally) -> float:
    """Return the expected calibration error: the mean distance of score from share right.

    Guo et al. 2017, "On Calibration of Modern Neural Networks", eq. 3,
    https://proceedings.mlr.press/v70/guo17a.html
    """
    answers, scores, right = counts.reliability.T
    return float(np.abs(scores - right).sum() / max(answers.sum(), 1))


def top_confusions(counts: Tally, most: int) -> list[Confusion]:
    """Return the `most` frequent confusions, ties by language."""
    wrong = counts.confusion.copy()
    np.fill_diagonal(wrong, 0)
    gold, predicted = np.nonzero(wrong)
    names = counts.languages
    found = [
        Confusion(names[i], names[j], int(wrong[i, j]))
        for i, j in zip(gold, predicted, strict=True)
    ]
    return sorted(found, key=lambda c: (-c.lines, c.gold, c.predicted))[:most]


def recall_at_precision(
    gold: np.ndarray, predicted: np.ndarray, scores: np.ndarray, count: int, precision: float
) -> np.ndarray:
    """Return each language's best recall `(count,)` over score thresholds of such a precision.

    The threshold is the language's own: of the lines called `l`, those scored at or above it are
    accepted. nan where a language has no gold line, 0 where no threshold is precise enough.
    """
    support = np.bincount(gold, minlength=count)
    accepted = np.zeros(count, np.int64)  # right ones
    order = np.lexsort((-scores, predicted))
    right = (gold == predicted)[order]
    bounds = np.searchsorted(predicted[order], np.arange(count + 1))
    for language in range(count):
        rows = slice(bounds[language], bounds[language + 1])
        hits = np.cumsum(right[rows])
        ranked = scores[order][rows] if len(hits) else scores[:0]
        can_cut = np.append(ranked[1:] != ranked[:-1], True)[: len(hits)]
        precise = can_cut & (hits >= precision * np.arange(1, len(hits) + 1))
        accepted[language] = hits[precise].max(initial=0)
    with np.errstate(invalid="ignore"):
        return np.where(support > 0, accepted / support, np.nan)


def _share(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    shares: np.ndarray = part / np.maximum(whole, 1)
    return shares
