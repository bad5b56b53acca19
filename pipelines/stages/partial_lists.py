"""Partial lists of neighbours on their way: as bytes, merged by Beam, one file a shard.

    scratch/<kind>/<lists>.<origin>    lists found in one part of the database
    scratch/<kind>/<lists>             those of all parts, merged

`<lists>` names a direction and a shard of its queries: `forward-000000000000-000000262144`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import reduce
from pathlib import Path

import apache_beam as beam
import numpy as np

from bitseam.mining.search.partial import PartialNeighbours, merge
from bitseam.mining.search.tiles import list_bytes
from bitseam.pipelines.atomic import replacing
from bitseam.pipelines.work import Outcome, Work


def to_bytes(lists: PartialNeighbours) -> bytes:
    """Return lists as bytes: all ids, all cosines, all that was lost."""
    return lists.ids.tobytes() + lists.cosines.tobytes() + lists.lost.tobytes()


def from_bytes(data: bytes, k: int) -> PartialNeighbours:
    """Return the lists that `to_bytes` wrote, as views."""
    n = len(data) // list_bytes(k)
    return PartialNeighbours(
        np.frombuffer(data, np.int64, n * k).reshape(n, k),
        np.frombuffer(data, np.float32, n * k, 8 * n * k).reshape(n, k),
        np.frombuffer(data, np.float32, n, 12 * n * k),
    )


def lists_name(direction: str, queries: range) -> str:
    """Name the lists of a shard of queries."""
    return f"{direction}-{queries.start:012d}-{queries.stop:012d}"


def part_name(direction: str, queries: range, database: range) -> str:
    """Name the lists that a shard of queries found from the start of `database` on."""
    return f"{lists_name(direction, queries)}.{database.start:012d}"


@dataclass(frozen=True)
class ListStore:
    """The partial lists of one kind.

    :ivar kind: what they were found by; names their folder.
    """

    work: Work
    kind: str
    k: int

    def path(self, name: str) -> Path:
        """Return where lists lie: `<lists>`, or `<lists>.<origin>`."""
        return self.work.path("scratch", self.kind, name)

    def write(self, name: str, data: bytes) -> str:
        """Write lists so that they appear whole or not at all; return their name."""
        with replacing(self.path(name)) as path:
            path.write_bytes(data)
        return name

    def read(self, direction: str, queries: range) -> PartialNeighbours | None:
        """Return the merged lists of a shard, if any were found."""
        path = self.path(lists_name(direction, queries))
        return from_bytes(path.read_bytes(), self.k) if path.exists() else None


class MergeNeighbours(beam.CombineFn):
    """Merge the partial lists, as bytes, of the same queries (twin of `mining.search.partial`).

    No bytes are the neutral element.
    """

    def __init__(self, k: int) -> None:
        super().__init__()
        self._k = k
        self._handed_on = beam.metrics.Metrics.counter("neighbours", "bytes handed on")

    def create_accumulator(self) -> bytes:
        return b""

    def add_input(self, merged: bytes, part: bytes) -> bytes:
        if not merged or not part:
            return merged or part
        return to_bytes(merge(from_bytes(merged, self._k), from_bytes(part, self._k)))

    def merge_accumulators(self, accumulators: Iterable[bytes]) -> bytes:
        return reduce(self.add_input, accumulators, b"")

    def compact(self, merged: bytes) -> bytes:
        """Called when a worker hands on what it has merged."""
        self._handed_on.inc(len(merged))
        return merged

    def extract_output(self, merged: bytes) -> bytes:
        return merged


class MergePartialLists(beam.PTransform):
    """Names of partial lists in, names of merged ones out, each written once."""

    def __init__(self, store: ListStore) -> None:
        super().__init__()
        self._store = store

    def expand(self, names: beam.PCollection) -> beam.PCollection:
        return (
            names
            | beam.ParDo(_ReadLists(self._store)).with_output_types(tuple[str, bytes])
            | beam.CombinePerKey(MergeNeighbours(self._store.k))
            | beam.ParDo(_WriteMerged(self._store))
        )


class _ReadLists(beam.DoFn):
    def __init__(self, store: ListStore) -> None:
        self._store = store

    def process(self, name: str) -> Iterator[tuple[str, bytes]]:
        yield name.split(".")[0], self._store.path(name).read_bytes()


class _WriteMerged(beam.DoFn):
    def __init__(self, store: ListStore) -> None:
        self._store = store

    def process(self, merged: tuple[str, bytes]) -> Iterator[str]:
        store, (name, data) = self._store, merged
        task = f"merge-{store.kind}.{name}"
        yield from store.work.once(task, lambda: Outcome((store.write(name, data),))).outputs
