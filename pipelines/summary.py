"""What a run ends with: a short table and a look at the best and the borderline pairs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from bitseam.pipelines.report.shown import shown
from bitseam.pipelines.store import Store

BEST, BORDERLINE = 10, 5
_WIDTH = 61  # characters of a text in the list of pairs
_SHOWN = ("src_id", "tgt_id", "margin", "precision", "src_text", "tgt_text")


@dataclass(frozen=True)
class Summary:
    """The manifests of a finished run, by stage, and where its tables lie."""

    store: Store
    manifests: Mapping[str, Mapping[str, Any]]

    def lines(self) -> list[str]:
        """Return the summary as lines of plain text."""
        return [*self._counts(), "", *self._rejects(), "", *self._times(), "", *self._pairs()]

    def _count(self, stage: str, name: str) -> int:
        return int(self.manifests[stage]["counts"].get(name, 0))

    def _counts(self) -> list[str]:
        sentences = self.manifests["sentences"]["counts"]
        rows = [("documents", self._count("sentences", "documents"))]
        rows += [
            (f"sentences {name.split()[1]}", count)
            for name, count in sorted(sentences.items())
            if name.startswith("sentences ")
        ]
        rows += [
            ("unique source sentences", self._count("embeddings", "unique src")),
            ("unique target sentences", self._count("embeddings", "unique tgt")),
            *(
                [("document pairs", self._count("alignments", "document pairs"))]
                if "alignments" in self.manifests
                else []
            ),
            ("pairs", self._count("pairs", "pairs")),
        ]
        return [*_columns(rows), *self._recall(), *self._cut()]

    def _cut(self) -> list[str]:
        """Say by what pairs were kept, and what is expected of them."""
        pairs = self.manifests["pairs"]
        name = "threshold" if pairs["precision"] is None else "precision"
        lines = [f"kept by {name} {pairs[name]:g}"]
        estimated = pairs["estimated"].items()
        return lines + [f"estimated {what:<22}{at:>12.4f}" for what, at in estimated if at]

    def _recall(self) -> list[str]:
        """Say how much an approximate search found; an exact one has nothing to measure."""
        measured = self.manifests.get("neighbours", {}).get("recall", {})
        return [f"{name:<32}{recall:>12.4f}" for name, recall in measured.items()]

    def _rejects(self) -> list[str]:
        rows = [
            (f"rejected: {name.split()[1]}", count)
            for manifest in self.manifests.values()
            for name, count in sorted(manifest["counts"].items())
            if name.startswith("rejected ") and count
        ]
        return _columns(rows) or ["rejected: nothing"]

    def _times(self) -> list[str]:
        return [
            f"{stage:<12}{manifest['seconds']:>9.1f} s{' (kept from an earlier run)' * skipped}"
            for stage, manifest in self.manifests.items()
            for skipped in [bool(manifest.get("skipped"))]
        ]

    def _pairs(self) -> list[str]:
        count, asked = self._count("pairs", "pairs"), self.manifests["pairs"]["precision"]
        if not count:
            option = "threshold" if asked is None else "precision"
            return [f"no pairs: the two sides share no translations, or --{option} is too high"]
        by = "margin" if asked is None else "precision"  # what ended the table
        table = pl.scan_parquet(self.store.files("pairs"), glob=False).select(*_SHOWN)
        last = table.slice(BEST).bottom_k(BORDERLINE, by=[by, "src_id", "tgt_id"])
        lines = ["best pairs: margin, estimated precision, texts", *_listed(table.head(BEST))]
        if count > BEST:
            lines += ["borderline pairs", *_listed(last.sort(by, "src_id", descending=True))]
        return lines


def _columns(rows: list[tuple[str, int]]) -> list[str]:
    return [f"{name:<32}{count:>12,}" for name, count in rows]


def _listed(pairs: pl.LazyFrame) -> list[str]:
    columns = pairs.select("margin", "precision", "src_text", "tgt_text").collect()
    return [
        line
        for margin, precision, src, tgt in columns.iter_rows()
        for line in (f"  {margin:6.3f} {precision:6.3f}  {_short(src)}", f"{'':17}{_short(tgt)}")
    ]


def _short(sentence: str) -> str:
    text = shown(sentence)  # a terminal acts on some of what a corpus may hold
    return text if len(text) <= _WIDTH else f"{text[: _WIDTH - 1]}…"
