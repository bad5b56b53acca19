"""What identification and segmentation cost beside fastText's prediction, as a Markdown table.

    python benchmarks/lid_speed.py [--lid-model bitseam]

Needs the shared data (BITSEAM_SHARED, default ../shared). The measure is fastText's batched
`multilinePredict` with lid.176.ftz on the sentences, one answer each, none looked at. Times are
processor time of one thread, the least of a few runs. The documents are made of NTREX's.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable

import click
import pyarrow as pa
from shared_data import SHARED

from bitseam.lid.divide import divide
from bitseam.lid.extract import ExtractOptions, extract_sentences
from bitseam.lid.identifiers import DEFAULT_MODEL, Identifier, load_identifier
from bitseam.lid.identifiers.fasttext_model import FastTextIdentifier
from bitseam.schemas.choices import TextUnit
from bitseam.schemas.tables import DOCUMENTS

RUNS = 5
COPIES = 4
CODES = {"ltz": "lb", "deu": "de"}


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


def extract_seconds(identifier: Identifier, rows: pa.RecordBatch, unit: TextUnit) -> float:
    options = ExtractOptions(src="ltz_Latn", tgt="deu_Latn", text_unit=unit)
    return seconds(lambda: extract_sentences(rows, identifier, options))


@click.command(help=__doc__.splitlines()[0])
@click.option("--lid-model", default=DEFAULT_MODEL, show_default=True)
def main(lid_model: str) -> None:
    identifier = load_identifier(lid_model)
    fasttext = load_identifier("lid176")
    assert isinstance(fasttext, FastTextIdentifier)
    predict_all = fasttext._model.multilinePredict
    header = ["documents", "sentences", "fastText", "segment", "identify", "both / fastText", "all"]
    click.echo(f"| {' | '.join(header)} |\n|{' --- |' * len(header)}")
    for language, code in CODES.items():
        texts = documents(language) * COPIES
        whole = divide(batch(texts, None), identifier, 500, False).texts
        lines = [text + "\n" for text in whole.to_pylist()]
        predicting = seconds(lambda lines=lines: predict_all(lines, 1, 0.0, "strict"))
        for unit in ("document", "line"):
            rows = batch(texts if unit == "document" else whole.to_pylist(), f"{language}_Latn")
            in_lines = unit == "line"
            parts = divide(rows, identifier, 500, in_lines).texts
            dividing = seconds(
                lambda rows=rows, in_lines=in_lines: divide(rows, identifier, 500, in_lines)
            )
            naming = seconds(lambda parts=parts: identifier.predict(parts))
            took = extract_seconds(identifier, rows, unit)
            times = [1e6 * second / len(lines) for second in (predicting, dividing, naming, took)]
            cells = [f"{time:.1f} us" for time in times]
            cells.insert(3, f"{(dividing + naming) / predicting:.2f}")
            click.echo(f"| {code}, {unit} | {len(lines)} | {' | '.join(cells)} |")


if __name__ == "__main__":
    main()
