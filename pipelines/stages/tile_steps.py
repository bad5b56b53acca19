"""Steps of the exact search by tiles (twins of `mining.search.tiles`).

A task is a rectangle of tiles, a shard swept or a file written. All that a step hands on lies in
files: a killed run goes on after the last task it finished.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import numpy as np
import pyarrow as pa

from bitseam.mining.search.partial import PartialNeighbours
from bitseam.mining.search.pilot import choose_precision, fast_precisions, kept_candidates
from bitseam.mining.search.precision import Precision
from bitseam.mining.search.shards import workers
from bitseam.mining.search.tiles import (
    SEEDS,
    Grid,
    Rectangle,
    TileSearch,
    place,
    search_rectangle,
    sweep_rows,
)
from bitseam.pipelines.atomic import read_json, write_json
from bitseam.pipelines.forecast import threads_per_task
from bitseam.pipelines.parquet import write_table
from bitseam.pipelines.stages.engine import SearchTask
from bitseam.pipelines.stages.partial_lists import ListStore, part_name, to_bytes
from bitseam.pipelines.stages.sides import (
    DIRECTIONS,
    Side,
    load_side,
    neighbours_batch,
    queries_of,
)
from bitseam.pipelines.step import Step
from bitseam.pipelines.work import Outcome, Work
from bitseam.schemas import tables


@dataclass(frozen=True)
class TileStep(Step):
    """What the steps of an exact search share."""

    task: SearchTask
    grid: Grid

    def side(self, name: str) -> Side:
        """Map one side."""
        return load_side(self.work, name, self.task.dimension)

    def shards(self, side: str) -> tuple[range, ...]:
        """Return the shards of a side."""
        return self.grid.rows if side == "src" else self.grid.columns

    @property
    def found(self) -> ListStore:
        """The lists that rectangles found."""
        return ListStore(self.work, "found", self.task.k)

    @property
    def swept(self) -> ListStore:
        """The lists of rows that were searched again: only of those, in their order."""
        return ListStore(self.work, "swept", self.task.k)

    @contextmanager
    def searching(self, tasks: int) -> Iterator[TileSearch]:
        """Yield the stage's way to search, in as many threads as one of `tasks` may have."""
        threads = threads_per_task(self.task.workers, tasks)
        precision = read_precision(self.work)
        if precision not in ("fp32", *fast_precisions()):
            precision = "fp32"  # chosen by a worker with another CPU: slow here, or even wrong
        with workers(threads) as team:
            keep = kept_candidates(self.task.k, precision)
            yield TileSearch(self.task.k, keep, precision, team)


@dataclass(frozen=True)
class ChoosePrecision(TileStep):
    """both sides -> the precision of the search, by a pilot."""

    name: ClassVar[str] = "pilot"

    def run(self, name: str) -> Outcome:
        x, y = self.side("src").vectors, self.side("tgt").vectors
        with workers(threads_per_task(1, 1)) as team:
            precision = choose_precision(x, y, self.task.k, team)
        write_json(_precision_path(self.work), precision)
        return Outcome()


@dataclass(frozen=True)
class SearchRectangles(TileStep):
    """a rectangle of tiles -> partial lists of all its rows."""

    name: ClassVar[str] = "search"

    def run(self, name: str) -> Outcome:
        began = time.monotonic()
        rectangles = self.grid.rectangles()
        rectangle = rectangles[int(name)]
        x, y = self.side("src").vectors, self.side("tgt").vectors
        ticker = self.work.ticker(f"{self.name}.{name}")
        with self.searching(len(rectangles)) as search:
            found = search_rectangle(x, y, rectangle, search, lambda: ticker.add(1))
        ticker.close()
        names = list(self._write(rectangle, *found))
        counts = {
            "tiles": rectangle.tiles,
            "partial bytes": sum(self.found.path(name).stat().st_size for name in names),
            "search milliseconds": _milliseconds_since(began),
        }
        return Outcome(tuple(names), counts)

    def _write(
        self, rectangle: Rectangle, forward: PartialNeighbours, backward: PartialNeighbours
    ) -> Iterator[str]:
        for direction, queries, found, database in (
            ("forward", rectangle.rows, forward, rectangle.columns),
            ("backward", rectangle.columns, backward, rectangle.rows),
        ):
            for shard in queries:
                name = part_name(direction, shard, database[0])
                yield self.found.write(name, to_bytes(found.take(place(shard, queries))))


@dataclass(frozen=True)
class SweepShards(TileStep):
    """a direction and a shard of its database -> what unproven rows find there."""

    name: ClassVar[str] = "sweep"

    def run(self, name: str) -> Outcome:
        began = time.monotonic()
        direction, number = name.split("-")
        names, unproven = [], 0
        with self.searching(len(self.grid.rows) + len(self.grid.columns)) as search:
            for part, lists in self._sweep(direction, int(number), search):
                names.append(self.swept.write(part, to_bytes(lists)))
                unproven += len(lists)
        counts = {"search milliseconds": _milliseconds_since(began)}
        if number == "0":  # every shard is swept for the same rows
            counts[f"unproven {direction}"] = unproven
        return Outcome(tuple(names), counts)

    def _sweep(
        self, direction: str, number: int, search: TileSearch
    ) -> Iterator[tuple[str, PartialNeighbours]]:
        queries, database = DIRECTIONS[direction]
        rows, shard = self.shards(database)[number], None
        for part in self.shards(queries):
            lists = self.found.read(direction, part)
            if lists is None or lists.complete.all():
                continue
            unproven = np.flatnonzero(~lists.complete)
            shard = shard or search.load(self.side(database).vectors, rows, SEEDS[1])
            vectors, floors = self.side(queries).vectors, lists.cosines[unproven, -1]
            swept = sweep_rows(vectors, part.start + unproven, floors, shard, search)
            yield part_name(direction, part, rows), swept


@dataclass(frozen=True)
class WriteNeighbours(TileStep):
    """merged lists -> one file of the `neighbours` table."""

    name: ClassVar[str] = "write"

    def run(self, name: str) -> Outcome:
        direction = name.split("-")[0]
        queries, database = (self.side(side) for side in DIRECTIONS[direction])
        rows = queries_of(name, len(queries.ids))[1]
        lists = self._lists(direction, rows)
        batch = neighbours_batch(
            queries.ids[rows.start : rows.stop], database.ids, lists.ids, lists.cosines
        )
        table = pa.Table.from_batches([batch], tables.NEIGHBOURS)
        write_table(self.work.path("neighbours", f"{name}.parquet"), table)
        return Outcome((), {f"searched {direction}": len(rows)})

    def _lists(self, direction: str, rows: range) -> PartialNeighbours:
        """Return the complete lists of `rows`, from all the shards they lie in."""
        lists = PartialNeighbours.empty(len(rows), self.task.k)
        for part in self.shards(DIRECTIONS[direction][0]):
            start, stop = max(part.start, rows.start), min(part.stop, rows.stop)
            if start < stop:
                found = self._complete(direction, part)
                its = found.take(slice(start - part.start, stop - part.start))
                lists.put(slice(start - rows.start, stop - rows.start), its)
        return lists

    def _complete(self, direction: str, part: range) -> PartialNeighbours:
        """Return the lists of a shard of queries with those that were searched again."""
        found, swept = (store.read(direction, part) for store in (self.found, self.swept))
        if found is None:  # the other side is empty
            return PartialNeighbours.empty(len(part), self.task.k)
        if swept is None:
            return found
        whole = found.take(np.arange(len(found)))
        whole.put(np.flatnonzero(~found.complete), swept)
        return whole


def _milliseconds_since(began: float) -> int:
    return round(1000 * (time.monotonic() - began))


def read_precision(work: Work) -> Precision:
    """Return what `ChoosePrecision` chose."""
    precision: Precision = read_json(_precision_path(work))
    return precision


def _precision_path(work: Work) -> Path:
    return work.path("scratch", "precision.json")
