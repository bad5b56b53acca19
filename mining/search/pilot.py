"""Which precision a search takes: what this CPU multiplies fast and these vectors tolerate."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from functools import cache

import numpy as np

from bitseam.mining.search.compiled import Kernel, chosen_kernel
from bitseam.mining.search.precision import Multiplier, Precision
from bitseam.mining.search.shards import Shard, Vectors, Workers, unproven_share

_LOG = logging.getLogger(__name__)

_PILOT_ROWS = 500
_PILOT_DATABASE = 1 << 15
_WORTHWHILE = 1 << 24  # inner products: below this a pilot costs more than it can save
_MAX_UNPROVEN = 0.1  # an unproven row costs about as much again as a proven one
_MIN_GAIN = 1.5  # times the speed of float32
_PROBE = (512, 1024, 384)
_REPEATS = 12  # about 50 ms in all: the shortest time is steady on a busy machine too


def kept_candidates(k: int, precision: Precision) -> int:
    """Return how many candidates a row keeps for exact ranking."""
    return {"int8": 4 * k + 48, "bf16": 2 * k + 16, "fp32": k + 8}[precision]


def choose_precision(x: Vectors, y: Vectors, k: int, team: Workers) -> Precision:
    """Choose the fastest precision that proves most of a sample of rows; no answer depends on it.

    Says at debug level what it chose and why.
    """
    precision = _tolerated_precision(x, y, k, team)
    kernel = chosen_kernel(x.shape[1]) if precision == "int8" else None
    name = kernel.name if kernel else "torch"
    _LOG.debug("neighbour search: %s, multiplied by %s", precision, name)
    return precision


def _tolerated_precision(x: Vectors, y: Vectors, k: int, team: Workers) -> Precision:
    """Search a sample of the rows of both sides, taken at equal distances."""
    if len(x) * len(y) < _WORTHWHILE:
        return "fp32"
    sample = np.asarray(x[:: -(-len(x) // _PILOT_ROWS)], np.float32)
    database = np.asarray(y[:: -(-len(y) // _PILOT_DATABASE)], np.float32)
    for precision in fast_precisions():
        left = Shard.load(sample, slice(0, len(sample)), precision, 0, team)
        right = Shard.load(database, slice(0, len(database)), precision, 1, team)
        share = unproven_share(left, right, k, kept_candidates(k, precision), precision, team)
        _LOG.debug(
            "neighbour search: %s leaves %.1f %% of a sample unproven", precision, 100 * share
        )
        if share <= _MAX_UNPROVEN:
            return precision
    return "fp32"


def fast_precisions() -> tuple[Precision, ...]:
    """Return the precisions clearly faster than float32 on this CPU, the fastest first."""
    return _fast_precisions(chosen_kernel(_PROBE[2]))  # timed once for each kernel


@cache
def _fast_precisions(_kernel: Kernel | None) -> tuple[Precision, ...]:
    low: tuple[Precision, ...] = ("int8", "bf16")
    plain = _seconds("fp32")
    seconds = {precision: _seconds(precision) for precision in low}
    fast = [precision for precision in low if seconds[precision] * _MIN_GAIN < plain]
    return tuple(sorted(fast, key=seconds.__getitem__))


def _seconds(precision: Precision) -> float:
    """Time one tile; infinite where the product is missing or wrong.

    Without VNNI some libraries sum pairs of int8 products in int16, which the extremes overflow.
    """
    import torch

    rows, columns, d = _PROBE
    dtype = {"int8": torch.int8, "bf16": torch.bfloat16, "fp32": torch.float32}[precision]
    x = torch.full((rows, d), 127).to(dtype)
    y = torch.full((columns, d), -127).to(dtype)
    y[::2] = 127
    multiply = Multiplier(precision, rows, columns)
    try:
        tile = multiply(x, y)
    except (AttributeError, NotImplementedError, RuntimeError):
        return float("inf")
    if precision == "int8" and not (np.abs(tile) == 127 * 127 * d).all():
        return float("inf")
    return min(_elapsed(lambda: multiply(x, y)) for _ in range(_REPEATS))


def _elapsed(function: Callable[[], object]) -> float:
    start = time.perf_counter()
    function()
    return time.perf_counter() - start
