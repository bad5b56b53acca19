"""Mining quality on `mining_dev`: the whole `mine` command beside a plain margin miner.

    python benchmarks/mining_f1.py [--pair lb-de ...] [--encoder static]

Needs the shared data (BITSEAM_SHARED, default ../shared). Prints a Markdown table: precision,
recall and F1 of `mine` at three promised precisions and at the best threshold, re-scored and by the
margin alone, and of the same encoder's vectors of the raw lines mined the way the public
sentence-transformers example does (k=4, ratio, forward and backward best, greedy one-to-one), with
a flat index and with an inverted file.
"""

from __future__ import annotations

import math
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import click
import faiss
import numpy as np
import polars as pl
from shared_data import SHARED, require_shared

from bitseam.mining.encoders import load_encoder
from bitseam.mining.evaluate.judged import (
    JudgedPairs,
    best_threshold,
    f1,
    judge_pairs,
    precision,
    recall,
)
from bitseam.mining.evaluate.statistics import score

DATA = SHARED / "mining_dev"
Scored = list[tuple[str, str, float]]  # source, target, margin or estimated precision


@dataclass(frozen=True)
class Task:
    """One language pair: both sides' texts and the gold pairs as texts."""

    name: str
    src: list[str]
    tgt: list[str]
    gold: frozenset[tuple[str, str]]


def load_task(name: str) -> Task:
    sides = []
    for lang in name.split("-"):
        lines = (DATA / f"{name}.{lang}").read_text("utf-8").rstrip("\n").split("\n")
        sides.append(dict(line.split("\t", 1) for line in lines))
    gold = (DATA / f"{name}.gold").read_text("utf-8").split("\n")
    pairs = [line.split("\t") for line in gold if line]
    return Task(
        name,
        *(list(side.values()) for side in sides),
        frozenset((sides[0][src], sides[1][tgt]) for src, tgt in pairs),
    )


CUTS = {
    "precision 0.9": (),
    "precision 0.8": ("--precision", "0.8"),
    "precision 0.95": ("--precision", "0.95"),
    "best": ("--threshold", "0"),
    "margin alone, precision 0.9": ("--no-rescore",),
    "margin alone, best": ("--threshold", "0", "--no-rescore"),
}


def mined(task: Task, encoder: str, known_sides: bool) -> Iterator[tuple[str, Scored]]:
    """Run `mine` and yield what it keeps, by each of `CUTS`."""
    with tempfile.TemporaryDirectory() as folder:
        files = {}
        for side, lang, texts in zip(
            ("src", "tgt"), task.name.split("-"), (task.src, task.tgt), strict=True
        ):
            files[side] = Path(folder, f"{lang}.txt")
            files[side].write_text("\n".join(texts) + "\n", "utf-8")
        flags = ("--src-input", "--tgt-input") if known_sides else ("--input", "--input")
        src, tgt = task.name.split("-")
        output = Path(folder, "out")
        command = [
            *(Path(sys.executable).with_name("mine"), "--src", src, "--tgt", tgt, "-q"),
            *(flags[0], files["src"], flags[1], files["tgt"], "--text-unit", "line"),
            *("--encoder", encoder, "--output", output, "--max-chars", "2000"),
        ]
        for name, options in CUTS.items():
            subprocess.run([*command, *options], check=True)
            pairs = pl.read_parquet(output / "pairs" / "*.parquet")
            score = "margin" if "--no-rescore" in options else "precision"
            yield name, pairs.select("src_text", "tgt_text", score).rows()


def plain(task: Task, encoder: str, lists: int | None) -> Scored:
    """Mine the raw lines by the public example's recipe; `lists` makes it an inverted file."""
    src, tgt = (list(dict.fromkeys(texts)) for texts in (task.src, task.tgt))
    model = load_encoder(encoder)
    x, y = model.encode(src), model.encode(tgt)

    def search(queries: np.ndarray, database: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        index = faiss.IndexFlatIP(database.shape[1])
        if lists:
            index = faiss.IndexIVFFlat(index, database.shape[1], lists, faiss.METRIC_INNER_PRODUCT)
            index.train(database)
            index.nprobe = 3
        index.add(database)
        return index.search(queries, 4)

    (forward, to), (backward, back) = search(x, y), search(y, x)
    src_means, tgt_means = forward.mean(1), backward.mean(1)
    candidates = []
    for i, (row, cosines) in enumerate(zip(to, forward, strict=True)):
        scores = cosines / ((src_means[i] + tgt_means[row]) / 2)
        best = scores.argmax()
        candidates.append((scores[best], i, row[best]))
    for j, (row, cosines) in enumerate(zip(back, backward, strict=True)):
        scores = cosines / ((tgt_means[j] + src_means[row]) / 2)
        best = scores.argmax()
        candidates.append((scores[best], row[best], j))
    used: tuple[set[int], set[int]] = set(), set()
    pairs = []
    for margin, i, j in sorted(candidates, reverse=True):
        if i not in used[0] and j not in used[1]:
            used[0].add(i)
            used[1].add(j)
            pairs.append((src[i], tgt[j], float(margin)))
    return pairs


def judge(pairs: Scored, gold: frozenset[tuple[str, str]]) -> JudgedPairs:
    """Compare pairs with gold by their texts."""
    every = [*(pair[:2] for pair in pairs), *sorted(gold)]
    src, tgt = (np.unique(side, return_inverse=True)[1] for side in zip(*every, strict=True))
    found = len(pairs)
    margins = [margin for _, _, margin in pairs]
    return judge_pairs(
        src[:found], tgt[:found], margins, (src[found:], tgt[found:]), int(src.max()) + 1
    )


@click.command()
@click.option("--pair", "names", multiple=True, default=("lb-de", "lb-fr", "lb-en", "de-en"))
@click.option("--encoder", default="static")
def main(names: tuple[str, ...], encoder: str) -> None:
    require_shared()
    click.echo("| pair | miner | threshold | precision | recall | F1 |\n|---|---|---|---|---|---|")
    for name in names:
        task = load_task(name)
        rows: list[tuple[str, JudgedPairs, float]] = []
        for known, label in ((True, "known sides"), (False, "mixed inputs")):
            for cut, scored in mined(task, encoder, known):
                pairs = judge(scored, task.gold)
                at = best_threshold(pairs) if cut.endswith("best") else -math.inf
                rows.append((f"mine, {label}, {cut}", pairs, at))
        for lists, label in ((None, "flat"), (128, "IVF")):
            pairs = judge(plain(task, encoder, lists), task.gold)
            rows.append((f"plain miner, {label}, best", pairs, best_threshold(pairs)))
        for label, pairs, threshold in rows:
            metrics = (metric(pairs, threshold) for metric in (precision, recall, f1))
            scores = " | ".join(f"{score(metric):.3f}" for metric in metrics)
            shown = f"{threshold:.3f}" if math.isfinite(threshold) else ""
            click.echo(f"| {name} | {label} | {shown} | {scores} |")


if __name__ == "__main__":
    main()
