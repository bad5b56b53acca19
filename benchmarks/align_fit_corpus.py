"""Documents to fit the bead model on: constructed ones, real sentence splits, and Text+Berg."""

from __future__ import annotations

import re
from ast import literal_eval
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from align_corpus import Document, Rows, corpora, split
from numpy.typing import NDArray
from shared_data import SHARED, read_lines, read_tsv

from bitseam.align.evaluate import Bead

_SENTENCE_END = re.compile(r"(?<=[.!?;:…])[\"»“”')]*\s+(?=\S)")
_SHORT_WORD_END = re.compile(r"\b\w{1,3}\.$")  # mostly an abbreviation
_TATOEBA = ("isl", "dan")
_FLORES = ("fin-eng", "hun-eng", "tur-deu", "dan-spa", "ltz-ita", "deu-fra")
_LASER = ("fao", "afr", "cat", "nno")
_NOISY = ("news de-fr", "news en-fr", "ntrex lb-fr", "ntrex lb-en", "flores hun-eng", "laser fao")


@dataclass
class FitDocument:
    """A document pair to fit on.

    :ivar blocks: gold beads in order, every sentence in one. Where `exact` is false a block of
        both sides is known to hold one or more beads, and not which.
    """

    name: str
    src: list[str]
    tgt: list[str]
    blocks: list[Bead]
    weight: float
    exact: bool = True


def fit_documents(seed: int) -> Iterator[FitDocument]:
    """Yield all documents: clean, noisy, of real sentence splits, and Text+Berg."""
    rng = np.random.default_rng(seed)
    rows = fit_corpora()
    for name, lines in rows.items():
        for _ in range(4):
            made = _constructed(_excerpt(lines, rng, 60, 170), lines, 0.0, rng)
            yield FitDocument(name, made.src, made.tgt, made.gold, 1.0)
    for name in _NOISY:
        for share in (0.1, 0.3, 0.6, 0.8):
            made = _constructed(_excerpt(rows[name], rng, 40, 110), rows[name], share, rng)
            yield FitDocument(f"noisy {name}", made.src, made.tgt, made.gold, 0.3)
    for name in ("news de-fr", "news de-en", "news en-fr", "bible de-fr"):
        for _ in range(8):
            yield _split_into_sentences(name, _excerpt(rows[name], rng, 700, 701), rng)
    yield text_berg()


def fit_corpora() -> dict[str, Rows]:
    """Return the rows of `corpora`, of FLORES-200, Tatoeba and the Bible, by name."""
    rows = corpora()
    for pair in _FLORES:
        a, b = (
            read_lines(next((SHARED / "flores200_dev").glob(f"{language}_*.txt")))
            for language in pair.split("-")
        )
        rows[f"flores {pair}"] = list(zip(a, b, strict=True))
    table = read_tsv(SHARED / "tatoeba_laser" / "tatoeba_laser.tsv.gz").to_pylist()
    for language in _LASER:
        rows[f"laser {language}"] = [
            (row["sentence"], row["eng"]) for row in table if row["lang"] == language
        ]
    table = read_tsv(SHARED / "tatoeba_pairs" / "tatoeba_pairs.tsv.gz").to_pylist()
    for language in _TATOEBA:
        sides = {("eng", language): ("text2", "text1"), (language, "eng"): ("text1", "text2")}
        kept = [(row, sides.get((row["lang1"], row["lang2"]))) for row in table]
        rows[f"tatoeba {language}"] = [(row[k[0]], row[k[1]]) for row, k in kept if k]
    table = read_tsv(SHARED / "bible" / "bible.tsv.gz")
    sides = [next(k for k in table.column_names if k.startswith(side)) for side in ("de", "fr")]
    verses = zip(*(table[side].to_pylist() for side in sides), strict=True)
    rows["bible de-fr"] = [(src, tgt) for src, tgt in verses if src and tgt]
    return rows


def text_berg() -> FitDocument:
    """Return Text+Berg's development document."""
    folder = SHARED / "text_berg"
    src, tgt = (read_lines(folder / f"dev.{side}") for side in ("de", "fr"))
    gold = read_gold(folder / "dev.gold")
    return FitDocument("Text+Berg", src, tgt, in_order(gold, len(src), len(tgt)), 4.0)


def read_gold(path: Path) -> list[Bead]:
    """Read `[sources]:[targets]` lines."""
    sides = (line.split(":")[:2] for line in read_lines(path))
    return [(tuple(literal_eval(src)), tuple(literal_eval(tgt))) for src, tgt in sides]


def in_order(gold: list[Bead], n: int, m: int) -> list[Bead]:
    """Return gold as beads without gaps or crossings, what is left over alone."""
    beads: list[Bead] = []
    i = j = 0
    for src, tgt in [*sorted(bead for bead in gold if all(bead)), ((n,), (m,))]:
        if src[0] < i or tgt[0] < j or max(src[-1] - src[0], tgt[-1] - tgt[0]) > 7:
            continue
        beads += [((k,), ()) for k in range(i, src[0])]
        beads += [((), (k,)) for k in range(j, tgt[0])]
        i, j = src[-1] + 1, tgt[-1] + 1
        beads.append((tuple(range(src[0], i)), tuple(range(tgt[0], j))))
    return beads[:-1]


def _excerpt(rows: Rows, rng: np.random.Generator, low: int, high: int) -> Rows:
    count = min(int(rng.integers(low, high)), len(rows))
    at = int(rng.integers(len(rows) - count + 1))
    return rows[at : at + count]


def _constructed(rows: Rows, others: Rows, unrelated: float, rng: np.random.Generator) -> Document:
    """Return a document with more, and more varied, beads than those of `recombine`.

    How often each kind comes is drawn for the document.
    """
    *kinds, debris = rng.random(5) * (0.18, 0.08, 0.16, 0.15, 0.06)
    document, at = Document([], [], []), 0
    while at < len(rows):
        if rng.random() < debris:
            texts = [_debris(rng)], []
            document.add(*(texts if rng.integers(2) else texts[::-1]))
        for _ in range(rng.geometric(1 - unrelated) - 1):
            document.add([others[rng.integers(len(others))][0]], [])
        for _ in range(rng.geometric(1 - unrelated) - 1):
            document.add([], [others[rng.integers(len(others))][1]])
        taken, bead = _drawn_bead(rows[at:], np.cumsum(kinds), rng)
        document.add(*bead)
        at += taken
    return document


def _drawn_bead(
    rows: Rows, kinds: NDArray[np.float64], rng: np.random.Generator
) -> tuple[int, list[list[str]]]:
    """Return how many of the next rows became a bead, and its sides: merged, cut elsewhere, split
    or left out on one side as often as `kinds` adds up to, or as they are.
    """
    kind, side, taken = int(np.searchsorted(kinds, rng.random(), "right")), int(rng.integers(2)), 1
    if kind == 0:
        taken = 1 + min(int(rng.geometric(0.65)), 5)
    elif kind == 1:
        taken = 2
    bead = [[row[k] for row in rows[:taken]] for k in (0, 1)]
    if kind == 0:
        bead[side][:] = [" ".join(bead[side])]
    elif kind == 1:
        bead[side][:] = split(" ".join(bead[side]), 2 + int(rng.random() < 0.3), rng)
    elif kind == 2:
        bead[side][:] = split(bead[side][0], 1 + int(rng.geometric(0.7)), rng)
    elif kind == 3:
        bead[side].clear()
    return taken, bead


def _debris(rng: np.random.Generator) -> str:
    """Return what a scanner makes of the edge of a page."""
    characters = rng.choice(list("  ..,-_:;'*1234567890aeilmrtIJ"), int(rng.integers(1, 14)))
    return "".join(characters).strip() or "."


def _split_into_sentences(name: str, rows: Rows, rng: np.random.Generator) -> FitDocument:
    """Return rows cut where their sentences end; gold is only which rows belong together."""
    ones, gaps = 0.3 + 0.6 * rng.random(), 0.08 * rng.random()
    document = Document([], [], [])
    for row in rows:
        sides = [_sentences(text) for text in row]
        counts = [len(side) for side in sides]
        if sum(counts) > 8 or (counts == [1, 1] and rng.random() < ones):
            continue
        if rng.random() < gaps:
            sides[int(rng.integers(2))].clear()
        document.add(*sides)
        if len(document.src) > 120:
            break
    gold = document.gold
    return FitDocument(f"split {name}", document.src, document.tgt, gold, 1.0, exact=False)


def _sentences(text: str) -> list[str]:
    sentences: list[str] = []
    for part in _SENTENCE_END.split(text):
        if sentences and _SHORT_WORD_END.search(sentences[-1]):
            sentences[-1] += f" {part}"
        elif part:
            sentences.append(part)
    return sentences
