"""Links from vectors: embeddings are given, so that the right links are known."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bitseam.align.words.similarity import Vectors, links_by_similarity

METHODS = ("argmax", "itermax", "softmax")


def vectors(*sentences: list[list[float]]) -> Vectors:
    rows = np.array([row for sentence in sentences for row in sentence], np.float32).reshape(-1, 3)
    rows /= np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9)
    bounds = np.cumsum([0, *map(len, sentences)])
    return Vectors(rows, np.arange(len(rows), dtype=np.int32), bounds)


def pairs(links) -> list[set[tuple[int, int]]]:
    return [
        set(zip(links.src[a:b].tolist(), links.tgt[a:b].tolist(), strict=True))
        for a, b in zip(links.bounds[:-1], links.bounds[1:], strict=True)
    ]


X, Y, Z, NOTHING = [1, 0, 0], [0, 1, 0], [0, 0, 1], [0, 0, 0]


@pytest.mark.parametrize("method", METHODS)
def test_equal_vectors_are_linked(method):
    links = links_by_similarity(vectors([X, Y, Z], [], [Y]), vectors([Z, Y, X], [X], [Y]), method)
    assert pairs(links) == [{(0, 2), (1, 1), (2, 0)}, set(), {(0, 0)}]
    assert (links.probabilities > 0.5).all()


@pytest.mark.parametrize("method", METHODS)
def test_a_vector_of_zeros_is_linked_to_nothing(method):
    found = pairs(links_by_similarity(vectors([X, NOTHING]), vectors([NOTHING, X]), method))
    assert found == [{(0, 1)}]


def test_argmax_takes_only_mutual_choices_and_itermax_what_is_left():
    src, tgt = vectors([X, [9, 2, 0], Z]), vectors([X, Z])
    assert pairs(links_by_similarity(src, tgt, "argmax")) == [{(0, 0), (2, 1)}]
    assert pairs(links_by_similarity(src, tgt, "itermax")) == [{(0, 0), (1, 0), (2, 1)}]


def test_words_that_occur_twice_are_told_apart_by_their_places():
    found = pairs(links_by_similarity(vectors([X, Y, X]), vectors([X, Z, X]), "argmax"))
    assert found == [{(0, 0), (2, 2)}]


def test_equally_good_words_are_all_linked():
    found = pairs(links_by_similarity(vectors([X]), vectors([X, X]), "itermax"))
    assert found == [{(0, 0), (0, 1)}]


def test_softmax_links_a_word_to_two_that_share_it():
    src, tgt = vectors([X]), vectors([X, X])
    links = links_by_similarity(src, tgt, "softmax")
    assert pairs(links) == [{(0, 0), (0, 1)}]
    np.testing.assert_allclose(links.probabilities, np.sqrt(0.5), atol=1e-3)


sentence = st.lists(st.lists(st.integers(-3, 3), min_size=3, max_size=3), max_size=5)


@given(st.lists(st.tuples(sentence, sentence), max_size=4), st.sampled_from(METHODS))
def test_links_are_within_range_and_mirrored_by_swapped_sides(bitext, method):
    src, tgt = vectors(*(a for a, _ in bitext)), vectors(*(b for _, b in bitext))
    there = pairs(links_by_similarity(src, tgt, method))
    back = pairs(links_by_similarity(tgt, src, method))
    assert there == [{(i, j) for j, i in links} for links in back]
    for (a, b), found in zip(bitext, there, strict=True):
        assert all(0 <= i < len(a) and 0 <= j < len(b) for i, j in found)


def test_the_statistical_method_and_uneven_sides_are_refused():
    with pytest.raises(ValueError, match="expected as many on both sides"):
        links_by_similarity(vectors([X]), vectors([X], [Y]), "argmax")
    with pytest.raises(ValueError, match="method 'statistical'"):
        links_by_similarity(vectors([X]), vectors([X]), "statistical")


@pytest.mark.parametrize("method", METHODS)
def test_all_words_of_a_long_sentence_are_linked(method):
    rows = np.eye(1300, dtype=np.float32)
    long = Vectors(rows, np.arange(1300, dtype=np.int32), np.array([0, 1, 1290, 1300]))
    found = pairs(links_by_similarity(long, long, method))
    assert [len(its) for its in found] == [1, 1289, 10]
    assert all(i == j for its in found for i, j in its)
