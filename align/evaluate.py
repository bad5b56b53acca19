"""How good an alignment of sentences or of words is, against gold.

Sentences: strict and lax precision, recall and F1 as the scorers of vecalign and bertalign count
them (after Sennrich & Volk 2011, W11-4624). Words: the alignment error rate (Och & Ney 2003,
J03-1002).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from collections.abc import Set as AbstractSet
from typing import NamedTuple, TypeAlias

from bitseam.align.alignment import Alignment

Bead: TypeAlias = tuple[tuple[int, ...], tuple[int, ...]]
"""The source and target sentences of a bead; either may be empty, and gold ones may have gaps."""

WordLinks: TypeAlias = AbstractSet[tuple[int, int]]
"""The links of a sentence pair: places of a source and of a target word."""


class Score(NamedTuple):
    """Precision and recall; their harmonic mean is `f1`. What has no denominator is 0."""

    precision: float
    recall: float

    @property
    def f1(self) -> float:
        total = self.precision + self.recall
        return 2 * self.precision * self.recall / total if total else 0.0


class AlignmentScore(NamedTuple):
    """Strict: a bead counts if gold has the same. Lax: if they share a pair of sentences."""

    strict: Score
    lax: Score


def to_beads(alignment: Alignment) -> list[Bead]:
    """Return the beads of an alignment as lists of sentences."""
    ranges = zip(alignment.src.tolist(), alignment.tgt.tolist(), strict=True)
    return [(tuple(range(*src)), tuple(range(*tgt))) for src, tgt in ranges]


def score_beads(documents: Iterable[tuple[Collection[Bead], Collection[Bead]]]) -> AlignmentScore:
    """Score documents, each (gold, found), from counts over all of them.

    Precision counts every bead found, insertions and deletions too: they are right where gold
    says so. Recall leaves them out on both sides. A bead that comes twice counts once.
    """
    found_counts, gold_counts = _Counts(), _Counts()
    for gold, found in documents:
        found_counts += _count(found, gold)
        gold_counts += _count(_two_sided(gold), _two_sided(found))
    return AlignmentScore(
        Score(found_counts.strict_share, gold_counts.strict_share),
        Score(found_counts.lax_share, gold_counts.lax_share),
    )


def alignment_error_rate(
    links: Sequence[WordLinks], sure: Sequence[WordLinks], possible: Sequence[WordLinks]
) -> float:
    """Return 1 - (|A & S| + |A & P|) / (|A| + |S|) over all pairs, P with the sure links in it.

    0 is best; without any link, found or sure, it is 0.

    :raises ValueError: the sequences differ in length.
    """
    found = wanted = right = 0
    for ours, needed, allowed in zip(links, sure, possible, strict=True):
        found += len(ours)
        wanted += len(needed)
        right += len(ours & needed) + len(ours & (allowed | needed))
    return 1 - right / (found + wanted) if found + wanted else 0.0


class _Counts(NamedTuple):
    """How many beads there are, and how many of them the other side has."""

    beads: int = 0
    strict: int = 0
    lax: int = 0

    @property
    def strict_share(self) -> float:
        return self.strict / self.beads if self.beads else 0.0

    @property
    def lax_share(self) -> float:
        return self.lax / self.beads if self.beads else 0.0

    def __add__(self, other: object) -> _Counts:
        if not isinstance(other, _Counts):
            return NotImplemented
        return _Counts(*(a + b for a, b in zip(self, other, strict=True)))


def _count(beads: Collection[Bead], reference: Collection[Bead]) -> _Counts:
    unique = {(tuple(src), tuple(tgt)) for src, tgt in beads if src or tgt}
    known = {(tuple(src), tuple(tgt)) for src, tgt in reference}
    pairs = {(i, j) for src, tgt in known for i in src for j in tgt}
    strict = unique & known
    lax = [bead for bead in unique - known if _shares_pair(bead, pairs)]
    return _Counts(len(unique), len(strict), len(strict) + len(lax))


def _shares_pair(bead: Bead, pairs: set[tuple[int, int]]) -> bool:
    return any((i, j) in pairs for i in bead[0] for j in bead[1])


def _two_sided(beads: Collection[Bead]) -> list[Bead]:
    return [bead for bead in beads if bead[0] and bead[1]]
