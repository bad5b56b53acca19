"""Segmentation in 205 languages: joints found and segments cut, as a Markdown table.

    python benchmarks/segmenter_languages.py [--all]

Needs the shared data (BITSEAM_SHARED): FLORES-200 dev, five consecutive segments joined to a
document, by a space but in the scripts that write none. A joint is found where a sentence ends at
it. An extra cut is an end of a sentence within a segment, counted per segment; a segment may hold
two sentences, so that nobody reaches 0: what English, German, French and Spanish need on the same
segments is the measure (their median). Without --all only the languages that miss it are listed.
"""

from __future__ import annotations

from itertools import accumulate
from statistics import median
from typing import NamedTuple

import click
from segmenters import Segmenter, bare_sentencex, bitseam, boundaries
from shared_data import SHARED, read_tsv, require_shared

LINES = 5
SPACELESS = ("Hans", "Hant", "Jpan")
MEASURES = ("eng_Latn", "deu_Latn", "fra_Latn", "spa_Latn")
LEAST_FOUND, MOST_ABOVE = 0.95, 0.05


class Score(NamedTuple):
    found: float  # share of the joints
    extra: float  # cuts within a segment, per segment


def documents(lines: list[str | None]) -> list[list[str]]:
    """Five consecutive segments each; a segment that is missing ends its document early."""
    groups = (lines[i : i + LINES] for i in range(0, len(lines), LINES))
    return [[line.strip() for line in group if line] for group in groups]


def score(groups: list[list[str]], language: str, split: Segmenter) -> Score:
    joint = "" if language.endswith(SPACELESS) else " "
    found = joints = extra = segments = 0
    texts = [joint.join(group) for group in groups]
    for group, sentences in zip(groups, split(texts, language), strict=True):
        lengths = [len("".join(segment.split())) for segment in group]
        gold = {*list(accumulate(lengths))[:-1]}
        ends = boundaries(sentences)
        found, joints = found + len(gold & ends), joints + len(gold)
        extra, segments = extra + len(ends - gold), segments + len(group)
    return Score(found / joints, extra / segments)


def scores(split: Segmenter) -> dict[str, Score]:
    table = read_tsv(SHARED / "flores200_dev" / "all_languages.tsv.gz")
    languages = [name for name in table.column_names if name != "dev_line"]
    return {name: score(documents(table[name].to_pylist()), name, split) for name in languages}


def good(found: dict[str, Score]) -> set[str]:
    bound = median(found[name].extra for name in MEASURES) + MOST_ABOVE
    return {name for name, s in found.items() if s.found >= LEAST_FOUND and s.extra <= bound}


@click.command(help=__doc__.splitlines()[0])
@click.option("--all", "every", is_flag=True, help="List every language.")
def main(every: bool) -> None:
    require_shared()
    ours, theirs = scores(bitseam), scores(bare_sentencex)
    rows = [["language", "joints found", "extra cuts", "sentencex: found", "extra"], ["---"] * 5]
    for name in [n for n in ours if every or n not in good(ours)]:
        cells = [f"{value:.3f}" for value in (*ours[name], *theirs[name])]
        rows.append([name if name in good(ours) else f"**{name}**", *cells])
    for row in rows:
        click.echo(f"| {' | '.join(row)} |")
    bound = median(ours[name].extra for name in MEASURES) + MOST_ABOVE
    click.echo(f"\n{len(ours)} languages; joints >= {LEAST_FOUND}, extra cuts <= {bound:.3f}: ")
    for name, found in (("Bitseam", ours), ("sentencex", theirs)):
        many = sum(s.found >= LEAST_FOUND for s in found.values())
        few = sum(s.extra <= bound for s in found.values())
        click.echo(f"{name}: joints {many}, extra cuts {few}, both {len(good(found))}")


if __name__ == "__main__":
    main()
