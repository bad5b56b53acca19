"""What a run ends with: a short table and a look at the best and the borderline pairs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from bitseam.pipelines.store import Store

BEST, BORDERLINE = 10, 5
_WIDTH = 68  # characters of a text in the list of pairs


@dataclass(frozen=True)
class Report:
    """The manifests of a finished run, by stage, and where its tables lie."""

    store: Store
    manifests: Mapping[str, Mapping[str, Any]]

    def lines(self) -> list[str]:
        """Return the report as lines of plain text."""
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
        threshold = float(self.manifests["pairs"]["threshold"])
        return [*_columns(rows), *self._recall(), f"threshold {threshold:.4f}"]

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
        pairs = pl.read_parquet(
            self.store.files("pairs"), columns=["margin", "src_text", "tgt_text"], glob=False
        )
        if pairs.is_empty():
            return ["no pairs: the two sides share no translations, or --threshold is too high"]
        lines = ["best pairs", *_listed(pairs.head(BEST))]
        if len(pairs) > BEST:
            borderline = pairs.slice(max(BEST, len(pairs) - BORDERLINE))
            lines += ["borderline pairs", *_listed(borderline)]
        return lines


def _columns(rows: list[tuple[str, int]]) -> list[str]:
    return [f"{name:<32}{count:>12,}" for name, count in rows]


def _listed(pairs: pl.DataFrame) -> list[str]:
    return [
        line
        for margin, src, tgt in pairs.iter_rows()
        for line in (f"  {margin:6.3f}  {_short(src)}", f"          {_short(tgt)}")
    ]


def _short(text: str) -> str:
    return text if len(text) <= _WIDTH else f"{text[: _WIDTH - 1]}…"
