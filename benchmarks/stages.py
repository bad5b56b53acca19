"""Each stage of `mine` beside its floor: the same work called directly, in the same process.

    python benchmarks/stages.py [--sentences 50000]

The corpus is made up (benchmarks/corpus.py): JSON Lines of ten sentences a document, bzip2. Floors:

- read: one decompression pass over the files (as a stage, documents are also written);
- sentences: that, plus sentencex over the documents and one batched fastText predict, no answer
  looked at;
- embeddings: the encoder called on lists of the same sentences;
- neighbours: one float32 GEMM of all rows of both sides, its results thrown away. The search
  multiplies in int8: its ratio may be below 1.

Prints a Markdown table: rate, seconds, floor and ratio of the least of three runs each.
"""

from __future__ import annotations

import bz2
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import click
import numpy as np
import orjson
import sentencex
from corpus import made_up_lines

from bitseam.lid.identifiers import load_identifier
from bitseam.lid.identifiers.fasttext_model import FastTextIdentifier
from bitseam.mining.encoders import load_encoder
from bitseam.pipelines.job import mine
from bitseam.pipelines.options import MineOptions
from bitseam.pipelines.readers import ReadOptions, find_inputs, read_documents

RUNS = 3
DOCUMENT = 10  # sentences


def seconds(run: Callable[[], object]) -> float:
    began = time.perf_counter()
    run()
    return time.perf_counter() - began


def write_documents(folder: Path, count: int) -> tuple[list[Path], list[str]]:
    """Write both sides as JSON Lines; return the files and all sentences."""
    files, sentences = [], []
    for lang in ("lb", "de"):
        lines = list(made_up_lines(lang, count))
        sentences += lines
        texts = [" ".join(lines[at : at + DOCUMENT]) for at in range(0, count, DOCUMENT)]
        files.append(folder / f"{lang}.jsonl.bz2")
        rows = b"\n".join(orjson.dumps({"text": text, "lang": lang}) for text in texts)
        files[-1].write_bytes(bz2.compress(rows))
    return files, sentences


def read_all(files: list[Path]) -> None:
    for file in find_inputs([str(path) for path in files]):
        for _ in read_documents(file, ReadOptions()):
            pass


def floors(files: list[Path], sentences: list[str], rows: tuple[int, int]) -> dict[str, float]:
    """Return the seconds of each stage's bare work."""
    identifier, encoder = load_identifier("lid176"), load_encoder("static")
    assert isinstance(identifier, FastTextIdentifier)
    model: Any = identifier._model
    lines = [f"{sentence}\n" for sentence in sentences]
    documents = [
        " ".join(sentences[at : at + DOCUMENT]) for at in range(0, len(sentences), DOCUMENT)
    ]
    x, y = (
        np.random.default_rng(0).standard_normal((n, encoder.dimension), np.float32) for n in rows
    )
    block = np.empty((4096, len(y)), np.float32)

    def gemm() -> None:
        for at in range(0, len(x), 4096):
            part = x[at : at + 4096]
            np.matmul(part, y.T, out=block[: len(part)])

    one_pass = seconds(lambda: [bz2.decompress(path.read_bytes()) for path in files])
    segmenting = seconds(lambda: [sentencex.segment("lb", text) for text in documents])
    predicting = seconds(lambda: model.multilinePredict(lines, 1, 0.0, "strict"))
    return {
        "read": one_pass,
        "sentences": one_pass + segmenting + predicting,
        "embeddings": seconds(lambda: encoder.encode(sentences)),
        "neighbours": seconds(gemm),
    }


@click.command(help=__doc__.splitlines()[0])
@click.option("--sentences", "count", default=50_000, help="Sentences a side.")
def main(count: int) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        files, sentences = write_documents(folder, count)
        inputs = tuple(str(path) for path in files)
        options = MineOptions("lb", "de", folder / "warm", inputs)
        mine(options)  # compiles and loads: what is measured is the work
        took: dict[str, list[float]] = {}
        bare: dict[str, list[float]] = {}
        for run in range(RUNS):
            report = mine(replace(options, output=folder / f"run-{run}"))
            counts = report.manifests["embeddings"]["counts"]
            took.setdefault("read", []).append(seconds(lambda: read_all(files)))
            for stage in ("sentences", "embeddings", "neighbours"):
                took.setdefault(stage, []).append(report.manifests[stage]["seconds"])
            for stage, least in floors(
                files, sentences, (counts["unique src"], counts["unique tgt"])
            ).items():
                bare.setdefault(stage, []).append(least)
        click.echo("| stage | sentences/s | seconds | floor | ratio |\n|---|---|---|---|---|")
        for stage, runs in took.items():
            best, least = min(runs), min(bare[stage])
            rate = f"{2 * count / best:,.0f}"
            click.echo(f"| {stage} | {rate} | {best:.2f} | {least:.2f} | {best / least:.2f} |")


if __name__ == "__main__":
    main()
