"""The compiled twin of the tile product and its scan: int8 kernels for the CPU at hand, if built.

`fused.cpp` is compiled when the package is installed where a compiler is found; nothing is amiss
where it is not. A kernel is used if the CPU has its instructions and its products are right. The
environment variable BITSEAM_KERNEL names another one, or `torch` for none.
"""

from __future__ import annotations

import ctypes
import logging
import os
from functools import cache
from importlib.util import find_spec
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from bitseam.mining.search.candidates import CandidateLists
from bitseam.schemas.errors import UserError

if TYPE_CHECKING:
    import torch

    from bitseam.mining.search.precision import Encoded

_LOG = logging.getLogger(__name__)

VARIABLE = "BITSEAM_KERNEL"
_MAX_DEPTH = 1 << 16  # beyond it a sum of products may leave int32
_CHECKED = (77, 107, 192)  # rows and columns that fill no block, dimensions


class _Lists(ctypes.Structure):
    _fields_ = (
        *((name, ctypes.c_void_p) for name in ("values", "places", "counts", "limits")),
        ("thresholds", ctypes.c_void_p),
        ("capacity", ctypes.c_int64),
        ("keep", ctypes.c_int64),
    )


class _Side(ctypes.Structure):
    _fields_ = (("codes", ctypes.c_void_p), ("scales", ctypes.c_void_p), ("lists", _Lists))


class _Tile(ctypes.Structure):
    _fields_ = (
        *((name, ctypes.c_int64) for name in ("row", "rows_end", "column", "columns_end", "depth")),
        ("scratch", ctypes.c_void_p),
    )


class ListedSide(NamedTuple):
    """The encoded rows of a side and the lists of their candidates."""

    encoded: Encoded
    lists: CandidateLists


class Kernel:
    """One way to multiply int8 codes; every call releases the interpreter's lock."""

    def __init__(self, library: ctypes.CDLL, number: int) -> None:
        self._library, self._number = library, number
        self.name: str = library.kernel_name(number).decode()

    @property
    def supported(self) -> bool:
        """Whether this CPU and system run it."""
        return bool(self._library.kernel_supported(self._number))

    def scratch(self, columns: int, depth: int) -> torch.Tensor:
        """Return the memory that a tile of so many columns is packed into, for one thread."""
        import torch

        size = self._library.scratch_bytes(self._number, columns, depth)
        return torch.empty(size, dtype=torch.uint8)  # torch aligns to 64 bytes

    def multiply(self, x: torch.Tensor, y: torch.Tensor, out: torch.Tensor) -> None:
        """Write the products of codes `(b, d')` and `(c, d')` into `out` `(b, c)` int32."""
        scratch = self.scratch(len(y), x.shape[1])
        tile = _Tile(0, len(x), 0, len(y), x.shape[1], scratch.data_ptr())
        self._library.multiply(
            self._number, x.data_ptr(), y.data_ptr(), ctypes.byref(tile), out.data_ptr()
        )

    def scan(
        self,
        x: ListedSide,
        y: ListedSide,
        rows: range,
        columns: range,
        row_share: float,
        seen: float,
        scratch: torch.Tensor,
    ) -> None:
        """Append the promising scores of a tile to the lists of both sides, as `scan_tile`."""
        depth = x.encoded.codes.shape[1]
        tile = _Tile(rows.start, rows.stop, columns.start, columns.stop, depth, scratch.data_ptr())
        self._library.scan(
            self._number,
            ctypes.byref(_side(x)),
            ctypes.byref(_side(y)),
            ctypes.byref(tile),
            row_share,
            seen,
            1 / len(x.encoded),
        )


def _side(side: ListedSide) -> _Side:
    lists = side.lists
    return _Side(
        side.encoded.codes.data_ptr(),
        side.encoded.scales.ctypes.data,
        _Lists(
            *(array.ctypes.data for array in lists[:5]),
            lists.values.shape[1],
            lists.keep,
        ),
    )


def chosen_kernel(depth: int) -> Kernel | None:
    """Return the kernel for codes of so many dimensions; none where torch is to multiply."""
    wanted = os.environ.get(VARIABLE, "")
    if wanted == "torch" or depth > _MAX_DEPTH:
        return None
    kernels = usable_kernels()
    if not wanted:
        return next(iter(kernels.values()), None)
    if wanted not in kernels:
        raise UserError(
            f"{VARIABLE} is {wanted!r}: expected one of {', '.join(['torch', *kernels])}, "
            "which this installation and CPU have"
        )
    return kernels[wanted]


@cache
def usable_kernels() -> dict[str, Kernel]:
    """Return the kernels that this CPU runs and that multiply right, the fastest first."""
    spec = find_spec("bitseam.mining.search._fused")
    if spec is None or spec.origin is None:
        return {}
    return load_kernels(spec.origin)


def load_kernels(path: str) -> dict[str, Kernel]:
    """Load the usable kernels of a compiled `fused.cpp`; none if the system refuses the file."""
    try:
        library = ctypes.CDLL(path)
    except OSError as error:  # built for another system, or half written
        _LOG.warning("the compiled kernels do not load: not used (%s)", error)
        return {}
    library.kernel_name.restype = ctypes.c_char_p
    library.scratch_bytes.argtypes = (ctypes.c_int, ctypes.c_int64, ctypes.c_int64)
    library.scratch_bytes.restype = ctypes.c_int64
    pointers = (ctypes.c_void_p,) * 4
    library.multiply.argtypes = (ctypes.c_int, *pointers)
    library.multiply.restype = None
    library.scan.argtypes = (ctypes.c_int, *pointers[:3], *(ctypes.c_float,) * 3)
    library.scan.restype = None
    usable = {}
    for number in range(library.kernel_count()):
        kernel = Kernel(library, number)
        if not kernel.supported:
            continue
        if _is_right(kernel):
            usable[kernel.name] = kernel
        else:
            _LOG.warning("the compiled kernel %s multiplies wrong here: not used", kernel.name)
    return usable


def _is_right(kernel: Kernel) -> bool:
    """Compare products with plain ones; the first rows and columns hold the extremes."""
    import torch

    rows, columns, depth = _CHECKED
    rng = np.random.default_rng(0)
    x, y = (rng.integers(-127, 128, (n, depth), np.int8) for n in (rows, columns))
    x[0], y[0], y[1] = 127, 127, -127
    x[1] = -127
    out: NDArray[np.int32] = np.empty((rows, columns), np.int32)
    kernel.multiply(torch.from_numpy(x), torch.from_numpy(y), torch.from_numpy(out))
    return np.array_equal(out, x.astype(np.int64) @ y.astype(np.int64).T)
