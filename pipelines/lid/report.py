"""An evaluation of identifiers as tables for people and as JSON for programs."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import orjson

from bitseam.lid.evaluate import (
    calibration_error,
    language_figures,
    overall,
    reliability_table,
    top_confusions,
)
from bitseam.pipelines.lid.evaluate import PRECISION, Evaluation

CONFUSIONS = 20  # shown
_AT = f"recall at {PRECISION:.0%}"


def as_json(evaluations: Sequence[Evaluation]) -> bytes:
    """Return all figures, null where one is undefined."""
    models = [_figures(evaluation) for evaluation in evaluations]
    options = orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE
    return orjson.dumps({"models": models}, option=options)


def as_tables(evaluations: Sequence[Evaluation]) -> str:
    """Return the averages of all models, then the details of each."""
    all_figures = [_figures(evaluation) for evaluation in evaluations]
    lines = list(_averages(all_figures))
    for figures in all_figures:
        lines += ["", f"{figures['model']} ({figures['revision']})", ""]
        lines += [*_per_language(figures), "", *_confusions(figures), ""]
        lines += [*_reliability(figures), *_unknown(figures)]
    return "\n".join(lines) + "\n"


def _figures(evaluation: Evaluation) -> dict[str, Any]:
    counts = evaluation.counts
    by_language = language_figures(counts)
    shown = np.flatnonzero(by_language.support + by_language.predicted)
    languages = {
        counts.languages[i]: {
            "lines": int(by_language.support[i]),
            "precision": float(by_language.precision[i]),
            "recall": float(by_language.recall[i]),
            "f1": float(by_language.f1[i]),
            "false_positive_rate": float(by_language.false_positive_rate[i]),
            "recall_at_precision": _number(evaluation.recall_at_precision[i]),
        }
        for i in sorted(shown, key=lambda i: (-by_language.support[i], counts.languages[i]))
    }
    return {
        "model": evaluation.model,
        "revision": evaluation.revision,
        **overall(counts)._asdict(),
        "calibration_error": calibration_error(counts),
        "precision_of_recall": PRECISION,
        "languages": languages,
        "confusions": [c._asdict() for c in top_confusions(counts, CONFUSIONS)],
        "reliability": [
            {"answers": b.answers, "score": _number(b.mean_score), "right": _number(b.share_right)}
            for b in reliability_table(counts)
        ],
        "unknown_languages": evaluation.unknown,
        "unknown_languages_called": evaluation.unknown_called,
    }


def _number(value: float) -> float | None:
    return None if math.isnan(value) else float(value)


def _averages(models: Sequence[dict[str, Any]]) -> Iterator[str]:
    yield f"{models[0]['lines']:,} lines in languages that every model knows"
    yield ""
    width = max(len(figures["model"]) for figures in models)
    heads = ("macro P", "macro R", "macro F1", "macro FPR", "micro F1", "ECE")
    yield f"{'model':{width}}" + "".join(f"{head:>11}" for head in heads)
    for figures in models:
        cells = (
            *(f"{figures[f'macro_{name}']:11.4f}" for name in ("precision", "recall", "f1")),
            f"{figures['macro_false_positive_rate']:11.6f}",
            f"{figures['micro_f1']:11.4f}{figures['calibration_error']:11.4f}",
        )
        yield f"{figures['model']:{width}}" + "".join(cells)


def _per_language(figures: dict[str, Any]) -> Iterator[str]:
    heads = ("lines", "precision", "recall", "F1", "FPR")
    yield f"{'language':10}" + "".join(f"{head:>10}" for head in heads) + f"{_AT:>15}"
    for language, row in figures["languages"].items():
        at = row["recall_at_precision"]
        yield (
            f"{language:10}{row['lines']:10,}{row['precision']:10.4f}{row['recall']:10.4f}"
            f"{row['f1']:10.4f}{row['false_positive_rate']:10.5f}"
            f"{'-' if at is None else f'{at:.4f}':>15}"
        )


def _confusions(figures: dict[str, Any]) -> Iterator[str]:
    yield f"{'language':10} {'called':10}{'lines':>10}"
    for row in figures["confusions"]:
        yield f"{row['gold']:10} {row['predicted']:10}{row['lines']:10,}"


def _reliability(figures: dict[str, Any]) -> Iterator[str]:
    yield f"{'score':>10}{'answers':>10}{'mean':>10}{'right':>10}"
    bins = figures["reliability"]
    for i, row in enumerate(bins):
        if row["answers"]:
            bounds = f"{i / len(bins):.1f}-{(i + 1) / len(bins):.1f}"
            yield f"{bounds:>10}{row['answers']:10,}{row['score']:10.3f}{row['right']:10.3f}"


def _unknown(figures: dict[str, Any]) -> Iterator[str]:
    unknown, called = figures["unknown_languages"], figures["unknown_languages_called"]
    if not unknown:
        return
    lines = sum(unknown.values())
    yield ""
    yield f"{lines:,} lines in {len(unknown)} languages that {figures['model']} does not know:"
    yield "  " + " ".join(unknown)
    yield "it calls them " + ", ".join(
        f"{language} ({count / lines:.1%})" for language, count in [*called.items()][:10]
    )
