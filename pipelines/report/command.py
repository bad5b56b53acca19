"""The command `mine report`. What it does is imported when it runs."""

from __future__ import annotations

import logging
from pathlib import Path

import click

log = logging.getLogger("bitseam")


@click.command()
@click.argument("directory", metavar="DIR", type=click.Path(path_type=Path))
@click.option(
    "--output",
    type=click.Path(path_type=Path),
    metavar="FILE.html",
    help="Where the page is written.  [default: DIR/report.html]",
)
def report(directory: Path, output: Path | None) -> None:
    """Write one HTML page about the run in DIR: flow, rejects, languages, margins, samples.

    The page needs nothing beside itself, no network either; sentences of the corpus are in it.
    """
    from bitseam.pipelines.report.page import write_report

    path = output or directory / "report.html"
    run = write_report(directory, path)
    if run.missing:
        state = "in progress" if run.in_progress else "not finished"
        are = "are" if run.missing[1:] else "is"
        log.warning("the run is %s: %s %s missing", state, ", ".join(run.missing), are)
    log.info("report written to %s", path)
