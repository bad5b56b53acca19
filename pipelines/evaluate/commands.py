"""The commands of `mine evaluate`. What they do is imported when one of them runs."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from bitseam.pipelines.option_types import COLUMNS
from bitseam.schemas.choices import MARGINS, RETRIEVALS, SCORES, Margin, Score

if TYPE_CHECKING:
    from bitseam.mining.encoders import Encoder
    from bitseam.pipelines.evaluate.figures import Evaluation

_Command = TypeVar("_Command", bound=Callable[..., Any])


def _threshold(_ctx: click.Context, _param: click.Parameter, value: str) -> str | float:
    if value in ("best", "auto"):
        return value
    with suppress(ValueError):
        if not math.isnan(float(value)):
            return float(value)
    raise click.BadParameter(f"{value!r} is not 'best', 'auto' or a number")


_ENCODERS = click.option(
    "--encoder",
    "encoders",
    multiple=True,
    default=("static",),
    show_default=True,
    metavar="NAME_OR_PATH",
    help="Sentence encoder, as of `mine`. Repeatable: every other one is compared with the first.",
)
_K = click.option(
    "--k", type=click.IntRange(1), default=4, show_default=True, help="Neighbours of each sentence."
)
_OUTPUT = click.option(
    "--output",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Folder for figures.json and figures.parquet; of mined pairs for curves, bands of "
    "margins and pictures (SVG), too.",
)


@click.group()
def evaluate() -> None:
    """Measure encoders, miners and mined pairs, side by side on the same data.

    Each figure has the 95 % interval of 10,000 bootstrap resamples of sentences and, for every
    system but the first, the p-value of its difference from the first (paired bootstrap); for areas
    under a curve, of 5,000 groups of sentences at most. Figures on disk carry a signature: all that
    they depend on.
    """


@evaluate.command("retrieval")
@click.argument("data", nargs=-1, required=True, metavar="DATA...")
@_ENCODERS
@COLUMNS
@click.option(
    "--pair",
    "pairs",
    multiple=True,
    metavar="NAME-NAME",
    help="A pair of columns to measure. Repeatable.  [default: every two]",
)
@_K
@click.option(
    "--margin",
    "margins",
    multiple=True,
    type=click.Choice(MARGINS),
    default=("ratio",),
    show_default=True,
    help="Of xSIM. Repeatable.",
)
@click.option(
    "--by-text/--by-row",
    default=True,
    show_default=True,
    help="Whether a twin of the translation counts as found.",
)
@click.option(
    "--hard-negatives",
    is_flag=True,
    help="xSIM++, too: among sentences changed in a number, a name or, in English, a cause.",
)
@_OUTPUT
def retrieval_(
    data: tuple[str, ...],
    encoders: tuple[str, ...],
    columns: tuple[str, ...],
    pairs: tuple[str, ...],
    margins: tuple[Margin, ...],
    output: Path | None,
    **options: Any,
) -> None:
    """Find the translations of sentences among all those of a set (Tatoeba, NTREX, FLORES).

    \b
    $ mine evaluate retrieval flores200_dev/ --pair ltz_Latn-deu_Latn --encoder static

    DATA is parallel text as `mine train` reads it (Parquet, TSV, JSON Lines, Moses, TMX), or a
    folder of line-aligned files named by language (ltz_Latn.txt, deu_Latn.txt). Measured in both
    directions: accuracy, P@k, MRR, the F1 of MTEB and the error xSIM; of both together: accuracy
    and MEXA.
    """
    from bitseam.pipelines.evaluate.retrieval import RetrievalOptions, evaluate_encoder
    from bitseam.pipelines.evaluate.retrieval_sets import read_retrieval_sets

    def run(name: str, encoder: Encoder) -> Iterable[Evaluation]:
        return evaluate_encoder(name, encoder, sets, chosen)

    options["with_negatives"] = options.pop("hard_negatives")
    chosen = RetrievalOptions(margins=margins, **options)
    sets = read_retrieval_sets(data, columns, pairs)
    _report_encoders(encoders, run, output)


@evaluate.command()
@click.argument("data", nargs=-1, required=True, metavar="SET...")
@click.option(
    "--dev",
    multiple=True,
    metavar="SET",
    help="Set of the same languages on which the best threshold is chosen. Repeatable.",
)
@_ENCODERS
@_K
@click.option("--margin", type=click.Choice(MARGINS), default="ratio", show_default=True)
@click.option("--retrieval", type=click.Choice(RETRIEVALS), default="max", show_default=True)
@click.option(
    "--threshold",
    default="best",
    show_default=True,
    callback=_threshold,
    metavar="best|auto|FLOAT",
    help="Lowest margin of a pair: that of the highest F1 on --dev, or on the set itself; what "
    "`mine` would choose without gold; or a number.",
)
@_OUTPUT
def mining(
    data: tuple[str, ...],
    dev: tuple[str, ...],
    encoders: tuple[str, ...],
    output: Path | None,
    **options: Any,
) -> None:
    """Find gold pairs hidden among other sentences (BUCC).

    \b
    $ mine evaluate mining bucc/de-en.test --dev bucc/de-en.training --output figures/

    SET is the common name of three files: lb-de for lb-de.lb and lb-de.de (id, tab, text) and
    lb-de.gold (id, tab, id); a folder stands for all sets in it. Measured are precision, recall and
    F1 at the threshold, and the area under the precision-recall curve.
    """
    from bitseam.pipelines.evaluate.mining import (
        MiningOptions,
        development_sets,
        evaluate_miner,
    )
    from bitseam.pipelines.evaluate.mining_sets import read_mining_sets

    def run(name: str, encoder: Encoder) -> Iterable[Evaluation]:
        return evaluate_miner(name, encoder, sets, development, chosen)

    chosen = MiningOptions(**options)
    if dev and chosen.threshold != "best":
        raise click.UsageError(
            f"--dev chooses the best threshold: without --threshold {chosen.threshold}"
        )
    sets = read_mining_sets(data)
    development = development_sets(read_mining_sets(dev), sets)
    _report_encoders(encoders, run, output)


@evaluate.command()
@click.argument("data", nargs=-1, required=True, metavar="PAIRS...")
@click.option(
    "--gold",
    required=True,
    metavar="PAIRS",
    help="The pairs that are right: Parquet, TSV, JSON Lines, Moses or TMX, two columns.",
)
@COLUMNS
@click.option(
    "--by",
    type=click.Choice(SCORES),
    default="margin",
    show_default=True,
    help="The column that pairs are ranked by.",
)
@_OUTPUT
def pairs(
    data: tuple[str, ...], gold: str, columns: tuple[str, ...], by: Score, output: Path | None
) -> None:
    """Compare mined pairs with a list of gold pairs.

    \b
    $ mine evaluate pairs lb-de/ lb-de-labse/ --gold gold.tsv --output figures/

    PAIRS is the --output of a `mine` run, Parquet with src_text, tgt_text and margin, or TSV of
    margin, source and target. Measured are precision, recall and F1 of all pairs and at the best
    threshold, the area under the precision-recall curve, and precision among first and second
    choices and among the pairs of which gold knows a side; bands.parquet has it by margin.
    """
    from bitseam.pipelines.evaluate.files import short_names
    from bitseam.pipelines.evaluate.pair_files import read_gold, read_scored_pairs
    from bitseam.pipelines.evaluate.pairs import evaluate_pairs
    from bitseam.pipelines.evaluate.report import check_output

    check_output(output)
    names = short_names([Path(gold)])
    found = evaluate_pairs(read_scored_pairs(data, by), read_gold(gold, columns), *names)
    _report([*found], output)


def _report_encoders(
    names: tuple[str, ...],
    run: Callable[[str, Encoder], Iterable[Evaluation]],
    output: Path | None,
) -> None:
    """Load one encoder at a time: what is kept of each are numbers."""
    from bitseam.mining.encoders import load_encoder
    from bitseam.pipelines.evaluate.files import printable
    from bitseam.pipelines.evaluate.report import check_output

    check_output(output)
    evaluations = [
        its for name in dict.fromkeys(names) for its in run(printable(name), load_encoder(name))
    ]
    _report(evaluations, output)


def _report(evaluations: list[Evaluation], output: Path | None) -> None:
    from bitseam.pipelines.evaluate.figures import figures_of
    from bitseam.pipelines.evaluate.report import as_tables, write_results

    figures = figures_of(evaluations)
    if output:
        write_results(output, evaluations, figures)
    click.echo(as_tables(evaluations, figures), nl=False)
