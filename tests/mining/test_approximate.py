from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bitseam.mining.approximate.index import (
    build_index,
    index_bytes,
    open_index,
    sample_size,
    write_index,
)
from bitseam.mining.approximate.recall import SAMPLE, count_found, sample_queries
from bitseam.mining.approximate.search import approximate_neighbours, search_index
from bitseam.mining.approximate.spec import check_index_spec, index_spec, parse_index_spec
from bitseam.mining.search.mutual import mutual_neighbours
from bitseam.schemas.errors import BitseamError, UserError


def clustered(n: int, d: int, seed: int) -> np.ndarray:
    """Unit rows around 40 centres, the same centres for any n and seed."""
    rng = np.random.default_rng(seed)
    centres = np.random.default_rng(99).standard_normal((40, d))
    rows = centres[rng.integers(0, 40, n)] + 0.5 * rng.standard_normal((n, d))
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


@pytest.fixture(scope="module")
def sides() -> tuple[np.ndarray, np.ndarray]:
    return clustered(300, 32, 1), clustered(600, 32, 2)


@pytest.mark.parametrize(
    ("text", "lists", "nprobe"),
    [
        ("Flat", 0, 0),
        ("IVF8,Flat", 8, 8),
        ("IVF4096,Flat", 4096, 128),
        ("IVF4096,Flat,nprobe=32", 4096, 32),
        ("IVF16,PQ8,nprobe=99", 16, 16),
        ("OPQ64_128,IVF1024,PQ64", 1024, 128),
    ],
)
def test_specs_are_read_and_written(text: str, lists: int, nprobe: int) -> None:
    spec = parse_index_spec(text)
    assert (spec.lists, spec.nprobe) == (lists, nprobe)
    assert parse_index_spec(str(spec)) == spec


@pytest.mark.parametrize(
    "text",
    [
        *("", "HNSW32", "IVF,Flat", "IVF8", "IVF8,Flat,nprobe=x", "IVF8,Flat,nprobe=0"),
        *("IVF0,Flat", "Flat,IVF8", "IVF8,SQ8", "ivf8,flat", "IVF8,Flat;nprobe=2", "IVF8,Flat,"),
        "IVF٣,Flat",
    ],
)
def test_other_specs_are_refused_with_an_example(text: str) -> None:
    with pytest.raises(UserError, match=r"--index is .*expected"):
        parse_index_spec(text)


@pytest.mark.parametrize(
    ("n", "d", "spec"),
    [
        (9_999, 256, "Flat"),
        (10_000, 256, "OPQ64,IVF1024,PQ64,nprobe=128"),
        (200_000, 1024, "OPQ64,IVF4096,PQ64,nprobe=128"),
        (50_000_000, 100, "OPQ4,IVF65536,PQ4,nprobe=128"),
        (10**9, 384, "OPQ64,IVF262144,PQ64,nprobe=128"),
    ],
)
def test_auto_follows_the_size(n: int, d: int, spec: str) -> None:
    assert str(index_spec(n, d)) == spec
    check_index_spec(index_spec(n, d), n, d)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("IVF4096,Flat", "needs at least 4,096 vectors a side, found 600"),
        ("IVF8,PQ7", "PQ7 does not divide the 32 dimensions"),
        ("OPQ5,IVF8,PQ8", "OPQ5 does not divide the 32 dimensions"),
        ("OPQ8_20,IVF8,PQ8", "OPQ8 does not divide the 20 dimensions"),
        ("OPQ2_64,IVF8,Flat", "vectors of 32 dimensions cannot be turned into 64"),
        ("OPQ2_0,IVF8,Flat", "vectors of 32 dimensions cannot be turned into 0"),
    ],
)
def test_an_index_that_vectors_cannot_make_is_refused(sides, text: str, message: str) -> None:
    with pytest.raises(UserError, match=message):
        approximate_neighbours(*sides, 4, parse_index_spec(text))


@pytest.mark.parametrize("text", ["OPQ2,IVF8,Flat", "IVF8,PQ2"])
def test_codes_need_as_many_vectors_as_there_are_of_them(text: str) -> None:
    with pytest.raises(UserError, match="needs at least 256 vectors a side, found 255"):
        check_index_spec(parse_index_spec(text), 255, 32)


@pytest.mark.parametrize("text", ["Flat", "IVF16,Flat,nprobe=16"])
def test_looking_at_every_list_is_exact(sides, text: str) -> None:
    found = approximate_neighbours(*sides, 4, parse_index_spec(text), threads=1)
    rows, cosines, _, _ = mutual_neighbours(*sides, 4, threads=1)
    np.testing.assert_array_equal(found.rows, rows)
    np.testing.assert_array_equal(found.cosines, cosines)


@pytest.mark.parametrize("text", ["IVF32,Flat,nprobe=4", "OPQ2,IVF8,PQ2", "IVF8,PQ2,nprobe=2"])
def test_what_is_found_has_its_exact_cosine_and_the_same_bytes_each_time(sides, text: str) -> None:
    queries, database = sides
    spec = parse_index_spec(text)
    found = approximate_neighbours(queries, database, 4, spec, threads=1)
    exact = np.einsum(
        "ijk,ik->ij", database[found.rows].astype(np.float64), queries.astype(np.float64)
    )
    np.testing.assert_allclose(found.cosines, exact, atol=1e-7)
    assert (np.diff(found.cosines, axis=1) <= 0).all()
    again = approximate_neighbours(queries, database, 4, spec, threads=2)
    np.testing.assert_array_equal(found.rows, again.rows)
    np.testing.assert_array_equal(found.cosines, again.cosines)


def test_recall_grows_with_the_lists_looked_at(sides) -> None:
    queries, database = sides
    shares = []
    for nprobe in (1, 4, 16, 64):
        spec = parse_index_spec(f"IVF64,Flat,nprobe={nprobe}")
        found = approximate_neighbours(queries, database, 4, spec)
        shares.append(count_found(found.cosines, queries, database) / found.cosines.size)
        rows = mutual_neighbours(queries, database, 4)[0]
        by_rows = np.mean([len({*a} & {*b}) / 4 for a, b in zip(found.rows, rows, strict=True)])
        assert shares[-1] == pytest.approx(by_rows)
    assert shares == sorted(shares)
    assert shares[0] < 0.9
    assert shares[-1] == 1


def test_the_sample_is_seeded_and_within_the_side() -> None:
    assert sample_queries(10).tolist() == list(range(10))
    assert len(sample_queries(10**6)) == SAMPLE
    assert (np.diff(sample_queries(10**6)) > 0).all()
    np.testing.assert_array_equal(sample_queries(5000), sample_queries(5000))
    assert count_found(np.empty((0, 4), np.float32), np.empty((0, 8)), np.empty((0, 8))) == 0


@settings(max_examples=20)
@given(st.integers(0, 30), st.integers(0, 60), st.integers(1, 20), st.integers(1, 8))
def test_any_sizes_give_full_lists_without_minus_one(n: int, m: int, k: int, lists: int) -> None:
    spec = parse_index_spec(f"IVF{lists},Flat,nprobe=1")
    queries, database = clustered(n, 8, n), clustered(max(m, lists) if m else 0, 8, m + 1)
    found = approximate_neighbours(queries, database, k, spec, threads=1)
    assert found.rows.shape == found.cosines.shape == (n, min(k, len(database)) if n else 0)
    assert found.rows.min(initial=0) >= 0
    assert all(len({*rows}) == len(rows) for rows in found.rows.tolist())


@pytest.mark.parametrize("text", ["Flat", "IVF16,Flat,nprobe=2", "OPQ2,IVF8,PQ2,nprobe=2"])
def test_a_mapped_file_answers_as_the_index_it_came_from(sides, text: str, tmp_path: Path) -> None:
    queries, database = sides
    spec = parse_index_spec(text)
    added: list[int] = []
    write_index(build_index(database, spec, added.append), tmp_path / "index")
    assert sum(added) == len(database)
    size = (tmp_path / "index").stat().st_size
    assert abs(size - index_bytes(spec, *database.shape)) < 0.1 * size + 40_000  # codebooks
    found = search_index(open_index(tmp_path / "index"), queries, database, 4, spec)
    expected = approximate_neighbours(queries, database, 4, spec)
    np.testing.assert_array_equal(found.rows, expected.rows)


def test_vectors_that_are_not_finite_are_refused(sides) -> None:
    broken = np.full((3, 32), np.nan, np.float32)
    with pytest.raises(BitseamError, match="NaN"):
        approximate_neighbours(broken, sides[1], 2, parse_index_spec("IVF8,Flat,nprobe=2"))


def test_large_sides_are_learnt_from_a_sample() -> None:
    assert sample_size(parse_index_spec("IVF1024,Flat"), 10**7) == 65_536
    assert sample_size(parse_index_spec("IVF8,Flat"), 500) == 500
    assert sample_size(parse_index_spec("Flat"), 500) == 0


def test_a_gpu_that_is_not_there_is_missed_clearly(sides) -> None:
    from bitseam.mining.approximate.index import has_gpu

    if has_gpu():
        pytest.skip("there is a GPU")
    with pytest.raises(UserError, match="faiss sees no GPU"):
        approximate_neighbours(*sides, 2, parse_index_spec("Flat"), device="cuda")
