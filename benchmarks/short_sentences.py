"""Short Luxembourgish-German sentences to test on, of sources that are never trained on.

User interface messages of the repositories whose licence forbids training (AGPL, not stated), of 4
to 12 Luxembourgish words, without placeholders, neither side of which occurs in the training data.
"""

from __future__ import annotations

from dataclasses import replace

import polars as pl
from shared_data import SHARED, development_sets, read_tsv
from training_sources import PERMITTED_LICENCE, Source, shared_sources


def short_pairs() -> list[tuple[str, str]]:
    """Return the different pairs, in the order of the data."""
    folder = SHARED / "l10n"
    lines = (folder / "sources.tsv").read_text(encoding="utf-8").splitlines()[1:]
    licences = {name: licence for name, _, licence in (line.split("\t") for line in lines)}
    refused = [name for name, text in licences.items() if not PERMITTED_LICENCE.match(text)]
    table = pl.from_arrow(read_tsv(folder / "l10n.tsv.gz"))
    assert isinstance(table, pl.DataFrame)
    pairs = (
        table.filter(pl.col("source").is_in(refused), pl.col("placeholder") == "0")
        .filter(pl.col("lb").str.count_matches(r"\w+").is_between(4, 12))
        .select("lb", "de")
        .drop_nulls()
        .filter(~_alike("lb").is_in(_seen("lb")), ~_alike("de").is_in(_seen("de")))
        .unique(maintain_order=True)
    )
    return pairs.rows()


def without_development_texts(sources: list[Source]) -> list[Source]:
    """Return the sources without the rows that hold a text of any development set."""
    sides = [side for pair in development_sets().values() for side in pair]
    texts = [text for side in (*sides, *zip(*short_pairs(), strict=True)) for text in side]
    tested = pl.DataFrame({"text": texts}).select(_alike("text"))["text"].unique()
    kept = []
    for source in sources:
        table = pl.from_arrow(source.rows.table)
        assert isinstance(table, pl.DataFrame)
        is_tested = pl.any_horizontal(_alike(name).is_in(tested) for name in table.columns)
        rows = table.filter(~is_tested.fill_null(value=False)).to_arrow()
        kept.append(replace(source, rows=replace(source.rows, table=rows)))
    return kept


def _alike(column: str) -> pl.Expr:
    """Its letters and digits alone: what differs in case and punctuation is the same text."""
    return (
        pl.col(column).str.to_lowercase().str.replace_all(r"[^\p{L}\p{N}]+", " ").str.strip_chars()
    )


def _seen(lang: str) -> pl.Series:
    """The texts of all training data in that language, and those of no stated language."""
    seen = []
    for source in shared_sources(SHARED):
        table = pl.from_arrow(source.rows.table)
        assert isinstance(table, pl.DataFrame)
        columns = {lang, "text1", "text2"} & {*table.columns}
        seen += [table.select(_alike(name).alias("text"))["text"] for name in sorted(columns)]
    return pl.concat(seen).drop_nulls().unique()
