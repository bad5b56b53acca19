"""Segmentation in 205 languages: joints found and segments cut, as a Markdown table.

    python benchmarks/segmenter_languages.py [--all]

Needs the shared data (BITSEAM_SHARED): FLORES-200 dev, five consecutive segments joined to a
document, by a space but in the scripts that write none. A joint is found where a sentence ends at
it. An extra cut is an end of a sentence within a segment, counted per segment; a segment may hold
two sentences, so that nobody reaches 0: what English, German, French and Spanish need on the same
segments is the measure (their median). Without --all only the languages that miss it are listed.

"Learned": abbreviations and the like are learned from the language's 510 segments first, as `mine`
learns them from the corpus of its run (`lid/segmentation/learned.py`). The last column is the share
of the segments that end with a mark at all: where it is less than the joints wanted, no rule that
looks for marks can find them.
"""

from __future__ import annotations

from itertools import accumulate
from statistics import mean, median
from typing import NamedTuple

import click
import numpy as np
import pyarrow as pa
from segmenters import Segmenter, bare_sentencex, bitseam, boundaries
from shared_data import SHARED, read_tsv, require_shared

from bitseam.lid.code_points import code_points
from bitseam.lid.segmentation import segment_batch
from bitseam.lid.segmentation.kinds import CLOSE, QUOTE, STOP, WIDE_TERMINATOR, boundary_kinds
from bitseam.lid.segmentation.learned import learn
from bitseam.lid.segmentation.word_counts import count_words

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


def learning(texts: list[str], language: str) -> list[list[str]]:
    """Divide `texts` with what is learned from them."""
    column, languages = pa.array(texts, pa.string()), [language] * len(texts)
    learned = learn(count_words(column, languages))
    found: list[list[str]] = [[] for _ in texts]
    batch = segment_batch(column, languages, learned=learned)
    for row, start, end in zip(*(column.tolist() for column in batch[:3]), strict=True):
        found[row].append(texts[row][start:end])
    return found


def marked(lines: list[str | None]) -> float:
    """The share of lines that end with a full stop or another terminator, closing marks aside."""
    texts = code_points(pa.array([line.strip() for line in lines if line], pa.string()))
    kinds = boundary_kinds()[texts.points]
    ends = []
    for start, end in zip(texts.bounds[:-1], texts.bounds[1:], strict=True):
        open_ended = np.flatnonzero(~np.isin(kinds[start:end], (QUOTE, CLOSE)))
        last = kinds[start + open_ended[-1]] if len(open_ended) else 0
        ends.append(int(STOP <= last <= WIDE_TERMINATOR))
    return mean(ends)


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
    found = {"Bitseam": scores(bitseam), "learned": scores(learning)}
    found["sentencex"] = scores(bare_sentencex)
    lines = read_tsv(SHARED / "flores200_dev" / "all_languages.tsv.gz")
    header = ["language", *(f"{name}: joints | extra" for name in found), "end with a mark"]
    click.echo(f"| {' | '.join(header)} |\n|{' --- |' * (2 + 2 * len(found))}")
    best = good(found["learned"])
    for name in [n for n in found["learned"] if every or n not in best]:
        cells = [f"{value:.3f}" for columns in found.values() for value in columns[name]]
        share = f"{marked(lines[name].to_pylist()):.3f}"
        click.echo(f"| {name if name in best else f'**{name}**'} | {' | '.join(cells)} | {share} |")
    for name, columns in found.items():
        bound = median(columns[measure].extra for measure in MEASURES) + MOST_ABOVE
        many = sum(s.found >= LEAST_FOUND for s in columns.values())
        few = sum(s.extra <= bound for s in columns.values())
        click.echo(
            f"\n{name}: of {len(columns)} languages joints >= {LEAST_FOUND} in {many}, "
            f"extra cuts <= {bound:.3f} in {few}, both in {len(good(columns))}"
        )


if __name__ == "__main__":
    main()
