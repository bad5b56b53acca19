"""What follows from links: Pharaoh lines, coverage, a lexicon, projected annotations."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from bitseam.align.words.lexicon import extract_lexicon
from bitseam.align.words.links import Links, concatenate, coverage, pharaoh
from bitseam.align.words.project import Spans, project
from bitseam.lid.words import split_words

SRC = split_words(["Den Hond schléift.", "", "Den Hond bellt."])
TGT = split_words(["Der Hund schläft.", "nichts", "Der Köter bellt laut."])


def links(*sentences: str, probability: float = 1.0) -> Links:
    cells = [[tuple(map(int, link.split("-"))) for link in text.split()] for text in sentences]
    flat = np.array([link for sentence in cells for link in sentence], np.int32).reshape(-1, 2)
    bounds = np.cumsum([0, *map(len, cells)])
    chances = np.full(len(flat), probability, np.float32)
    return Links(bounds, flat[:, 0].copy(), flat[:, 1].copy(), chances)


LINKS = links("0-0 1-1 2-2 3-3", "", "0-0 1-1 2-2 3-4")


def test_pharaoh_has_a_line_for_every_pair():
    assert pharaoh(LINKS).to_pylist() == ["0-0 1-1 2-2 3-3", "", "0-0 1-1 2-2 3-4"]
    assert pharaoh(links()).to_pylist() == []


@given(st.integers(0, 3), st.integers(0, 3))
def test_parts_put_together_are_the_whole(a, b):
    first, second = sorted((a, b))
    parts = [LINKS.between(x, y) for x, y in ((0, first), (first, second), (second, 3))]
    assert pharaoh(concatenate(parts)).to_pylist() == pharaoh(LINKS).to_pylist()


def test_coverage_is_the_mean_of_the_best_links_of_all_words():
    covered = coverage(links("0-0 1-1 1-2", "", "0-0", probability=0.5), SRC, TGT)
    np.testing.assert_allclose(covered.src, [2 / 8, 0, 1 / 8])
    np.testing.assert_allclose(covered.tgt, [3 / 8, 0, 1 / 10])


def test_coverage_of_a_part_of_the_texts():
    covered = coverage(LINKS.between(2, 3), SRC.between(2, 3), TGT.between(2, 3))
    np.testing.assert_allclose([covered.src[0], covered.tgt[0]], [1, 0.8])


def test_a_lexicon_counts_links_and_gives_probabilities_both_ways():
    rows = extract_lexicon(LINKS, SRC, TGT, min_count=1).rows()
    assert rows == [
        (".", ".", 2, 1.0, 1.0),
        ("den", "der", 2, 1.0, 1.0),
        ("bellt", "bellt", 1, 1.0, 1.0),
        ("hond", "hund", 1, 0.5, 1.0),
        ("hond", "köter", 1, 0.5, 1.0),
        ("schléift", "schläft", 1, 1.0, 1.0),
    ]
    assert [row[:3] for row in extract_lexicon(LINKS, SRC, TGT).rows()] == [
        (".", ".", 2),
        ("den", "der", 2),
    ]


def test_no_links_give_an_empty_lexicon():
    assert extract_lexicon(links("", "", ""), SRC, TGT).height == 0


def spans(*found: tuple[int, int, int]) -> Spans:
    pairs, starts, ends = np.array(found, np.int64).reshape(-1, 3).T
    return Spans(pairs, starts.astype(np.int32), ends.astype(np.int32))


def test_a_span_is_projected_to_the_shortest_around_its_links():
    found = project(spans((0, 4, 8), (2, 4, 14), (2, 5, 6)), LINKS, SRC, TGT)
    shown = [
        ["Der Hund schläft.", "", "Der Köter bellt laut."][p][a:b]
        for p, a, b in zip(*found.spans, strict=True)
    ]
    assert shown == ["Hund", "Köter bellt", "Köter"]
    assert found.origins.tolist() == [0, 1, 2]
    assert found.linked.tolist() == found.dense.tolist() == [1, 1, 1]


def test_a_span_without_links_has_no_counterpart_and_scattered_ones_say_so():
    scattered = links("0-0 2-2", "", "")
    found = project(spans((1, 0, 0), (0, 4, 8), (0, 0, 17)), scattered, SRC, TGT)
    assert found.origins.tolist() == [2]
    assert (found.spans.starts[0], found.spans.ends[0]) == (0, 16)
    np.testing.assert_allclose([found.linked[0], found.dense[0]], [2 / 3, 2 / 3])
