"""The distractors of a mining set: drawn from the candidates, none nearly a sentence of gold."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl
import pyarrow as pa

from bitseam.mining.benchmark.distractors import Drawn, Rows, draw_distractors
from bitseam.mining.benchmark.near_duplicates import (
    EDIT_SIMILARITY,
    Vectors,
    near_by_edit,
    near_by_embedding,
)
from bitseam.pipelines.evalset.candidates import ELSEWHERE, HARD, Candidates
from bitseam.pipelines.rejects import reject_rows
from bitseam.schemas.reasons import Reason

Encode = Callable[[pa.StringArray], Vectors]


@dataclass(frozen=True)
class DistractorOptions:
    """How distractors are drawn.

    :ivar hard_share: of them, from the documents of gold, as far as there are.
    :ivar cosine: from which on a sentence is nearly that of gold.
    """

    hard_share: float = 0.5
    edit_similarity: float = EDIT_SIMILARITY
    cosine: float = 0.85


@dataclass(frozen=True)
class Distractors:
    """Those of one side and split.

    :ivar sentences: columns text, doc and origin, in the order drawn.
    """

    sentences: pl.DataFrame
    counts: Mapping[str, int]
    rejects: pa.Table


class DistractorSource:
    """The candidates of one side, and the gold that none of them may be near."""

    def __init__(
        self,
        candidates: Candidates,
        gold: pl.Series,
        encode: Encode,
        options: DistractorOptions,
    ) -> None:
        self._sentences, self._options, self._encode = candidates.sentences, options, encode
        self._gold = gold.to_arrow().cast(pa.string())
        self._gold_vectors = encode(self._gold)
        n = len(self._sentences)
        self._near = np.full(n, -1)  # row of gold
        self._by_edit = np.zeros(n, bool)
        self._similarity = np.zeros(n)

    def draw(self, split: str, needed: int) -> Distractors:
        """Draw so many distractors for a split; less if there are no more."""
        here = (self._sentences["split"] == split).to_numpy()
        is_hard = (self._sentences["origin"] == HARD).to_numpy()
        drawn = draw_distractors(
            np.flatnonzero(here & is_hard),
            np.flatnonzero(here & ~is_hard),
            needed,
            self._options.hard_share,
            self._is_near,
        )
        rows = np.concatenate([drawn.hard, drawn.elsewhere])
        counts = {
            "candidates": int(here.sum()),
            HARD: len(drawn.hard),
            ELSEWHERE: len(drawn.elsewhere),
            "near gold by edits": int(self._by_edit[drawn.dropped].sum()),
            "near gold by embedding": int((~self._by_edit[drawn.dropped]).sum()),
        }
        sentences = self._sentences[rows].select("text", "doc", "origin")
        return Distractors(sentences, counts, self._rejects(drawn))

    def _is_near(self, rows: Rows) -> np.ndarray:
        texts = self._sentences["text"].gather(rows).to_arrow().cast(pa.string())
        found = near_by_edit(texts, self._gold, self._options.edit_similarity)
        self._near[rows], self._similarity[rows] = found
        self._by_edit[rows] = found.rows >= 0
        left = np.flatnonzero(found.rows < 0)
        vectors = self._encode(texts.take(pa.array(left)))
        meant = near_by_embedding(vectors, self._gold_vectors, self._options.cosine)
        self._near[rows[left]], self._similarity[rows[left]] = meant
        return self._near[rows] >= 0

    def _rejects(self, drawn: Drawn) -> pa.Table:
        rows = np.sort(drawn.dropped)
        how = np.where(self._by_edit[rows], "edit similarity", "cosine").tolist()
        detail = pl.format(
            "{} {} to gold: {}",
            pl.Series(how, dtype=pl.String),
            pl.Series(self._similarity[rows]).round(3),
            pl.Series(self._gold.take(pa.array(self._near[rows])), dtype=pl.String),
        )
        frame = (
            self._sentences[rows]
            .select("text", doc_id="doc")
            .with_columns(reason=pl.lit(str(Reason.NEAR_DUPLICATE)), detail=detail)
        )
        return reject_rows(frame, what="sentence", stage="evalset", source="distractors")
