"""The search on a device, its steps run on the CPU; the last test runs a real device."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from bitseam.mining.search.cuda import mutual_neighbours_cuda
from bitseam.mining.search.cuda.lists import DeviceLists, Hits
from bitseam.mining.search.cuda.plan import plan_search
from bitseam.mining.search.cuda.scan import blocks, scan, tile_hits, wanted
from bitseam.mining.search.cuda.shard import DeviceShard, device_bounds
from bitseam.mining.search.mutual import MutualNeighbours, mutual_neighbours
from bitseam.schemas.errors import UserError


def gaussian(n: int, d: int, seed: int) -> np.ndarray:
    vectors = np.random.default_rng(seed).standard_normal((n, d))
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)


def with_twins(n: int, d: int) -> tuple[np.ndarray, np.ndarray]:
    """Rows of a few centres; 800 of a side are the same, 200 of the other side, too."""
    centres, rng = gaussian(40, d, 99), np.random.default_rng(n)
    x, y = (
        side / np.linalg.norm(side, axis=1, keepdims=True)
        for side in (
            centres[rng.integers(0, 40, rows)] + 0.03 * rng.standard_normal((rows, d))
            for rows in (n, n + 301)
        )
    )
    y[100:900], x[:200] = y[5], y[5]
    return x.astype(np.float32), y.astype(np.float32)


def near_twins(n: int, d: int) -> tuple[np.ndarray, np.ndarray]:
    x, y = with_twins(n, d)
    noise = np.random.default_rng(3).standard_normal(y.shape).astype(np.float32)
    return x, y + noise * np.float32(1e-5 / d**0.5)


def with_zeros(n: int, d: int) -> tuple[np.ndarray, np.ndarray]:
    x, y = gaussian(n, d, 1), gaussian(n - 300, d, 2)
    x[::7], y[::9] = 0, 0
    return x, y


CASES = {
    "gaussian": lambda: (gaussian(700, 96, 1), gaussian(1203, 96, 2)),
    "larger than a sample": lambda: (gaussian(300, 24, 1), gaussian(9001, 24, 2)),
    "800 twins": lambda: with_twins(1200, 64),
    "near twins": lambda: near_twins(1200, 64),
    "rows of zeros": lambda: with_zeros(900, 33),
    "not of unit length": lambda: (300 * gaussian(500, 40, 1), gaussian(800, 40, 2) / 70),
    "half precision": lambda: tuple(side.astype(np.float16) for side in with_twins(1000, 48)),
}


def on_cpu(x: np.ndarray, y: np.ndarray, k: int, memory: int | None = None) -> MutualNeighbours:
    return mutual_neighbours_cuda(x, y, k, threads=1, device="cpu", memory=memory)


def same_bytes(a: MutualNeighbours, b: MutualNeighbours) -> bool:
    return all(
        one.tobytes() == other.tobytes() and one.shape == other.shape
        for one, other in zip(a, b, strict=True)
    )


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("k", [1, 4, 16])
def test_gives_the_bytes_of_the_search_on_the_cpu(case: str, k: int) -> None:
    x, y = CASES[case]()
    expected = mutual_neighbours(x, y, k, threads=1)
    for memory in (None, 1 << 22, 1 << 19):  # at the last, several shards a side
        assert same_bytes(on_cpu(x, y, k, memory), expected)


@settings(max_examples=30)
@given(
    st.integers(0, 80),
    st.integers(0, 80),
    st.integers(1, 20),
    st.integers(0, 3),
    st.sampled_from([1 << 10, 1 << 16, 1 << 20]),
)
def test_any_sizes_are_legal(n: int, m: int, k: int, copies: int, memory: int) -> None:
    x, y = gaussian(n, 12, n), gaussian(m, 12, 100 + m)
    y = np.concatenate([y, *[y] * copies])
    assert same_bytes(on_cpu(x, y, k, memory), mutual_neighbours(x, y, k, threads=1))


def test_mapped_files_are_searched_as_they_are(tmp_path: Path) -> None:
    x, y = gaussian(300, 32, 1), gaussian(400, 32, 2)
    np.save(tmp_path / "x.npy", x)
    mapped = np.load(tmp_path / "x.npy", mmap_mode="r")
    assert same_bytes(on_cpu(mapped, y, 4), mutual_neighbours(x, y, 4))


def test_long_lists_are_exact() -> None:
    x, y = gaussian(40, 24, 1), gaussian(4300, 24, 2)
    expected = mutual_neighbours(x, y, 1024, threads=1)
    for memory in (None, 1 << 19):
        assert same_bytes(on_cpu(x, y, 1024, memory), expected)


@pytest.mark.parametrize("case", CASES)
def test_no_score_is_further_off_than_its_bound(case: str) -> None:
    x, y = CASES[case]()
    left, right = (
        DeviceShard.load(side, slice(0, len(side)), seed, "cpu") for seed, side in enumerate((x, y))
    )
    scores = (left.encoded.codes @ right.encoded.codes.T).double().numpy()
    exact = x[left.order].astype(np.float64) @ y[right.order].astype(np.float64).T
    errors = np.abs(scores - exact)
    assert (errors.max(axis=1) <= device_bounds(left.encoded, right.encoded)).all()
    assert (errors.max(axis=0) <= device_bounds(right.encoded, left.encoded)).all()


def test_a_scan_loses_nothing_above_its_thresholds() -> None:
    x, y = (torch.from_numpy(gaussian(n, 40, n)).bfloat16() for n in (900, 9700))
    scores = (x @ y.T).float()
    floors = torch.full((900,), -torch.inf), torch.full((9700,), 0.4)
    found = scan((x, y), floors, 12, plan_search(40, 12, 1 << 30))
    for lists, own, floor in zip(found, (scores, scores.T), floors, strict=True):
        assert (lists.thresholds >= floor).all()
        listed = lists.values > -torch.inf
        assert (listed.sum(1) >= (own > lists.thresholds[:, None]).sum(1)).all()
        assert torch.equal(own.gather(1, lists.places.long())[listed], lists.values[listed])
        assert (listed.sum(1) > 6).float().mean() > (0.99 if floor.isinf().all() else 0)


def test_tiles_report_what_exceeds_a_bar_of_its_row_or_column() -> None:
    x, y = (torch.from_numpy(gaussian(n, 16, n)).bfloat16() for n in (37, 53))
    tile = (x @ y.T).float()
    row_bars, column_bars = tile.max(1).values - 0.1, tile.max(0).values
    hits = tile_hits(x, y, row_bars, column_bars)
    expected = (tile > row_bars[:, None]) | (tile > column_bars)
    assert torch.equal(torch.stack([hits.rows, hits.columns], 1), expected.nonzero())
    assert torch.equal(hits.scores, tile[hits.rows, hits.columns])


@settings(max_examples=40)
@given(st.integers(0, 2**32 - 1), st.integers(1, 6), st.integers(0, 60))
def test_lists_keep_the_best_and_bound_the_rest(seed: int, keep: int, hits: int) -> None:
    rng = np.random.default_rng(seed)
    lists = DeviceLists.new(keep, torch.full((9,), -torch.inf))
    seen: list[list[float]] = [[] for _ in range(9)]
    for _ in range(3):
        rows = torch.from_numpy(rng.integers(2, 7, hits))
        scores = torch.from_numpy(rng.integers(-5, 6, hits).astype(np.float32) / 4)
        lists.add(range(2, 7), Hits(rows, torch.arange(hits), scores), keep)
        for row, score in zip(rows.tolist(), scores.tolist(), strict=True):
            seen[row].append(score)
    for row, scores in enumerate(seen):
        best = sorted(scores, reverse=True)
        kept = [value for value in lists.values[row].tolist() if value > -np.inf]
        assert kept == best[:keep]
        threshold = float(lists.thresholds[row])
        assert threshold == (best[keep - 1] if len(best) > keep else -np.inf)


@given(st.integers(0, 10**6), st.integers(10**4, 10**5))
def test_blocks_cover_a_side_and_double(n: int, largest: int) -> None:
    cut = list(blocks(n, largest))
    assert [block.stop for block in cut] == [block.start for block in cut[1:]] + [n] * (n > 0)
    assert sum(map(len, cut)) == n
    assert all(len(block) <= largest for block in cut)
    assert all(len(block) <= max(block.start, 1 << 12) for block in cut)


def test_lists_are_full_once_all_is_seen() -> None:
    assert wanted(1, 24) == 24
    assert wanted(0.5, 24) == 24
    assert 4 <= wanted(1e-6, 24) < 6


@pytest.mark.parametrize("memory", [1 << 25, 1 << 30, 1 << 37])
@pytest.mark.parametrize("keep", [18, 2064])
def test_a_plan_stays_within_its_memory(memory: int, keep: int) -> None:
    plan = plan_search(256, keep, memory)
    held = 2 * plan.rows * (2 * 256 + 8 * keep)
    sorted_entries = 48 * (plan.block * keep + plan.hits)
    assert held + sorted_entries + 100 * plan.tile**2 <= memory


def test_mistakes_are_named() -> None:
    x = gaussian(3, 8, 1)
    with pytest.raises(ValueError, match="k is 0"):
        on_cpu(x, x, 0)
    with pytest.raises(ValueError, match="row 0 of y holds NaN"):
        on_cpu(x, np.full_like(x, np.nan), 1)
    if not torch.cuda.is_available():
        with pytest.raises(UserError, match="found no CUDA device for cuda"):
            mutual_neighbours_cuda(x, x, 1)


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
@pytest.mark.parametrize("case", CASES)
def test_a_real_device_gives_the_bytes_of_the_cpu_within_its_memory(case: str) -> None:
    x, y = CASES[case]()
    for k in (1, 4, 16):
        for memory in (1 << 30, 1 << 22):
            torch.cuda.reset_peak_memory_stats()
            found = mutual_neighbours_cuda(x, y, k, memory=memory)
            assert same_bytes(found, mutual_neighbours(x, y, k))
            assert torch.cuda.max_memory_allocated() <= memory + (64 << 20)
