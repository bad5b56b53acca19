"""Document pairs whose alignment is known by construction, from line-aligned text.

Rows are merged or split on one side, left out of one side, and unrelated sentences are put in.
"""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from shared_data import NTREX_LANGUAGES, SHARED, read_lines, read_tsv

from bitseam.align.evaluate import Bead

Rows: TypeAlias = list[tuple[str, str]]

_CLAUSE = re.compile(r"(?<=[,;:])\s+")


@dataclass
class Document:
    """A pair of documents and its gold beads."""

    src: list[str]
    tgt: list[str]
    gold: list[Bead]

    def add(self, src: list[str], tgt: list[str]) -> None:
        i, j = len(self.src), len(self.tgt)
        self.gold.append((tuple(range(i, i + len(src))), tuple(range(j, j + len(tgt)))))
        self.src += src
        self.tgt += tgt


def corpora() -> dict[str, Rows]:
    """Return rows in order of their documents, by language pair; none in the encoder's training."""
    news = read_tsv(SHARED / "newstest" / "newstest.tsv.gz").to_pylist()
    ntrex = {k: read_lines(SHARED / "ntrex_dev" / f"{v}.txt") for k, v in NTREX_LANGUAGES.items()}
    rows = {
        f"news {a}-{b}": [(r[a], r[b]) for r in news if r[a] and r[b]]
        for a, b in (("de", "fr"), ("de", "en"), ("en", "fr"))
    }
    rows |= {
        f"ntrex lb-{b}": list(zip(ntrex["lb"], ntrex[b], strict=True)) for b in ("de", "fr", "en")
    }
    return rows


def recombine(rows: Rows, unrelated: float, others: Rows, rng: np.random.Generator) -> Document:
    """Return a document of `rows`, a share `unrelated` of its sentences drawn from `others`.

    Of the beads about 8 % are merged rows, 6 % split ones, 3 % insertions or deletions.
    """
    parts, document = _beads(rows, rng), Document([], [], [])
    counts = [sum(len(part[side]) for part in parts) for side in (0, 1)]
    noise = [round(n * unrelated / (1 - unrelated)) for n in counts]
    slots = len(parts) + 1
    places = [np.bincount(rng.integers(0, slots, n), minlength=slots) for n in noise]
    for k, part in enumerate([*parts, ([], [])]):
        for _ in range(places[0][k]):
            document.add([others[rng.integers(len(others))][0]], [])
        for _ in range(places[1][k]):
            document.add([], [others[rng.integers(len(others))][1]])
        if part[0] or part[1]:
            document.add(*part)
    return document


def swap_paragraphs(rows: Rows, rng: np.random.Generator, length: int = 8) -> Document:
    """Return a document with two neighbouring paragraphs exchanged on one side, every 60 rows.

    In gold the longer one is aligned and the other, of `length` rows, is left over on both sides.
    """
    document = Document([], [], [])
    for start in range(0, len(rows), 60):
        block = rows[start : start + 60]
        first, second, rest = block[:length], block[length : 3 * length], block[3 * length :]
        for part in first:
            document.add([part[0]], [])
        for src, tgt in second:
            document.add([src], [tgt])
        for part in first:
            document.add([], [part[1]])
        for src, tgt in rest:
            document.add([src], [tgt])
    return document


def _beads(rows: Rows, rng: np.random.Generator) -> list[tuple[list[str], list[str]]]:
    beads, i = [], 0
    while i < len(rows):
        kind, side = rng.random(), int(rng.integers(2))
        taken = 1
        if kind < 0.08:
            taken = min(2 + int(rng.random() < 0.35), len(rows) - i)
        bead = [row[0] for row in rows[i : i + taken]], [row[1] for row in rows[i : i + taken]]
        if kind < 0.08:
            bead[side][:] = [" ".join(bead[side])]
        elif kind < 0.14:
            bead[side][:] = split(bead[side][0], 2, rng)
        elif kind < 0.17:
            bead[side].clear()
        beads.append(bead)
        i += taken
    return beads


def split(text: str, parts: int, rng: np.random.Generator) -> list[str]:
    """Return a text cut at clauses into as many parts, or fewer where it has fewer clauses."""
    clauses = _CLAUSE.split(text)
    count = min(parts, len(clauses)) - 1
    cuts = np.sort(rng.choice(len(clauses) - 1, count, replace=False) + 1) if count else []
    ends = [0, *cuts, len(clauses)]
    return [" ".join(clauses[a:b]) for a, b in itertools.pairwise(ends)]
