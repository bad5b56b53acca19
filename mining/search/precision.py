"""Low-precision copies of vectors and how far their inner products can be from the truth.

A product of two copies differs from the product of the vectors by at most
`|x - x'| |y| + |x'| |y - y'|` (Cauchy-Schwarz), to which rounding adds a little. The bound holds
for every pair, not on average: certificates are built on it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from bitseam.mining.search.compiled import chosen_kernel

if TYPE_CHECKING:
    import torch

Precision = Literal["int8", "bf16", "fp32"]
Floats = NDArray[np.float32]
Run = Callable[[Callable[[int], None], Iterable[int]], None]

_BLOCK = 64  # dimensions mixed by one Hadamard rotation; int8 copies are padded to a multiple
_ENCODED_ROWS = 512  # rows encoded at a time: they stay in the cache
_UNIT = 2.0**-24  # relative rounding of a float32 operation
_LEVELS = 127
_TINY = 1e-30  # scale of a row of zeros
_UNDERFLOW = 1e-16  # a norm below it may have vanished when its squares were summed


@dataclass(frozen=True)
class Encoded:
    """A low-precision copy of vectors: row i is `codes[i] * scales[i]` in a rotated space.

    :ivar codes: `(n, d')` int8, bfloat16 or float32.
    :ivar scales: `(n,)` float32.
    :ivar lengths: `(n,)` float32 norms of the copies.
    :ivar residuals: `(n,)` float32 norms of what the copies miss.
    """

    codes: torch.Tensor
    scales: Floats
    lengths: Floats
    residuals: Floats

    def __len__(self) -> int:
        return len(self.scales)


def encode(vectors: Floats, order: NDArray[np.int64], precision: Precision, run: Run) -> Encoded:
    """Encode `vectors[order]` `(n, d)`; `run` maps a function over blocks, perhaps in threads."""
    import torch

    n, d = len(order), vectors.shape[1]
    dtype = {"int8": torch.int8, "bf16": torch.bfloat16, "fp32": torch.float32}[precision]
    codes = torch.empty((n, code_width(precision, d)), dtype=dtype)
    scales, lengths, residuals = np.ones((3, n), np.float32)

    def encode_block(start: int) -> None:
        part = slice(start, min(start + _ENCODED_ROWS, n))
        block = torch.from_numpy(vectors[order[part]])
        if precision == "int8":
            block = _rotated(block)
            scale = (block.abs().amax(dim=1) / _LEVELS).clamp(min=_TINY)
            scales[part] = scale
            codes[part] = (block / scale[:, None]).round().to(dtype)
            copies = codes[part].float() * scale[:, None]
        else:
            codes[part] = block.to(dtype)
            copies = codes[part].float()
        lengths[part] = copies.norm(dim=1)
        residuals[part] = (block - copies).norm(dim=1)

    run(encode_block, range(0, n, _ENCODED_ROWS))
    return Encoded(codes, scales, lengths, residuals)


def code_width(precision: Precision, d: int) -> int:
    """Return the columns of the codes of `d` dimensions."""
    return -(-d // _BLOCK) * _BLOCK if precision == "int8" else d


def code_bytes(precision: Precision, d: int) -> int:
    """Return the memory of one encoded row of `d` dimensions."""
    return code_width(precision, d) * {"int8": 1, "bf16": 2, "fp32": 4}[precision] + 12


def error_bounds(queries: Encoded, database: Encoded, precision: Precision) -> Floats:
    """Bound, for each query `(n,)`, how far any of its products with the database is off."""
    if not len(database):
        return np.zeros(len(queries), np.float32)
    d = queries.codes.shape[1]
    rounding = (d + 8) * _UNIT  # any order of summation, and of the exact cosine at the end
    if precision == "int8":
        rounding += 2e-5  # the rotation and the scales; the sum of integers is exact
    elif precision == "bf16":
        rounding += 2.0**-8  # the product is rounded to bfloat16
    missed = queries.residuals.astype(np.float64) + _UNDERFLOW
    lengths = queries.lengths + missed
    farthest = float(database.residuals.max()) + _UNDERFLOW
    longest = float(database.lengths.max()) + farthest
    bounds = missed * longest + lengths * (farthest + rounding * longest)
    return (bounds * (1 + 1e-5) + _TINY).astype(np.float32)


class Multiplier:
    """Inner products of blocks of codes, written to one buffer again and again."""

    def __init__(self, precision: Precision, rows: int, columns: int) -> None:
        import torch

        self._precision = precision
        cells = rows * columns
        dtype = torch.int32 if precision == "int8" else torch.float32
        self._tile = torch.empty(cells, dtype=dtype)
        self._narrow = torch.empty(cells if precision == "bf16" else 0, dtype=torch.bfloat16)

    def __call__(self, x: torch.Tensor, y: torch.Tensor) -> NDArray[np.float32] | NDArray[np.int32]:
        """Return the products `(b, c)` of codes `(b, d')` and `(c, d')`, valid until the next."""
        import torch

        shape = (len(x), len(y))
        cells = shape[0] * shape[1]
        tile = self._tile[:cells].view(shape)
        kernel = chosen_kernel(x.shape[1]) if self._precision == "int8" else None
        if kernel:
            kernel.multiply(x, y, tile)
        elif self._precision == "int8":
            torch._int_mm(x, y.T, out=tile)
        elif self._precision == "bf16":
            narrow = self._narrow[:cells].view(shape)
            torch.mm(x, y.T, out=narrow)
            tile.copy_(narrow)
        else:
            torch.mm(x, y.T, out=tile)
        products: NDArray[np.float32] = tile.numpy()
        return products


def _rotated(block: torch.Tensor) -> torch.Tensor:
    """Rotate rows `(n, d)` at random, padded, so that no dimension stands out: products stay."""
    d = block.shape[1]
    columns, mix = _rotation(d)
    shuffled = block.new_zeros(len(block), code_width("int8", d))
    shuffled[:, :d] = block.index_select(1, columns)
    blocks = shuffled.view(len(block), -1, _BLOCK).transpose(0, 1)
    return blocks.bmm(mix).transpose(0, 1).reshape(len(block), -1)


@cache
def _rotation(d: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Return an order of the dimensions `(d,)` and a signed Hadamard matrix per block of them."""
    import torch

    rng = np.random.default_rng(0)
    hadamard = np.ones((1, 1))
    while len(hadamard) < _BLOCK:
        hadamard = np.block([[hadamard, hadamard], [hadamard, -hadamard]])
    signs = rng.choice([-1.0, 1.0], (code_width("int8", d) // _BLOCK, _BLOCK, 1))
    mix = (signs * hadamard / np.sqrt(_BLOCK)).astype(np.float32)
    return torch.from_numpy(rng.permutation(d)), torch.from_numpy(mix)
