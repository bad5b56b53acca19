"""Evaluates identifiers side by side on the same labelled lines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from bitseam.lid.evaluate import Tally, recall_at_precision, tally
from bitseam.lid.identifiers import Identifier
from bitseam.lid.identifiers.labels import find_language
from bitseam.lid.identify import identify
from bitseam.pipelines.lid.labelled import read_labelled
from bitseam.schemas.errors import UserError
from bitseam.schemas.languages import UNDETERMINED

PRECISION = 0.99  # of the recall at a precision


@dataclass(frozen=True)
class Evaluation:
    """What one model makes of the lines whose language every model knows."""

    model: str
    revision: str
    counts: Tally
    recall_at_precision: np.ndarray  # (languages,) at PRECISION
    # Lines in languages that this model does not know, and what it calls them.
    unknown: dict[str, int]
    unknown_called: dict[str, int]


def evaluate_identifiers(
    paths: Sequence[str], identifiers: Sequence[Identifier]
) -> list[Evaluation]:
    """Return one evaluation for each identifier, over the lines whose language all of them know.

    :raises UserError: no labelled lines, or none in a language that every model knows.
    """
    lines = _Lines(len(identifiers))
    for texts, languages in read_labelled(paths):
        lines.add_gold(languages)
        for i, identifier in enumerate(identifiers):
            lines.add_answers(i, *identify(texts, identifier))
    gold = np.concatenate(lines.gold)
    languages = tuple(lines.index)
    answers = [_answers(gold, languages, identifier) for identifier in identifiers]
    known = np.all([answer[gold] >= 0 for answer in answers], axis=0)
    if not known.any():
        models = ", ".join(identifier.name for identifier in identifiers)
        raise UserError(f"no line is in a language that every model ({models}) knows")
    return [
        _evaluation(identifier, gold, *lines.answers(i), answers[i], known, languages)
        for i, identifier in enumerate(identifiers)
    ]


class _Lines:
    """Gold languages and answers of every line read so far, as indices into `index`."""

    def __init__(self, models: int) -> None:
        self.index: dict[str, int] = {}
        self.gold: list[np.ndarray] = []
        self._predicted: list[list[np.ndarray]] = [[] for _ in range(models)]
        self._scores: list[list[np.ndarray]] = [[] for _ in range(models)]

    def add_gold(self, languages: pa.StringArray) -> None:
        self.gold.append(self._indices(languages))

    def add_answers(self, model: int, languages: pa.StringArray, scores: np.ndarray) -> None:
        self._predicted[model].append(self._indices(languages))
        self._scores[model].append(scores)

    def answers(self, model: int) -> tuple[np.ndarray, np.ndarray]:
        return np.concatenate(self._predicted[model]), np.concatenate(self._scores[model])

    def _indices(self, languages: pa.StringArray) -> np.ndarray:
        encoded = languages.dictionary_encode()
        names = encoded.dictionary.to_pylist()
        numbers = np.array([self.index.setdefault(n, len(self.index)) for n in names], np.int32)
        indices: np.ndarray = numbers[encoded.indices.to_numpy()]
        return indices


def _answers(gold: np.ndarray, languages: tuple[str, ...], identifier: Identifier) -> np.ndarray:
    """Return for each of `languages` that is gold the one that is the model's right answer, or -1.

    GlotLID's answer to `cmn_Hans` is `cmn_Hani`, that of a model without `prs_Arab` is `pes_Arab`.
    """
    known = (*identifier.languages, UNDETERMINED)  # which stands for an abstention, too
    answers = np.full(len(languages), -1)
    numbers = {name: i for i, name in enumerate(languages)}
    for i in np.unique(gold):
        found = find_language(languages[i], known)
        if found is not None:  # a language that is never answered has no number: any wrong one
            answers[i] = numbers.get(known[found], i)
    return answers


def _evaluation(
    identifier: Identifier,
    gold: np.ndarray,
    predicted: np.ndarray,
    scores: np.ndarray,
    answers: np.ndarray,
    known: np.ndarray,
    languages: tuple[str, ...],
) -> Evaluation:
    unknown = answers[gold] < 0
    # Both sides get the gold language's name; gold languages with one answer become one.
    names = np.arange(len(languages))
    for language in np.flatnonzero(answers >= 0)[::-1]:
        names[answers[language]] = language
    right, said, sure = names[answers[gold[known]]], names[predicted[known]], scores[known]
    return Evaluation(
        identifier.name,
        identifier.revision,
        tally(right, said, sure, languages),
        recall_at_precision(right, said, sure, len(languages), PRECISION),
        _count(gold[unknown], languages),
        _count(predicted[unknown], languages),
    )


def _count(numbers: np.ndarray, languages: tuple[str, ...]) -> dict[str, int]:
    """Return how often each language occurs, the most frequent first, ties by name."""
    counts = np.bincount(numbers, minlength=len(languages))
    order = sorted(np.flatnonzero(counts), key=lambda i: (-counts[i], languages[i]))
    return {languages[i]: int(counts[i]) for i in order}
