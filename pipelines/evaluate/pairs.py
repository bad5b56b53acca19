"""Mined pairs against a list of gold pairs: what their margins and ranks are worth."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bitseam.mining.evaluate.judged import JudgedPairs, best_threshold, judge_pairs
from bitseam.mining.evaluate.signature import signature
from bitseam.mining.evaluate.statistics import Floats, Ratio, Rows
from bitseam.pipelines.evaluate.figures import Evaluation, Measure
from bitseam.pipelines.evaluate.files import fingerprint
from bitseam.pipelines.evaluate.mining import area_measure, ranked_by, threshold_measures
from bitseam.pipelines.evaluate.pair_files import ScoredPairs


def evaluate_pairs(
    files: Sequence[ScoredPairs], gold: tuple[Rows, Rows], name: str
) -> Iterator[Evaluation]:
    """Yield the evaluation of each file of pairs against the same gold, `(g,)` hashes each side."""
    sources = np.unique(np.concatenate([gold[0], *(its.src for its in files)]))
    targets = np.unique(np.concatenate([gold[1], *(its.tgt for its in files)]))
    known = np.searchsorted(sources, gold[0]), np.searchsorted(targets, gold[1])
    data = fingerprint(*gold)
    for its in files:
        src, tgt = np.searchsorted(sources, its.src), np.searchsorted(targets, its.tgt)
        numbered = _Numbered(src, tgt, its.margin, its.ranks, known, len(sources))
        yield _evaluation(its, numbered, name, data)


@dataclass(frozen=True)
class _Numbered:
    """Pairs and gold by numbers of their sentences."""

    src: Rows
    tgt: Rows
    margin: Floats
    ranks: Rows | None
    gold: tuple[Rows, Rows]
    sources: int

    def judged(self, where: NDArray[np.bool_] | None = None) -> JudgedPairs:
        kept = slice(None) if where is None else where
        return judge_pairs(
            self.src[kept], self.tgt[kept], self.margin[kept], self.gold, self.sources
        )


def _evaluation(file: ScoredPairs, pairs: _Numbered, name: str, data: str) -> Evaluation:
    judged = pairs.judged()
    lowest = float(judged.margin[-1]) if len(judged) else 0.0
    best = best_threshold(judged)
    shared = {"gold": data, "pairs": file.signature and f"({file.signature})"}
    shared |= ranked_by(file.score)
    measures = list(threshold_measures(judged, lowest, f"lowest {file.score}", shared))
    measures += [
        m._replace(metric=f"{m.metric} at best")
        for m in threshold_measures(judged, best, "best on itself", shared)
    ]
    measures.append(area_measure(judged, shared))
    for metric, where in _subsets(pairs).items():
        part = pairs.judged(where)
        counted = Ratio(_per_source(part, part.right), _per_source(part, None))
        measures.append(Measure(metric, "", counted, signature(metric, **shared)))
    details = {"pairs": len(judged), "gold": int(judged.gold.sum()), "best_threshold": best}
    return Evaluation(name, file.name, measures, details, judged, file.score)


def _subsets(pairs: _Numbered) -> Mapping[str, NDArray[np.bool_]]:
    """Pairs that gold can tell about, and those that are each other's first choice or not."""
    found = {
        "precision of judged": np.isin(pairs.src, pairs.gold[0]) | np.isin(pairs.tgt, pairs.gold[1])
    }
    if pairs.ranks is not None:
        first = (pairs.ranks == 1).sum(axis=1)
        found["precision, nearest both ways"] = first == 2
        found["precision, nearest one way"] = first == 1
        found["precision, second choices"] = first == 0
    return {name: where for name, where in found.items() if where.any()}


def _per_source(pairs: JudgedPairs, where: NDArray[np.bool_] | None) -> Rows:
    units = pairs.unit if where is None else pairs.unit[where]
    return np.bincount(units, minlength=len(pairs.gold))
