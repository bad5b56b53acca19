from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from bitseam.mining.knn import mutual_neighbours
from bitseam.mining.search import compiled
from bitseam.mining.search.candidates import CandidateLists, new_lists
from bitseam.mining.search.compiled import Kernel, ListedSide, load_kernels, usable_kernels
from bitseam.mining.search.mutual import MutualNeighbours
from bitseam.mining.search.pilot import kept_candidates
from bitseam.mining.search.precision import encode
from bitseam.mining.search.scanning import CompiledScanner, TorchScanner
from bitseam.mining.search.shards import workers
from bitseam.mining.search.sides import Sharding, search_sides
from bitseam.schemas.errors import UserError

SOURCE = Path(compiled.__file__).with_name("fused.cpp")
KERNELS = usable_kernels()

needs_kernels = pytest.mark.skipif(
    not KERNELS, reason="no compiled kernel: none was built, or the CPU runs none of them"
)
each_kernel = pytest.mark.parametrize("name", KERNELS or ["none"])


def unit(vectors: np.ndarray) -> np.ndarray:
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)


def clustered(n: int, d: int, seed: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    centres = np.random.default_rng(99).standard_normal((40, d))
    return unit(centres[rng.integers(0, 40, n)] + 0.5 * rng.standard_normal((n, d)))


def with_twins(n: int, d: int) -> tuple[np.ndarray, np.ndarray]:
    x, y = clustered(n, d, 1), clustered(n + 301, d, 2)
    y[100:900] = y[5]
    x[:200] = y[5]
    x[7] = 0
    return x, y


def near_twins(n: int, d: int) -> tuple[np.ndarray, np.ndarray]:
    x, y = with_twins(n, d)
    noise = np.random.default_rng(3).standard_normal(y.shape) * 1e-5 / np.sqrt(d)
    return x, unit(y + noise)


CASES = {
    "clustered": lambda: (clustered(1503, 100, 1), clustered(801, 100, 2)),
    "800 twins": lambda: with_twins(1200, 64),
    "near twins": lambda: near_twins(1200, 64),
}


def search(x: np.ndarray, y: np.ndarray, k: int, threads: int) -> MutualNeighbours:
    with workers(threads) as team:
        sharding = Sharding("int8", 5000, kept_candidates(k, "int8"))
        forward, backward = search_sides(x, y, k, sharding, team)
    return forward.ids, forward.cosines, backward.ids, backward.cosines


@needs_kernels
@each_kernel
@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("k", [1, 4, 16])
@pytest.mark.parametrize("threads", [1, 2])
def test_every_kernel_gives_the_bytes_of_torch(
    name: str, case: str, k: int, threads: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    x, y = CASES[case]()
    found = []
    for kernel in (name, "torch"):
        monkeypatch.setenv(compiled.VARIABLE, kernel)
        found.append(search(x, y, k, threads))
    for one, other in zip(*found, strict=True):
        np.testing.assert_array_equal(one, other)


@pytest.fixture(scope="module")
def emulated(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Kernel]]:
    """The kernels of a build in which plain loops stand for the instructions of AMX."""
    compiler = shutil.which("g++")
    if compiler is None:
        pytest.skip("no g++ to build the emulation of AMX")
    library = tmp_path_factory.mktemp("emulated") / "fused.so"
    options = ["-std=c++17", "-O2", "-shared", "-fPIC", "-DBITSEAM_EMULATE_AMX"]
    subprocess.run([compiler, *options, SOURCE, "-o", library], check=True, capture_output=True)
    kernels = load_kernels(str(library))
    if not kernels:
        pytest.skip("this CPU runs no compiled kernel")
    yield kernels


def test_the_tiles_of_amx_fit_together(emulated: dict[str, Kernel]) -> None:
    assert next(iter(emulated)) == "amx"  # its products were checked when it was loaded
    assert same_products(emulated["amx"], 65, 31, 320, seed=1)


def same_products(kernel: Kernel, rows: int, columns: int, depth: int, seed: int) -> bool:
    rng = np.random.default_rng(seed)
    x, y = (rng.integers(-127, 128, (n, depth), np.int8) for n in (rows, columns))
    out = np.full((rows, columns), 7, np.int32)
    kernel.multiply(torch.from_numpy(x), torch.from_numpy(y), torch.from_numpy(out))
    return np.array_equal(out, x.astype(np.int32) @ y.astype(np.int32).T)


@needs_kernels
@each_kernel
@settings(max_examples=15)
@given(st.integers(0, 300), st.integers(0, 100), st.integers(1, 20), st.integers(0, 99))
def test_products_are_exact_at_any_size(
    name: str, rows: int, columns: int, chunks: int, seed: int
) -> None:
    assert same_products(KERNELS[name], rows, columns, 64 * chunks, seed)


def scanned(scanner: str, x: np.ndarray, y: np.ndarray) -> tuple[CandidateLists, CandidateLists]:
    with workers(1) as team:
        sides = [
            ListedSide(
                encode(side, np.arange(len(side)), "int8", team.run), new_lists(len(side), 40)
            )
            for side in (x, y)
        ]
    scan = (
        TorchScanner(*sides, "int8")
        if scanner == "torch"
        else CompiledScanner(*sides, KERNELS[scanner])
    )
    rows = range(len(x))
    for start in range(0, len(y), 1024):
        columns = range(start, min(start + 1024, len(y)))
        scan(rows, columns, columns.stop / len(y), 0.0)
    return sides[0].lists, sides[1].lists


@needs_kernels
@each_kernel
@pytest.mark.parametrize("case", CASES)
def test_lists_hold_all_that_exceeds_their_threshold(
    name: str, case: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(compiled.VARIABLE, "torch")
    x, y = CASES[case]()
    scores_of_x = scores_of(x, y)
    for lists, scores in zip(scanned(name, x, y), (scores_of_x, scores_of_x.T), strict=True):
        for row in range(0, len(scores), 17):
            listed = lists.places[row, : lists.counts[row]]
            assert len(set(listed)) == len(listed)
            np.testing.assert_array_equal(
                lists.values[row, : len(listed)], scores[row, listed], strict=True
            )
            above = np.flatnonzero(scores[row] > lists.thresholds[row])
            assert set(above) <= set(listed)


def scores_of(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    with workers(1) as team:
        left, right = (encode(v, np.arange(len(v)), "int8", team.run) for v in (x, y))
    products = (left.codes.int() @ right.codes.int().T).numpy().astype(np.float32)
    return products * left.scales[:, None] * right.scales


def test_an_unknown_kernel_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(compiled.VARIABLE, "avx1024")
    x = clustered(5000, 8, 1)
    with pytest.raises(UserError, match=r"BITSEAM_KERNEL is 'avx1024': expected one of torch"):
        mutual_neighbours(x, x, 2, threads=1)


def test_a_library_that_does_not_load_is_not_used(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    library = tmp_path / "half-written.so"
    library.write_bytes(b"\x7fELF")
    assert load_kernels(str(library)) == {}
    assert "do not load" in caplog.text


def test_a_kernel_that_multiplies_wrong_is_not_used(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    if not KERNELS:
        pytest.skip("no compiled kernel")
    monkeypatch.setattr(Kernel, "multiply", lambda _self, _x, _y, out: out.zero_())
    spec = find_spec("bitseam.mining.search._fused")
    assert spec is not None
    assert load_kernels(str(spec.origin)) == {}
    assert "multiplies wrong here" in caplog.text
