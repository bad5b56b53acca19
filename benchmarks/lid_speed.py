"""What `extract_sentences` costs beside the bare libraries it stands on, as a Markdown table.

    python benchmarks/lid_speed.py [--lid-model lid176]

Needs the shared data (BITSEAM_SHARED, default ../shared). The bare cost is the sum of sentencex on
each paragraph and of fastText's `multilinePredict` on each of its sentences, no answer looked at;
times are processor time, the least of a few runs. The documents are made of NTREX's.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable
from typing import Any, Literal, NamedTuple

import click
import pyarrow as pa
import sentencex
from shared_data import SHARED

from bitseam.lid.extract import ExtractOptions, extract_sentences
from bitseam.lid.identifiers import MIN_PROBABILITY, TOP, Identifier, load_identifier
from bitseam.lid.identifiers.fasttext_model import FastTextIdentifier
from bitseam.schemas.tables import DOCUMENTS

RUNS = 5
COPIES = 4
Unit = Literal["document", "line"]
CODES = {"ltz": "lb", "deu": "de"}


class Bare(NamedTuple):
    """Seconds of the libraries alone."""

    segmentation: float
    prediction: float


def documents(code: str) -> list[str]:
    """The documents of NTREX in one language, a paragraph every five sentences."""
    folder = SHARED / "ntrex_dev"
    names = (folder / "doc_ids.txt").read_text("utf-8").removesuffix("\n").split("\n")
    lines = (folder / f"{code}.txt").read_text("utf-8").removesuffix("\n").split("\n")
    sentences = defaultdict(list)
    for name, line in zip(names, lines, strict=True):
        sentences[name].append(line)
    return [
        "\n\n".join(" ".join(document[i : i + 5]) for i in range(0, len(document), 5))
        for document in sentences.values()
    ]


def batch(texts: list[str], hint: str | None) -> pa.RecordBatch:
    n = len(texts)
    columns = [
        pa.array([str(i) for i in range(n)]),
        pa.nulls(n, pa.string()),
        pa.nulls(n, pa.string()),
        pa.array([hint] * n, pa.string()),
        pa.array(texts, pa.string()),
    ]
    return pa.RecordBatch.from_arrays(columns, schema=DOCUMENTS)


def seconds(work: Callable[[], object]) -> float:
    def once() -> float:
        began = time.process_time()
        work()
        return time.process_time() - began

    return min(once() for _ in range(RUNS))


def bare_seconds(model: Any, code: str, paragraphs: list[str], sentences: list[str]) -> Bare:
    return Bare(
        seconds(lambda: [sentencex.segment(code, paragraph) for paragraph in paragraphs]),
        seconds(lambda: model.multilinePredict(sentences, TOP, MIN_PROBABILITY, "strict")),
    )


def extract_seconds(
    identifier: Identifier, texts: list[str], unit: Unit, hint: str | None
) -> float:
    rows = batch(texts, hint)
    options = ExtractOptions(src="ltz_Latn", tgt="deu_Latn", text_unit=unit)
    return seconds(lambda: extract_sentences(rows, identifier, options))


@click.command(help=__doc__.splitlines()[0])
@click.option("--lid-model", default="lid176", show_default=True)
def main(lid_model: str) -> None:
    identifier = load_identifier(lid_model)
    assert isinstance(identifier, FastTextIdentifier)
    click.echo("| documents | sentences | sentencex | multilinePredict | extract | ratio |")
    click.echo("| --- | --- | --- | --- | --- | --- |")
    units: list[tuple[Unit, bool]] = [("document", False), ("document", True), ("line", False)]
    for language, code in CODES.items():
        texts = documents(language) * COPIES
        paragraphs = [paragraph for text in texts for paragraph in text.split("\n\n")]
        parts = [part for text in paragraphs for part in sentencex.segment(code, text)]
        sentences = [part.strip() + "\n" for part in parts]
        bare = bare_seconds(identifier._model, code, paragraphs, sentences)
        for unit, declared in units:
            units_of_text = texts if unit == "document" else sentences
            hint = f"{language}_Latn" if declared else None
            took = extract_seconds(identifier, units_of_text, unit, hint)
            base = bare.prediction + (bare.segmentation if unit == "document" else 0)
            times = [1e6 * second / len(sentences) for second in (*bare, took)]
            name = f"{language}, {unit}{', declared' if declared else ''}"
            cells = [name, str(len(sentences)), *(f"{time:.1f} us" for time in times)]
            click.echo(f"| {' | '.join(cells)} | {took / base:.2f} |")


if __name__ == "__main__":
    main()
