"""The commands `mine evalset retrieval` and `mining`. What they do is imported when one runs."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from bitseam.pipelines.option_types import Number, names

if TYPE_CHECKING:
    from bitseam.pipelines.evalset.card import Built
    from bitseam.pipelines.evalset.gold import GoldOptions

_Command = TypeVar("_Command", bound=Callable[..., Any])


_SHARE = Number(0, 1)


def _documents(
    ctx: click.Context, param: click.Parameter, value: str | None
) -> tuple[str, ...] | None:
    named = names(ctx, param, value)
    if value is not None and len(named) not in (1, 2):
        raise click.BadParameter(f"{value!r} is not one column, or two")
    return named or None


def _of_gold(command: _Command) -> _Command:
    """Add the argument and the options that both commands share."""
    for add in reversed(
        [
            click.argument("bitext", metavar="BITEXT"),
            click.option(
                "--output",
                required=True,
                type=click.Path(path_type=Path),
                metavar="DIR",
                help="New folder for the set.",
            ),
            click.option(
                "--src", metavar="LANG", help="Source language, where the columns do not tell."
            ),
            click.option("--tgt", metavar="LANG", help="Target language."),
            click.option(
                "--columns",
                callback=names,
                metavar="NAME,NAME",
                help="Source and target column, where their names do not tell. Those of a TSV file "
                "without a header are 1,2,...",
            ),
            click.option(
                "--documents",
                callback=_documents,
                metavar="NAME[,NAME]",
                help="The columns that name the documents of source and target, or one for both.  "
                "[default: src_doc,tgt_doc, where they are]",
            ),
            click.option(
                "--min-precision", type=_SHARE, help="Lowest estimated precision of a gold pair."
            ),
            click.option("--min-margin", type=Number(), help="Lowest margin of a gold pair."),
            click.option(
                "--pairs", type=click.IntRange(1), help="So many gold pairs, drawn.  [default: all]"
            ),
            click.option(
                "--dev-share",
                type=_SHARE,
                default=0.5,
                show_default=True,
                help="Share of gold pairs in the split dev, about: documents are not divided. The "
                "rest is test.",
            ),
            click.option(
                "--against",
                multiple=True,
                metavar="NAME=PATH",
                help="Training data or a test set: gold pairs with a sentence in it, as it is or "
                "nearly, are left out. Text, TSV, JSON Lines, Parquet, TMX, Moses, or a folder. "
                "Repeatable.",
            ),
            click.option("--licence", metavar="NAME", help="For the card: cc-by-4.0, ..."),
            click.option("--seed", type=int, default=1, show_default=True),
        ]
    ):
        command = add(command)
    return command


@click.command("retrieval")
@_of_gold
def retrieval_(
    bitext: str, output: Path, against: tuple[str, ...], licence: str | None, **options: Any
) -> None:
    """Build a retrieval set: aligned lists in which no sentence stands twice on its side.

    \b
    $ mine evalset retrieval lb-de/ --min-precision 0.99 --output lb-de-retrieval/
    $ mine evaluate retrieval lb-de-retrieval/test

    BITEXT is the --output of a `mine` run, what `mine align` writes (Parquet, TSV, TMX), or any
    parallel text as `mine train` reads it.
    """
    from bitseam.pipelines.evalset.retrieval import build_retrieval_set

    _say(build_retrieval_set(bitext, output, _gold_options(options), against, licence), output)


@click.command()
@_of_gold
@click.option(
    "--gold-share",
    type=Number(1e-6, 1),
    default=0.1,
    show_default=True,
    help="Of the sentences of either side, those with a translation.",
)
@click.option(
    "--hard-share",
    type=_SHARE,
    default=0.5,
    show_default=True,
    help="Of the distractors, those from the documents of gold, as far as there are; documents are "
    "known of `mine` runs, and of columns.",
)
@click.option(
    "--src-mono",
    multiple=True,
    metavar="PATH",
    help="Further source sentences: text, one a line, or the --output of a `mine` run. Repeatable.",
)
@click.option("--tgt-mono", multiple=True, metavar="PATH", help="Further target sentences.")
@click.option(
    "--edit-similarity",
    type=Number(0.7, 1),
    default=0.85,
    show_default=True,
    help="Distractors as like a gold sentence as this are left out.",
)
@click.option(
    "--cosine",
    type=_SHARE,
    default=0.85,
    show_default=True,
    help="So are those whose embedding is as near as this; the bound is that of static.",
)
@click.option(
    "--encoder", default="static", show_default=True, metavar="NAME_OR_PATH", help="As of `mine`."
)
def mining(
    bitext: str,
    output: Path,
    against: tuple[str, ...],
    licence: str | None,
    gold_share: float,
    hard_share: float,
    src_mono: tuple[str, ...],
    tgt_mono: tuple[str, ...],
    edit_similarity: float,
    cosine: float,
    encoder: str,
    **options: Any,
) -> None:
    """Build a mining set: gold pairs hidden among other sentences (BUCC).

    \b
    $ mine evalset mining lb-de/ --src-mono more.lb --tgt-mono more.de --output lb-de-mining/
    $ mine evaluate mining lb-de-mining/lb-de.test --dev lb-de-mining/lb-de.dev

    BITEXT is as of `mine evalset retrieval`. Distractors are sentences that stand in no pair of it:
    of a `mine` run those of its documents, and those of --src-mono and --tgt-mono. Of a pair that
    is not drawn (--pairs) one sentence may be a distractor.
    """
    from bitseam.pipelines.evalset.distractors import DistractorOptions
    from bitseam.pipelines.evalset.mining import MiningSetOptions, build_mining_set

    chosen = MiningSetOptions(
        _gold_options(options),
        DistractorOptions(hard_share, edit_similarity, cosine),
        (src_mono, tgt_mono),
        gold_share,
        encoder,
    )
    _say(build_mining_set(bitext, output, chosen, against, licence), output)


def _gold_options(options: dict[str, Any]) -> GoldOptions:
    from bitseam.pipelines.evalset.bitext import BitextOptions
    from bitseam.pipelines.evalset.gold import GoldOptions

    names = ("src", "tgt", "columns", "documents", "min_precision", "min_margin")
    given = {name: options.pop(name) for name in names}
    bitext = BitextOptions(**{name: value for name, value in given.items() if value is not None})
    return GoldOptions(bitext, **options)


def _say(built: Built, output: Path) -> None:
    for split, counts in built.counts.items():
        sides = [f"{its['sentences']:,} {side}" for side, its in counts.items() if side != "pairs"]
        among = f" among {' and '.join(sides)} sentences" if sides else ""
        click.echo(f"{split}: {counts['pairs']:,} pairs{among}")
    click.echo(f"{output}: README.md tells how it was built, rejects.parquet what was left out")
