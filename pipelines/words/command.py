"""The command `mine words`. What it does is imported when it runs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from bitseam.pipelines.option_types import names
from bitseam.schemas.choices import SYMMETRISATIONS, WORD_METHODS

_FILE = click.Path(path_type=Path, dir_okay=False)


@click.command()
@click.argument("pairs", metavar="PAIRS")
@click.option(
    "--output",
    required=True,
    type=_FILE,
    metavar="LINKS",
    help="The links, a line a pair; a name that ends in .gz, .bz2, .xz or .zst is compressed.",
)
@click.option(
    "--lexicon",
    type=_FILE,
    metavar="TSV",
    help="Also write the linked words, most frequent first: src, tgt, count, p(tgt|src), "
    "p(src|tgt).",
)
@click.option(
    "--scores",
    type=_FILE,
    metavar="TSV",
    help="Also write, a line a pair, how far its links cover either side, 0 to 1.",
)
@click.option(
    "--columns",
    callback=names,
    metavar="SRC,TGT",
    help="Source and target, by column or language.  [default: in the order of the input]",
)
@click.option(
    "--learn-from",
    multiple=True,
    metavar="PAIRS",
    help="More pairs in the same languages to train on, of which no links are written. Repeatable.",
)
@click.option(
    "--method",
    type=click.Choice(WORD_METHODS),
    default="statistical",
    show_default=True,
    help="Train on the pairs; or link similar vectors (SimAlign's argmax and itermax, "
    "awesome-align's softmax).",
)
@click.option(
    "--encoder",
    default="static",
    show_default=True,
    metavar="NAME_OR_PATH",
    help="Vectors of words: a prior of the statistical method; for the others, with a "
    "transformer, of the words in their sentences.",
)
@click.option(
    "--symmetrise",
    type=click.Choice(SYMMETRISATIONS),
    default="grow-diag-final-and",
    show_default=True,
    help="How the statistical method joins the links of both directions.",
)
@click.option(
    "--min-count",
    type=click.IntRange(1),
    default=2,
    show_default=True,
    help="Fewest links of an entry of the lexicon.",
)
@click.option("--threads", type=click.IntRange(1, 256), default=1, show_default=True)
def words(**options: Any) -> None:
    """Link the words of the PAIRS that are translations of each other.

    \b
    $ mine words lb-de/ --output links.txt --lexicon lexicon.tsv
    $ head -2 links.txt
    0-0 1-1 2-2 3-4 4-3
    0-0 1-2 2-3

    PAIRS is the --output of a `mine` run, Parquet, TSV, JSON Lines, TMX, or Moses (corpus for
    corpus.lb and corpus.de). The links are in Pharaoh format: places of words from 0, source first.
    Words are runs of letters and digits; each mark of punctuation is one, and each letter of a
    script without spaces. The same input gives the same links for any number of threads.
    """
    from bitseam.pipelines.words.run import WordsOptions, link_words

    link_words(WordsOptions(**options))
