"""How a search is cut to fit the memory of a device."""

from __future__ import annotations

from dataclasses import dataclass

from bitseam.schemas.errors import UserError

_CELL_BYTES = 128  # a score, two marks, and if all are hits their places and a sort of them
_ENTRY_BYTES = 64  # a list entry while it is sorted: key, place, order and what a sort needs
_LARGEST_TILE = 1 << 13
_SHARE = 0.9  # of the free memory: the libraries take some
_ON_CPU = 1 << 30


@dataclass(frozen=True)
class DevicePlan:
    """Sizes of a search; no choice here changes its answer.

    :ivar rows: rows of a side on the device at a time.
    :ivar tile: rows and columns of the largest tile of scores.
    :ivar block: rows whose lists are cut together.
    :ivar hits: hits gathered before they are merged into the lists.
    """

    rows: int
    tile: int
    block: int
    hits: int


def plan_search(d: int, keep: int, memory: int) -> DevicePlan:
    """Divide `memory`, in bytes: half for both sides' rows and lists, the rest for the work."""
    row_bytes = 2 * d + 8 * keep + 16
    tile = _LARGEST_TILE
    while tile > 64 and tile * tile * _CELL_BYTES > memory // 8:
        tile //= 2
    return DevicePlan(
        rows=max(64, memory // (4 * row_bytes)),
        tile=tile,
        block=max(64, memory // (8 * _ENTRY_BYTES * keep)),
        hits=max(4096, memory // (8 * _ENTRY_BYTES)),
    )


def free_memory(device: str) -> int:
    """Return the bytes of a device that a search may fill.

    :raises UserError: torch sees no such device.
    """
    import torch

    if torch.device(device).type == "cpu":
        return _ON_CPU
    if not torch.cuda.is_available():
        raise UserError(
            f"found no CUDA device for {device}: expected a GPU and a torch built for CUDA; "
            "search on the CPU instead"
        )
    free, _ = torch.cuda.mem_get_info(device)
    return int(free * _SHARE)
