"""Each stage of `mine` beside its floor: what the same work costs called directly, in one run.

    python benchmarks/stages.py [--sentences 50000]

Floors: one pass over the bytes; a bare batched fastText predict (plus sentencex over the same
text, which lines do not need); the encoder called on lists; one GEMM of the size of each search.
Prints a Markdown table of rates and ratios, measured one after the other in one process.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import click
import numpy as np
from corpus import write_lines

from bitseam.lid.identify import load_identifier
from bitseam.mining.encoders import load_encoder
from bitseam.pipelines.job import mine
from bitseam.pipelines.options import MineOptions
from bitseam.pipelines.readers import ReadOptions, find_inputs, read_documents


def seconds(run: Callable[[], object]) -> float:
    began = time.perf_counter()
    run()
    return time.perf_counter() - began


def floors(texts: list[str], n: int, m: int) -> dict[str, float]:
    """Return the seconds of each stage's bare work."""
    identifier, encoder = load_identifier("lid176"), load_encoder("static")
    encoder.encode(texts[:100])  # compile
    x, y = (
        np.random.default_rng(0).standard_normal((rows, encoder.dimension), np.float32)
        for rows in (n, m)
    )

    def gemm() -> None:
        for at in range(0, n, 4096):
            x[at : at + 4096] @ y.T

    return {
        "sentences": seconds(lambda: identifier.predict(texts)),
        "embeddings": seconds(lambda: encoder.encode(texts)),
        "neighbours": 2 * seconds(gemm),
    }


@click.command()
@click.option("--sentences", "count", default=50_000, help="Lines a side.")
def main(count: int) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        files = {lang: write_lines(folder / f"{lang}.txt", lang, count) for lang in ("lb", "de")}
        texts = [line for path in files.values() for line in path.read_text("utf-8").split("\n")]

        def read() -> None:
            for file in find_inputs([str(path) for path in files.values()]):
                for _ in read_documents(file, ReadOptions(text_unit="line")):
                    pass

        reading = seconds(read)
        one_pass = seconds(lambda: [path.read_bytes().decode() for path in files.values()])
        options = MineOptions(
            "lb", "de", folder / "out", (), (str(files["lb"]),), (str(files["de"]),), "line"
        )
        warm = MineOptions(**{**vars(options), "output": folder / "warm"})
        mine(warm)  # compiles and loads: what is measured is the work
        report = mine(options)
        counts = report.manifests["embeddings"]["counts"]
        bare = floors(texts, counts["unique src"], counts["unique tgt"])
        click.echo("| stage | sentences/s | seconds | floor | ratio |\n|---|---|---|---|---|")
        rows = [("read", reading, one_pass)]
        rows += [(stage, report.manifests[stage]["seconds"], bare[stage]) for stage in bare]
        for stage, took, least in rows:
            rate = f"{2 * count / took:,.0f}"
            click.echo(f"| {stage} | {rate} | {took:.2f} | {least:.2f} | {took / least:.2f} |")


if __name__ == "__main__":
    main()
