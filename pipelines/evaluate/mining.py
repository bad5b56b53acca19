"""Encoders as miners: which pairs they find among two piles of sentences, against gold."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bitseam.mining.encoders import Encoder
from bitseam.mining.evaluate.judged import (
    GROUPS,
    STEPS,
    AveragePrecision,
    JudgedPairs,
    best_threshold,
    f1,
    judge_pairs,
    precision,
    recall,
)
from bitseam.mining.evaluate.signature import signature
from bitseam.mining.knn import nearest_neighbours
from bitseam.mining.precision import kept_at
from bitseam.mining.rescorer.texts import text_features
from bitseam.mining.retrieval import Pairs, candidate_pairs, select_pairs
from bitseam.mining.selection import select
from bitseam.pipelines.evaluate.figures import Evaluation, Measure
from bitseam.pipelines.evaluate.files import fingerprint
from bitseam.pipelines.evaluate.mining_sets import MiningSet
from bitseam.pipelines.evaluate.vectors import encode, encoder_parts, speaking
from bitseam.pipelines.options import PRECISION
from bitseam.schemas.choices import Margin, Retrieval, Score
from bitseam.schemas.errors import UserError


@dataclass(frozen=True)
class MiningOptions:
    """How pairs are mined, and where the threshold comes from.

    :ivar threshold: `best`: of the highest F1, on the development set where there is one, else on
        the set itself; `auto`: by estimated precision and with the texts' say, as `mine` chooses
        without gold; or a margin.
    """

    k: int = 4
    margin: Margin = "ratio"
    retrieval: Retrieval = "max"
    threshold: str | float = "best"


def evaluate_miner(
    system: str,
    encoder: Encoder,
    sets: Sequence[MiningSet],
    development: Mapping[tuple[str, str], MiningSet],
    options: MiningOptions,
) -> Iterator[Evaluation]:
    """Yield the evaluation of each set; `development` sets are found by their languages.

    :param system: what to call the encoder: what the user calls it.
    """
    for its in sets:
        pairs, threshold, origin = _mined(encoder, its, development.get(its.languages), options)
        score: Score = "precision" if origin == "auto" else "margin"
        shared = {
            "data": fingerprint(*its.texts, *its.gold),
            **encoder_parts(encoder),
            "k": options.k,
            "margin": options.margin,
            "retrieval": options.retrieval,
            **ranked_by(score),
        }
        measures = list(threshold_measures(pairs, threshold, origin, shared))
        yield Evaluation(
            its.name,
            system,
            [*measures, area_measure(pairs, shared)],
            {"threshold": threshold, "threshold_is": origin},
            pairs,
            score,
        )


def threshold_measures(
    pairs: JudgedPairs, threshold: float, origin: str, shared: Mapping[str, object]
) -> Iterator[Measure]:
    """Yield precision, recall and F1 of the pairs at or above `threshold`."""
    for metric, statistics in (
        ("precision", precision(pairs, threshold)),
        ("recall", recall(pairs, threshold)),
        ("F1", f1(pairs, threshold)),
    ):
        signed = signature(metric, **shared, threshold=f"{threshold:.6g} {origin}")
        yield Measure(metric, "", statistics, signed)


def area_measure(pairs: JudgedPairs, shared: Mapping[str, object]) -> Measure:
    """Return the area under the precision-recall curve."""
    signed = signature("AUC-PR", **shared, groups=GROUPS, steps=STEPS)
    return Measure("AUC-PR", "", AveragePrecision(pairs), signed)


def ranked_by(score: Score) -> dict[str, str]:
    """Return the part of a signature that tells another order of pairs from that of margins."""
    return {} if score == "margin" else {"by": score}


def development_sets(
    found: Sequence[MiningSet], sets: Sequence[MiningSet]
) -> dict[tuple[str, str], MiningSet]:
    """Return the development set of each language pair.

    :raises UserError: two are of one pair, or a set has none.
    """
    by_pair: dict[tuple[str, str], MiningSet] = {}
    for its in found:
        if its.languages in by_pair:
            raise UserError(f"two development sets of {'-'.join(its.languages)}: give one (--dev)")
        by_pair[its.languages] = its
    if missing := [its for its in sets if found and its.languages not in by_pair]:
        raise UserError(
            f"no development set for {missing[0].name}: found "
            f"{', '.join(its.name for its in found)}; give one of the same languages with --dev"
        )
    return by_pair


def _mined(
    encoder: Encoder, its: MiningSet, development: MiningSet | None, options: MiningOptions
) -> tuple[JudgedPairs, float, str]:
    """Return the pairs chosen, whatever their score, the threshold, and where it comes from."""
    candidates = _candidates(encoder, its, options)
    if options.threshold == "auto":
        src, tgt = (speaking(encoder, language).encode for language in its.languages)
        texts = text_features(*its.texts, candidates.src, candidates.tgt, (src, tgt))
        chosen = select(candidates, options.retrieval, texts)
        kept = chosen.precision[kept_at(chosen.precision, PRECISION)]
        judged = _judge(its, chosen.pairs, chosen.precision)
        return judged, float(kept.min(initial=1)), "auto"
    judged = _judge_margins(its, candidates, options)
    if options.threshold != "best":
        return judged, float(options.threshold), "given"
    if development is None:
        return judged, best_threshold(judged), "best on itself"
    other = _judge_margins(development, _candidates(encoder, development, options), options)
    return judged, best_threshold(other), f"best on {development.name}"


def _candidates(encoder: Encoder, its: MiningSet, options: MiningOptions) -> Pairs:
    x, y = (encode(encoder, t, c) for t, c in zip(its.texts, its.languages, strict=True))
    forward, backward = (nearest_neighbours(a, b, options.k) for a, b in ((x, y), (y, x)))
    return candidate_pairs(forward, backward, options.margin)


def _judge_margins(its: MiningSet, candidates: Pairs, options: MiningOptions) -> JudgedPairs:
    chosen = select_pairs(candidates, options.retrieval)
    return _judge(its, chosen, chosen.margin)


def _judge(its: MiningSet, chosen: Pairs, scores: NDArray[np.float32]) -> JudgedPairs:
    return judge_pairs(chosen.src, chosen.tgt, scores, its.gold, len(its.texts[0]))
