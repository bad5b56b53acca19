"""Rows of one side on a device: bfloat16 copies there, the vectors themselves left on the host."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from bitseam.mining.search.precision import Encoded, Floats, error_bounds
from bitseam.mining.search.shards import Vectors

if TYPE_CHECKING:
    import torch

_STAGED_BYTES = 1 << 25
# Tensor cores round sums of products more coarsely than IEEE float32 does: up to two bits.
_ACCUMULATION = 2.0**-22


@dataclass(frozen=True)
class DeviceShard:
    """Consecutive rows of one side.

    :ivar vectors: `(n, d)` float32 on the host, perhaps memory-mapped.
    :ivar first: id of the first row.
    :ivar order: `(n,)` the shuffled order in which they lie on the device.
    :ivar encoded: the copies, in that order; only the codes `(n, d)` are on the device.
    """

    vectors: Floats
    first: int
    order: NDArray[np.int64]
    encoded: Encoded

    def __len__(self) -> int:
        return len(self.order)

    @classmethod
    def load(cls, side: Vectors, rows: slice, seed: int, device: str) -> DeviceShard:
        """Send `side[rows]` to the device; equal seeds shuffle equally."""
        vectors = np.ascontiguousarray(side[rows], np.float32)
        order = np.random.default_rng(seed).permutation(len(vectors))
        return cls(vectors, rows.start, order, encode_on(vectors, order, device))


def encode_on(vectors: Floats, order: NDArray[np.int64], device: str) -> Encoded:
    """Return bfloat16 copies of `vectors[order]` `(n, d)` on a device."""
    import torch

    n, d = vectors.shape
    codes = torch.empty((n, d), dtype=torch.bfloat16, device=device)
    norms = torch.empty((2, n), dtype=torch.float32, device=device)
    place = torch.empty(n, dtype=torch.int64)
    place[torch.from_numpy(order)] = torch.arange(n)
    place = place.to(device)
    for start, block in _uploaded(vectors, device):
        copy = block.to(torch.bfloat16)
        at = place[start : start + len(block)]
        codes[at] = copy
        norms[0, at] = copy.float().norm(dim=1)
        norms[1, at] = (block - copy.float()).norm(dim=1)
    lengths, residuals = norms.cpu().numpy()
    return Encoded(codes, np.ones(n, np.float32), lengths, residuals)


def _uploaded(vectors: Floats, device: str) -> Iterator[tuple[int, torch.Tensor]]:
    """Yield (first row, rows on the device); files are read while the last rows travel."""
    import torch

    n, d = vectors.shape
    step = max(1, _STAGED_BYTES // (4 * d))
    on_gpu = torch.device(device).type == "cuda"
    stages = [torch.empty((min(step, n), d), pin_memory=on_gpu) for _ in range(2)]
    sent = [torch.cuda.Event() for _ in stages] if on_gpu else []  # type: ignore[no-untyped-call]
    for turn, start in enumerate(range(0, n, step)):
        if on_gpu:
            sent[turn % 2].synchronize()  # what the stage held before has arrived
        rows = stages[turn % 2][: min(step, n - start)]
        rows.numpy()[:] = vectors[start : start + step]
        block = rows.to(device, non_blocking=True)
        if on_gpu:
            sent[turn % 2].record()
        yield start, block


def device_bounds(queries: Encoded, database: Encoded) -> Floats:
    """Bound, for each query `(n,)`, how far any of its products on a device is off."""
    if not len(database):
        return np.zeros(len(queries), np.float32)
    longest = np.float32((database.lengths + database.residuals).max())
    terms = queries.codes.shape[1] + 8
    rounding = np.float32(terms * _ACCUMULATION * 1.01) * longest
    bounds = error_bounds(queries, database, "bf16")
    return bounds + rounding * (queries.lengths + queries.residuals)
