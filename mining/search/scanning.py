"""One tile of a fused search: multiplied, and its promising scores listed for both directions."""

from __future__ import annotations

from typing import Protocol

from bitseam.mining.search.candidates import scan_tile
from bitseam.mining.search.compiled import Kernel, ListedSide, chosen_kernel
from bitseam.mining.search.precision import Multiplier, Precision

TILE_ROWS, TILE_COLUMNS = 512, 1024  # the scores of a tile: 2 MB


class Scanner(Protocol):
    """What a thread scans its tiles with."""

    def __call__(self, rows: range, columns: range, row_share: float, seen: float) -> None:
        """List the promising scores of `rows` of one side and at most 1,024 `columns`.

        :param row_share: how much of all columns has been seen once these have.
        :param seen: how much of all rows had been seen before these.
        """


def new_scanner(x: ListedSide, y: ListedSide, precision: Precision) -> Scanner:
    """Return the fastest scanner of this machine, for one thread."""
    kernel = chosen_kernel(x.encoded.codes.shape[1]) if precision == "int8" else None
    return CompiledScanner(x, y, kernel) if kernel else TorchScanner(x, y, precision)


class TorchScanner:
    """Multiplies by torch, then scans the product."""

    def __init__(self, x: ListedSide, y: ListedSide, precision: Precision) -> None:
        self._x, self._y = x, y
        self._multiply = Multiplier(precision, TILE_ROWS, TILE_COLUMNS)

    def __call__(self, rows: range, columns: range, row_share: float, seen: float) -> None:
        """See `Scanner`."""
        x, y = self._x, self._y
        for start in rows[::TILE_ROWS]:
            stop = min(start + TILE_ROWS, rows.stop)
            scan_tile(
                self._multiply(
                    x.encoded.codes[start:stop], y.encoded.codes[columns.start : columns.stop]
                ),
                x.encoded.scales,
                y.encoded.scales,
                x.lists,
                y.lists,
                start,
                columns.start,
                row_share,
                seen + (stop - rows.start) / len(x.encoded),
            )


class CompiledScanner:
    """Scans products while they are in the cache: no tile is ever written to memory."""

    def __init__(self, x: ListedSide, y: ListedSide, kernel: Kernel) -> None:
        self._x, self._y, self._kernel = x, y, kernel
        self._scratch = kernel.scratch(TILE_COLUMNS, x.encoded.codes.shape[1])

    def __call__(self, rows: range, columns: range, row_share: float, seen: float) -> None:
        """See `Scanner`."""
        self._kernel.scan(self._x, self._y, rows, columns, row_share, seen, self._scratch)
