"""`mine evalset`: evaluation sets built from a bitext and monolingual text."""

from __future__ import annotations

import click

from bitseam.pipelines.evalset.build_commands import mining, retrieval_
from bitseam.pipelines.evalset.noisy_command import noisy
from bitseam.pipelines.evalset.sheet_commands import judge, sheet


@click.group()
def evalset() -> None:
    """Build evaluation sets from a bitext and monolingual text."""


evalset.add_command(retrieval_)
evalset.add_command(mining)
evalset.add_command(judge)
evalset.add_command(noisy)
evalset.add_command(sheet)
