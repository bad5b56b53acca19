"""The re-scorer: features that do not depend on an encoder's scale, evidence that orders pairs."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from bitseam.mining.knn import Neighbours
from bitseam.mining.rescorer.fitted import SCORES_ALONE, SCORES_AND_TEXTS, Model
from bitseam.mining.rescorer.model import additive_score, log_odds
from bitseam.mining.rescorer.scores import SCORE_FEATURES, neighbour_lists, score_features
from bitseam.mining.rescorer.texts import TEXT_FEATURES
from bitseam.mining.retrieval import Pairs, candidate_pairs, select_rows
from bitseam.schemas.choices import Margin


def neighbours(cosines: NDArray[np.float32], k: int) -> Neighbours:
    rows = np.argsort(-cosines, axis=1, kind="stable")[:, :k]
    return Neighbours(rows, np.take_along_axis(cosines, rows, axis=1))


def mined(
    count: int = 60, k: int = 4, margin: Margin = "ratio", scale: float = 1.0, shift: float = 0.0
) -> Pairs:
    """Mine vectors of which the first half has a counterpart in the row of the same number."""
    rng = np.random.default_rng(0)
    x = rng.standard_normal((count, 32))
    y = rng.standard_normal((count, 32))
    y[: count // 2] = x[: count // 2] + 0.5 * y[: count // 2]
    x, y = (its / np.linalg.norm(its, axis=1, keepdims=True) for its in (x, y))
    cosines = (0.6 + scale * 0.3 * (x @ y.T) + shift).astype(np.float32)
    return candidate_pairs(neighbours(cosines, k), neighbours(cosines.T, k), margin)


def column(features: NDArray[np.float32], name: str) -> NDArray[np.float32]:
    found: NDArray[np.float32] = features[:, SCORE_FEATURES.index(name)]
    return found


def test_the_models_name_features_that_exist() -> None:
    assert set(SCORES_ALONE.shapes) == set(SCORE_FEATURES)
    assert set(SCORES_AND_TEXTS.shapes) == set(SCORE_FEATURES + TEXT_FEATURES)
    for model in (SCORES_ALONE, SCORES_AND_TEXTS):
        for knots, values in model.shapes.values():
            assert len(knots) == len(values)
            assert (np.diff(knots) > 0).all()


@pytest.mark.parametrize("texts", [False, True])
def test_translations_have_the_higher_odds(texts: bool) -> None:
    pairs = mined()
    nothing = np.full((len(pairs), len(TEXT_FEATURES)), np.nan, np.float32)
    odds = log_odds(pairs, nothing if texts else None)
    right = (pairs.src == pairs.tgt) & (pairs.src < 30)
    assert odds[right].min() > np.median(odds[~right])
    assert odds[right].mean() > 0 > odds[~right].mean()
    order = np.argsort(-odds, kind="stable")
    chosen = order[select_rows(pairs.take(order), "max")]
    assert right[chosen].sum() >= 28


def by_pair(pairs: Pairs) -> NDArray[np.float32]:
    """Return the features in the order of the pairs' rows."""
    return score_features(pairs)[np.lexsort((pairs.tgt, pairs.src))]


def test_features_are_those_of_any_scale_of_cosines() -> None:
    plain, narrow = by_pair(mined()), by_pair(mined(scale=0.2, shift=0.2))
    assert plain[:, :-1] == pytest.approx(narrow[:, :-1], abs=0.02)  # all but the ratio


def test_features_are_those_of_any_margin() -> None:
    ratio = by_pair(mined(margin="ratio"))
    assert ratio == pytest.approx(by_pair(mined(margin="absolute")), abs=1e-5)
    assert ratio == pytest.approx(by_pair(mined(margin="distance")), abs=1e-5)


def test_a_rival_takes_from_the_gap() -> None:
    cosines = np.array([[0.9, 0.85, 0.1], [0.1, 0.2, 0.6], [0.1, 0.2, 0.1]], np.float32)
    pairs = candidate_pairs(neighbours(cosines, 3), neighbours(cosines.T, 3), "ratio")
    gaps = column(score_features(pairs), "src_gap")
    at = {(int(s), int(t)): gap for s, t, gap in zip(pairs.src, pairs.tgt, gaps, strict=True)}
    assert at[0, 0] == pytest.approx(-at[0, 1])
    assert at[1, 2] > at[0, 0] > 0 > at[1, 0]


def test_the_spacings_of_an_exponential_tail_tell_its_scale() -> None:
    cosines = -np.sort(-np.random.default_rng(0).exponential(0.05, (4000, 200)), axis=1)[:, :6]
    rows = np.repeat(np.arange(4000), 6)
    lists = neighbour_lists(rows, np.tile(np.arange(1, 7, dtype=np.int16), 4000), cosines.ravel())
    assert lists.spacing_sum.sum() / lists.spacings.sum() == pytest.approx(0.05, rel=0.03)


@pytest.mark.parametrize(("count", "k"), [(2, 1), (2, 2), (6, 1), (6, 2)])
def test_short_lists_have_finite_features(count: int, k: int) -> None:
    pairs = mined(count, k)
    assert np.isfinite(score_features(pairs)).all()
    assert np.isfinite(log_odds(pairs, None)).all()


def test_equal_cosines_have_equal_odds() -> None:
    cosines = np.full((5, 5), 0.5, np.float32)
    pairs = candidate_pairs(neighbours(cosines, 2), neighbours(cosines.T, 2), "ratio")
    features = score_features(pairs)
    assert np.isfinite(features).all()
    assert (column(features, "src_gap") == 0).all()


def test_no_candidates() -> None:
    pairs = mined().take(np.zeros(0, np.int64))
    assert score_features(pairs).shape == (0, len(SCORE_FEATURES))
    assert log_odds(pairs, None).shape == (0,)


def test_functions_are_straight_between_knots_flat_beyond_and_silent_on_nothing() -> None:
    model = Model(0.5, {"length": ((0.0, 2.0), (1.0, 3.0))})
    values = np.array([-9, 0, 1, 2, 9, np.nan], np.float32)
    assert additive_score(model, {"length": values}).tolist() == [1.5, 1.5, 2.5, 3.5, 3.5, 0.5]
