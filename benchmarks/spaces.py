"""Thai and Lao sentences divided at spaces, beside other ways, as a Markdown table.

    python benchmarks/spaces.py

Needs the shared data (BITSEAM_SHARED): FLORES' development set, five segments joined by a space to
a text. `joints` is the share of the places between two segments that are found, `cut` the share of
the segments that are cut within, F1 that of all places. A segment may hold two sentences. The
lists of words and the weights were made with this set in view. Lao is tried with the full stops
that FLORES writes, and without. CRFCut, the sentence model of pythainlp, is tried where pythainlp
and python-crfsuite are installed.
"""

from __future__ import annotations

import csv
import gzip
from collections.abc import Callable, Iterator
from itertools import accumulate, pairwise

import click
from shared_data import SHARED

from bitseam.lid.segmentation import segment

FLORES = SHARED / "flores200_dev" / "all_languages.tsv.gz"
SEGMENTS = 5

Cutter = Callable[[str, str], set[int]]  # text, tha_Thai -> where sentences begin


def read_segments(language: str) -> list[str]:
    with gzip.open(FLORES, "rt", encoding="utf-8", newline="\n") as stream:
        return [row[language] for row in csv.DictReader(stream, delimiter="\t", quoting=3)]


def by_rules(text: str, language: str) -> set[int]:
    return {int(start) for start in segment(text, language).starts} - {0}


def at_all_spaces(text: str, language: str) -> set[int]:
    return {place + 1 for place, character in enumerate(text) if character == " "}


def by_crfcut(text: str, language: str) -> set[int]:
    from pythainlp.tokenize.crfcut import segment as cut

    ends = accumulate(map(len, cut(text)))
    return {len(text) - len(text[end:].lstrip()) for end in ends} - {len(text)}


def cutters(language: str) -> Iterator[tuple[str, Cutter]]:
    yield "Bitseam", by_rules
    yield "at all spaces", at_all_spaces
    if language == "tha_Thai":
        try:
            import pythainlp.tokenize.crfcut  # noqa: F401
        except ImportError:
            return
        yield "pythainlp, CRFCut", by_crfcut


def figures(segments: list[str], language: str, cutter: Cutter) -> list[float]:
    found = joints = extra = cut = 0
    for first in range(0, len(segments), SEGMENTS):
        group = segments[first : first + SEGMENTS]
        edges = [0, *accumulate(len(text) + 1 for text in group)]
        text = " ".join(group)
        cuts = cutter(text, language)
        found += len(cuts & {*edges[1:-1]})
        joints += len(edges) - 2
        extra += len(cuts - {*edges})
        cut += sum(any(a < place < b for place in cuts) for a, b in pairwise(edges))
    return [found / joints, cut / len(segments), 2 * found / (found + extra + joints)]


@click.command(help=__doc__.splitlines()[0])
def main() -> None:
    click.echo("| text | segmenter | joints | cut | F1 |\n| --- | --- | --- | --- | --- |")
    for name, language, marks in (
        ("Thai", "tha_Thai", ""),
        ("Lao, without its full stops", "lao_Laoo", "."),
        ("Lao", "lao_Laoo", ""),
    ):
        segments = [text.rstrip(marks) for text in read_segments(language)]
        for who, cutter in cutters(language):
            shares = " | ".join(f"{share:.3f}" for share in figures(segments, language, cutter))
            click.echo(f"| {name} | {who} | {shares} |")


if __name__ == "__main__":
    main()
