"""The decision rule on numbers made for it: what each part of the prior does, and does not."""

from __future__ import annotations

import numpy as np
import pytest

from bitseam.lid.decide import FLOOR, UNASKED, Context, Decision, decide
from bitseam.lid.identifiers import MIN_PROBABILITY, TOP, Prediction

LTZ, DEU, FRA, ENG = range(4)
TRAINED = np.array([0.001, 0.2, 0.3, 0.499])


def decided(
    *rows: dict[int, float],
    documents: list[int] | None = None,
    hint: int | np.ndarray = -1,
    trained: np.ndarray = TRAINED,
) -> Decision:
    """Decide for sentences of 100 characters, each with the model's probabilities, for ltz-deu."""
    n = len(rows)
    prediction = Prediction(np.zeros((n, TOP), np.int32), np.zeros((n, TOP), np.float32))
    for i, row in enumerate(rows):
        ranked = sorted(row.items(), key=lambda item: -item[1])
        prediction.languages[i, : len(row)] = [language for language, _ in ranked]
        prediction.probabilities[i, : len(row)] = [probability for _, probability in ranked]
    context = Context(
        np.array(documents or range(n), np.int64), np.full(n, 100), np.full(n, hint, np.int32)
    )
    return decide(prediction, trained, (LTZ, DEU), context)


def test_a_language_rare_in_training_needs_less_of_the_models_probability() -> None:
    row = {DEU: 0.9, LTZ: 0.09}
    assert decided(row).languages.tolist() == [LTZ]
    assert decided(row, trained=np.full(4, 0.25)).languages.tolist() == [DEU]


def test_the_posterior_is_that_of_the_formula() -> None:
    prior = 0.9 * TRAINED + 0.1 * np.array([0.5, 0.5, 0, 0])
    weights = np.array([0.1, 0.8, 0.06, 0.04]) * prior / TRAINED
    row = {LTZ: 0.1, DEU: 0.8, FRA: 0.06, ENG: 0.04}
    assert decided(row).scores[0] == pytest.approx(weights[LTZ] / weights.sum())


def test_a_clear_foreign_sentence_is_foreign_in_spite_of_hint_and_neighbours() -> None:
    rows = [{LTZ: 0.9, DEU: 0.1}] * 9 + [{ENG: 0.999, DEU: 0.001}]
    decision = decided(*rows, documents=[0] * 10, hint=LTZ)
    assert decision.languages.tolist() == [LTZ] * 9 + [ENG]


def test_a_clear_german_sentence_stays_german_in_a_luxembourgish_document() -> None:
    rows = [{LTZ: 0.9, DEU: 0.1}] * 9 + [{DEU: 0.999, LTZ: 0.0006}]
    assert decided(*rows, documents=[0] * 10).languages.tolist() == [LTZ] * 9 + [DEU]


def test_neighbours_decide_where_the_sentence_does_not() -> None:
    unsure = {DEU: 0.99, LTZ: 0.009}
    alone = decided(unsure)
    luxembourgish = decided(*[{LTZ: 0.95}] * 9, unsure, documents=[0] * 10)
    assert alone.languages[-1] == DEU
    assert luxembourgish.languages[-1] == LTZ


def test_neighbours_in_another_document_are_no_evidence() -> None:
    unsure = {DEU: 0.99, LTZ: 0.009}
    apart = decided(*[{LTZ: 0.95}] * 9, unsure, documents=[0] * 9 + [1])
    assert apart.scores[-1] == decided(unsure).scores[0]


def test_a_sentence_is_no_evidence_for_itself() -> None:
    row = {DEU: 0.7, LTZ: 0.01, FRA: 0.29}
    assert decided(row, documents=[5]).scores == decided(row, documents=[0]).scores
    prior = 0.9 * TRAINED + 0.1 * np.array([0.5, 0.5, 0, 0])
    weights = np.array([0.01, 0.7, 0.29, 0]) * prior / TRAINED
    assert decided(row).scores[0] == pytest.approx(weights.max() / weights.sum())


def test_a_hint_decides_where_the_sentence_does_not() -> None:
    unsure = {DEU: 0.99, LTZ: 0.009}
    assert decided(unsure).languages[0] == DEU
    assert decided(unsure, hint=LTZ).languages[0] == LTZ


def test_silence_of_the_model_is_no_evidence_for_a_rare_language() -> None:
    trained = np.array([1e-7, 0.2, 0.3, 0.5 - 1e-7])
    assert decided({ENG: 0.6, FRA: 0.3}, hint=LTZ, trained=trained).languages[0] == ENG


def test_no_sentences_are_a_legal_batch() -> None:
    empty = Prediction(np.zeros((0, TOP), np.int32), np.zeros((0, TOP), np.float32))
    none = np.zeros(0, np.int64)
    decision = decide(empty, TRAINED, (LTZ, DEU), Context(none, none, none))
    assert decision.languages.shape == decision.scores.shape == (0,)


CONFUSED = {DEU: 0.6, FRA: 0.4}  # the model says so of most German sentences, in this world
MISTAKEN = {DEU: 0.003, FRA: 0.9}


def test_a_language_that_is_confused_with_the_declared_one_needs_more_evidence() -> None:
    among_clear = decided(*[{DEU: 0.99}] * 9, MISTAKEN, hint=DEU)
    among_confused = decided(*[CONFUSED] * 9, MISTAKEN, hint=DEU)
    undeclared = decided(*[CONFUSED] * 9, MISTAKEN)
    assert among_clear.languages[-1] == undeclared.languages[-1] == FRA
    assert among_confused.languages.tolist() == [DEU] * 10


def test_what_others_confuse_is_no_doubt_about_a_third_language() -> None:
    english = {ENG: 0.9, DEU: 0.003}
    decision = decided(*[CONFUSED] * 9, english, hint=DEU)
    assert decision.languages.tolist() == [DEU] * 9 + [ENG]


def test_a_sentence_alone_is_no_evidence_of_confusion() -> None:
    row = {DEU: 0.1, FRA: 0.9}
    sides = np.array([0.5, 0.5, 0, 0])
    prior = 0.9 * (0.9 * TRAINED + 0.1 * sides) + 0.1 * np.array([0, 1, 0, 0])
    floor = FLOOR * MIN_PROBABILITY
    weights = np.array([floor, 0.1, 0.9 * UNASKED, 0]) * prior / TRAINED
    expected = weights.max() / weights.sum()
    assert decided(row, hint=DEU).scores[0] == pytest.approx(expected)


def test_another_declaration_is_no_evidence_of_confusion() -> None:
    rows = [*[CONFUSED] * 9, MISTAKEN]
    n = len(rows)
    apart = decided(*rows, hint=np.array([ENG] * 9 + [DEU]))
    assert apart.languages[-1] == FRA
    assert decided(*rows, hint=DEU).languages[n - 1] == DEU


def test_quotations_are_no_evidence_of_confusion() -> None:
    quotations = decided(*[{DEU: 0.99}] * 5, *[{FRA: 0.99}] * 4, MISTAKEN, hint=DEU)
    assert quotations.languages.tolist() == [DEU] * 5 + [FRA] * 5


def test_one_mistake_does_not_vouch_for_another() -> None:
    rows = [CONFUSED] * 6 + [MISTAKEN] * 4
    assert decided(*rows, documents=[0] * 10, hint=DEU).languages.tolist() == [DEU] * 10
