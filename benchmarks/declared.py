"""Short sentences of a declared side: kept in spite of sister languages, lost if foreign.

    python benchmarks/declared.py

Needs the shared data (BITSEAM_SHARED): FLORES' development set, of which each segment is cut to its
first words. The first table is over all languages that the bundled identifier knows, but Chinese: a
file of forty fragments declared to be in one (the other side is English), and the share that is
kept. The second has files of two hundred fragments with a hundred of another language below them:
which share of the file's own is kept, and which of the foreign passes. `before`: without the doubt
about languages that nobody asked for and that the model confuses (`lid/decide.py`).
"""

from __future__ import annotations

from contextlib import ExitStack
from unittest.mock import patch

import click
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from shared_data import SHARED, read_tsv, require_shared

from bitseam.lid import decide as rule
from bitseam.lid.identifiers import Identifier, load_identifier
from bitseam.lid.identifiers.labels import find_language

CHARACTERS = (24, 40, 80, 1000)
MIN_SCORE = 0.5
PAIRS = (
    *("ltz deu deu", "ltz deu fra", "ltz fra deu", "ltz nld deu", "ltz eng deu", "deu ltz ltz"),
    *("hin eng eng", "hin mar eng", "hin mar mar", "nob dan eng", "nob dan dan", "ces slk slk"),
    *("glg spa eng", "glg por eng", "ind zsm eng", "ukr rus eng", "cat spa eng"),
)
SCRIPTS = {"hin": "Deva", "mar": "Deva", "ukr": "Cyrl", "rus": "Cyrl"}


def shortened(text: str, characters: int) -> str:
    if len(text) <= characters:
        return text
    head = text[:characters]
    return head.rpartition(" ")[0] or head[: characters // 2]


class Bench:
    def __init__(self, identifier: Identifier) -> None:
        self.identifier = identifier
        self.flores = read_tsv(SHARED / "flores200_dev/all_languages.tsv.gz")

    def index(self, language: str) -> int:
        found = find_language(language, self.identifier.languages)
        return -1 if found is None else found

    def fragments(self, language: str, characters: int, first: int, last: int) -> list[str]:
        lines = self.flores[language].slice(first, last - first).to_pylist()
        return [shortened(line, characters) for line in lines]

    def passes(self, texts: list[str], language: str, other: str) -> np.ndarray:
        """Tell which texts of one file are kept as the language that it was declared to be in."""
        arrays = pa.array(texts, pa.string())
        n, side = len(texts), self.index(language)
        context = rule.Context(
            np.zeros(n, np.int64),
            pc.utf8_length(arrays).to_numpy(zero_copy_only=False),
            np.full(n, side, np.int32),
        )
        sides = side, self.index(other)
        prior = self.identifier.trained_prior
        found = rule.decide(self.identifier.predict(arrays), prior, sides, context)
        return (found.languages == side) & (found.scores >= MIN_SCORE)

    def kept(self, characters: int) -> list[float]:
        names = [name for name in self.flores.column_names if name != "dev_line"]
        known = [x for x in names if self.index(x) >= 0 and not x.startswith(("zho", "yue"))]
        return [
            float(self.passes(self.fragments(x, characters, 0, 40), x, other).mean())
            for x in known
            for other in ["eng_Latn" if x != "eng_Latn" else "deu_Latn"]
        ]

    def pair(self, home: str, guest: str, other: str) -> list[str]:
        cells = []
        for characters in CHARACTERS:
            texts = self.fragments(home, characters, 0, 200)
            texts += self.fragments(guest, characters, 200, 300)
            found = self.passes(texts, home, other)
            cells.append(f"{found[:200].mean():.2f} / {found[200:].mean():.2f}")
        return cells


def before() -> ExitStack:
    stack = ExitStack()
    stack.enter_context(patch.object(rule, "UNASKED", 1.0))
    stack.enter_context(patch.object(rule, "OVERLAP", 1e9))
    return stack


@click.command(help=__doc__.splitlines()[0])
def main() -> None:
    require_shared()
    bench = Bench(load_identifier())
    click.echo("| characters | | kept on average | languages below .95 | below .9 |")
    click.echo("| --- | --- | --- | --- | --- |")
    for characters in CHARACTERS[:2]:
        for when in ("before", "now"):
            with before() if when == "before" else ExitStack():
                kept = np.array(bench.kept(characters))
            low = (kept < 0.95).sum(), (kept < 0.9).sum()
            click.echo(f"| {characters} | {when} | {kept.mean():.3f} | {low[0]} | {low[1]} |")
    lengths = " | ".join(map(str, CHARACTERS[:-1]))
    click.echo(f"\n| file | foreign | other side | | {lengths} | whole |")
    click.echo(f"| {' | '.join(['---'] * (4 + len(CHARACTERS)))} |")
    for pair in PAIRS:
        names = [f"{code}_{SCRIPTS.get(code, 'Latn')}" for code in pair.split()]
        for when in ("before", "now"):
            with before() if when == "before" else ExitStack():
                cells = " | ".join(bench.pair(*names))
            click.echo(f"| {' | '.join(pair.split())} | {when} | {cells} |")


if __name__ == "__main__":
    main()
