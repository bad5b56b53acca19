"""Sentence segmenters on the labelled cases of the tests, as Markdown tables.

    python benchmarks/segmenters.py

Compares what Bitseam does (sentencex with its rules around it) with sentencex alone, and with
pysbd, blingfire and syntok where they are installed. A boundary is the end of a sentence within a
text; the last one of a text is given and does not count. What the parts of the cases are, stands
in `tests/lid/segment_cases/README.md`: no part is unseen for ever.

Where the shared data are (BITSEAM_SHARED), a last table tells how many ends of NTREX's lines are
found again, five lines a text, and how many of the ends found are ends of lines. A line may hold
two sentences, and a heading ends without a full stop: nobody reaches 1.
"""

from __future__ import annotations

import csv
import time
from collections import defaultdict
from collections.abc import Callable, Iterable
from importlib.util import find_spec
from itertools import accumulate
from pathlib import Path
from typing import NamedTuple

import click
import pyarrow as pa
import sentencex
from shared_data import SHARED

from bitseam.lid.segmentation import segment_batch
from bitseam.schemas.languages import short_code

CASES = Path(__file__).resolve().parent.parent / "tests" / "lid" / "segment_cases"
ALIASES = {"cmn": "zh", "arb": "ar"}
LINES = 5

Segmenter = Callable[[list[str], str], list[list[str]]]  # texts, ltz_Latn -> sentences


class Case(NamedTuple):
    language: str
    part: str
    text: str
    sentences: list[str]


def read_cases() -> Iterable[Case]:
    for path in sorted(CASES.glob("*.tsv")):
        with path.open(encoding="utf-8") as file:
            for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE):
                marked = row["text"].replace("⏎", "\n")
                yield Case(path.stem, row["part"], marked.replace("‖", ""), marked.split("‖"))


def read_ntrex() -> Iterable[Case]:
    for path in sorted((SHARED / "ntrex_dev").glob("???.txt")):
        lines = [line.strip() for line in path.read_text("utf-8").split("\n") if line.strip()]
        for at in range(0, len(lines), LINES):
            sentences = lines[at : at + LINES]
            yield Case(f"{path.stem}_Latn", "NTREX", " ".join(sentences), sentences)


def code(language: str) -> str:
    base = language.partition("_")[0]
    return ALIASES.get(base) or short_code(base)


def bitseam(texts: list[str], language: str) -> list[list[str]]:
    found: list[list[str]] = [[] for _ in texts]
    batch = segment_batch(pa.array(texts, pa.string()), [language] * len(texts))
    for row, start, end in zip(*(column.tolist() for column in batch[:3]), strict=True):
        found[row].append(texts[row][start:end])
    return found


def bare_sentencex(texts: list[str], language: str) -> list[list[str]]:
    return [list(sentencex.segment(code(language), text)) for text in texts]


def with_pysbd() -> Segmenter:
    import pysbd
    from pysbd.languages import LANGUAGE_CODES

    def split(texts: list[str], language: str) -> list[list[str]]:
        known = code(language) if code(language) in LANGUAGE_CODES else "en"
        segmenter = pysbd.Segmenter(language=known, clean=False)
        return [list(segmenter.segment(text)) for text in texts]

    return split


def with_blingfire() -> Segmenter:
    import blingfire

    return lambda texts, _: [blingfire.text_to_sentences(text).split("\n") for text in texts]


def with_syntok() -> Segmenter:
    from syntok.segmenter import process

    return lambda texts, _: [
        ["".join(token.value for token in s) for block in process(text) for s in block]
        for text in texts
    ]


def segmenters() -> dict[str, Segmenter]:
    found: dict[str, Segmenter] = {"Bitseam": bitseam, "sentencex": bare_sentencex}
    loaders = {"pysbd": with_pysbd, "blingfire": with_blingfire, "syntok": with_syntok}
    return found | {name: load() for name, load in loaders.items() if find_spec(name)}


def boundaries(sentences: list[str]) -> set[int]:
    """Where sentences end, counted in characters other than white space: every library has its own
    way with the space between two sentences."""
    lengths = (len("".join(sentence.split())) for sentence in sentences)
    return {*list(accumulate(lengths))[:-1]}


class Counts(NamedTuple):
    right: int
    found: int
    wanted: int

    @property
    def cells(self) -> list[str]:
        precision, recall = self.right / max(self.found, 1), self.right / max(self.wanted, 1)
        f1 = 2 * self.right / max(self.found + self.wanted, 1)
        return [f"{precision:.3f}", f"{recall:.3f}", f"{f1:.3f}"]


def count(split: Segmenter, cases: list[Case]) -> Counts:
    right = found = wanted = 0
    for language, group in by_language(cases).items():
        for case, ours in zip(group, split([case.text for case in group], language), strict=True):
            gold, ends = boundaries(case.sentences), boundaries(ours)
            right, found, wanted = right + len(gold & ends), found + len(ends), wanted + len(gold)
    return Counts(right, found, wanted)


def by_language(cases: Iterable[Case]) -> dict[str, list[Case]]:
    groups: dict[str, list[Case]] = defaultdict(list)
    for case in cases:
        groups[case.language].append(case)
    return groups


def megabytes_per_second(split: Segmenter, cases: list[Case]) -> str:
    """The texts of a language as one batch; processor time."""
    size = took = 0.0
    for language, group in by_language(cases).items():
        texts = [case.text for case in group]
        split(texts[:1], language)
        began = time.process_time()
        split(texts, language)
        took += time.process_time() - began
        size += sum(len(text.encode()) for text in texts)
    return f"{size / took / 1e6:.2f}"


def show(rows: list[list[str]], header: list[str]) -> None:
    for row in [header, ["---"] * len(header), *rows]:
        click.echo(f"| {' | '.join(row)} |")
    click.echo()


@click.command(help=__doc__.splitlines()[0])
def main() -> None:
    cases, found = list(read_cases()), segmenters()
    parts = {"all": cases} | {
        part: [case for case in cases if case.part == part]
        for part in ("dev", "held_out", "unseen")
    }
    rows = [
        [name, part, *count(split, chosen).cells]
        for name, split in found.items()
        for part, chosen in parts.items()
    ]
    show(rows, ["segmenter", "cases", "precision", "recall", "F1"])
    rows = [
        [language, str(count(bitseam, group).wanted)]
        + [count(split, group).cells[2] for split in found.values()]
        for language, group in by_language(cases).items()
    ]
    show(rows, ["F1", "boundaries", *found])
    ntrex = list(read_ntrex())
    if not ntrex:
        return
    rows = [
        [name, language, *count(split, group).cells, megabytes_per_second(split, group)]
        for language, group in by_language(ntrex).items()
        for name, split in found.items()
    ]
    show(rows, ["segmenter", "NTREX", "precision", "recall", "F1", "MB/s"])


if __name__ == "__main__":
    main()
