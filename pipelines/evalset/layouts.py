"""The files of evaluation sets, as other tools read them.

A retrieval set, of each split:

    test/ltz_Latn.txt, test/deu_Latn.txt   line by line, as FLORES and NTREX
    data/test.parquet                      a row a pair: sentence1, sentence2, documents, scores

A mining set, of each split:

    lb-de.test.lb, lb-de.test.de           id, tab, text, as BUCC
    lb-de.test.gold                        id, tab, id
    source/, target/, gold/test.parquet    the same, with documents and where each sentence is from
    mteb/test.parquet                      one row of lists, as mteb/BUCC: sentence1, sentence2 and
                                           gold, pairs of numbers of sentences from 1
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl
import pyarrow as pa

from bitseam.mining.benchmark.aligned import draw_keys
from bitseam.pipelines.evalset.texts import by_block
from bitseam.pipelines.parquet import write_table
from bitseam.schemas.languages import bcp47_codes
from bitseam.schemas.tables import EVALSET_PAIRS, EVALSET_SENTENCES

GOLD = "gold"
_TEXTS = {"src_text": "sentence1", "tgt_text": "sentence2"}


@dataclass(frozen=True)
class MiningSplit:
    """One split: both sides, as `EVALSET_SENTENCES` has them, and gold, as `EVALSET_PAIRS`."""

    source: pl.DataFrame
    target: pl.DataFrame
    gold: pl.DataFrame

    @property
    def sides(self) -> tuple[pl.DataFrame, pl.DataFrame]:
        """Source and target."""
        return self.source, self.target


def file_codes(languages: tuple[str, str]) -> tuple[str, str]:
    """Return what names the languages in file names: `lb`; without a hyphen, which parts two."""
    codes = bcp47_codes(*languages)
    return languages if any("-" in code for code in codes) else codes


def mining_split(
    gold: pl.DataFrame,
    distractors: tuple[pl.DataFrame, pl.DataFrame],
    codes: tuple[str, str],
    seed: int,
) -> MiningSplit:
    """Hide gold pairs among the distractors (text, doc, origin) of either side.

    Sentences are in an order that tells nothing of where they are from, and so are their ids.
    """
    sides, pairs = [], gold.rename(_TEXTS)
    for side, code, others in zip(("src", "tgt"), codes, distractors, strict=True):
        mine = gold.select(text=f"{side}_text", doc=f"{side}_doc", origin=pl.lit(GOLD))
        all_of_it = _shuffled(pl.concat([mine, others]), seed)
        ids = pl.format(f"{code}-{{}}", pl.int_range(1, pl.len() + 1).cast(pl.String).str.zfill(9))
        numbered = all_of_it.select(id=ids, text="text", origin="origin", doc_id="doc")
        sides.append(numbered)
        known = numbered.select(
            pl.col("id").alias(f"{side}_id"), pl.col("text").alias(_TEXTS[f"{side}_text"])
        )
        pairs = pairs.join(known, on=_TEXTS[f"{side}_text"], how="left", maintain_order="left")
    return MiningSplit(sides[0], sides[1], pairs.select(EVALSET_PAIRS.names).sort("src_id"))


def write_mining_split(folder: Path, name: str, split: str, its: MiningSplit) -> None:
    """Write the files of one split; `name` is `lb-de`."""
    for code, side in zip(name.split("-"), its.sides, strict=True):
        _write_lines(folder / f"{name}.{split}.{code}", side.select("id", "text"))
    pairs = its.gold.select("src_id", "tgt_id")
    _write_lines(folder / f"{name}.{split}.gold", pairs)
    for where, side in zip(("source", "target"), its.sides, strict=True):
        _write_parquet(folder / where / f"{split}.parquet", side, EVALSET_SENTENCES)
    _write_parquet(folder / "gold" / f"{split}.parquet", its.gold, EVALSET_PAIRS)
    write_table(folder / "mteb" / f"{split}.parquet", _as_bucc_of_mteb(its))


def write_retrieval_split(
    folder: Path, languages: tuple[str, str], split: str, pairs: pl.DataFrame
) -> pl.DataFrame:
    """Write the files of one split and return its rows, `EVALSET_PAIRS`."""
    for language, side in zip(languages, _TEXTS, strict=True):
        _write_lines(folder / split / f"{language}.txt", pairs.select(side))
    rows = pairs.rename(_TEXTS).with_columns(
        src_id=pl.lit(None, pl.String), tgt_id=pl.lit(None, pl.String)
    )
    rows = rows.select(EVALSET_PAIRS.names)
    _write_parquet(folder / "data" / f"{split}.parquet", rows, EVALSET_PAIRS)
    return rows


def _shuffled(sentences: pl.DataFrame, seed: int) -> pl.DataFrame:
    keys = by_block(lambda block: draw_keys(block, "order", seed), sentences["text"])
    return sentences[np.argsort(keys, kind="stable")]


def _as_bucc_of_mteb(its: MiningSplit) -> pa.Table:
    gold = its.gold.select(pl.col("src_id", "tgt_id").str.slice(-9).cast(pl.Int64)).rows()
    return pa.table(
        {
            "sentence1": pa.array([its.source["text"].to_list()], pa.list_(pa.string())),
            "sentence2": pa.array([its.target["text"].to_list()], pa.list_(pa.string())),
            "gold": pa.array([gold], pa.list_(pa.list_(pa.int64()))),
        }
    )


def _write_lines(path: Path, columns: pl.DataFrame) -> None:
    """Write a row a line, tabs between columns; cleaned texts hold neither."""
    path.parent.mkdir(parents=True, exist_ok=True)
    columns.write_csv(path, include_header=False, separator="\t", quote_style="never")


def _write_parquet(path: Path, rows: pl.DataFrame, schema: pa.Schema) -> None:
    write_table(path, rows.to_arrow().cast(schema))
