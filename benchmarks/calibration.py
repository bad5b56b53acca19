"""Promised and realised precision, and what the re-scorer gains, on sets that were not in its fit.

    python benchmarks/calibration.py [--set lb-de ...] [--encoder MODEL.safetensors ...]

Needs the shared data (BITSEAM_SHARED, default ../shared). The four pairs of `mining_dev`, and as
domains that were not in the fit newstest and histlux with a tenth of their pairs hidden among the
rest; each as it is (9-10 % of the sentences have a translation), with 1 % (gold pairs lose one
side) and with 50 % (other sentences are left out), drawn by several seeds. Prints Markdown tables:
F1 at the best threshold of the margin, of the re-scorer without and with texts, and at
`--precision 0.9`; and realised less promised precision, in points, over the pairs of all seeds.

A pair counts as right if it is gold, or if the set itself holds a translation of one side that is
nearly the other: newstest tells many stories twice.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import click
import numpy as np
import polars as pl
from numpy.typing import NDArray
from rescorer_corpora import trigram_overlap
from rescorer_tasks import evidence_of, mine_candidates
from shared_data import SHARED, read_tsv, require_shared

from bitseam.mining.encoders.static import BUNDLED_MODEL, StaticEncoder
from bitseam.mining.evaluate.judged import best_threshold, f1, judge_pairs
from bitseam.mining.evaluate.statistics import score
from bitseam.mining.precision import estimate_precision, kept_at
from bitseam.mining.rescorer.model import log_odds
from bitseam.mining.retrieval import Pairs, select_rows

MINING_DEV = ("lb-de", "lb-fr", "lb-en", "de-en")
UNSEEN = ("newstest de-en", "newstest fr-en", "histlux lb-en")
SEEDS = {0.01: 5, 0.1: 1, 0.5: 2}  # share of sentences with a translation: drawings
TARGETS = (0.8, 0.9, 0.95)
NEAR = 0.5  # of trigrams
SEED = 5

Rows = NDArray[np.int64]


@dataclass(frozen=True)
class GoldSet:
    """Unique texts of both sides, the rows of the gold pairs `(g, 2)`, and all known pairs."""

    name: str
    src: list[str]
    tgt: list[str]
    gold: Rows
    known: pl.DataFrame

    def sampled(self, share: float, seed: int) -> tuple[Rows, Rows]:
        """Return the rows that stay when about `share` of the sentences have a translation."""
        rng = np.random.default_rng(seed)
        kept = [np.ones(len(its), bool) for its in (self.src, self.tgt)]
        if share == min(SEEDS):
            dropped = rng.permutation(self.gold)[round(share * min(map(len, kept))) :]
            side = rng.integers(2, size=len(dropped))
            for i in range(2):
                kept[i][dropped[side == i, i]] = False
        elif share == max(SEEDS):
            for i in range(2):
                others = np.setdiff1d(np.arange(len(kept[i])), self.gold[:, i])
                kept[i][rng.permutation(others)[len(self.gold) :]] = False
        src, tgt = map(np.flatnonzero, kept)
        return src, tgt


@dataclass
class Figures:
    """What is added up over the drawings of a set, and what is averaged."""

    right: Rows  # at each target
    kept: Rows
    f1: list[list[float]]


def load_set(name: str) -> GoldSet:
    """Read a set of `mining_dev`, or make one of parallel text."""
    if name in MINING_DEV:
        return _mining_dev(name)
    path = {"newstest": "newstest/newstest.tsv.gz", "histlux": "histlux/histlux_lb_en.tsv.gz"}
    kind, languages = name.split(" ")
    known = pl.DataFrame(read_tsv(SHARED / path[kind])).select(languages.split("-")).drop_nulls()
    known = known.rename(dict(zip(known.columns, ("src", "tgt"), strict=True)))
    rows = known.filter(pl.col("src").str.len_chars() >= 10)
    for side in ("src", "tgt"):
        rows = rows.unique(side, keep="first", maintain_order=True)
    order = np.random.default_rng(SEED).permutation(len(rows))
    both, alone = np.split(order, [len(rows) // 10])
    src, tgt = (np.concatenate([both, its]) for its in np.array_split(alone, 2))
    gold = np.stack([np.arange(len(both))] * 2, axis=1)
    return GoldSet(name, rows["src"][src].to_list(), rows["tgt"][tgt].to_list(), gold, known)


def _mining_dev(name: str) -> GoldSet:
    texts, rows = [], []
    for lang in name.split("-"):
        lines = (SHARED / "mining_dev" / f"{name}.{lang}").read_text("utf-8").rstrip("\n")
        ids, found = zip(*(line.split("\t", 1) for line in lines.split("\n")), strict=True)
        unique = {text: row for row, text in enumerate(dict.fromkeys(found))}
        texts.append([*unique])
        rows.append({key: unique[text] for key, text in zip(ids, found, strict=True)})
    lines = (SHARED / "mining_dev" / f"{name}.gold").read_text("utf-8").split("\n")
    pairs = (line.split("\t") for line in lines if line)
    gold = np.unique([(rows[0][src], rows[1][tgt]) for src, tgt in pairs], axis=0)
    known = pl.DataFrame({"src": [], "tgt": []}, schema={"src": pl.String, "tgt": pl.String})
    if name == "de-en":  # its other sentences come of newstest on both sides
        known = load_set("newstest de-en").known
    return GoldSet(name, *texts, gold, known)


def right_pairs(its: GoldSet, src: Rows, tgt: Rows) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Mark the pairs of rows that are gold, and those that are right."""
    width = len(its.tgt)
    gold = np.isin(src * width + tgt, its.gold[:, 0] * width + its.gold[:, 1])
    right = gold.copy()
    if len(its.known):
        translations = [
            dict(its.known.select(side, other).rows())
            for side, other in (("src", "tgt"), ("tgt", "src"))
        ]
        for i in np.flatnonzero(~gold):
            one, other = its.src[src[i]], its.tgt[tgt[i]]
            overlap = [
                trigram_overlap(translations[0].get(one, ""), other),
                trigram_overlap(translations[1].get(other, ""), one),
            ]
            right[i] = max(overlap) >= NEAR
    return gold, right


def drawn(its: GoldSet, encoder: StaticEncoder) -> Iterator[tuple[float, GoldSet, Pairs]]:
    """Yield the share, the sampled set and its candidates."""
    x, y = encoder.encode(its.src), encoder.encode(its.tgt)
    for share, seeds in SEEDS.items():
        for seed in range(seeds):
            src, tgt = its.sampled(share, seed)
            places = [np.full(len(side), -1) for side in (its.src, its.tgt)]
            places[0][src], places[1][tgt] = np.arange(len(src)), np.arange(len(tgt))
            gold = np.stack([places[i][its.gold[:, i]] for i in range(2)], axis=1)
            sampled = replace(
                its,
                src=[its.src[i] for i in src],
                tgt=[its.tgt[i] for i in tgt],
                gold=gold[(gold >= 0).all(axis=1)],
            )
            yield share, sampled, mine_candidates(x[src], y[tgt])


def measure(its: GoldSet, encoder: StaticEncoder) -> dict[float, Figures]:
    """Return the figures of each share."""
    found = {share: Figures(np.zeros(3, int), np.zeros(3, int), []) for share in SEEDS}
    for share, sampled, pairs in drawn(its, encoder):
        figures = found[share]
        best = [best_f1(sampled, pairs.take(select_rows(pairs, "max")))]
        texts = evidence_of(sampled.src, sampled.tgt, pairs, encoder)
        for evidence in (None, texts):
            odds = log_odds(pairs, evidence)
            order = np.argsort(-odds, kind="stable")
            chosen = order[select_rows(pairs.take(order), "max")]
            best.append(best_f1(sampled, pairs.take(chosen), odds[chosen]))
        gold, right = right_pairs(sampled, pairs.src[chosen], pairs.tgt[chosen])
        precision = estimate_precision(odds[chosen])
        for i, target in enumerate(TARGETS):
            kept = kept_at(precision, target)
            figures.right[i] += right[kept].sum()
            figures.kept[i] += kept.sum()
            if target == 0.9:
                best.append(2 * gold[kept].sum() / (kept.sum() + len(sampled.gold)))
        figures.f1.append(best)
    return found


def best_f1(its: GoldSet, pairs: Pairs, scores: NDArray[np.float32] | None = None) -> float:
    """Return F1 at the best threshold of the scores, of the margin if there are none."""
    gold = its.gold[:, 0], its.gold[:, 1]
    given = pairs.margin if scores is None else scores
    judged = judge_pairs(pairs.src, pairs.tgt, given, gold, len(its.src))
    return score(f1(judged, best_threshold(judged)))


@click.command()
@click.option("--set", "names", multiple=True, default=MINING_DEV + UNSEEN)
@click.option("--encoder", "paths", multiple=True, type=Path, default=(BUNDLED_MODEL,))
def main(names: tuple[str, ...], paths: tuple[Path, ...]) -> None:
    require_shared()
    for path in paths:
        encoder = StaticEncoder(path, name=path.stem)
        columns = "margin | scores alone | scores and texts | --precision 0.9"
        click.echo(f"\n{path.stem}\n\n| set | share | {columns} | at 0.8 | at 0.9 | at 0.95 |")
        click.echo(f"|---|---|{'---|' * 7}")
        for its in map(load_set, names):
            for share, figures in measure(its, encoder).items():
                realised = figures.right / np.maximum(figures.kept, 1)
                gaps = (
                    f"{100 * (a - b):+.1f}" if n else "none kept"
                    for a, b, n in zip(realised, TARGETS, figures.kept, strict=True)
                )
                values = (f"{value:.3f}" for value in np.mean(figures.f1, axis=0))
                click.echo(f"| {its.name} | {share} | {' | '.join([*values, *gaps])} |")


if __name__ == "__main__":
    main()
