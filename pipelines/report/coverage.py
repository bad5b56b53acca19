"""How much of each document and domain ends up in pairs, and which languages were found there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import polars as pl
from numpy.typing import NDArray

from bitseam.pipelines.report.origins import Origins, inputs_of
from bitseam.pipelines.report.run import Run
from bitseam.pipelines.report.sums import Sums

LEAST_SENTENCES = 5  # of a document: of fewer, a share says little
SHOWN = 8  # documents at either end
DOMAINS = 20
STEPS = 10  # of the histogram of shares

_SIDES = ("src", "tgt")
_COUNTS = ("src", "tgt", "src_paired", "tgt_paired")
_JUDGED = {"doc_id": pl.String, "sentences": pl.Int64, "paired": pl.Int64, "share": pl.Float64}


@dataclass(frozen=True)
class Coverage:
    """What is known of every document's sentences.

    :ivar best: documents of which most is in pairs: doc_id, sentences, paired, share.
    :ivar steps: `(STEPS,)` documents by the share of their sentences in pairs.
    :ivar domains: domain, documents, src, tgt, src_paired, tgt_paired; most sentences first.
    :ivar other_domains: how many more there are.
    :ivar found: input, hint (null: none), src, tgt: sentences by where they come from.
    :ivar paired: sentences in pairs, those said twice counted once; source and target.
    """

    best: pl.DataFrame
    worst: pl.DataFrame
    steps: NDArray[np.int64]
    domains: pl.DataFrame
    other_domains: int
    found: pl.DataFrame
    paired: tuple[int, int]


def read_coverage(run: Run, origins: Origins) -> Coverage:
    """Read the sentences table once, and count what stands in pairs."""
    paired = [_paired_sentences(run, side) for side in _SIDES]
    tally = _Tally(origins)
    for documents in _whole_documents(run, np.union1d(*paired)):
        tally.add(documents)
    return Coverage(
        tally.best,
        tally.worst,
        tally.steps,
        *_largest(tally.domains.total()),
        tally.found.total(),
        (len(paired[0]), len(paired[1])),
    )


def _paired_sentences(run: Run, side: str) -> NDArray[np.int64]:
    """Return the ids, ascending, of a side's sentences that stand in pairs.

    Several sentences that an alignment made one side of a pair are each in it.
    """
    ids = [np.zeros(0, np.int64)]
    ids += [frame[f"{side}_id"].to_numpy() for frame in run.frames("pairs", f"{side}_id")]
    sides = np.unique(np.concatenate(ids))
    if not run.files("alignments"):
        return sides
    joined, sentences = _in_beads(run, side)
    return np.union1d(np.setdiff1d(sides, joined), sentences)


def _in_beads(run: Run, side: str) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the ids of sides of several sentences, and of the sentences they are made of."""
    where = [f"{side}_doc", f"{side}_start", f"{side}_end"]
    columns = [*where, f"{side}_id"]
    aligned = [
        frame.filter(pl.col("alignment") != "sentences").select(columns)
        for frame in run.frames("pairs", *columns, "alignment")
    ]
    several = [
        frame.filter(pl.col(f"{side}_ids").list.len() > 1)
        for frame in run.frames("alignments", f"{side}_ids", *where)
    ]
    if not (aligned and several):
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    beads = pl.concat(several).join(pl.concat(aligned), on=where)
    return beads[f"{side}_id"].to_numpy(), beads[f"{side}_ids"].explode().to_numpy()


def _whole_documents(run: Run, paired: NDArray[np.int64]) -> Iterator[pl.DataFrame]:
    """Yield rows of doc_id and `_COUNTS`; a document's sentences stand together in the table."""
    src, _ = run.languages
    is_src = pl.col("lang") == src
    open_document = pl.DataFrame(schema={"doc_id": pl.String, **dict.fromkeys(_COUNTS, pl.Int64)})
    for frame in run.frames("sentences", "sentence_id", "lang", "doc_id"):
        counted = frame.select(
            "doc_id",
            src=is_src.cast(pl.Int64),
            tgt=(~is_src).cast(pl.Int64),
            is_paired=pl.Series(_is_among(frame["sentence_id"].to_numpy(), paired)),
        ).with_columns(
            (pl.col(side) * pl.col("is_paired")).alias(f"{side}_paired") for side in _SIDES
        )
        documents = (
            pl.concat([open_document, counted.select(open_document.columns)])
            .group_by("doc_id", maintain_order=True)
            .sum()
        )
        open_document = documents.tail(1)
        yield documents.head(-1)
    yield open_document


def _is_among(ids: NDArray[np.int64], known: NDArray[np.int64]) -> NDArray[np.bool_]:
    if not len(known):
        return np.zeros(len(ids), bool)
    place = np.minimum(np.searchsorted(known, ids), len(known) - 1)
    among: NDArray[np.bool_] = known[place] == ids
    return among


@dataclass
class _Tally:
    """Adds up documents, and keeps but the few that are shown."""

    origins: Origins
    steps: NDArray[np.int64] = field(default_factory=lambda: np.zeros(STEPS, np.int64))
    best: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=_JUDGED))
    worst: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=_JUDGED))
    domains: Sums = field(default_factory=lambda: Sums(("domain",), ("documents", *_COUNTS)))
    found: Sums = field(default_factory=lambda: Sums(("input", "hint"), ("src", "tgt")))

    def add(self, documents: pl.DataFrame) -> None:
        ids = documents["doc_id"]
        placed = documents.with_columns(
            domain=self.origins.domains_of(ids),
            input=inputs_of(ids),
            hint=self.origins.hints_of(ids),
            documents=pl.lit(1, pl.Int64),
        )
        self.domains.add(placed)
        self.found.add(placed)
        sentences = pl.col("src") + pl.col("tgt")
        paired = pl.col("src_paired") + pl.col("tgt_paired")
        judged = documents.filter(sentences >= LEAST_SENTENCES).select(
            "doc_id", sentences=sentences, paired=paired, share=paired / sentences
        )
        step = np.minimum((judged["share"].to_numpy() * STEPS).astype(np.int64), STEPS - 1)
        self.steps += np.bincount(step, minlength=STEPS)
        self.best = _first(pl.concat([self.best, judged]), descending=True)
        self.worst = _first(pl.concat([self.worst, judged]), descending=False)


def _largest(domains: pl.DataFrame) -> tuple[pl.DataFrame, int]:
    order = [-(pl.col("src") + pl.col("tgt")), pl.col("domain")]
    return domains.sort(order).head(DOMAINS), max(0, len(domains) - DOMAINS)


def _first(judged: pl.DataFrame, *, descending: bool) -> pl.DataFrame:
    """Return the documents of the largest or smallest share; of equal ones the longest."""
    order = ["share", "sentences", "doc_id"]
    return judged.sort(order, descending=[descending, True, False]).head(SHOWN)
