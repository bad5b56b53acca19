"""The commands of `mine lid`. What they do is imported when one of them runs."""

from __future__ import annotations

from pathlib import Path

import click

FORMATS = ("tsv", "jsonl")
_MODEL_HELP = (
    "Language identifier: bitseam or lid176 (installed), glotlid, openlid or nllb (downloaded), "
    "or the path of a model.  [default: bitseam]"
)


@click.group()
def lid() -> None:
    """Identify the languages of lines; evaluate and train identifiers."""


@lid.command()
@click.argument("files", nargs=-1, metavar="[FILE]...")
@click.option("--format", "format_", type=click.Choice(FORMATS), default="tsv", show_default=True)
@click.option("--lid-model", "model", metavar="NAME_OR_PATH", help=_MODEL_HELP)
@click.option(
    "--min-score",
    type=click.FloatRange(0, 1),
    default=0.0,
    show_default=True,
    help="A line scored lower is und_Zyyy, undetermined.",
)
def identify(files: tuple[str, ...], format_: str, model: str | None, min_score: float) -> None:
    """Write the language of each line of the FILEs, or of standard input.

    \b
    $ echo "Moien, wéi geet et dir haut?" | mine lid identify
    ltz_Latn    0.987   Moien, wéi geet et dir haut?

    A row for every line, in the same order; the text is the last column and may hold tabs. A line
    without a letter is und_Zyyy with score 0.
    """
    from bitseam.lid.identifiers import DEFAULT_MODEL, load_identifier
    from bitseam.pipelines.lid.identify import identify_lines

    identify_lines(files, load_identifier(model or DEFAULT_MODEL), format_, min_score)


@lid.command()
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@click.option(
    "--lid-model",
    "models",
    multiple=True,
    metavar="NAME_OR_PATH",
    help=_MODEL_HELP + " Repeatable: side by side on the lines whose language every one knows.",
)
@click.option(
    "--format", "format_", type=click.Choice(("table", "json")), default="table", show_default=True
)
@click.option("--output", type=click.Path(path_type=Path, dir_okay=False), metavar="PATH")
def evaluate(
    files: tuple[str, ...], models: tuple[str, ...], format_: str, output: Path | None
) -> None:
    r"""Measure identifiers on labelled lines.

    A FILE holds `lang<TAB>text` with any language code, or fastText's `__label__lang text`, or is
    named by its language (ltz_Latn.txt) and holds one sentence a line; a folder stands for its
    files. Lines in languages that a model does not know are counted apart.
    """
    from bitseam.lid.identifiers import DEFAULT_MODEL, load_identifier
    from bitseam.pipelines.lid.evaluate import evaluate_identifiers
    from bitseam.pipelines.lid.report import as_json, as_tables

    identifiers = [load_identifier(model) for model in models or [DEFAULT_MODEL]]
    evaluations = evaluate_identifiers(files, identifiers)
    report = as_json(evaluations) if format_ == "json" else as_tables(evaluations).encode()
    if output:
        output.write_bytes(report)
    else:
        click.echo(report, nl=False)


@lid.command()
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@click.option(
    "--output",
    required=True,
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="MODEL.safetensors",
)
@click.option("--epochs", type=click.IntRange(1), help="Passes over the lines.")
@click.option("--dimension", type=click.IntRange(1), help="Of the n-grams' vectors.")
@click.option("--buckets", type=click.IntRange(1), help="Rows of the hashed n-gram table.")
@click.option("--learning-rate", type=click.FloatRange(0, min_open=True))
@click.option("--seed", type=int)
def train(files: tuple[str, ...], output: Path, **chosen: float | None) -> None:
    """Train an identifier on labelled lines, in the forms that `evaluate` reads.

    und as the language makes a line an example of what is no language. The options have the values
    that the installed model was trained with.
    """
    from bitseam.pipelines.lid.train import train_on_lines

    train_on_lines(files, output, chosen)
