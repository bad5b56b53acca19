from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bitseam.mining.knn import mutual_neighbours, nearest_neighbours
from bitseam.mining.search.mutual import MutualNeighbours, default_sharding, search_memory
from bitseam.mining.search.partial import PartialNeighbours, merge
from bitseam.mining.search.pilot import choose_precision, kept_candidates
from bitseam.mining.search.precision import Multiplier, Precision, encode, error_bounds
from bitseam.mining.search.shards import Shard, Workers, search_shards, workers
from bitseam.mining.search.sides import Sharding, search_sides

PRECISIONS: tuple[Precision, ...] = ("int8", "bf16", "fp32")


def unit(vectors: np.ndarray) -> np.ndarray:
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)


def gaussian(n: int, d: int, seed: int = 0) -> np.ndarray:
    return unit(np.random.default_rng(seed).standard_normal((n, d)))


def clustered(n: int, d: int, seed: int = 0) -> np.ndarray:
    """Rows around 40 centres, the same centres for any n and seed."""
    rng = np.random.default_rng(seed)
    centres = np.random.default_rng(99).standard_normal((40, d))
    return unit(centres[rng.integers(0, 40, n)] + 0.5 * rng.standard_normal((n, d)))


def with_twins(n: int, d: int) -> tuple[np.ndarray, np.ndarray]:
    x, y = clustered(n, d, 1), clustered(n + 301, d, 2)
    y[100:900] = y[5]
    x[:200] = y[5]
    return x, y


def near_twins(n: int, d: int) -> tuple[np.ndarray, np.ndarray]:
    x, y = with_twins(n, d)
    noise = np.random.default_rng(3).standard_normal(y.shape) * 1e-5 / np.sqrt(d)
    return x, unit(y + noise)


def encoded_sentences(n: int) -> tuple[np.ndarray, np.ndarray]:
    """Vectors of the bundled encoder for made-up sentences, many of them nearly the same."""
    from bitseam.mining.encoders.loading import load_encoder

    who = ["the miller", "a teacher", "our neighbour", "the old pilot", "nobody", "my aunt"]
    does = ["paints", "sells", "repairs", "remembers", "counts", "borrows", "hides"]
    what = ["a red boat", "the town clock", "seven apples", "an empty barn", "his letters"]
    when = ["on Monday", "every winter", "before dawn", "in Vianden", "without a word"]
    rng = np.random.default_rng(0)
    texts = [
        " ".join(str(rng.choice(part)) for part in (who, does, what, when)) + f" {i}."
        for i in range(2 * n)
    ]
    vectors = np.asarray(load_encoder("static").encode(texts), np.float32)
    return vectors[:n], vectors[n:]


CASES = {
    "gaussian": lambda: (gaussian(700, 96, 1), gaussian(1203, 96, 2)),
    "clustered": lambda: (clustered(1503, 100, 1), clustered(801, 100, 2)),
    "800 twins": lambda: with_twins(1200, 64),
    "near twins": lambda: near_twins(1200, 64),
}


def brute_force(x: np.ndarray, y: np.ndarray, k: int) -> MutualNeighbours:
    cosines = (x.astype(np.float64) @ y.astype(np.float64).T).astype(np.float32)
    found = []
    for scores in (cosines, cosines.T):
        rows = np.argsort(-scores, axis=1, kind="stable")[:, :k]
        found += [rows, np.take_along_axis(scores, rows, 1)]
    return tuple(found)  # type: ignore[return-value]


def search(
    x: np.ndarray, y: np.ndarray, k: int, sharding: Sharding, threads: int = 1
) -> MutualNeighbours:
    with workers(threads) as team:
        forward, backward = search_sides(x, y, k, sharding, team)
    return forward.ids, forward.cosines, backward.ids, backward.cosines


def same_bytes(a: MutualNeighbours, b: MutualNeighbours) -> bool:
    return all(one.tobytes() == other.tobytes() for one, other in zip(a, b, strict=True))


@pytest.fixture
def team() -> Iterator[Workers]:
    with workers(1) as one:
        yield one


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("k", [1, 4, 8, 16])
def test_every_precision_thread_count_and_sharding_gives_the_bytes_of_brute_force(
    case: str, k: int
) -> None:
    x, y = CASES[case]()
    expected = brute_force(x, y, k)
    for precision in PRECISIONS:
        keep = kept_candidates(k, precision)
        for threads, rows in ((1, 5000), (2, 5000), (2, 400)):
            found = search(x, y, k, Sharding(precision, rows, keep), threads)
            for one, other in zip(found, expected, strict=True):
                np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize("case", CASES)
def test_agrees_with_the_reference_engine_of_both_directions(case: str) -> None:
    x, y = CASES[case]()
    x_rows, x_cosines, y_rows, y_cosines = mutual_neighbours(x, y, 4, threads=2)
    for rows, cosines, reference in (
        (x_rows, x_cosines, nearest_neighbours(x, y, 4)),
        (y_rows, y_cosines, nearest_neighbours(y, x, 4)),
    ):
        np.testing.assert_allclose(cosines, reference.cosines, atol=1e-5)
        differ = rows != reference.rows
        # The reference rounds its products to float32: an id may differ where two nearly tie.
        assert np.abs(cosines - reference.cosines)[differ].max(initial=0) < 1e-6
        assert (
            np.abs(np.diff(cosines, axis=1)).min(axis=1)[differ.any(axis=1)].max(initial=0) < 1e-6
        )


@pytest.mark.parametrize("precision", PRECISIONS)
def test_agrees_with_brute_force_on_encoded_sentences(precision: Precision) -> None:
    x, y = encoded_sentences(900)
    found = search(x, y, 4, Sharding(precision, 5000, kept_candidates(4, precision)))
    np.testing.assert_allclose(found[1], brute_force(x, y, 4)[1], atol=1e-6)
    assert same_bytes(found, mutual_neighbours(x, y, 4, threads=1))


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("precision", PRECISIONS)
@pytest.mark.parametrize("k", [1, 16])
def test_no_list_proven_complete_is_wrong(
    case: str, precision: Precision, k: int, team: Workers
) -> None:
    x, y = CASES[case]()
    expected = brute_force(x, y, k)
    left = Shard.load(x, slice(0, len(x)), precision, 0, team)
    right = Shard.load(y, slice(0, len(y)), precision, 1, team)
    found = search_shards(left, right, k, k + 4, precision, team)  # few: many stay unproven
    for lists, ids, cosines in zip(found, expected[::2], expected[1::2], strict=True):
        proven = lists.complete
        np.testing.assert_array_equal(lists.ids[proven], ids[proven])
        np.testing.assert_array_equal(lists.cosines[proven], cosines[proven])
        if "twins" in case:
            assert not proven.all()  # a tie at the k-th place is never taken for granted


@pytest.mark.parametrize("precision", PRECISIONS)
@pytest.mark.parametrize("outlier", [1.0, 300.0])
def test_no_product_is_further_off_than_its_bound(
    precision: Precision, outlier: float, team: Workers
) -> None:
    x, y = gaussian(200, 70, 1), clustered(300, 70, 2)
    y[:, 3] *= outlier  # one dimension stands out, as in many encoders
    y[7], x[9] = 0, 0
    copies = [encode(side, np.arange(len(side)), precision, team.run) for side in (x, y)]
    bounds = error_bounds(*copies, precision)
    x_copy, y_copy = copies
    tile = Multiplier(precision, 200, 300)(x_copy.codes, y_copy.codes)
    scores = tile.astype(np.float32) * x_copy.scales[:, None] * y_copy.scales
    errors = np.abs(scores - x.astype(np.float64) @ y.T.astype(np.float64))
    assert (errors.max(axis=1) <= bounds).all()
    if outlier == 1:
        assert bounds.max() < {"int8": 0.03, "bf16": 0.015, "fp32": 1e-5}[precision]


@pytest.mark.parametrize("precision", PRECISIONS)
@pytest.mark.parametrize("lengths", [(1e-22, 1), (1e-19, 1e-19)])
def test_rows_whose_squares_vanish_are_ranked_exactly(
    precision: Precision, lengths: tuple[float, float]
) -> None:
    x, y = (
        side * np.float32(length)
        for side, length in zip((gaussian(300, 64, 1), gaussian(600, 64, 2)), lengths, strict=True)
    )
    found = search(x, y, 4, Sharding(precision, 5000, kept_candidates(4, precision)))
    for one, other in zip(found, brute_force(x, y, 4), strict=True):
        np.testing.assert_array_equal(one, other)


@settings(max_examples=20)
@given(
    st.integers(0, 60),
    st.integers(0, 60),
    st.integers(1, 20),
    st.integers(0, 2),
    st.integers(1, 40),
    st.sampled_from(PRECISIONS),
)
def test_sharded_equals_unsharded_at_any_size(
    n: int, m: int, k: int, copies: int, rows: int, precision: Precision
) -> None:
    x, y = gaussian(n, 12, n), gaussian(m, 12, 100 + m)
    y = np.concatenate([y, *[y] * copies])
    whole = mutual_neighbours(x, y, k, threads=1)
    assert whole[0].shape == whole[1].shape == (n, min(k, len(y)))
    assert whole[2].shape == whole[3].shape == (len(y), min(k, n))
    assert whole[0].min(initial=0) >= 0
    assert whole[2].min(initial=0) >= 0
    parts = search(x, y, k, Sharding(precision, rows, k + 3), threads=2)
    assert same_bytes(
        whole,
        (
            *(one[:, : min(k, len(y))] for one in parts[:2]),
            *(one[:, : min(k, n)] for one in parts[2:]),
        ),
    )


@settings(max_examples=50)
@given(st.integers(1, 6), st.integers(0, 2**32 - 1))
def test_merging_is_associative_and_commutative(k: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    parts = []
    for part in range(3):
        lists = PartialNeighbours.empty(5, k)
        known = rng.integers(0, k + 1)
        lists.cosines[:, :known] = -np.sort(-rng.integers(0, 4, (5, known)) / 4, axis=1)
        lists.ids[:, :known] = part * 100 + np.sort(rng.permutation(100)[:known])
        lists.lost[:] = rng.random(5)
        parts.append(lists)
    a, b, c = parts
    left, right = merge(merge(a, b), c), merge(c, merge(b, a))
    for name in ("ids", "cosines", "lost"):
        np.testing.assert_array_equal(getattr(left, name), getattr(right, name))


@pytest.mark.parametrize("k", [300, 1024])
def test_long_lists_are_exact(k: int) -> None:
    x, y = clustered(90, 24, 1), clustered(1100, 24, 2)
    assert same_bytes(mutual_neighbours(x, y, k, threads=1), brute_force(x, y, k))


def test_zero_rows_rank_by_row() -> None:
    x, y = gaussian(50, 16, 1), gaussian(300, 16, 2)
    x[4] = 0
    rows, cosines, _, _ = mutual_neighbours(x, y, 5)
    assert rows[4].tolist() == [0, 1, 2, 3, 4]
    assert not cosines[4].any()


def test_half_precision_and_mapped_files_are_searched_as_they_are(tmp_path: Path) -> None:
    x, y = clustered(300, 32, 1), clustered(400, 32, 2)
    half_x, half_y = x.astype(np.float16), y.astype(np.float16)
    as_floats = mutual_neighbours(half_x.astype(np.float32), half_y.astype(np.float32), 4)
    assert same_bytes(mutual_neighbours(half_x, half_y, 4), as_floats)
    np.save(tmp_path / "x.npy", x)
    mapped = np.load(tmp_path / "x.npy", mmap_mode="r")
    assert same_bytes(mutual_neighbours(mapped, y, 4), mutual_neighbours(x, y, 4))


def test_threads_of_torch_are_given_back() -> None:
    import torch

    before = torch.get_num_threads()
    mutual_neighbours(gaussian(10, 8), gaussian(10, 8), 2, threads=1)
    assert torch.get_num_threads() == before


def test_duplicates_beyond_any_list_fall_back_and_the_pilot_sees_them(team: Workers) -> None:
    x = np.repeat(gaussian(30, 64, 1), 150, axis=0)
    assert choose_precision(x, x, 4, team) == "fp32"
    found = mutual_neighbours(x, x, 4, threads=2)
    assert (found[0] == np.repeat(np.arange(0, len(x), 150), 150)[:, None] + np.arange(4)).all()


def test_the_log_says_which_precision_was_chosen_and_why(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("BITSEAM_KERNEL", "torch")
    monkeypatch.setattr("bitseam.mining.search.pilot.fast_precisions", lambda: ("int8",))
    x = clustered(4200, 64, 1)
    with caplog.at_level("DEBUG", "bitseam"):
        mutual_neighbours(x, x, 4, threads=1)
    assert "int8 leaves 0.0 % of a sample unproven" in caplog.text
    assert "neighbour search: int8, multiplied by torch" in caplog.text


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"x": np.zeros((3, 8))}, "x is float64"),
        ({"y": np.zeros(8, np.float32)}, r"y is float32 of shape \(8,\)"),
        ({"y": np.zeros((3, 9), np.float32)}, "8 dimensions, y 9"),
        ({"x": np.full((3, 8), np.nan, np.float32)}, "row 0 of x holds NaN"),
        ({"y": np.full((3, 8), np.inf, np.float16)}, "row 0 of y holds NaN"),
        ({"k": 0}, "k is 0"),
        ({"k": 1025}, "k is 1025"),
        ({"threads": 0}, "threads is 0"),
    ],
)
def test_mistakes_are_named(change: dict[str, object], message: str) -> None:
    good = {"x": gaussian(3, 8), "y": gaussian(3, 8), "k": 2}
    with pytest.raises(ValueError, match=message):
        mutual_neighbours(**(good | change))  # type: ignore[arg-type]


def test_memory_is_predicted_and_bounded() -> None:
    small = search_memory(50_000, 50_000, 1024, 4, threads=2)
    assert small < 1 << 30
    huge = search_memory(10**8, 10**8, 1024, 16, threads=2)
    lists = 2 * 10**8 * (12 * 16 + 4)
    assert huge - lists < 5 << 29  # shards hold the rest to two working memories
    assert default_sharding(1024, 1024, "int8").rows < default_sharding(1024, 4, "int8").rows
