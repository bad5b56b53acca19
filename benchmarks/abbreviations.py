"""Abbreviations learned from a corpus, beside lists made by hand and Punkt: Markdown tables.

    python benchmarks/abbreviations.py

Needs the shared data (BITSEAM_SHARED). The first table pretends that four languages had no list:
what is learned comes from a corpus of some megabytes in paragraphs of five lines (for Luxembourgish
LETZ and a forum, else newstest), or from its first 300 paragraphs. Measured are the joints found
in NTREX and FLORES, five lines a text, the share of the lines that are cut within, and F1; and
Punkt of nltk, trained on the same corpus, where it is installed. The second table has all languages
of FLORES without a list; each learns from its own 510 segments.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from importlib.util import find_spec
from itertools import accumulate, pairwise
from unittest.mock import patch

import click
import numpy as np
import polars as pl
import pyarrow as pa
from shared_data import SHARED, read_lines, read_tsv, require_shared

from bitseam.lid.segmentation import segment_batch
from bitseam.lid.segmentation.learned import NOTHING_LEARNED, abbreviations, learn
from bitseam.lid.segmentation.lexicon import Lexicon, has_file
from bitseam.lid.segmentation.word_counts import count_words

LINES = 5
SMALL = 300  # paragraphs
LANGUAGES = {"lb": "ltz", "de": "deu", "en": "eng", "fr": "fra"}
NO_LIST = Lexicon(np.zeros(1, np.uint64), np.zeros(1, np.uint64))
LEXICON = "bitseam.lid.segmentation.segment.read_lexicon"

Cutter = Callable[[list[str]], list[set[int]]]  # texts -> where sentences begin in each


def grouped(lines: list[str]) -> list[list[str]]:
    kept = [line.strip() for line in lines if line and line.strip()]
    return [kept[at : at + LINES] for at in range(0, len(kept), LINES)]


def paragraphs(lines: list[str]) -> list[str]:
    return [" ".join(group) for group in grouped(lines)]


def corpus(code: str) -> list[str]:
    if code != "lb":
        return paragraphs(read_tsv(SHARED / "newstest/newstest.tsv.gz")[code].to_pylist())
    forum = read_tsv(SHARED / "lb_mono/luxembert_negation_train.tsv.gz").column(0).to_pylist()
    return paragraphs(read_lines(SHARED / "lb_mono/letz_sentences.txt") + forum)


def learned_from(texts: list[str], language: str) -> pl.DataFrame:
    return learn(count_words(pa.array(texts, pa.string()), [language] * len(texts)))


def by_rules(language: str, learned: pl.DataFrame, listed: bool) -> Cutter:
    def cut(texts: list[str]) -> list[set[int]]:
        languages = [language] * len(texts)
        arrays = pa.array(texts, pa.string())
        if listed:
            found = segment_batch(arrays, languages, learned=learned)
        else:
            with patch(LEXICON, lambda _: NO_LIST):
                found = segment_batch(arrays, languages, learned=learned)
        rows = range(len(texts))
        return [{*found.starts[found.texts == row].tolist()} - {0} for row in rows]

    return cut


def by_punkt(texts: list[str]) -> Cutter:
    from nltk.tokenize.punkt import PunktSentenceTokenizer, PunktTrainer

    trainer = PunktTrainer()
    trainer.INCLUDE_ALL_COLLOCS = True
    trainer.train("\n".join(texts), finalize=True)
    tokenizer = PunktSentenceTokenizer(trainer.get_params())
    return lambda parts: [
        {start for start, _ in tokenizer.span_tokenize(text)} - {0} for text in parts
    ]


def figures(groups: list[list[str]], cutter: Cutter) -> tuple[float, float, float]:
    """The share of joints found, the share of lines cut within, F1."""
    found = joints = extra = cut = 0
    cuts = cutter([" ".join(group) for group in groups])
    for group, places in zip(groups, cuts, strict=True):
        edges = [0, *accumulate(len(line) + 1 for line in group)]
        found, joints = found + len(places & {*edges[1:-1]}), joints + len(edges) - 2
        extra += len(places - {*edges})
        cut += sum(any(a < place < b for place in places) for a, b in pairwise(edges))
    lines = sum(map(len, groups))
    return found / joints, cut / lines, 2 * found / (found + extra + joints)


def cutters(code: str, language: str) -> Iterator[tuple[str, Cutter]]:
    texts = corpus(code)
    yield "list", by_rules(language, NOTHING_LEARNED, True)
    yield "nothing", by_rules(language, NOTHING_LEARNED, False)
    yield "learned", by_rules(language, learned_from(texts, language), False)
    small = learned_from(texts[:SMALL], language)
    yield f"learned from {SMALL} paragraphs", by_rules(language, small, False)
    if find_spec("nltk"):
        yield "Punkt", by_punkt(texts)


def show_listed() -> None:
    click.echo("| language | words from | NTREX: joints | cut | F1 | FLORES: joints | cut | F1 |")
    click.echo(f"| {' | '.join(['---'] * 8)} |")
    flores = read_tsv(SHARED / "flores200_dev/all_languages.tsv.gz")
    for code, name in LANGUAGES.items():
        language = f"{name}_Latn"
        ntrex = grouped(read_lines(SHARED / f"ntrex_dev/{name}.txt"))
        for source, cutter in cutters(code, language):
            scores = figures(ntrex, cutter) + figures(grouped(flores[language].to_pylist()), cutter)
            click.echo(f"| {code} | {source} | {' | '.join(f'{x:.3f}' for x in scores)} |")


def show_unlisted() -> None:
    flores = read_tsv(SHARED / "flores200_dev/all_languages.tsv.gz")
    names = [name for name in flores.column_names if name != "dev_line" and not has_file(name)]
    changes, found = {}, {}
    for name in names:
        groups = grouped(flores[name].to_pylist())
        learned = learned_from([" ".join(group) for group in groups], name)
        before, after = (
            figures(groups, by_rules(name, words, True))[2] for words in (NOTHING_LEARNED, learned)
        )
        changes[name], found[name] = after - before, abbreviations(learned)
    better = sorted(name for name in names if changes[name] > 1e-9)
    worse = sorted(name for name in names if changes[name] < -1e-9)
    click.echo(f"\n{len(names)} languages without a list: F1 better in {len(better)}, ")
    click.echo(f"worse in {len(worse)}, on average by {np.mean([*changes.values()]):+.4f}.\n")
    click.echo("| language | F1 | abbreviations |\n| --- | --- | --- |")
    for name in names:
        if found[name] or abs(changes[name]) >= 0.002 or changes[name] < 0:
            click.echo(f"| {name} | {changes[name]:+.4f} | {', '.join(found[name])} |")


@click.command(help=__doc__.splitlines()[0])
def main() -> None:
    require_shared()
    show_listed()
    show_unlisted()


if __name__ == "__main__":
    main()
