"""Hand-made links of Luxembourgish, German, French and English, with nothing to train on."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

import pytest

from bitseam.align.evaluate import alignment_error_rate
from bitseam.align.words.similarity import Vectors, links_by_similarity
from bitseam.align.words.statistical import Aligner, WordVectors
from bitseam.lid.words import split_words
from bitseam.mining.encoders import load_encoder

GOLD = Path(__file__).with_name("word_links.tsv")


def cells(text: str) -> set[tuple[int, int]]:
    return {(int(i), int(j)) for i, j in (link.split("-") for link in text.split())}


def gold() -> dict[str, list[list[str]]]:
    rows = [line.split("\t") for line in GOLD.read_text("utf-8").splitlines()[1:]]
    by_pair = defaultdict(list)
    for row in rows:
        by_pair[row[1]].append(row)
    return by_pair


def test_the_gold_links_are_within_their_sentences_and_not_sure_and_possible_at_once():
    for row in (row for rows in gold().values() for row in rows):
        _, _, src, tgt, sure, possible = row
        n, m = (len(split_words([text]).ids) for text in (src, tgt))
        assert not cells(sure) & cells(possible)
        assert all(i < n and j < m for i, j in cells(sure) | cells(possible))


# Measured: 0.019, 0.023, 0.097, 0.135 by the aligner; 0.051, 0.109, 0.069, 0.109 by argmax.
@pytest.mark.parametrize(
    ("pair", "trained", "single"),
    [("lb-de", 0.04, 0.07), ("lb-fr", 0.05, 0.13), ("de-en", 0.12, 0.09), ("fr-en", 0.16, 0.13)],
)
def test_error_rates_with_the_bundled_encoder_and_no_other_text(pair, trained, single):
    rows = gold()[pair]
    src, tgt = split_words([row[2] for row in rows]), split_words([row[3] for row in rows])
    encoder = load_encoder("static")
    vectors = WordVectors(encoder.encode(src.forms), encoder.encode(tgt.forms))
    by_words = links_by_similarity(
        Vectors(vectors.src, src.ids, src.bounds),
        Vectors(vectors.tgt, tgt.ids, tgt.bounds),
        "argmax",
    )
    for links, highest in (
        (Aligner(src, tgt, vectors=vectors).links(), trained),
        (by_words, single),
    ):
        found = [
            set(zip(links.src[a:b].tolist(), links.tgt[a:b].tolist(), strict=True))
            for a, b in zip(links.bounds[:-1], links.bounds[1:], strict=True)
        ]
        sure, possible = ([cells(row[k]) for row in rows] for k in (4, 5))
        assert alignment_error_rate(found, sure, possible) < highest
