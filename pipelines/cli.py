"""The command line: `mine` runs the main job; subcommands do the rest.

Only click is imported at the top: `mine --help` answers at once.
"""

from __future__ import annotations

import logging
import os
import sys
from pathlib import Path
from typing import Any

import click

from bitseam.pipelines.align.commands import align
from bitseam.pipelines.evalset.commands import evalset
from bitseam.pipelines.evaluate.commands import evaluate
from bitseam.pipelines.exporters import FORMATS
from bitseam.pipelines.lid.commands import lid
from bitseam.pipelines.report.command import report
from bitseam.pipelines.train.commands import train
from bitseam.pipelines.words.command import words
from bitseam.schemas.choices import (
    BOOTSTRAPS,
    ENGINES,
    MARGINS,
    RETRIEVALS,
    SCOPES,
    TEXT_UNITS,
    WIKITEXT_ENGINES,
)
from bitseam.schemas.errors import BitseamError, UserError

log = logging.getLogger("bitseam")


class _MineGroup(click.Group):
    """A group that runs the main job when no subcommand is named, and keeps what follows `--`."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        ctx.ensure_object(dict)
        if "--" in args and not any(arg in self.commands for arg in args[: args.index("--")]):
            cut = args.index("--")
            ctx.obj["beam_args"] = tuple(args[cut + 1 :])
            args = args[:cut]
        return super().parse_args(ctx, args)


def _threshold(_ctx: click.Context, _param: click.Parameter, value: str) -> float | None:
    if value == "auto":
        return None
    try:
        return float(value)
    except ValueError as error:
        raise click.BadParameter(f"{value!r} is neither 'auto' nor a number") from error


@click.group(
    cls=_MineGroup,
    invoke_without_command=True,
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="What follows a lone -- is handed to Beam unchanged: mine ... -- --runner=FlinkRunner",
)
@click.version_option(package_name="bitseam", prog_name="mine")
@click.option("--src", metavar="LANG", help="Source language: lb, ltz, ltz_Latn, ...")
@click.option("--tgt", metavar="LANG", help="Target language.")
@click.option(
    "--input",
    "inputs",
    multiple=True,
    metavar="PATH",
    help="File, folder, glob or URL; either language may occur in it. Repeatable.",
)
@click.option(
    "--src-input",
    "src_inputs",
    multiple=True,
    metavar="PATH",
    help="Input known to be of the source side (the language is still checked).",
)
@click.option(
    "--tgt-input",
    "tgt_inputs",
    multiple=True,
    metavar="PATH",
    help="Input known to be of the target side.",
)
@click.option(
    "--output",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Folder for the tables; a run that was stopped there is continued.",
)
@click.option(
    "--scope",
    type=click.Choice(SCOPES),
    default="sentences",
    show_default=True,
    help="Pair sentences from anywhere; or find the documents that belong together and align "
    "them; or both.",
)
@click.option(
    "--text-unit",
    type=click.Choice(TEXT_UNITS),
    default="document",
    show_default=True,
    help="A text file is one document; or each line (row, JSON object) is a unit kept whole.",
)
@click.option(
    "--text-column",
    default="text",
    show_default=True,
    metavar="NAME",
    help="The column (or key) of the text in tables and JSON.",
)
@click.option(
    "--wikitext",
    type=click.Choice(WIKITEXT_ENGINES),
    default="fast",
    show_default=True,
    help="How wiki markup is removed; thorough is far slower.",
)
@click.option(
    "--lid-model",
    default="bitseam",
    show_default=True,
    metavar="NAME_OR_PATH",
    help="Language identifier: the built-in one, lid176, glotlid, openlid, nllb, or a model file "
    "of mine lid train (.safetensors) or fastText (.bin, .ftz).",
)
@click.option(
    "--encoder",
    default="static",
    show_default=True,
    metavar="NAME_OR_PATH",
    help="Sentence encoder: static, a preset (labse, e5-base, ...) or any "
    "sentence-transformers model.",
)
@click.option(
    "--bootstrap",
    type=click.Choice(BOOTSTRAPS),
    default="auto",
    show_default=True,
    help="Adapt the encoder to the run's own surest pairs and mine again, if pairs held aside show "
    "that it helps: for languages that the encoder does not know, always, or never. It is kept as "
    "DIR/encoder.",
)
@click.option("--k", type=int, default=4, show_default=True, help="Neighbours of each sentence.")
@click.option(
    "--engine",
    type=click.Choice(ENGINES),
    default="auto",
    show_default=True,
    help="How neighbours are found: exact looks at every product once, faiss twice; auto is exact "
    "up to five million sentences a side and takes an index beyond.",
)
@click.option(
    "--index",
    metavar="auto|SPEC",
    help="Search approximately, with a faiss index: auto for the size, or one such as "
    "IVF4096,Flat,nprobe=32 (lists a query looks at; 128 unless given).",
)
@click.option("--margin", type=click.Choice(MARGINS), default="ratio", show_default=True)
@click.option("--retrieval", type=click.Choice(RETRIEVALS), default="max", show_default=True)
@click.option(
    "--precision",
    type=float,
    metavar="SHARE",
    help="Keep as many pairs as can be for this estimated share of translations among them. "
    "[default: 0.9]",
)
@click.option(
    "--threshold",
    default="auto",
    callback=_threshold,
    metavar="auto|FLOAT",
    help="Keep the pairs of this margin or more instead; auto: by their precision.",
)
@click.option(
    "--rescore/--no-rescore",
    default=True,
    show_default=True,
    help="Let words, numbers and lengths have a say beside the margin; without, the estimated "
    "precision is rougher, and mostly too high.",
)
@click.option("--min-chars", type=int, default=10, show_default=True)
@click.option("--max-chars", type=int, default=500, show_default=True)
@click.option(
    "--min-lang-score",
    type=float,
    default=0.5,
    show_default=True,
    help="Lowest probability of a sentence's language.",
)
@click.option(
    "--workers",
    type=int,
    default=1,
    show_default=True,
    help="Worker processes on this machine; each loads its own models.",
)
@click.option(
    "--resume/--no-resume",
    default=True,
    show_default=True,
    help="Continue what an earlier run in DIR finished, or start over.",
)
@click.option("--keep-documents", is_flag=True, help="Keep the documents table, too.")
@click.option(
    "--keep-rejects/--no-keep-rejects",
    default=True,
    show_default=True,
    help="Keep what is thrown away as the rejects table, or count it only.",
)
@click.option(
    "--keep-holes",
    is_flag=True,
    help="Keep sentences of which a part is missing: a template of a wiki that is not known, a "
    "formula, an object in a text (U+FFFC).",
)
@click.option(
    "--hygiene/--no-hygiene",
    default=True,
    show_default=True,
    help="Of whole documents, drop those that repeat another one, and boilerplate and menus.",
)
@click.option(
    "--near-duplicates",
    type=float,
    metavar="JACCARD",
    help="Of sentences of one language that are this similar (0.7 to 1; by runs of three "
    "characters, in equal digits) keep one; for texts of one template, or published again.",
)
@click.option("--dry-run", is_flag=True, help="Print the plan and stop.")
@click.option("-v", "--verbose", count=True, help="Say more: tracebacks; -vv: Beam's own log, too.")
@click.option("-q", "--quiet", is_flag=True, help="Say nothing but errors.")
@click.pass_context
def cli(ctx: click.Context, /, verbose: int, quiet: bool, dry_run: bool, **options: Any) -> None:
    """Mine bitext: find the sentences of two languages that are translations of each other.

    \b
    mine --src lb --tgt de --input lbwiki.xml.bz2 --input dewiki.xml.bz2 --output lb-de/
    """
    if options["workers"] > 1 and verbose < 2:
        _silence_worker_processes()
    _set_up_logging(verbose, quiet)
    if ctx.invoked_subcommand is None:
        _main_job(options, ctx.obj.get("beam_args", ()), dry_run, quiet)


def _main_job(
    options: dict[str, Any], beam_args: tuple[str, ...], dry_run: bool, quiet: bool
) -> None:
    for name in ("src", "tgt", "output"):
        if options[name] is None:
            raise UserError(f"--{name} is missing: mine --src lb --tgt de --input ... --output DIR")
    from bitseam.pipelines.options import MineOptions

    chosen = MineOptions(**options, beam_args=beam_args)
    if dry_run:
        from bitseam.pipelines.plan import plan

        click.echo("\n".join(plan(chosen).lines()))
        return
    from bitseam.pipelines.job import mine

    summary = mine(chosen)
    if not quiet:
        click.echo("\n".join(summary.lines()))


@cli.command()
@click.argument("directory", metavar="DIR", type=click.Path(path_type=Path))
@click.option("--format", "format_", required=True, type=click.Choice(FORMATS))
@click.option("--output", required=True, metavar="PATH", type=click.Path(path_type=Path))
def export(directory: Path, format_: str, output: Path) -> None:
    """Write the pairs mined in DIR for other tools: moses, tsv, tmx, jsonl or huggingface."""
    from bitseam.pipelines.exporters import export_pairs

    rows = export_pairs(directory, format_, output)
    log.info("%s pairs written to %s", f"{rows:,}", output)


cli.add_command(align)
cli.add_command(evalset)
cli.add_command(evaluate)
cli.add_command(lid)
cli.add_command(report)
cli.add_command(train)
cli.add_command(words)


def _silence_worker_processes() -> None:
    """Give worker processes, which inherit descriptor 2, an empty stderr, and ourselves a copy.

    Beam's workers log to it whatever option they are given, through the middle of progress bars.
    """
    sys.stderr = os.fdopen(os.dup(2), "w", buffering=1, errors="backslashreplace")
    with Path(os.devnull).open("w") as nothing:
        os.dup2(nothing.fileno(), 2)


def _set_up_logging(verbose: int, quiet: bool) -> None:
    """Send our own lines to stderr; of the libraries', only with -vv."""
    ours = logging.ERROR if quiet else logging.DEBUG if verbose else logging.INFO
    libraries = logging.INFO if verbose > 1 else logging.CRITICAL
    logging.basicConfig(format="%(message)s", stream=sys.stderr, level=libraries)
    log.setLevel(ours)


def main() -> None:
    """Run the command line; errors end in one line and an exit code: 2 the user's, 1 a failure."""
    try:
        code = cli(standalone_mode=False, prog_name="mine")
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except (click.exceptions.Abort, KeyboardInterrupt):
        sys.exit(_complain("stopped; the same command continues a mining run where it was", 130))
    except BitseamError as error:
        sys.exit(_complain(str(error), error.exit_code))
    except Exception as error:
        message = str(error) if isinstance(error, OSError) else f"{type(error).__name__}: {error}"
        sys.exit(_complain(message, 1))
    sys.exit(code)


def _complain(message: str, exit_code: int) -> int:
    log.debug("traceback:", exc_info=True)
    click.echo(f"mine: {' '.join(message.split())}", err=True)
    return exit_code
