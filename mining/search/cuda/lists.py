"""Candidate lists on a device: hits of a pass are merged into them by one sort."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from bitseam.mining.search.candidates import CandidateLists

if TYPE_CHECKING:
    import torch


class Hits(NamedTuple):
    """Scores `(h,)` above a threshold, with their rows and columns `(h,)` int64."""

    rows: torch.Tensor
    columns: torch.Tensor
    scores: torch.Tensor

    def above(self, bars: torch.Tensor) -> Hits:
        """Return the hits above bars `(h,)` of their own."""
        kept = self.scores > bars
        return Hits(self.rows[kept], self.columns[kept], self.scores[kept])

    def turned(self) -> Hits:
        """Return the hits with rows and columns exchanged."""
        return Hits(self.columns, self.rows, self.scores)


@dataclass(frozen=True)
class DeviceLists:
    """The best approximate scores of `n` rows, best first, and what was dropped.

    :ivar values: `(n, keep)` float32; -inf where fewer are known.
    :ivar places: `(n, keep)` int32 place of the candidate on the other side.
    :ivar thresholds: `(n,)` float32; every dropped candidate scored at most this.
    """

    values: torch.Tensor
    places: torch.Tensor
    thresholds: torch.Tensor

    @classmethod
    def new(cls, keep: int, thresholds: torch.Tensor) -> DeviceLists:
        """Return empty lists of scores above thresholds `(n,)`."""
        import torch

        shape = (len(thresholds), keep)
        return cls(
            torch.full(shape, -torch.inf, device=thresholds.device),
            torch.zeros(shape, dtype=torch.int32, device=thresholds.device),
            thresholds,
        )

    def add(self, block: range, hits: Hits, keep: int) -> None:
        """Merge the hits of the rows of `block` into their lists and keep the `keep` best."""
        import torch

        part = slice(block.start, block.stop)
        held, slots = torch.nonzero(self.values[part] > -torch.inf, as_tuple=True)
        owners = torch.cat([held, hits.rows - block.start])
        places = torch.cat([self.places[part][held, slots], hits.columns.to(torch.int32)])
        scores = torch.cat([self.values[part][held, slots], hits.scores])
        keys, order = _sort_keys(owners, scores).sort()
        owners, places, scores = keys >> 32, places[order], scores[order]
        counts = torch.bincount(owners, minlength=len(block))
        ends = counts.cumsum(0)
        ranks = torch.arange(len(owners), device=owners.device) - (ends - counts)[owners]
        kept = ranks < keep
        self.values[part] = -torch.inf
        self.values[part][owners[kept], ranks[kept]] = scores[kept]
        self.places[part][owners[kept], ranks[kept]] = places[kept]
        full = torch.nonzero(counts > keep).ravel()
        bars = scores[(ends - counts)[full] + keep - 1]
        self.thresholds[part][full] = torch.maximum(self.thresholds[part][full], bars)

    def on_host(self, part: slice) -> CandidateLists:
        """Return the lists of some rows as the exact ranking reads them."""
        import torch

        values = self.values[part].cpu()
        counts = (values > -torch.inf).sum(dim=1, dtype=torch.int32).numpy()
        return CandidateLists(
            values.numpy(),
            self.places[part].cpu().numpy(),
            counts,
            counts,
            self.thresholds[part].cpu().numpy(),
            values.shape[1],
        )


def _sort_keys(owners: torch.Tensor, scores: torch.Tensor) -> torch.Tensor:
    """Return int64 keys that rise with the owner and, of one owner, with falling score."""
    import torch

    bits = scores.view(torch.int32)
    falling = ~(bits ^ ((bits >> 31) & 0x7FFFFFFF))  # floats sort as integers of their bits
    return (owners << 32) + (falling.long() + (1 << 31))
