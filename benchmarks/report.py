"""Time and peak memory of `mine report` over a made-up run of a million pairs.

    python benchmarks/report.py --pairs 1000000 --keep DIR

For each pair there are three sentences on either side, a reject in three languages or reasons of
the first stage and two pairs that were left out; the documents table is kept, thirty sentences a
document. The tables are of the real schemas, the texts halves of real sentences.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import click
import numpy as np
import polars as pl
import pyarrow as pa
from corpus import base_sentences

from bitseam.pipelines.atomic import write_json
from bitseam.pipelines.parquet import write_table
from bitseam.schemas import tables

PAIRS_ROWS = 1 << 19  # of one file, as in a run
SHARD = 50_000  # sentences
OF_DOCUMENT = 30  # sentences
HOSTS = 5_000
LANGUAGES = {"src": ("ltz_Latn", "lb"), "tgt": ("deu_Latn", "de")}
REASONS = ("other_language", "too_short", "boilerplate", "low_lang_score")
# A process that starts another one is counted with it until then: a small one must do it.
MEASURED = """import resource, subprocess, sys
subprocess.run(sys.argv[1:], check=True)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
"""
SIGNATURE = "bitseam:0|encoder:made-up|k:4|margin:ratio|retrieval:max"


class MadeUpRun:
    """Writes the tables of a run of `pairs` pairs, whose sentences are numbered from 0 a side."""

    def __init__(self, folder: Path, pairs: int) -> None:
        self.folder, self.pairs, self.sentences = folder, pairs, 3 * pairs
        self.chance = np.random.default_rng(0)
        self.texts = {
            side: pl.Series(base_sentences(code)) for side, (_, code) in LANGUAGES.items()
        }
        self.margins = -np.sort(-self.chance.normal(1.3, 0.1, pairs)).astype(np.float32)

    def text(self, side: str, numbers: np.ndarray) -> pl.Series:
        """Return sentences that differ by their number."""
        texts = self.texts[side]
        chosen = pl.DataFrame({"text": texts[numbers * 7919 % len(texts)], "n": numbers})
        return chosen.select(pl.format("{} {}", "text", "n")).to_series()

    def write(self) -> None:
        stages = {
            "sentences": self._stage("sentences", self._sentences(), **self._first_counts()),
            "embeddings": self._stage(
                "embeddings",
                iter(()),
                counts={f"unique {side}": self.sentences for side in LANGUAGES},
                files=[],
            ),
            "neighbours": self._stage("neighbours", iter(()), counts={}, files=[]),
            "pairs": self._stage(
                "pairs",
                self._pairs(),
                counts={
                    "candidates": 6 * self.pairs,
                    "pairs": self.pairs,
                    "rejected below_precision": 2 * self.pairs,
                },
                precision=0.9,
                threshold=None,
                estimated={"precision": 0.9, "recall": 0.8},
                signature=SIGNATURE,
            ),
        }
        self._write("documents", self._documents())
        self._write("rejects/sentences", self._rejects())
        self._write("rejects/pairs", self._left_out())
        names = {side: language for side, (language, _) in LANGUAGES.items()}
        record = {"bitseam": "0", **names, "options": {"scope": "sentences"}, "inputs": []}
        write_json(self.folder / "manifest.json", {**record, "stages": stages})

    def _first_counts(self) -> dict[str, object]:
        counts = {f"sentences {language}": self.sentences for language, _ in LANGUAGES.values()}
        counts |= {f"rejected {reason}": 3 * self.pairs // len(REASONS) for reason in REASONS}
        counts["documents"] = 2 * self.sentences // OF_DOCUMENT
        return {"counts": counts, "identifier": ["bitseam", "made-up"]}

    def _stage(self, name: str, parts: Iterator[pa.Table], **record: object) -> dict[str, object]:
        files = [
            {"name": path.name, "bytes": path.stat().st_size} for path in self._write(name, parts)
        ]
        manifest = {"stage": name, "seconds": 1.0, "files": files, **record}
        write_json(self.folder / name / ".manifest.json", manifest)
        return manifest

    def _write(self, name: str, parts: Iterator[pa.Table]) -> list[Path]:
        paths = []
        for number, part in enumerate(parts):
            paths.append(self.folder / name / f"{name.replace('/', '-')}-{number:05d}.parquet")
            write_table(paths[-1], part)
        return paths

    def _shards(self) -> Iterator[tuple[str, np.ndarray]]:
        for side in LANGUAGES:
            for at in range(0, self.sentences, SHARD):
                yield side, np.arange(at, min(at + SHARD, self.sentences))

    def _sentences(self) -> Iterator[pa.Table]:
        for side, numbers in self._shards():
            frame = pl.DataFrame(
                {
                    "sentence_id": sentence_ids(side, numbers),
                    "lang": pl.repeat(LANGUAGES[side][0], len(numbers), eager=True),
                    "lang_score": np.float32(0.9) + 0 * numbers,
                    "text": self.text(side, numbers),
                    "doc_id": doc_ids(side, numbers),
                    "position": numbers % OF_DOCUMENT,
                    "start": numbers % OF_DOCUMENT * 100,
                    "end": numbers % OF_DOCUMENT * 100 + 99,
                }
            )
            yield frame.to_arrow().cast(tables.SENTENCES)

    def _documents(self) -> Iterator[pa.Table]:
        for side, numbers in self._shards():
            ids = doc_ids(side, numbers[::OF_DOCUMENT])
            hosts = self.chance.integers(HOSTS, size=len(ids))
            frame = pl.DataFrame({"doc_id": ids, "host": hosts}).select(
                "doc_id",
                url=pl.format("https://site{}.example.org/{}", "host", "doc_id"),
                title=pl.lit(None, pl.String),
                lang_hint=pl.lit(LANGUAGES[side][0]),
                text=pl.lit("made up"),
            )
            yield frame.to_arrow().cast(tables.DOCUMENTS)

    def _pairs(self) -> Iterator[pa.Table]:
        # As a run writes it, with the estimate that came later than the first schema.
        schema = tables.PAIRS
        if "precision" not in schema.names:
            schema = schema.append(pa.field("precision", pa.float32()))
        schema = schema.with_metadata({**tables.PAIRS.metadata, "bitseam.signature": SIGNATURE})
        for at in range(0, self.pairs, PAIRS_ROWS):
            rows = np.arange(at, min(at + PAIRS_ROWS, self.pairs))
            margins = self.margins[rows]
            columns: dict[str, object] = {
                "margin": margins,
                "cosine": margins / 2,
                "precision": (1 / (1 + np.exp(-20 * (margins - 1.15)))).astype(np.float32),
            }
            for side, (language, _) in LANGUAGES.items():
                columns |= {
                    f"{side}_id": sentence_ids(side, 3 * rows),
                    f"{side}_text": self.text(side, 3 * rows),
                    f"{side}_lang": pl.repeat(language, len(rows), eager=True),
                    f"{side}_doc": doc_ids(side, 3 * rows),
                }
            frame = pl.DataFrame(columns)
            ones = [name for name in schema.names if name not in frame.columns]
            filled = frame.with_columns(pl.lit(1).alias(name) for name in ones)
            filled = filled.with_columns(alignment=pl.lit("sentences"))
            yield filled.select(schema.names).to_arrow().cast(schema)

    def _rejects(self) -> Iterator[pa.Table]:
        for at in range(0, 3 * self.pairs, SHARD):
            numbers = np.arange(at, min(at + SHARD, 3 * self.pairs))
            side = "src" if at % (2 * SHARD) else "tgt"
            frame = pl.DataFrame(
                {
                    "reason": pl.Series(REASONS)[numbers % len(REASONS)],
                    "doc_id": doc_ids(side, numbers),
                    "text": self.text(side, numbers),
                }
            ).select(
                what=pl.lit("sentence"),
                stage=pl.lit("sentences"),
                reason="reason",
                source=pl.lit("made-up"),
                doc_id="doc_id",
                start=pl.lit(0),
                end=pl.lit(9),
                text="text",
                detail=pl.lit("eng_Latn 0.98"),
            )
            yield frame.to_arrow().cast(tables.REJECTS)

    def _left_out(self) -> Iterator[pa.Table]:
        for at in range(0, 2 * self.pairs, SHARD):
            numbers = np.arange(at, min(at + SHARD, 2 * self.pairs))
            frame = pl.DataFrame(
                {
                    "margin": self.chance.normal(1.05, 0.05, len(numbers)).astype(np.float32),
                    "src": sentence_ids("src", numbers),
                    "tgt": sentence_ids("tgt", numbers),
                }
            ).select(
                what=pl.lit("pair"),
                stage=pl.lit("pairs"),
                reason=pl.lit("below_precision"),
                source=pl.lit("neighbours"),
                **dict.fromkeys(("doc_id", "start", "end", "text"), pl.lit(None)),
                detail=pl.format("margin {}, precision 0.1, of {} and {}", "margin", "src", "tgt"),
            )
            yield frame.to_arrow().cast(tables.REJECTS)


def sentence_ids(side: str, numbers: np.ndarray) -> np.ndarray:
    """Return ids that are as spread as hashes are."""
    odd = np.uint64(0x9E3779B97F4A7C15)
    return ((2 * numbers + (side == "tgt")).astype(np.uint64) * odd).view(np.int64)


def doc_ids(side: str, numbers: np.ndarray) -> pl.Series:
    frame = pl.DataFrame({"n": numbers // OF_DOCUMENT})
    return frame.select(pl.format("crawl-{}.jsonl#{}", pl.lit(side), "n")).to_series()


@click.command()
@click.option("--pairs", default=1_000_000, show_default=True)
@click.option("--keep", type=click.Path(path_type=Path), help="Where the run is made, and left.")
def main(pairs: int, keep: Path | None) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = keep or Path(name) / "run"
        if not folder.exists():
            MadeUpRun(folder, pairs).write()
        page = folder / "report.html"
        command = [Path(sys.executable).with_name("mine"), "report", folder, "--output", page]
        began = time.monotonic()
        done = subprocess.run(
            [sys.executable, "-c", MEASURED, *map(str, command)],
            check=True,
            stdout=subprocess.PIPE,
        )
        seconds = time.monotonic() - began
        memory = int(done.stdout) * 1024
        click.echo("| pairs | sentences | rejects | time | peak memory | page |")
        click.echo("|---|---|---|---|---|---|")
        click.echo(
            f"| {pairs:,} | {6 * pairs:,} | {5 * pairs:,} | {seconds:.1f} s "
            f"| {memory / 1e6:,.0f} MB | {page.stat().st_size / 1e3:,.0f} KB |"
        )


if __name__ == "__main__":
    main()
