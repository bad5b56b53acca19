"""The commands of `mine train`. What they do is imported when one of them runs."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from bitseam.pipelines.option_types import COLUMNS

_Command = TypeVar("_Command", bound=Callable[..., Any])


_DATA = click.option(
    "--data",
    multiple=True,
    required=True,
    metavar="PAIRS",
    help="Parallel text: Parquet, TSV, JSON Lines, TMX, Moses (corpus for corpus.lb and "
    "corpus.de), or the --output of a `mine` run. Repeatable; a batch never mixes two.",
)
_DEV = (
    click.option(
        "--dev",
        multiple=True,
        metavar="PAIRS",
        help="Rows to measure on, in place of a share of the data. Repeatable.",
    ),
    click.option(
        "--dev-share",
        type=click.FloatRange(0, 0.5, min_open=True),
        default=0.05,
        show_default=True,
        help="Share of the rows held aside to measure on (2,000 rows at most).",
    ),
)
_OUTPUT_FOLDER = click.option(
    "--output",
    required=True,
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Folder for the model and its card.",
)
_PATIENCE = click.option(
    "--patience",
    type=click.IntRange(1),
    default=3,
    show_default=True,
    help="Stop after so many epochs without a better accuracy; the best epoch is kept.",
)
_EPOCHS_HELP = (
    "At most so many passes over the rows; the learning rate falls to nothing in the last."
)
_DEVICE = click.option(
    "--device", metavar="NAME", help="cpu, cuda, ...  [default: a GPU where there is one]"
)
_SEED = click.option("--seed", type=click.IntRange(0), default=0, show_default=True)
_LICENCE = click.option(
    "--licence",
    metavar="TEXT",
    help="Of the model, for its card: yours to know from the licences of the data and the base.",
)


def _weights(
    _ctx: click.Context, _param: click.Parameter, values: tuple[str, ...]
) -> dict[str, float]:
    weights = {}
    for value in values:
        name, _, number = value.partition("=")
        try:
            weights[name] = float(number)
        except ValueError:
            weights[name] = 0.0
        if not (name and 0 < weights[name] < math.inf):
            raise click.BadParameter(f"{value!r}: expected a column and a number above 0: lb=3")
    return weights


def _data_options(command: _Command) -> _Command:
    for option in (COLUMNS, *reversed(_DEV), _DATA):
        command = option(command)
    return command


@click.group()
def train() -> None:
    """Train encoders and linear maps for your languages and texts."""


@train.command()
@_data_options
@_OUTPUT_FOLDER
@click.option(
    "--base",
    metavar="MODEL",
    help="Continue from `static`, the bundled encoder, or from a model.safetensors of yours.",
)
@click.option(
    "--epochs",
    type=click.IntRange(1),
    default=10,
    show_default=True,
    help=_EPOCHS_HELP,
)
@_PATIENCE
@click.option("--dimension", type=click.IntRange(2), help="Of the vectors.  [default: 256]")
@click.option("--buckets", type=click.IntRange(2), help="Rows of the table.  [default: 131072]")
@click.option("--batch-size", type=click.IntRange(2), default=2048, show_default=True)
@click.option("--temperature", type=click.FloatRange(0.01), help="[default: 0.05; with --base 0.1]")
@click.option(
    "--learning-rate",
    type=click.FloatRange(0, min_open=True),
    help="The highest.  [default: 0.05; with --base 0.01]",
)
@click.option(
    "--weight",
    "column_weights",
    multiple=True,
    callback=_weights,
    metavar="COLUMN=NUMBER",
    help="How readily a column is drawn from a row of three texts or more, beside 1 for others: "
    "lb=3 where lb is in few rows. Repeatable.",
)
@_LICENCE
@_SEED
def static(
    data: tuple[str, ...],
    dev: tuple[str, ...],
    dev_share: float,
    columns: tuple[str, ...],
    **options: Any,
) -> None:
    """Train a static encoder: minutes on a laptop, no GPU, for any languages.

    \b
    $ mine train static --data corpus.tsv --data dictionary.parquet --output frisian/
    $ mine --src fy --tgt nl --encoder frisian/model.safetensors ...

    Two columns or more hold translations: those named src_text and tgt_text, or by languages (lb,
    de, ltz_Latn), or the only two. A TSV file has a header where its first line has such names.

    A stopped training goes on after its last whole epoch: the same command gives the same bytes.
    """
    from bitseam.pipelines.train.split import DataOptions
    from bitseam.pipelines.train.static import static_run, train_static

    train_static(static_run(DataOptions(data, dev, dev_share, columns), **options))


@train.command()
@click.option("--base", required=True, metavar="ENCODER", help="The encoder to adapt.")
@_data_options
@_OUTPUT_FOLDER
@click.option(
    "--guide",
    metavar="ENCODER",
    help="A transformer that tells which texts of a batch are no negatives, since they lie nearer "
    "than the translation.",
)
@click.option(
    "--epochs", type=click.IntRange(1), help=f"{_EPOCHS_HELP}  [default: 3; of a static encoder 10]"
)
@_PATIENCE
@click.option(
    "--batch-size", type=click.IntRange(2), help="[default: 128; of a static encoder 2048]"
)
@click.option(
    "--temperature",
    type=click.FloatRange(0.01),
    help="[default: 0.05, with --guide 0.01; of a static encoder 0.1]",
)
@click.option(
    "--learning-rate",
    type=click.FloatRange(0, min_open=True),
    help="The highest.  [default: 2e-5; of a static encoder 0.01]",
)
@_LICENCE
@_SEED
@_DEVICE
def adapt(
    data: tuple[str, ...],
    dev: tuple[str, ...],
    dev_share: float,
    columns: tuple[str, ...],
    **options: Any,
) -> None:
    """Adapt an encoder to texts of a domain: historical, technical, spoken.

    \b
    $ mine train adapt --base static --data newspapers.tsv --output historical/
    $ mine train adapt --base labse --guide bge-m3 --data newspapers.tsv --output historical/

    A static encoder takes seconds to minutes, and is `mine train static --base`. A transformer
    (a preset, a folder, a model of the Hugging Face hub) wants a GPU.
    """
    from bitseam.pipelines.train.adapt import adapt_encoder
    from bitseam.pipelines.train.split import DataOptions

    adapt_encoder(DataOptions(data, dev, dev_share, columns), **options)


@train.command()
@click.option("--teacher", required=True, metavar="ENCODER", help="Knows one language well.")
@click.option(
    "--student", required=True, metavar="ENCODER", help="A transformer to learn the others."
)
@_data_options
@_OUTPUT_FOLDER
@click.option(
    "--teacher-column",
    metavar="NAME",
    help="The column of the language the teacher knows.  [default: the first]",
)
@click.option("--epochs", type=click.IntRange(1), default=5, show_default=True, help=_EPOCHS_HELP)
@_PATIENCE
@click.option("--batch-size", type=click.IntRange(2), default=64, show_default=True)
@click.option(
    "--learning-rate", type=click.FloatRange(0, min_open=True), default=2e-5, show_default=True
)
@_LICENCE
@_SEED
@_DEVICE
def distill(
    data: tuple[str, ...],
    dev: tuple[str, ...],
    dev_share: float,
    columns: tuple[str, ...],
    **options: Any,
) -> None:
    """Teach a transformer new languages by parallel text (Reimers & Gurevych 2020).

    \b
    $ mine train distill --teacher e5-large --student my-bert/ --data en-grc.tsv --output greek/

    The student learns to give a text and its translations the vector that the teacher gives the
    text. Teacher and student need vectors of the same length.
    """
    from bitseam.pipelines.train.adapt import distil_encoder
    from bitseam.pipelines.train.split import DataOptions

    distil_encoder(DataOptions(data, dev, dev_share, columns), **options)


@train.command("map")
@click.option(
    "--encoder", required=True, metavar="NAME_OR_PATH", help="The encoder whose vectors are mapped."
)
@_data_options
@click.option(
    "--output",
    required=True,
    type=click.Path(path_type=Path),
    metavar="MAP.safetensors",
    help="File for the map.",
)
@click.option("--src", metavar="LANG", help="Of the first column, where its name does not tell.")
@click.option("--tgt", metavar="LANG", help="Of the second column.")
@click.option(
    "--centre/--no-centre",
    default=None,
    help="Take the mean of each language off its vectors first, or do not.  [default: whichever "
    "finds more translations of the rows held aside]",
)
def map_(
    data: tuple[str, ...],
    dev: tuple[str, ...],
    dev_share: float,
    columns: tuple[str, ...],
    encoder: str,
    output: Path,
    src: str | None,
    tgt: str | None,
    centre: bool | None,
) -> None:
    """Map the vectors of one language onto another's: seconds, for any encoder.

    \b
    $ mine train map --encoder labse --data corpus.tsv --output lb-de.safetensors
    $ mine --src lb --tgt de --encoder lb-de.safetensors ...

    The map is orthogonal (Procrustes) and in closed form: no epochs, no seed. Its file names the
    encoder, which is loaded with it; a few thousand pairs are enough.
    """
    from bitseam.pipelines.train.map import train_map
    from bitseam.pipelines.train.split import DataOptions

    train_map(DataOptions(data, dev, dev_share, columns), encoder, output, (src, tgt), centre)
