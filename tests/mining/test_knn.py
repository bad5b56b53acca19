from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bitseam.mining.knn import nearest_neighbours
from bitseam.schemas.errors import BitseamError


def unit(rng: np.random.Generator, n: int, d: int) -> np.ndarray:
    vectors = rng.standard_normal((n, d)).astype(np.float32)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def brute_force(queries: np.ndarray, database: np.ndarray, k: int) -> np.ndarray:
    cosines = queries.astype(np.float64) @ database.astype(np.float64).T
    return np.argsort(-cosines.astype(np.float32), axis=1, kind="stable")[:, :k]


def test_agrees_with_brute_force() -> None:
    rng = np.random.default_rng(1)
    queries, database = unit(rng, 300, 48), unit(rng, 900, 48)
    found = nearest_neighbours(queries, database, 4)
    assert (found.rows == brute_force(queries, database, 4)).all()
    expected = np.take_along_axis(queries @ database.T, found.rows, 1)
    np.testing.assert_allclose(found.cosines, expected, atol=1e-6)
    assert found.rows.dtype == np.int64
    assert found.cosines.dtype == np.float32


@settings(max_examples=25)
@given(st.integers(0, 40), st.integers(0, 40), st.integers(1, 12), st.integers(0, 3))
def test_any_sizes_are_legal_and_ties_go_to_the_lower_row(
    n: int, m: int, k: int, copies: int
) -> None:
    rng = np.random.default_rng(n * 1000 + m)
    queries, database = unit(rng, n, 16), unit(rng, m, 16)
    if m:
        database = np.concatenate([database, *[database] * copies])
    found = nearest_neighbours(queries, database, k)
    width = min(k, len(database))
    assert found.rows.shape == found.cosines.shape == (n, width)
    if n and width:
        assert found.rows.min() >= 0  # faiss' -1 never comes through
        assert (np.diff(found.cosines, axis=1) <= 0).all()
        tied = np.diff(found.cosines, axis=1) == 0
        assert (np.diff(found.rows, axis=1)[tied] > 0).all()


def test_identical_rows_everywhere_are_ranked_by_row() -> None:
    row = unit(np.random.default_rng(0), 1, 32)
    same = np.repeat(row, 500, axis=0)
    found = nearest_neighbours(same[:7], same, 4)
    assert (found.rows == np.arange(4)).all()


def test_many_twins_beyond_the_spare_candidates_are_ranked_by_row() -> None:
    rng = np.random.default_rng(5)
    database = unit(rng, 400, 32)
    database[::7] = database[0]
    found = nearest_neighbours(database[:1], database, 4)
    assert found.rows.tolist() == [[0, 7, 14, 21]]


def test_blocks_of_queries_do_not_change_the_answer() -> None:
    rng = np.random.default_rng(2)
    queries, database = unit(rng, 257, 64), unit(rng, 1500, 64)
    whole = nearest_neighbours(queries, database, 5)
    for size in (1, 7, 100):
        for at in range(0, 257, size):
            part = nearest_neighbours(queries[at : at + size], database, 5)
            assert (part.rows == whole.rows[at : at + size]).all()
            assert (part.cosines == whole.cosines[at : at + size]).all()


def test_nan_and_foreign_dimensions_are_refused() -> None:
    rng = np.random.default_rng(3)
    good = unit(rng, 5, 8)
    bad = good.copy()
    bad[2, 3] = np.nan
    with pytest.raises(BitseamError, match="NaN"):
        nearest_neighbours(bad, good, 2)
    with pytest.raises(BitseamError, match="8 dimensions, the database 9"):
        nearest_neighbours(good, unit(rng, 5, 9), 2)
    everywhere = np.full_like(good, np.nan)
    with pytest.raises(BitseamError, match="NaN"):
        nearest_neighbours(good, everywhere, 2)
