"""Made-up corpora of any size: halves of real sentences, recombined, each line once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import polars as pl
from shared_data import ROOT, SHARED

_ROWS = 50_000


def base_sentences(lang: str) -> list[str]:
    """Return sentences of `lb` or `de`: of the shared data, or else of the example corpus."""
    code = {"lb": "ltz", "de": "deu"}[lang]
    files = [SHARED / "flores200_dev" / f"{code}_Latn.txt", SHARED / "ntrex_dev" / f"{code}.txt"]
    if all(path.is_file() for path in files):
        return [line for path in files for line in path.read_text("utf-8").split("\n") if line]
    gold = pl.read_csv(ROOT / "examples/lb-de/gold.tsv", separator="\t", quote_char=None)
    return gold["src_text" if lang == "lb" else "tgt_text"].to_list()


def made_up_lines(lang: str, count: int, seed: int = 0) -> Iterator[str]:
    """Yield `count` different lines: the first half of one sentence, the second of another."""
    words = [sentence.split() for sentence in base_sentences(lang)]
    heads = np.array([" ".join(line[: len(line) // 2]) for line in words], object)
    tails = np.array([" ".join(line[len(line) // 2 :]) for line in words], object)
    chance = np.random.default_rng(seed)
    for at in range(0, count, _ROWS):
        rows = min(_ROWS, count - at)
        first = heads[chance.integers(len(heads), size=rows)]
        second = tails[chance.integers(len(tails), size=rows)]
        # The running number keeps lines apart that drew the same halves.
        yield from (f"{a} {at + i} {b}" for i, (a, b) in enumerate(zip(first, second, strict=True)))


def write_lines(path: Path, lang: str, count: int, seed: int = 0) -> Path:
    """Write such lines as a text file."""
    with path.open("w", encoding="utf-8") as file:
        file.writelines(f"{line}\n" for line in made_up_lines(lang, count, seed))
    return path
