"""A lexicon from word links: which word is translated by which, how often, how surely."""

from __future__ import annotations

import numpy as np
import polars as pl

from bitseam.align.words.links import Links
from bitseam.lid.words import Words


def extract_lexicon(links: Links, src: Words, tgt: Words, min_count: int = 2) -> pl.DataFrame:
    """Return the word pairs with `min_count` links or more, the most frequent first.

    Columns: `src`, `tgt` in lower case; `count`, the links; `tgt_given_src` and `src_given_tgt`,
    their share in all links of the source and of the target word. Ties are in the order of the
    words' characters.
    """
    pairs = np.diff(links.bounds)
    frame = pl.DataFrame(
        {
            "s": src.ids[np.repeat(src.bounds[:-1], pairs) + links.src],
            "t": tgt.ids[np.repeat(tgt.bounds[:-1], pairs) + links.tgt],
        }
    )
    counted = frame.group_by("s", "t").agg(count=pl.len().cast(pl.Int64))
    shares = counted.with_columns(
        tgt_given_src=pl.col("count") / pl.col("count").sum().over("s"),
        src_given_tgt=pl.col("count") / pl.col("count").sum().over("t"),
    )
    src_forms, tgt_forms = (
        pl.Series(src.forms, dtype=pl.String),
        pl.Series(tgt.forms, dtype=pl.String),
    )
    kept = shares.filter(pl.col("count") >= min_count)
    named = kept.select(
        src_forms.gather(kept["s"]).alias("src"),
        tgt_forms.gather(kept["t"]).alias("tgt"),
        "count",
        "tgt_given_src",
        "src_given_tgt",
    )
    return named.sort("count", "src", "tgt", descending=[True, False, False])
