"""Encoders as miners: which pairs they find among two piles of sentences, against gold."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

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
from bitseam.mining.retrieval import candidate_pairs, select_pairs
from bitseam.mining.threshold import auto_threshold
from bitseam.pipelines.evaluate.figures import Evaluation, Measure
from bitseam.pipelines.evaluate.files import fingerprint
from bitseam.pipelines.evaluate.mining_sets import MiningSet
from bitseam.pipelines.evaluate.vectors import encode, encoder_parts
from bitseam.schemas.choices import Margin, Retrieval
from bitseam.schemas.errors import UserError


@dataclass(frozen=True)
class MiningOptions:
    """How pairs are mined, and where the threshold comes from.

    :ivar threshold: `best`: of the highest F1, on the development set where there is one, else on
        the set itself; `auto`: what `mine` would choose without gold; or a margin.
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
        pairs, auto = _mine(encoder, its, options)
        threshold, origin = options.threshold, "given"
        if threshold == "auto":
            threshold, origin = auto, "auto"
        elif threshold == "best":
            chosen_on = development.get(its.languages)
            other = _mine(encoder, chosen_on, options)[0] if chosen_on else pairs
            threshold = best_threshold(other)
            origin = f"best on {chosen_on.name if chosen_on else 'itself'}"
        shared = {
            "data": fingerprint(*its.texts, *its.gold),
            **encoder_parts(encoder),
            "k": options.k,
            "margin": options.margin,
            "retrieval": options.retrieval,
        }
        measures = list(threshold_measures(pairs, float(threshold), origin, shared))
        yield Evaluation(
            its.name,
            system,
            [*measures, area_measure(pairs, shared)],
            {"threshold": float(threshold), "threshold_is": origin},
            pairs,
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


def _mine(encoder: Encoder, its: MiningSet, options: MiningOptions) -> tuple[JudgedPairs, float]:
    """Return the pairs chosen, whatever their margin, and the threshold `mine` would take."""
    x, y = (encode(encoder, t, c) for t, c in zip(its.texts, its.languages, strict=True))
    forward, backward = (nearest_neighbours(a, b, options.k) for a, b in ((x, y), (y, x)))
    candidates = candidate_pairs(forward, backward, options.margin)
    chosen = select_pairs(candidates, options.retrieval)
    judged = judge_pairs(chosen.src, chosen.tgt, chosen.margin, its.gold, len(x))
    return judged, auto_threshold(candidates, chosen, options.margin)
