"""The fuzzing script's inputs, as tests: `benchmarks/fuzz_readers.py`."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

import pytest

from bitseam.pipelines.readers import batches, streams

SCRIPT = Path(__file__).resolve().parents[2] / "benchmarks" / "fuzz_readers.py"


@pytest.fixture
def fuzz(monkeypatch):
    spec = importlib.util.spec_from_file_location("fuzz_readers", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, "fuzz_readers", module)
    spec.loader.exec_module(module)
    monkeypatch.setattr(streams, "BOMB_BYTES", module.BOMB_BYTES)
    return module


def test_150_damaged_inputs_lose_nothing_silently(fuzz, tmp_path):
    reasons = sum(
        (fuzz.check(fuzz.make_case(seed), tmp_path) for seed in range(150)), start=fuzz.Counter()
    )
    assert {"truncated", "corrupt", "invalid_utf8", "nul_byte", "malformed_row"} <= set(reasons)


@pytest.mark.slow
def test_1000_damaged_inputs_lose_nothing_silently(fuzz, tmp_path):
    reasons = sum(
        (fuzz.check(fuzz.make_case(seed), tmp_path) for seed in range(1000)), start=fuzz.Counter()
    )
    assert reasons["bomb"] and reasons["line_too_long"]


def test_a_seed_always_makes_the_same_input(fuzz):
    assert [fuzz.make_case(seed) for seed in range(50)] == [fuzz.make_case(s) for s in range(50)]


def test_the_check_notices_rejects_that_are_swallowed(fuzz, tmp_path, monkeypatch):
    monkeypatch.setattr(batches.BatchBuilder, "add_reject", lambda self, *_, **__: None)
    with pytest.raises(AssertionError, match=r"rows lost|not reported|nothing came out"):
        for seed in range(150):
            fuzz.check(fuzz.make_case(seed), tmp_path)
