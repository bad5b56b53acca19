from __future__ import annotations

import itertools

import numpy as np
import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from bitseam.align.beads import _fill_words
from bitseam.align.word_keys import NO_WORDS, WordKeys, shared_words, word_keys


def in_common(a: str, b: str) -> int:
    """How many keys two sentences share, of which a word has two."""
    words = [word_keys(pa.array([text])) for text in (a, b)]
    left, right = (set(side.keys[side.ids].tolist()) for side in words)
    return len(left & right)


def test_words_are_compared_without_case_and_accents() -> None:
    assert in_common("MONTAGNE", "montagne") == 2
    assert in_common("Genève", "GENEVE") == 2
    assert in_common("8603 m", "à 8603 m") == 1  # of up to five letters the beginning is the word


def test_words_that_begin_alike_have_half_in_common() -> None:
    assert in_common("Expedition", "expéditions") == 1
    assert in_common("Berg", "Bergwerk") == 0


def test_short_words_and_marks_do_not_count() -> None:
    assert in_common("le la . ,", "le la . ,") == 0
    assert in_common("K2", "K2") == 1


def test_each_sentence_has_its_words() -> None:
    words = word_keys(pa.chunked_array([["eins zwei", None], ["", "zwei drei zwei"]]))

    assert words.bounds.tolist() == [0, 4, 4, 4, 10]
    assert words.ids[2] == words.ids[4] == words.ids[8]
    assert len(word_keys(pa.array([], pa.string())).ids) == 0


def test_frequent_words_are_not_shared() -> None:
    often = word_keys(pa.array(["und Zermatt"] + ["und sonst"] * 9))
    once = word_keys(pa.array(["Zermatt und"]))

    words = shared_words(often, once, 10, 1)

    assert len(words.weights) == 2  # of Zermatt: whole and its beginning
    assert words.tgt_sentences.tolist() == [0, 0]


def test_documents_without_words_share_none() -> None:
    some = word_keys(pa.array(["Zermatt"]))
    assert len(shared_words(NO_WORDS, some, 5, 1).src_words) == 0
    assert shared_words(some, NO_WORDS, 1, 5).src_bounds.tolist() == [0, 0]


def _flat(sentences: list[list[int]]) -> list[int]:
    return list(itertools.chain.from_iterable(sentences))


def _keys(sentences: list[list[int]]) -> WordKeys:
    found, ids = np.unique(np.array(_flat(sentences), np.int64), return_inverse=True)
    return WordKeys(found, ids, np.cumsum([0, *map(len, sentences)]))


sentences = st.lists(st.lists(st.integers(1, 5), max_size=4), min_size=1, max_size=6)


@given(sentences, sentences)
@settings(max_examples=60)
def test_a_bead_has_the_words_of_both_sides_once(
    src: list[list[int]], tgt: list[list[int]]
) -> None:
    n, m = len(src), len(tgt)
    words = shared_words(_keys(src), _keys(tgt), n, m)
    kept = np.intersect1d(_keys(src).keys, _keys(tgt).keys)
    rare = [key for key in kept if max(_flat(src).count(key), _flat(tgt).count(key)) <= 4]
    weights = dict(zip(rare, words.weights, strict=True))
    table = np.empty((2, 7, 7, m), np.float32)
    for i in range(n):
        _fill_words(table, tuple(words), 0, m, i)
        for a, b, j in itertools.product(range(1, 6), range(1, 6), range(m)):
            if a + b > 6 or i + a > n or j + b > m:
                continue
            ours, theirs = _flat(src[i : i + a]), _flat(tgt[j : j + b])
            common = set(ours) & set(theirs) & weights.keys()
            assert np.isclose(table[0, a, b, j], sum(map(weights.get, common)), atol=1e-4)
            assert table[1, a, b, j] == len(common)
