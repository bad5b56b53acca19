"""What `mine evalset mining` costs and catches: a large set, planted near-duplicates and leaks.

    python benchmarks/evalset.py --sentences 1000000 --pairs 10000

Gold pairs and distractors are from the shared German and English news; distractors are the first
half of one sentence and the second of another. Among them stand near-duplicates of gold sentences,
and the data that gold is checked against hold copies of it, changed in several ways.
"""

from __future__ import annotations

import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import click
import polars as pl
import pyarrow as pa
from rapidfuzz.distance import Levenshtein
from shared_data import SHARED, read_tsv, require_shared

from bitseam.mining.benchmark.leaks import LeakCheck

SHARE_PLANTED = 0.01  # of the distractors
_LETTERS = "abcdefghijklmnopqrstuvwxyz"

Change = Callable[[str], str]


def changes(chance: random.Random, words: list[str]) -> dict[str, Change]:
    """Return ways in which a sentence may come back in other data."""

    def dropped(text: str) -> str:
        parts = text.split()
        parts.pop(chance.randrange(len(parts)))
        return " ".join(parts)

    def replaced(text: str) -> str:
        parts = text.split()
        parts[chance.randrange(len(parts))] = chance.choice(words)
        return " ".join(parts)

    def misread(share: float) -> Change:
        return lambda text: "".join(
            chance.choice(_LETTERS) if its.isalpha() and chance.random() < share else its
            for its in text
        )

    return {
        "as it is": str,
        "case and punctuation": lambda text: text.upper().replace(",", "").replace(".", "!"),
        "one word less": dropped,
        "one other word": replaced,
        "two other words": lambda text: replaced(replaced(text)),
        "2 % of letters misread": misread(0.02),
        "5 % of letters misread": misread(0.05),
        "its halves exchanged": lambda text: " ".join(
            (*text.split()[len(text.split()) // 2 :], *text.split()[: len(text.split()) // 2])
        ),
        "its first half": lambda text: text[: len(text) // 2],
        "within a longer line": lambda text: f"{text} {text[::-1]}",
    }


def measure_leaks(gold: list[str], others: list[str], chance: random.Random) -> None:
    """Print how many of the gold sentences are found, by what was done to them."""
    check = LeakCheck(pa.array(gold))
    words = " ".join(others).split()
    click.echo("| gold sentence in the other data | found | as exact |\n| --- | --- | --- |")
    for name, change in changes(chance, words).items():
        found = check.find(pa.array([change(text) for text in gold]))
        shares = len(found.rows) / len(gold), int(found.exact.sum()) / len(gold)
        click.echo(f"| {name} | {shares[0]:.1%} | {shares[1]:.1%} |")
    start = time.perf_counter()
    found = check.find(pa.array(others))
    seconds = time.perf_counter() - start
    click.echo(
        f"| not there: {len(others):,} other sentences | {len(found.rows)} in all | "
        f"{int(found.exact.sum())} |\n\n{len(others) / seconds:,.0f} texts a second\n"
    )
    for row, other in [*zip(found.rows, found.references, strict=True)][:5]:
        click.echo(f"  {gold[row]}\n  {others[other]}\n", err=True)


def write_distractors(
    path: Path, gold: list[str], others: list[str], count: int, chance: random.Random
) -> dict[str, str]:
    """Write `count` lines; return those that are near-duplicates of gold, and of what."""
    words = " ".join(others).split()
    ways = [*changes(chance, words).values()][2:6]
    planted: dict[str, str] = {}
    with path.open("w", encoding="utf-8") as file:
        for _ in range(count):
            if chance.random() < SHARE_PLANTED:
                text = chance.choice(gold)
                line = " ".join(chance.choice(ways)(text).split())
                if Levenshtein.normalized_similarity(text.lower(), line.lower()) >= 0.85:
                    planted[line] = text
            else:
                a, b = chance.choice(others), chance.choice(others)
                line = f"{a[: len(a) // 2]}{b[len(b) // 2 :]}"
            file.write(f"{line}\n")
    return planted


@click.command(help=__doc__.splitlines()[0])
@click.option("--sentences", default=1_000_000, help="Distractors a side to choose from.")
@click.option("--pairs", default=10_000, help="Gold pairs.")
def main(sentences: int, pairs: int) -> None:
    require_shared()
    chance = random.Random(7)
    news = pl.DataFrame(read_tsv(SHARED / "newstest" / "newstest.tsv.gz")).drop_nulls(["de", "en"])
    news = news.filter(pl.all_horizontal(pl.col("de", "en").str.len_chars() > 20)).unique(
        ["de"], keep="first", maintain_order=True
    )
    gold = news.sample(pairs, seed=1)
    others = news.join(gold, on="de", how="anti")
    measure_leaks(gold["de"].to_list()[:5000], others["de"].to_list(), chance)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        gold.select("de", "en").write_csv(folder / "gold.tsv", separator="\t", quote_style="never")
        planted = {
            code: write_distractors(
                folder / f"mono.{code}",
                gold[code].to_list(),
                others[code].to_list(),
                sentences,
                chance,
            )
            for code in ("de", "en")
        }
        measure_set(folder, planted, 0.95 * sentences / pairs)


def measure_set(folder: Path, planted: dict[str, dict[str, str]], distractors: float) -> None:
    """Print what a set with so many distractors a gold sentence costs, and what it lets through."""
    command = [
        *(str(Path(sys.executable).with_name("mine")), "evalset", "mining"),
        *(str(folder / "gold.tsv"), "--output", str(folder / "set")),
        *("--src-mono", str(folder / "mono.de"), "--tgt-mono", str(folder / "mono.en")),
        *("--gold-share", f"{1 / (1 + distractors):.6f}"),
    ]
    start = time.perf_counter()
    subprocess.run(command, check=True, stdout=sys.stderr)
    seconds = time.perf_counter() - start
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    click.echo(
        f"{seconds:,.0f} s, {used.ru_utime + used.ru_stime:,.0f} s of processors, "
        f"{used.ru_maxrss * 1024 / 1e9:.1f} GB at most"
    )
    rejects = pl.read_parquet(folder / "set" / "rejects.parquet")
    for code, side in (("de", "source"), ("en", "target")):
        rows = pl.read_parquet(sorted((folder / "set" / side).glob("*.parquet")))
        is_gold = pl.col("origin") == "gold"
        gold = {*rows.filter(is_gold)["text"]}
        # A pair is no gold after all if a sentence of it stands in another one.
        near = {line for line, text in planted[code].items() if text in gold}
        let_through = near & {*rows.filter(~is_gold)["text"]}
        click.echo(
            f"{code}: {len(rows):,} sentences, {len(near):,} near-duplicates planted, "
            f"{len(let_through)} let through"
        )
    click.echo(rejects.group_by("what", "reason").len().sort("what", "reason"))


if __name__ == "__main__":
    main()
