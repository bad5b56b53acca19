"""Stage `pairs`: neighbours -> margins -> selected pairs -> pairs with their texts and origins."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any, ClassVar

import apache_beam as beam

from bitseam.pipelines.parquet import write_table
from bitseam.pipelines.stages.bead_pairs import SelectBeads, beads_as_pairs, merge_pairs
from bitseam.pipelines.stages.cut import (
    Cut,
    CutPairs,
    cut_in_signature,
    read_cut,
    selected_beads,
    selected_pairs,
)
from bitseam.pipelines.stages.occurrences import (
    LookUpSentences,
    load_occurrences,
    with_origins,
)
from bitseam.pipelines.stages.selection import SelectPairs
from bitseam.pipelines.stages.stage import Stage
from bitseam.pipelines.step import Once, Step
from bitseam.pipelines.store import STAGES_OF
from bitseam.pipelines.work import Outcome, Work
from bitseam.schemas import tables

PAIRS_ROWS = 1 << 19  # rows of one file


@dataclass(frozen=True)
class WritePairs(Step):
    """selected pairs, beads and occurrences -> the `pairs` table."""

    name: ClassVar[str] = "write"
    signature: str
    languages: tuple[str, str]

    def run(self, task: str) -> Outcome:
        occurrences = load_occurrences(self.work)
        pairs = with_origins(selected_pairs(self.work), occurrences)
        beads = selected_beads(self.work)
        if beads is not None:
            pairs = merge_pairs(pairs, beads_as_pairs(beads, occurrences, self.languages))
        signature = f"{self.signature}|{cut_in_signature(read_cut(self.work))}"
        schema = tables.PAIRS.with_metadata(
            {**tables.PAIRS.metadata, "bitseam.signature": signature}
        )
        table = pairs.select(schema.names).to_arrow().cast(schema)
        for number, at in enumerate(range(0, max(1, table.num_rows), PAIRS_ROWS)):
            path = self.work.path("pairs", f"pairs-{number:05d}.parquet")
            write_table(path, table.slice(at, PAIRS_ROWS))
        return Outcome((), {"pairs": table.num_rows})


class PairSelection(Stage):
    """`neighbours`, `alignments` and `sentences` -> `pairs`, best margin first, ties by ids."""

    name: ClassVar[str] = "pairs"
    upstream: ClassVar[str | None] = None  # by --scope one or both, see `ingredients`

    def ingredients(self) -> Mapping[str, Any]:
        options = self.options
        return {
            "select": [options.margin, options.retrieval, options.rescore],
            "kept by": [options.precision, options.threshold],
            "scope": [options.scope, options.max_chars],
            "content": [
                (self.store.committed(stage) or {}).get("content")
                for stage in ("sentences", "neighbours", "alignments")
                if stage in STAGES_OF[options.scope]
            ],
            "signature": self.signature(),
            "keep_rejects": options.keep_rejects,
        }

    def signature(self) -> str:
        """Return what a score depends on, as sacrebleu writes it; the cut is added later."""
        embeddings = self.store.committed("embeddings") or {}
        parts = {
            "bitseam": version("bitseam"),
            "encoder": f"{embeddings.get('encoder')}@{embeddings.get('revision')}",
            "k": self.options.k,
            "margin": self.options.margin,
            "retrieval": self.options.retrieval,
            "rescore": "on" if self.options.rescore else "off",
            "norm": "l2",
            "search": (self.store.committed("neighbours") or {}).get("engine"),
        }
        if self.options.scope != "sentences":
            parts["scope"] = self.options.scope
        if self.options.scope == "documents":
            parts["search"] = "exact"  # what an earlier run of another scope left tells nothing
        return "|".join(f"{name}:{value}" for name, value in parts.items())

    def steps(self, pipeline: beam.Pipeline, work: Work) -> beam.PCollection:
        options, root = self.options, self.store.root
        languages = options.src, options.tgt
        done = pipeline | beam.Create(["all"])
        if options.scope != "documents":
            how = options.encoder, options.margin, options.retrieval, options.rescore
            select = SelectPairs(work, root, languages, *how)
            done = done | select.transform()
        if options.scope != "sentences":
            select_beads = SelectBeads(work, root / "alignments", languages, options.max_chars)
            done = done | "Beads" >> Once(["all"]) | select_beads.transform()
        return (
            done
            | "Cut" >> Once(["all"])
            | CutPairs(work, Cut(options.precision, options.threshold)).transform()
            | "Shards" >> Once([path.name for path in self.store.files("sentences")])
            | LookUpSentences(work, root / "sentences").transform()
            | "Pairs" >> Once(["all"])
            | WritePairs(work, self.signature(), languages).transform()
        )

    def record(self, work: Work) -> Mapping[str, Any]:
        told = read_cut(work)
        steps = ("select", "select-beads", "cut", "write")
        return {
            "counts": dict(sum(map(work.counts, steps), Counter[str]())),
            **told,
            "signature": f"{self.signature()}|{cut_in_signature(told)}",
        }

    def steps_shown(self, work: Work) -> Mapping[str, tuple[str, int | None]]:
        return {"look-up": ("shards", len(self.store.files("sentences")))}
