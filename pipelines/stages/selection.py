"""Which candidates are pairs: neighbours -> margins -> one-to-one pairs.

scored-pairs.parquet        ids and scores of the selected pairs, kept or not
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from bitseam.mining.encoders import in_language
from bitseam.mining.knn import Neighbours
from bitseam.mining.rescorer.texts import text_features
from bitseam.mining.retrieval import Pairs, candidate_pairs
from bitseam.mining.selection import Selection, select
from bitseam.pipelines.atomic import replacing
from bitseam.pipelines.models import shared_encoder
from bitseam.pipelines.stages.candidate_texts import load_texts
from bitseam.pipelines.stages.sides import DIRECTIONS
from bitseam.pipelines.step import Step
from bitseam.pipelines.work import Outcome, Work
from bitseam.schemas import tables
from bitseam.schemas.choices import Margin, Retrieval

SCORES = {
    "src_id": pl.Int64,
    "tgt_id": pl.Int64,
    "margin": pl.Float32,
    "cosine": pl.Float32,
    "src_rank": pl.Int16,
    "tgt_rank": pl.Int16,
    "precision": pl.Float32,
}


@dataclass(frozen=True)
class SelectPairs(Step):
    """all neighbours -> ids and scores of the selected pairs (twin of `mining.selection`).

    :ivar rescore: whether texts have a say in which candidates are pairs.
    """

    name: ClassVar[str] = "select"
    root: Path  # of the committed stages
    languages: tuple[str, str]
    encoder: str
    margin: Margin
    retrieval: Retrieval
    rescore: bool

    def run(self, task: str) -> Outcome:
        ids, (forward, backward) = self._load()
        candidates = candidate_pairs(forward, backward, self.margin)
        chosen = select(candidates, self.retrieval, self._evidence(candidates, ids))
        with replacing(_scores_path(self.work)) as path:
            _scores(chosen, ids).write_parquet(path)
        return Outcome((), {"candidates": len(candidates)})

    def _load(self) -> tuple[dict[str, NDArray[np.int64]], list[Neighbours]]:
        """Return the ids of both sides, ascending, and the neighbours as rows of them."""
        files = {way: self._neighbours(way) for way in DIRECTIONS}
        ids = {DIRECTIONS[way][0]: queries for way, (queries, _) in files.items()}
        return ids, [
            Neighbours(np.searchsorted(ids[DIRECTIONS[way][1]], found.rows), found.cosines)
            for way, (_, found) in files.items()
        ]

    def _neighbours(self, way: str) -> tuple[NDArray[np.int64], Neighbours]:
        """Return the query ids `(n,)` and their lists as `(n, k)` *ids*."""
        files = sorted((self.root / "neighbours").glob(f"{way}-*.parquet"))
        table = pa.concat_tables(
            [tables.NEIGHBOURS.empty_table(), *(pq.read_table(path) for path in files)]
        ).combine_chunks()
        rows = table.num_rows
        ids = table["neighbour_ids"].combine_chunks().flatten().to_numpy()
        cosines = table["cosines"].combine_chunks().flatten().to_numpy()
        width = len(ids) // rows if rows else 0  # every list has min(k, size of the other side)
        return table["sentence_id"].to_numpy(), Neighbours(
            ids.reshape(rows, width), cosines.reshape(rows, width)
        )

    def _evidence(
        self, candidates: Pairs, ids: dict[str, NDArray[np.int64]]
    ) -> NDArray[np.float32] | None:
        """Return what the texts of the candidates say, `(c, f)`, if it counts."""
        if not self.rescore:
            return None
        sentences = sorted((self.root / "sentences").glob("*.parquet"))
        src, tgt = load_texts(sentences, ids["src"], ids["tgt"])
        of_src, of_tgt = (
            in_language(shared_encoder(self.encoder), language) for language in self.languages
        )
        encode = of_src.encode, of_tgt.encode
        return text_features(src, tgt, candidates.src, candidates.tgt, encode)


def scored_pairs(work: Work) -> pl.DataFrame:
    """Return the selected pairs of global mining: none where it was not asked for."""
    path = _scores_path(work)
    return pl.read_parquet(path, glob=False) if path.exists() else pl.DataFrame(schema=SCORES)


def _scores_path(work: Work) -> Path:
    return work.path("scored-pairs.parquet")


def _scores(chosen: Selection, ids: dict[str, NDArray[np.int64]]) -> pl.DataFrame:
    pairs = chosen.pairs
    columns = {name: getattr(pairs, name) for name in ("margin", "cosine", "src_rank", "tgt_rank")}
    return pl.DataFrame(
        {
            "src_id": ids["src"][pairs.src],
            "tgt_id": ids["tgt"][pairs.tgt],
            **columns,
            "precision": chosen.precision,
        },
        schema=SCORES,
    )
