"""The commands of `mine evalset` for people who judge pairs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from bitseam.schemas.choices import ALLOCATIONS


@click.command()
@click.argument("directory", metavar="DIR", type=click.Path(path_type=Path))
@click.option(
    "--output",
    required=True,
    type=click.Path(path_type=Path),
    metavar="PATH",
    help="A name that ends in .html, for a browser, or in .tsv, for a spreadsheet.",
)
@click.option("--pairs", type=click.IntRange(1, 100_000), default=200, show_default=True)
@click.option(
    "--tiers",
    type=click.IntRange(1, 100),
    default=5,
    show_default=True,
    help="Bands of estimated precision, or of the margin where none is estimated.",
)
@click.option(
    "--allocation",
    type=click.Choice(ALLOCATIONS),
    default="equal",
    show_default=True,
    help="As many pairs of every tier; or as many as make the precision of the whole most certain.",
)
@click.option("--seed", type=click.IntRange(0), default=1, show_default=True)
def sheet(**options: Any) -> None:
    """Write pairs mined in DIR for a person to judge: right, partly, wrong or unsure.

    \b
    $ mine evalset sheet lb-de/ --pairs 200 --tiers 5 --output sheet.html

    The pairs are drawn by chance from each tier and stand in an order that tells nothing of their
    scores. The page works without a network: verdicts are given by key, kept in the browser, and
    saved as TSV. `mine evalset judge` reads them back; several people may judge the same sheet.
    """
    from bitseam.pipelines.evalset.sheet import SheetOptions, write_sheet

    click.echo("\n".join(write_sheet(SheetOptions(**options)).lines()))


@click.command()
@click.argument(
    "sheets", nargs=-1, required=True, metavar="SHEET...", type=click.Path(path_type=Path)
)
@click.option(
    "--pairs",
    "directory",
    required=True,
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="The run that the sheets were written from.",
)
@click.option(
    "--json",
    "output",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Write all figures there, too.",
)
def judge(sheets: tuple[Path, ...], directory: Path, output: Path | None) -> None:
    """Read judged SHEETs, one of each judge, and say how precise the pairs of a run are.

    \b
    $ mine evalset judge judged-anna.tsv judged-ben.tsv --pairs lb-de/

    The share of right pairs has a 95 % interval in each tier (Wilson) and for all pairs, where a
    tier counts by its size. Of two judges on the same pairs Cohen's kappa is told; where they
    differ the majority counts, and between equals the stricter verdict. "unsure" counts neither
    way.
    """
    from bitseam.pipelines.atomic import write_json
    from bitseam.pipelines.evalset.judge import judge_sheets
    from bitseam.pipelines.evalset.judged import as_json, as_table

    judged = judge_sheets(sheets, directory)
    if output:
        write_json(output, as_json(judged))
    click.echo("\n".join(as_table(judged)))
