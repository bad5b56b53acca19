"""The command `mine evalset noisy`."""

from __future__ import annotations

from pathlib import Path

import click

_RATE = click.FloatRange(0, 1)


@click.command()
@click.argument("data", metavar="SET", type=click.Path(path_type=Path))
@click.option(
    "--output",
    required=True,
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="A new folder, with the files of the set under their names.",
)
@click.option(
    "--side",
    type=click.Choice(("src", "tgt", "both")),
    default="both",
    show_default=True,
    help="Whose texts get noise; the other side's are copied.",
)
@click.option("--ocr", type=_RATE, default=0.0, help="Share of characters read wrongly.")
@click.option(
    "--fraktur", is_flag=True, help="Read wrongly as in blackletter print, too: f for the long s."
)
@click.option(
    "--historical",
    type=_RATE,
    default=0.0,
    help="Of the words that had an older spelling, the share that gets it: German before 1901, "
    "Luxembourgish before 1950, French before 1835, English before 1800.",
)
@click.option(
    "--case", type=_RATE, default=0.0, help="Of the words with a capital, the share without."
)
@click.option(
    "--diacritics",
    type=_RATE,
    default=0.0,
    help="Of the letters with a diacritic, the share without.",
)
@click.option("--seed", type=click.IntRange(0), default=1, show_default=True)
@click.option("--src", metavar="LANG", help="Source language, where the set does not tell.")
@click.option("--tgt", metavar="LANG", help="Target language, where the set does not tell.")
def noisy(
    data: Path, output: Path, side: str, src: str | None, tgt: str | None, **noise: float
) -> None:
    """Copy the SET with noise in its texts, to measure how robust an encoder or a miner is.

    \b
    $ mine evalset noisy lb-de-set/ --side src --ocr 0.05 --historical 1 --output lb-de-noisy/

    SET is the --output of `mine evalset retrieval` or `mining`, a set in BUCC layout, a folder of
    line-aligned files named by language, or a file: Parquet with sentence1 and sentence2, or plain
    text, line by line. Gold and ids stay. A sentence gets the same noise wherever it stands, and at
    a higher rate what it gets at a lower one, and more; at rate 0 the bytes stay the same.
    """
    from bitseam.mining.benchmark.noise import NoiseOptions
    from bitseam.pipelines.evalset.noisy import NoisyOptions, write_noisy_set

    sides = ("src", "tgt") if side == "both" else (side,)
    report = write_noisy_set(
        NoisyOptions(data, output, NoiseOptions(**noise), sides, src, tgt)  # type: ignore[arg-type]
    )
    click.echo("\n".join(report.lines()))
