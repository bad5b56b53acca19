"""Deduplication before k-NN: neighbours must exclude copies (Artetxe & Schwenk 2019, section 3.1).

A copy among a sentence's neighbours takes a place in its list and lifts its mean; a copy of the
source on the target side is the nearest neighbour of all, and no translation.
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from bitseam.schemas.reasons import Reason


@dataclass(frozen=True)
class UniqueSentences:
    """The unique sentences of both sides, sorted by id, and what was dropped.

    :ivar src: columns sentence_id, text, count; :ivar tgt: the same.
    :ivar dropped: columns sentence_id, text, reason, kept (the id of the sentence that stays).
    """

    src: pl.DataFrame
    tgt: pl.DataFrame
    dropped: pl.DataFrame


def deduplicate(sentences: pl.DataFrame, src: str, tgt: str) -> UniqueSentences:
    """Keep each text once, drop near-duplicates within a language and copies across them.

    :param sentences: columns sentence_id, lang, text, key (`lid.identity.fold_keys` of the text),
        count (occurrences). Rows that share a key must all be present.
    :returns: of sentences that differ in case and punctuation only, the most frequent one, ties to
        the lower id; of a text standing on both sides, the one on the source side.
    """
    unique = (
        sentences.group_by("sentence_id")
        .agg(pl.col("lang", "text", "key").first(), pl.col("count").sum())
        .sort(["count", "sentence_id"], descending=[True, False])
        .with_columns(kept=pl.col("sentence_id").first().over("lang", "key"))
        .sort("sentence_id")
    )
    best = unique.filter(pl.col("kept") == pl.col("sentence_id"))
    near = unique.filter(pl.col("kept") != pl.col("sentence_id"))
    src_best, tgt_best = best.filter(pl.col("lang") == src), best.filter(pl.col("lang") == tgt)
    originals = src_best.select("key", original="sentence_id")
    copies = tgt_best.join(originals, on="key", how="inner", maintain_order="left")
    dropped = pl.concat(
        [
            _dropped(near, Reason.NEAR_DUPLICATE, "kept"),
            _dropped(copies, Reason.COPY_OF_SOURCE, "original"),
        ]
    )
    return UniqueSentences(
        src_best.select("sentence_id", "text", "count"),
        tgt_best.join(originals, on="key", how="anti", maintain_order="left").select(
            "sentence_id", "text", "count"
        ),
        dropped,
    )


def drop_near_duplicates(unique: UniqueSentences, near: pl.DataFrame) -> UniqueSentences:
    """Drop sentences for which others stay (see `lid.hygiene.near_sentences`).

    :param near: columns sentence_id, kept; what is kept is itself no near-duplicate.
    """
    gone = pl.concat([unique.src, unique.tgt]).join(near, on="sentence_id", maintain_order="left")
    # What stayed for another sentence may go itself.
    kept = pl.col("kept").replace(near["sentence_id"], near["kept"])
    return UniqueSentences(
        unique.src.join(near, on="sentence_id", how="anti", maintain_order="left"),
        unique.tgt.join(near, on="sentence_id", how="anti", maintain_order="left"),
        pl.concat(
            [unique.dropped.with_columns(kept), _dropped(gone, Reason.NEAR_DUPLICATE, "kept")]
        ),
    )


def _dropped(rows: pl.DataFrame, reason: Reason, kept: str) -> pl.DataFrame:
    return rows.select("sentence_id", "text", reason=pl.lit(str(reason)), kept=pl.col(kept))
