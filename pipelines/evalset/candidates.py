"""Sentences that may become distractors: of the documents of a `mine` run, and of text files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl
import pyarrow as pa

from bitseam.lid.extract import ExtractOptions
from bitseam.lid.identity import fold_keys
from bitseam.mining.benchmark.aligned import draw_keys
from bitseam.mining.benchmark.near_duplicates import near_by_edit
from bitseam.pipelines.evalset.bitext import Bitext
from bitseam.pipelines.evalset.gold import Gold
from bitseam.pipelines.evalset.texts import by_block, cleaned
from bitseam.pipelines.lid.lines import LineBatches
from bitseam.pipelines.readers.storage import one_line
from bitseam.schemas.errors import BitseamError, UserError

SIDES = ("src", "tgt")
HARD, ELSEWHERE = "document", "elsewhere"  # where a distractor is from: a document of gold, or not


@dataclass(frozen=True)
class Candidates:
    """Sentences of one side without a translation on the other that is known of, each once.

    :ivar sentences: columns text, doc (null where not known), key (that of `fold_keys`), split and
        origin, in random order.
    :ivar counts: of sentences, by what became of them.
    """

    sentences: pl.DataFrame
    counts: Mapping[str, int]


def both_candidates(
    bitext: Bitext, gold: Gold, monolingual: tuple[Sequence[str], Sequence[str]], seed: int
) -> tuple[Candidates, Candidates]:
    """Read the sentences of source and target, as long as `mine` takes them or as gold is.

    Of a spare pair one sentence is among them, never both. None is a copy of one on the other side:
    that, too, would be a pair that gold does not know.

    :param monolingual: of either side, files of a sentence a line, or folders of `mine` runs.
    :raises UserError: there is no such file, or no table of sentences in a folder.
    """
    source = _candidates(bitext, gold, "src", monolingual[0], seed, pl.Series([], dtype=pl.Int64))
    keys = source.sentences["key"]
    return source, _candidates(bitext, gold, "tgt", monolingual[1], seed, keys)


def _candidates(
    bitext: Bitext, gold: Gold, side: str, monolingual: Sequence[str], seed: int, others: pl.Series
) -> Candidates:
    language = bitext.languages[SIDES.index(side)]
    folders = [bitext.run] if bitext.run else []
    spare = _halves(gold, side, seed)
    found = pl.concat(
        [
            spare,
            bitext.unpaired.select(text=f"{side}_text", doc=f"{side}_doc"),
            *(_sentences_of_run(folder, language) for folder in folders),
            *(_read(path, language) for path in monolingual),
        ]
    )
    fitting = found.filter(_is_as_long(gold.pairs[f"{side}_text"]))
    keyed = fitting.with_columns(key=_keys(fitting["text"]))
    paired = _keys(pl.concat([bitext.pairs["src_text"], bitext.pairs["tgt_text"]]))
    known = paired.filter(~paired.is_in(_keys(spare["text"]).implode()))
    strange = keyed.filter(~pl.col("key").is_in(known.unique().implode()))
    single = strange.filter(~pl.col("key").is_in(others.implode()))
    sentences = _once(_placed(single, gold, side), seed)
    counts = {
        "read": len(found),
        "too short or too long": len(found) - len(fitting),
        "sentences of the bitext": len(keyed) - len(strange),
        "copies of the other side": len(strange) - len(single),
        "repeated": len(single) - len(sentences),
        "left": len(sentences),
    }
    return Candidates(sentences, counts)


def _halves(gold: Gold, side: str, seed: int) -> pl.DataFrame:
    """Return the sentences of one side, of half of the spare pairs; the other side has the others.

    One whose translation is nearly a sentence of gold is left out: it would translate that, too.
    """
    keys = by_block(lambda block: draw_keys(block, "side", seed), gold.spare["src_text"])
    pairs = gold.spare.filter(pl.Series((keys < 0) == (side == "src"), dtype=pl.Boolean))
    other = f"{SIDES[1 - SIDES.index(side)]}_text"
    listed = gold.pairs[other].to_arrow().cast(pa.string())
    near = by_block(lambda block: near_by_edit(block, listed).rows, pairs[other])
    unlike = pairs.filter(pl.Series(near < 0, dtype=pl.Boolean))
    return unlike.select(text=f"{side}_text", doc=f"{side}_doc")


def _is_as_long(gold: pl.Series) -> pl.Expr:
    lengths = gold.str.len_chars()
    bounds = [ExtractOptions.min_chars, *lengths], [ExtractOptions.max_chars, *lengths]
    return pl.col("text").str.len_chars().is_between(min(bounds[0]), max(bounds[1]))


def _read(path: str, language: str) -> pl.DataFrame:
    folder = Path(path).expanduser()
    if folder.is_dir():
        return _sentences_of_run(folder, language)
    batches = LineBatches(path)
    parts = [cleaned(pl.Series(batch, dtype=pl.String)) for batch in batches]
    batches.warn()
    lines = pl.concat([pl.Series([], dtype=pl.String), *parts])
    return pl.DataFrame({"text": lines}).with_columns(doc=pl.lit(None, pl.String))


def _sentences_of_run(folder: Path, language: str) -> pl.DataFrame:
    files = sorted((folder / "sentences").glob("*.parquet"))
    if not files:
        raise UserError(
            f"{folder} is a folder without a table of sentences: expected a file of a sentence a "
            "line, or the --output of a `mine` run"
        )
    rows = pl.scan_parquet(files).filter(pl.col("lang") == language)
    try:
        return rows.select("text", doc="doc_id").collect()
    except (pl.exceptions.PolarsError, OSError) as error:
        raise BitseamError(f"{folder}/sentences cannot be read: {one_line(error)}") from error


def _placed(sentences: pl.DataFrame, gold: Gold, side: str) -> pl.DataFrame:
    """Add where each sentence is from, and the split of that place."""
    of_gold = gold.pairs[f"{side}_doc"].drop_nulls().unique()
    return sentences.with_columns(
        split=gold.splits.of(sentences.select("doc", "text")),
        origin=pl.when(pl.col("doc").is_in(of_gold.implode()))
        .then(pl.lit(HARD))
        .otherwise(pl.lit(ELSEWHERE)),
    )


def _once(sentences: pl.DataFrame, seed: int) -> pl.DataFrame:
    """Keep one of the sentences of equal letters and digits: first one of a document of gold.

    What comes out, and in which order, hangs on the sentences and the seed alone.
    """
    draw = pl.Series(
        by_block(lambda block: draw_keys(block, "distractor", seed), sentences["text"])
    )
    order = (pl.col("origin") != HARD, "draw", "text", "doc")
    ordered = sentences.with_columns(draw=draw).sort(order, nulls_last=True)
    first = ordered.unique("key", keep="first", maintain_order=True)
    return first.sort("draw", "text").select("text", "doc", "key", "split", "origin")


def _keys(texts: pl.Series) -> pl.Series:
    return pl.Series(by_block(fold_keys, texts), dtype=pl.Int64)
