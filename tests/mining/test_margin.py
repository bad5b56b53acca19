from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from bitseam.mining.margin import MIN_MEAN, margin_scores, neighbour_means

UNIT = st.floats(-1, 1, width=32)


def floats(*values: float) -> np.ndarray:
    return np.array(values, np.float32)


def test_the_three_margins_by_hand() -> None:
    cosine, src, tgt = floats(0.9), floats(0.5), floats(0.7)
    np.testing.assert_allclose(margin_scores(cosine, src, tgt, "ratio"), [1.5], rtol=1e-6)
    np.testing.assert_allclose(margin_scores(cosine, src, tgt, "distance"), [0.3], rtol=1e-6)
    assert margin_scores(cosine, src, tgt, "absolute").tolist() == cosine.tolist()


def test_means_of_full_short_and_empty_lists() -> None:
    np.testing.assert_allclose(neighbour_means(floats(0.9, 0.5).reshape(1, 2)), [0.7], rtol=1e-6)
    np.testing.assert_allclose(neighbour_means(floats(0.9).reshape(1, 1)), [0.9], rtol=1e-6)
    assert neighbour_means(np.empty((3, 0), np.float32)).tolist() == [0, 0, 0]


def test_a_non_positive_mean_neither_divides_by_zero_nor_turns_the_sign() -> None:
    scores = margin_scores(
        floats(0.2, -0.2, 0.2), floats(-0.5, -0.5, 0), floats(-0.1, -0.5, 0), "ratio"
    )
    np.testing.assert_allclose(scores, [0.2 / MIN_MEAN, -0.2 / MIN_MEAN, 0.2 / MIN_MEAN], rtol=1e-6)


@given(arrays(np.float32, 20, elements=UNIT), arrays(np.float32, 20, elements=UNIT),
       arrays(np.float32, 20, elements=UNIT))  # fmt: skip
def test_scores_are_finite_and_no_good_pair_is_capped(cos, src, tgt) -> None:
    for margin in ("ratio", "distance", "absolute"):
        scores = margin_scores(cos, src, tgt, margin)
        assert scores.dtype == np.float32
        assert np.isfinite(scores).all()
    same_means = margin_scores(
        cos, np.full(20, 0.3, np.float32), np.full(20, 0.3, np.float32), "ratio"
    )
    assert (np.argsort(same_means, kind="stable") == np.argsort(cos, kind="stable")).all()
