"""The command `mine align`. What it does is imported when it runs."""

from __future__ import annotations

import logging
from pathlib import Path

import click

from bitseam.schemas.choices import BOOTSTRAPS, Bootstrap
from bitseam.schemas.errors import UserError

log = logging.getLogger("bitseam")

FORMATS = ("vecalign", "tsv", "tmx", "parquet")


@click.command()
@click.argument("src_path", metavar="SRC")
@click.argument("tgt_path", metavar="TGT")
@click.option("--src", required=True, metavar="LANG", help="Language of SRC: lb, ltz, ...")
@click.option("--tgt", required=True, metavar="LANG", help="Language of TGT.")
@click.option(
    "--sentences",
    "in_lines",
    is_flag=True,
    help="Each line is a sentence, blank ones counted; else sentences are found.",
)
@click.option(
    "--format",
    "format_",
    type=click.Choice(FORMATS),
    help="By default as the name of --output ends; else vecalign with --sentences, or tsv.",
)
@click.option(
    "--output",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="File to write, compressed if its name ends in .gz, .bz2, .xz or .zst; "
    "else, or as -, standard output.",
)
@click.option(
    "--encoder",
    default="static",
    show_default=True,
    metavar="NAME_OR_PATH",
    help="Sentence encoder, as of mine.",
)
@click.option(
    "--bootstrap",
    type=click.Choice(BOOTSTRAPS),
    default="auto",
    show_default=True,
    help="Adapt the encoder to the surest beads and align again, if pairs held aside show that it "
    "helps: for languages that the encoder does not know, always, or never. It is kept as "
    "FILE.encoder.",
)
@click.option(
    "--lid-model",
    default="bitseam",
    show_default=True,
    metavar="NAME_OR_PATH",
    help="Language identifier that notices exchanged sides, as of mine.",
)
def align(
    src_path: str,
    tgt_path: str,
    src: str,
    tgt: str,
    in_lines: bool,
    format_: str | None,
    output: Path | None,
    encoder: str,
    bootstrap: Bootstrap,
    lid_model: str,
) -> None:
    """Align the sentences of documents that are translations of each other, m to n.

    \b
    $ mine align news.lb.txt news.de.txt --src lb --tgt de --sentences
    [0]:[0]:3.505820
    [1]:[1, 2]:9.089802

    SRC and TGT are two files, or two folders of files: text, JSON Lines, TSV or Parquet, as of
    mine. Of several documents those that belong together are found by what they say, or else by
    their names: a.lb.txt and a.de.txt, or the same name in both folders.

    vecalign: numbers of sentences from 0, then the cost, lower is better. tsv: with texts. tmx:
    beads with text on both sides. parquet: the table alignments, with offsets.

    Of a language that the encoder does not know, lengths and words decide, and an encoder adapted
    to the surest beads: see --bootstrap. It serves the next run: --encoder
    FILE.encoder/model.safetensors.
    """
    if output == Path("-"):
        output = None
    chosen = format_ or _format_of(output) or ("vecalign" if in_lines else "tsv")
    if output is not None and not (format_ or _format_of(output)):
        log.info("%s: its name tells no format: written as %s", output, chosen)
    if chosen == "parquet" and output is None:
        raise UserError("--format parquet is no text: name a file with --output")
    from bitseam.pipelines.align.run import align_paths

    align_paths(
        (src_path, tgt_path),
        (src, tgt),
        in_lines=in_lines,
        format_=chosen,
        output=output,
        encoder_name=encoder,
        bootstrap=bootstrap,
        identifier_name=lid_model,
    )


def _format_of(output: Path | None) -> str | None:
    """Return the format that an output's name ends in, as `out.tmx` or `out.tsv.gz`."""
    endings = [] if output is None else [suffix[1:] for suffix in output.suffixes]
    return next((ending for ending in reversed(endings) if ending in FORMATS), None)
