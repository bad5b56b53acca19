"""The statistical aligner: what it learns, and what must not change its answer."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bitseam.align.evaluate import alignment_error_rate
from bitseam.align.words.statistical import Aligner, WordVectors
from bitseam.lid.words import Words, number_words
from bitseam.schemas.choices import SYMMETRISATIONS

Sentences = list[list[str]]


def words(sentences: Sentences) -> Words:
    return number_words(pa.array(sentences, pa.list_(pa.string())))


def pairs(links) -> list[set[tuple[int, int]]]:
    return [
        set(zip(links.src[a:b].tolist(), links.tgt[a:b].tolist(), strict=True))
        for a, b in zip(links.bounds[:-1], links.bounds[1:], strict=True)
    ]


def cipher(n: int, seed: int) -> tuple[Sentences, Sentences, list[set[tuple[int, int]]]]:
    """Sentences of 40 words, their word-for-word translation with neighbours swapped, the links."""
    rng = np.random.default_rng(seed)
    src, tgt, gold = [], [], []
    for _ in range(n):
        ids = rng.choice(40, rng.integers(3, 12), replace=False)
        order = np.arange(len(ids))
        at = rng.integers(0, len(ids) - 1)
        order[[at, at + 1]] = order[[at + 1, at]]
        src.append([f"s{k}" for k in ids])
        tgt.append([f"t{ids[k]}" for k in order])
        gold.append({(int(i), j) for j, i in enumerate(order)})
    return src, tgt, gold


def test_a_cipher_is_learnt():
    src, tgt, gold = cipher(300, seed=1)
    found = pairs(Aligner(words(src), words(tgt)).links())
    assert alignment_error_rate(found, gold, gold) < 0.02


def test_words_without_a_counterpart_stay_alone():
    src, tgt, _ = cipher(200, seed=2)
    added = [[*sentence, "um"] if k % 3 == 0 else sentence for k, sentence in enumerate(tgt)]
    found = pairs(Aligner(words(src), words(added)).links())
    linked = sum(j == len(tgt[k]) for k, links in enumerate(found) for _, j in links)
    assert linked <= 0.1 * len(added) / 3


def test_vectors_of_words_align_a_single_pair():
    src, tgt = words([["a", "b", "c", "d"]]), words([["d", "a", "c", "b"]])
    unit = np.eye(4, dtype=np.float32)
    vectors = WordVectors(unit, unit[[3, 0, 2, 1]])
    found = pairs(Aligner(src, tgt, vectors=vectors).links("intersection"))
    assert found == [{(0, 1), (1, 3), (2, 2), (3, 0)}]


sentences = st.lists(st.sampled_from("abcdefg"), max_size=6)
bitexts = st.lists(st.tuples(sentences, sentences), max_size=8)


def sides(bitext) -> tuple[Words, Words]:
    return words([src for src, _ in bitext]), words([tgt for _, tgt in bitext])


def fields(links) -> list[list[float]]:
    return [field.tolist() for field in links]


@given(bitexts, st.sampled_from(SYMMETRISATIONS))
def test_links_are_within_their_sentences_in_order_and_likely_to_some_degree(bitext, method):
    links = Aligner(*sides(bitext)).links(method)
    for (src, tgt), found in zip(bitext, pairs(links), strict=True):
        assert all(0 <= i < len(src) and 0 <= j < len(tgt) for i, j in found)
    for a, b in zip(links.bounds[:-1], links.bounds[1:], strict=True):
        in_order = list(zip(links.src[a:b].tolist(), links.tgt[a:b].tolist(), strict=True))
        assert in_order == sorted(set(in_order))
    assert ((links.probabilities >= 0) & (links.probabilities <= 1.001)).all()


@given(bitexts)
def test_swapping_the_sides_mirrors_the_links(bitext):
    src, tgt = sides(bitext)
    there, back = pairs(Aligner(src, tgt).links()), pairs(Aligner(tgt, src).links())
    assert there == [{(i, j) for j, i in links} for links in back]


@given(bitexts, st.integers(2, 4))
def test_shards_count_what_one_pass_counts(bitext, threads):
    src, tgt = sides(bitext)
    alone = Aligner(src, tgt).links()
    assert fields(Aligner(src, tgt, threads=threads).links()) == fields(alone)


def test_shards_of_a_larger_text():
    src, tgt, _ = cipher(300, seed=3)
    alone = Aligner(words(src), words(tgt)).links()
    assert fields(Aligner(words(src), words(tgt), threads=3).links()) == fields(alone)


def test_no_sentences_and_empty_sentences():
    assert pairs(Aligner(words([]), words([])).links()) == []
    src, tgt = words([[], ["a"], [], ["a"]]), words([["x"], [], [], ["x"]])
    assert pairs(Aligner(src, tgt).links()) == [set(), set(), set(), {(0, 0)}]


@pytest.mark.parametrize("length", [512, 513, 600, 1024, 3001])
def test_all_words_of_a_long_sentence_are_linked(length):
    long = words([["a"], [f"w{k}" for k in range(length)], ["a"]])
    unit = np.eye(length + 1, dtype=np.float32)
    found = pairs(Aligner(long, long, vectors=WordVectors(unit, unit)).links("union"))
    assert found == [{(0, 0)}, {(k, k) for k in range(length)}, {(0, 0)}]


def test_long_sentences_of_unlike_lengths_and_their_mirror_image():
    rng = np.random.default_rng(4)
    src = [f"s{k}" for k in range(1400)]
    kept = np.sort(rng.choice(1400, 1250, replace=False))
    tgt = [f"t{k}" for k in kept]
    gold = {(int(k), j) for j, k in enumerate(kept)}
    unit = np.eye(1400, dtype=np.float32)
    known = WordVectors(unit, unit[kept])
    (found,) = pairs(Aligner(words([src]), words([tgt]), vectors=known).links())
    assert len(found & gold) > 0.98 * len(gold)
    assert len(found - gold) < 0.02 * len(gold)
    mirrored = WordVectors(known.tgt, known.src)
    (turned,) = pairs(Aligner(words([tgt]), words([src]), vectors=mirrored).links())
    assert turned == {(j, i) for i, j in found}


def test_threads_do_not_show_in_long_sentences():
    src, tgt, _ = cipher(300, seed=5)
    joined = [[w for s in side for w in s] for side in (src, tgt)]
    sides = [words([side[:900], side[900:1000], side[1000:]]) for side in joined]
    assert fields(Aligner(*sides, threads=3).links()) == fields(Aligner(*sides).links())


def test_sides_of_different_length_are_refused():
    with pytest.raises(ValueError, match="2 source and 1 target sentences: expected one for one"):
        Aligner(words([["a"], ["b"]]), words([["x"]]))
