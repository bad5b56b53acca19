"""Document matching: precision, recall and F1 on collections whose pairs are known by construction.

    python benchmarks/align_documents.py

Needs the shared data. The articles of NTREX stand on both sides, but of each a share of the
sentences only: the others are replaced, on each side by other ones, and some are lost; the same
lines stand around all documents. Of a fourth of the articles, one half stands on one side and the
other half on the other, so that they are of one subject and no translations; hundreds of documents
of other news stand around. The chapters of the Bible are of one subject throughout: two in five
stand on both sides. What whole documents say is measured at the threshold of the highest F1, the
check of sentences at the program's own.
Right among candidates: the share of the pairs that are among the 16 nearest either way.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from shared_data import NTREX_LANGUAGES, SHARED, read_lines, read_tsv, require_shared

from bitseam.align.documents import (
    DocumentPairs,
    centre_documents,
    embed_documents,
    select_documents,
)
from bitseam.lid.identity import sentence_ids
from bitseam.mining.encoders import Encoder, load_encoder
from bitseam.mining.knn import nearest_neighbours
from bitseam.mining.margin import margin_scores, neighbour_means
from bitseam.pipelines.align.collection import Collection
from bitseam.pipelines.align.matching import Described, find_candidates, score_candidates
from bitseam.pipelines.align.pairing import embed_sides

Documents = list[list[str]]
LINES = {  # around every document, some of them
    "lb": ["Abonnéiert haut nach eis wëchentlech Noriichten.", "All Rechter bleiwe virbehalen."],
    "de": ["Abonnieren Sie noch heute unseren Rundbrief.", "Alle Rechte bleiben vorbehalten."],
    "en": ["Subscribe to our weekly letter today.", "All rights remain reserved."],
    "fr": ["Abonnez-vous à notre lettre hebdomadaire.", "Tous les droits restent réservés."],
}
CODES = {"lb": "ltz_Latn", "de": "deu_Latn", "en": "eng_Latn", "fr": "fra_Latn"}
LOST = 0.15  # of the sentences of a document, on either side
CHAPTERS = 400


@dataclass(frozen=True)
class Case:
    """Two collections; the first `right` documents of both are pairs, the others have none."""

    name: str
    languages: tuple[str, str]
    src: Documents
    tgt: Documents
    right: int


def articles(lang: str) -> Documents:
    """Return the articles of NTREX."""
    names = read_lines(SHARED / "ntrex_dev" / "doc_ids.txt")
    lines = read_lines(SHARED / "ntrex_dev" / f"{NTREX_LANGUAGES[lang]}.txt")
    found: dict[str, list[str]] = {}
    for name, line in zip(names, lines, strict=True):
        found.setdefault(name, []).append(line)
    return [*found.values()]


def other_sentences(lang: str, half: int) -> list[str]:
    """Return sentences of other texts; `half` 0 and 1 are no translations of each other."""
    if lang == "lb":
        lines = read_lines(SHARED / "lb_mono" / "letz_sentences.txt")
    else:
        news = read_tsv(SHARED / "newstest" / "newstest.tsv.gz")
        lines = [line for line in news[lang].to_pylist() if line]
    middle = len(lines) // 2
    return lines[:middle] if half == 0 else lines[middle:]


def news(src: str, tgt: str, share: float) -> Case:
    """Return articles of which `share` of the sentences is translated, among others."""
    chance = np.random.default_rng(0)
    pools = [other_sentences(lang, half) for half, lang in enumerate((src, tgt))]
    whole, apart = [], []
    for number, texts in enumerate(zip(articles(src), articles(tgt), strict=True)):
        middle = len(texts[0]) // 2
        if number % 4 == 0:
            apart.append((texts[0][:middle], texts[1][middle:]))
            continue
        kept = chance.random(len(texts[0])) < share
        kept[chance.integers(len(kept))] = True
        whole.append(
            tuple(_mixed(text, kept, pool, chance) for text, pool in zip(texts, pools, strict=True))
        )
    sides = []
    for side, (lang, pool) in enumerate(zip((src, tgt), pools, strict=True)):
        others = [pool[at : at + 15] for at in range(0, min(len(pool) - 15, 6000), 15)]
        documents = [pair[side] for pair in [*whole, *apart]] + others
        sides.append([_framed(document, LINES[lang], chance) for document in documents])
    return Case(f"news {src}-{tgt}, {share:.0%} shared", (src, tgt), *sides, len(whole))


def _mixed(
    text: list[str], kept: NDArray[np.bool_], pool: list[str], chance: np.random.Generator
) -> list[str]:
    drawn = chance.integers(len(pool), size=len(text))
    lost = chance.random(len(text)) < LOST
    mixed = [line if kept[i] else pool[drawn[i]] for i, line in enumerate(text)]
    return [line for i, line in enumerate(mixed) if not lost[i]] or mixed


def _framed(document: list[str], lines: list[str], chance: np.random.Generator) -> list[str]:
    count = int(chance.integers(len(lines) + 1))
    return [*lines[:count], *document, *lines[count:]]


def chapters() -> Case:
    """Return chapters of the Bible, two in five on both sides."""
    verses = read_tsv(SHARED / "bible" / "bible.tsv.gz").select(["verse", "deu_menge", "eng_web"])
    found: dict[str, tuple[list[str], list[str]]] = {}
    for verse, german, english in zip(*(verse.to_pylist() for verse in verses), strict=True):
        if german and english:
            sides = found.setdefault(verse.rpartition("_")[0], ([], []))
            sides[0].append(german)
            sides[1].append(english)
    kept = [*found.values()][::2][:CHAPTERS]
    both = [kept[i] for i in range(len(kept)) if i % 5 < 2]
    rest = [kept[i] for i in range(len(kept)) if i % 5 >= 2]
    src = [german for german, _ in both + rest[::2]]
    tgt = [english for _, english in both + rest[1::2]]
    return Case("Bible de-en", ("de", "en"), src, tgt, len(both))


def few(case: Case, right: int, wrong: int) -> Case:
    """Return `right` of a case's pairs and `wrong` documents a side that have none."""
    src, tgt = case.src, case.tgt
    return Case(
        f"{case.name}, {right} of {right + wrong} documents",
        case.languages,
        src[:right] + src[case.right : case.right + wrong],
        tgt[:right] + tgt[case.right + wrong : case.right + 2 * wrong],
        right,
    )


def collection(documents: Documents, lang: str) -> Collection:
    """Return documents as `mine align` reads them."""
    texts = pa.array([line for document in documents for line in document])
    sentences = pa.table({"sentence_id": sentence_ids(CODES[lang], texts), "text": texts})
    names = [f"{i}" for i in range(len(documents))]
    return Collection(
        CODES[lang],
        pa.table({"doc_id": names}),
        sentences,
        np.concatenate([[0], np.cumsum([len(document) for document in documents])]),
    )


def whole_documents(src: NDArray[np.float32], tgt: NDArray[np.float32]) -> DocumentPairs:
    """Return the nearest documents of each document with their ratio margins, k = 4."""
    none = Described([], [], [])
    found = find_candidates(src, tgt, (none, none), ("deu_Latn", "eng_Latn"))
    means = [
        neighbour_means(nearest_neighbours(a, b, 4).cosines)[rows]
        for a, b, rows in ((src, tgt, found.src), (tgt, src, found.tgt))
    ]
    cosines = np.einsum("pd,pd->p", src[found.src], tgt[found.tgt])
    return DocumentPairs(
        found.src, found.tgt, margin_scores(cosines, *means, "ratio"), found.evidence
    )


def figures(selected: DocumentPairs, right: int) -> tuple[float, float, float]:
    """Return precision, recall and F1."""
    good = int(((selected.src == selected.tgt) & (selected.src < right)).sum())
    precision = good / len(selected) if len(selected) else 1.0
    recall = good / right
    return precision, recall, 2 * good / (len(selected) + right)


def best(candidates: DocumentPairs, right: int) -> tuple[float, float, float]:
    """Return the figures at the threshold of the highest F1."""
    selected = select_documents(candidates, -np.inf)
    tried = [figures(selected.take(selected.score >= s), right) for s in np.unique(selected.score)]
    return max(tried, key=lambda row: row[2])


def reach(candidates: DocumentPairs, right: int) -> float:
    """Return the share of the right pairs that are candidates at all."""
    return float(((candidates.src == candidates.tgt) & (candidates.src < right)).sum() / right)


class Row(NamedTuple):
    """The figures of one way of matching."""

    precision: float
    recall: float
    f1: float
    candidates: float


def measure(case: Case, encoder: Encoder) -> dict[str, Row]:
    """Return the figures of each way of matching."""
    sides = tuple(
        collection(documents, lang)
        for documents, lang in zip((case.src, case.tgt), case.languages, strict=True)
    )
    embedded = embed_sides(sides, (encoder, encoder))
    plain = [embed_documents(s.vectors, np.ones_like(s.weights), s.bounds) for s in embedded]
    weighted = [embed_documents(s.vectors, s.weights, s.bounds) for s in embedded]
    centred = [centre_documents(documents) for documents in weighted]
    ways = {"plain mean": plain, "weighted": weighted, "weighted, centred": centred}
    nearest = {way: whole_documents(*vectors) for way, vectors in ways.items()}
    rows = {
        way: Row(*best(found, case.right), reach(found, case.right))
        for way, found in nearest.items()
    }
    candidates = nearest["weighted, centred"]
    checked, within = score_candidates(candidates, *embedded), reach(candidates, case.right)
    rows["sentences checked"] = Row(*best(checked, case.right), within)
    rows["the same, as shipped"] = Row(*figures(select_documents(checked), case.right), within)
    return rows


def main() -> None:
    """Print a markdown table."""
    require_shared()
    encoder = load_encoder("static")
    news_cases = [news("lb", "de", share) for share in (1.0, 0.5, 0.3)]
    cases = [
        *news_cases,
        news("en", "de", 0.5),
        news("fr", "de", 0.5),
        chapters(),
        few(news_cases[0], 3, 3),
        few(news_cases[1], 3, 3),
    ]
    print("| documents | matched by | precision | recall | F1 | right among candidates |")
    print("|---|---|---|---|---|---|")
    for case in cases:
        name = f"{case.name} ({len(case.src)} x {len(case.tgt)}, {case.right} pairs)"
        for way, row in measure(case, encoder).items():
            print(f"| {name} | {way} | {' | '.join(f'{figure:.3f}' for figure in row)} |")
            name = ""


if __name__ == "__main__":
    main()
