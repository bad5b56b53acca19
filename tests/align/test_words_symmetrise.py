"""How the links of two directions become one set."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bitseam.align.words.links import Links
from bitseam.align.words.symmetrise import NONE, Choices, symmetrise
from bitseam.schemas.choices import SYMMETRISATIONS


def choices(*sentences: list[int]) -> Choices:
    places = np.array([place for sentence in sentences for place in sentence], np.int32)
    bounds = np.cumsum([0, *map(len, sentences)])
    return Choices(bounds, places, np.linspace(1, 0.5, len(places), dtype=np.float32))


def pairs(links: Links) -> list[set[tuple[int, int]]]:
    return [
        set(zip(links.src[a:b].tolist(), links.tgt[a:b].tolist(), strict=True))
        for a, b in zip(links.bounds[:-1], links.bounds[1:], strict=True)
    ]


# What each source word chose, what each target word chose, and the links.
CASES = {
    "agreement": ([0, 1], [0, 1], {(0, 0), (1, 1)}, {(0, 0), (1, 1)}),
    "a neighbour of a link joins it": ([0, 0], [0], {(0, 0)}, {(0, 0), (1, 0)}),
    "a diagonal neighbour, too": ([0, NONE], [0, 1], {(0, 0)}, {(0, 0), (1, 1)}),
    "growth goes on from what was added": (
        [0, 0, 0], [0], {(0, 0)}, {(0, 0), (1, 0), (2, 0)}),
    "not between two words that have links": (
        [0, 1, 2, 0], [0, 1, 2, 3], {(0, 0), (1, 1), (2, 2)}, {(0, 0), (1, 1), (2, 2), (3, 3)}),
    "the last step links words that have none": (
        [0, NONE, NONE, NONE], [0, NONE, NONE, 3], {(0, 0)}, {(0, 0), (3, 3)}),
    "but not a word that has one": (
        [0, NONE, NONE, 0], [0, NONE, NONE, NONE], {(0, 0)}, {(0, 0)}),
    "no link at all": ([NONE, NONE], [NONE], set(), set()),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_cases(name):
    src, tgt, both, grown = CASES[name]
    found = choices(src), choices(tgt)
    assert pairs(symmetrise(*found, "intersection")) == [both]
    assert pairs(symmetrise(*found, "grow-diag-final-and")) == [grown]
    union = {(i, j) for i, j in enumerate(src) if j != NONE}
    union |= {(i, j) for j, i in enumerate(tgt) if i != NONE}
    assert pairs(symmetrise(*found, "union")) == [union]


@st.composite
def both_sides(draw):
    sizes = draw(st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6)), max_size=4))
    place = lambda size: st.integers(NONE, size - 1)  # noqa: E731
    src = [draw(st.lists(place(m), min_size=n, max_size=n)) for n, m in sizes]
    tgt = [draw(st.lists(place(n), min_size=m, max_size=m)) for n, m in sizes]
    return choices(*src), choices(*tgt)


@given(both_sides(), st.sampled_from(SYMMETRISATIONS))
def test_swapping_the_sides_mirrors_the_links(sides, method):
    src, tgt = sides
    there, back = pairs(symmetrise(src, tgt, method)), pairs(symmetrise(tgt, src, method))
    assert there == [{(i, j) for j, i in links} for links in back]


@given(both_sides())
def test_grown_links_lie_between_intersection_and_union(sides):
    least, grown, most = (pairs(symmetrise(*sides, method)) for method in SYMMETRISATIONS)
    assert all(a <= b <= c for a, b, c in zip(least, grown, most, strict=True))


def test_sentences_do_not_touch_each_other():
    found = symmetrise(choices([0], [], [1, 0]), choices([0], [NONE], [1, 0]))
    assert pairs(found) == [{(0, 0)}, set(), {(0, 1), (1, 0)}]
    assert found.src.tolist() == [0, 0, 1]
    assert (found.probabilities > 0).all()
