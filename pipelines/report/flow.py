"""What went into every stage and came out, in the words and counts of the manifests."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from bitseam.pipelines.report.coverage import Coverage
from bitseam.pipelines.report.reasons import BEFORE_SENTENCES
from bitseam.pipelines.report.rejects import Rejects
from bitseam.pipelines.report.run import Run


class StageRow(NamedTuple):
    """A finished stage; counts with what they count."""

    title: str
    came_in: list[tuple[int, str]]
    came_out: list[tuple[int, str]]
    thrown_away: int
    seconds: float


class Node(NamedTuple):
    """A group of sentences on the way from text to pairs."""

    name: str
    sentences: int
    kind: str  # src, tgt, pairs, lost
    comes_from: tuple[tuple[int, int], ...]  # node of the column before, sentences


def stage_rows(run: Run, rejects: Rejects) -> list[StageRow]:
    """Return a row a finished stage, in order."""
    src, tgt = run.languages
    sentences = [(run.count("sentences", f"sentences {name}"), name) for name in (src, tgt)]
    distinct = [
        (run.count("embeddings", f"unique {side}"), f"distinct {name}")
        for side, name in (("src", src), ("tgt", tgt))
    ]
    inputs = [
        (len(run.manifest.get("inputs", ())), "inputs"),
        (run.count("sentences", "documents"), "documents"),
    ]
    documents = [(run.count("alignments", "document pairs"), "document pairs")]
    candidates = [(run.count("pairs", "candidates"), "candidates")]
    of = {
        "sentences": ("Read, cut into sentences, identify languages", inputs, sentences),
        "embeddings": ("Drop repetitions and copies, embed", sentences, distinct),
        "neighbours": ("Find the nearest sentences on the other side", distinct, candidates),
        "alignments": ("Find documents that belong together, align them", inputs[1:], documents),
        "pairs": ("Select pairs", candidates, [(run.count("pairs", "pairs"), "pairs")]),
    }
    thrown: dict[str, int] = {}
    for its in rejects.reasons:
        thrown[its.stage] = thrown.get(its.stage, 0) + its.count
    return [
        StageRow(
            title,
            [its for its in came_in if its[0]],
            [its for its in came_out if its[0]],
            thrown.get(stage, 0),
            float(run.stages[stage].get("seconds", 0)),
        )
        for stage, (title, came_in, came_out) in of.items()
        if stage in run.stages
    ]


def flow(run: Run, rejects: Rejects, coverage: Coverage) -> list[list[Node]]:
    """Return columns of sentences from left to right, each with where its nodes come from."""
    return list(_columns(run, rejects, coverage))


def _columns(run: Run, rejects: Rejects, coverage: Coverage) -> Iterator[list[Node]]:
    src, tgt = run.languages
    found = [run.count("sentences", f"sentences {name}") for name in (src, tgt)]
    lost = sum(
        its.count
        for its in rejects.reasons
        if its.stage == "sentences" and its.reason not in BEFORE_SENTENCES
    )
    yield [Node("sentences read", sum(found) + lost, "lost", ())]
    yield [
        Node(src, found[0], "src", ((0, found[0]),)),
        Node(tgt, found[1], "tgt", ((0, found[1]),)),
        Node("thrown away", lost, "lost", ((0, lost),)),
    ]
    if "embeddings" not in run.stages:
        return
    distinct = [run.count("embeddings", f"unique {side}") for side in ("src", "tgt")]
    again = [max(0, all_ - one) for all_, one in zip(found, distinct, strict=True)]
    yield [
        Node(f"distinct {src}", distinct[0], "src", ((0, distinct[0]),)),
        Node(f"distinct {tgt}", distinct[1], "tgt", ((1, distinct[1]),)),
        Node("repetitions, copies", sum(again), "lost", ((0, again[0]), (1, again[1]))),
    ]
    if "pairs" not in run.stages:
        return
    paired = [min(its) for its in zip(coverage.paired, distinct, strict=True)]
    alone = [its - pair for its, pair in zip(distinct, paired, strict=True)]
    yield [
        Node("in pairs", sum(paired), "pairs", ((0, paired[0]), (1, paired[1]))),
        Node("without a partner", sum(alone), "lost", ((0, alone[0]), (1, alone[1]))),
    ]
