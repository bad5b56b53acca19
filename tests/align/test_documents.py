from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bitseam.align.documents import (
    EVIDENCE,
    DocumentPairs,
    Side,
    centre_documents,
    compare_sentences,
    embed_documents,
    evidence_names,
    place_keys,
    select_documents,
    sentence_weights,
    shared_keys,
    title_keys,
)

CASES = json.loads(Path(__file__).with_name("place_cases.json").read_text("utf-8"))
LB_DE = ("ltz_Latn", "deu_Latn")
SEEDS = st.integers(0, 2**32 - 1)


def unit_rows(seed: int, n: int, d: int = 8) -> np.ndarray:
    rows = np.random.default_rng(seed).normal(size=(n, d)).astype(np.float32)
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def side(vectors: np.ndarray, mean: float = 0.5) -> Side:
    n = len(vectors)
    return Side(vectors, np.ones(n, np.float32), np.full(n, mean, np.float32))


def pairs(*rows: tuple[int, int, float, int]) -> DocumentPairs:
    src, tgt, score, evidence = zip(*rows, strict=True)
    return DocumentPairs(
        np.array(src), np.array(tgt), np.array(score, np.float32), np.array(evidence, np.uint8)
    )


@pytest.mark.parametrize("case", CASES, ids=lambda case: str(case["src"]))
def test_places_that_differ_by_the_language_alone_have_one_key(case) -> None:
    (src,), (tgt,) = place_keys([case["src"]], LB_DE), place_keys([case["tgt"]], LB_DE)
    assert (src is not None and src == tgt) is case["same"]


def test_titles_are_compared_by_letters_and_digits() -> None:
    assert title_keys(["Esch-Uelzecht", "ESCH UELZECHT", "Au", None]) == [
        "eschuelzecht", "eschuelzecht", None, None,
    ]  # fmt: skip


def test_a_key_that_two_documents_of_a_side_have_says_nothing() -> None:
    src, tgt = shared_keys(["a", "b", "b", None, "c"], ["c", "b", "a", None, "d"])
    assert list(zip(src.tolist(), tgt.tolist(), strict=True)) == [(0, 2), (4, 0)]


def test_evidence_is_told_by_its_names() -> None:
    assert evidence_names(0) == []
    assert evidence_names(0b101) == [EVIDENCE[0], EVIDENCE[2]]


def test_a_sentence_of_many_documents_counts_little() -> None:
    weights = sentence_weights(np.array([100, 100, 25]), np.array([1, 20, 1]))
    assert weights.tolist() == pytest.approx([10, 0.5, 5])


@given(SEEDS, st.lists(st.integers(0, 4), min_size=1, max_size=6))
def test_documents_are_embedded_each_by_itself(seed, sizes) -> None:
    vectors = unit_rows(seed, sum(sizes))
    weights = np.linspace(1, 2, sum(sizes), dtype=np.float32)
    bounds = np.concatenate([[0], np.cumsum(sizes)])
    together = embed_documents(vectors, weights, bounds)
    for i, (first, last) in enumerate(pairwise(bounds.tolist())):
        part = slice(first, last)
        alone = embed_documents(vectors[part], weights[part], np.array([0, last - first]))
        assert together[i] == pytest.approx(alone[0], abs=1e-6)
        norm = np.linalg.norm(together[i])
        assert norm == pytest.approx(1, abs=1e-4) if last > first else norm == 0


def test_centring_takes_away_what_all_documents_share_and_leaves_the_empty_empty() -> None:
    common = np.full((200, 8), 3.0, np.float32)
    documents = np.concatenate([common + unit_rows(1, 200), np.zeros((1, 8), np.float32)])
    documents[:200] /= np.linalg.norm(documents[:200], axis=1, keepdims=True)
    centred = centre_documents(documents)
    assert (documents[:200] @ documents[:200].T).mean() > 0.9
    assert (centred[:200] @ centred[:200].T).mean() < 0.3
    assert not centred[200].any()


def test_centring_leaves_one_document_where_it_is() -> None:
    document = unit_rows(3, 1)
    assert centre_documents(document) == pytest.approx(document, abs=1e-6)


def test_translated_documents_agree_and_others_do_not() -> None:
    document, other = unit_rows(5, 30, 64), unit_rows(6, 30, 64)
    assert compare_sentences(side(document), side(document[::-1])) == pytest.approx(1, abs=1e-4)
    assert compare_sentences(side(document), side(other)) < 0.02
    half = np.concatenate([document[:15], other[15:]])
    assert compare_sentences(side(document), side(half)) == pytest.approx(0.5, abs=0.05)


def test_boilerplate_makes_no_documents_agree() -> None:
    lines, ours, theirs = unit_rows(7, 3, 64), unit_rows(8, 9, 64), unit_rows(9, 9, 64)
    weights = sentence_weights(np.full(12, 80), np.array([500] * 3 + [1] * 9))
    means = np.full(12, 0.5, np.float32)
    src, tgt = (
        Side(np.concatenate([lines, rest]), weights, means) for rest in (ours, theirs)
    )  # fmt: skip
    assert compare_sentences(src, tgt) < 0.02


@given(SEEDS, st.integers(0, 7), st.integers(0, 7))
def test_a_comparison_is_symmetric_and_never_negative(seed, n, m) -> None:
    src, tgt = side(unit_rows(seed, n)), side(unit_rows(seed + 1, m), 0.3)
    score = compare_sentences(src, tgt)
    assert score >= 0
    assert score == pytest.approx(compare_sentences(tgt, src), abs=1e-6)


def test_a_comparison_in_blocks_is_the_same(monkeypatch) -> None:
    src, tgt = side(unit_rows(11, 40)), side(unit_rows(12, 50))
    whole = compare_sentences(src, tgt)
    monkeypatch.setattr("bitseam.align.documents.comparison._CELLS", 150)
    assert compare_sentences(src, tgt) == pytest.approx(whole, abs=1e-7)


def test_the_best_pair_wins_and_its_rival_gets_the_next() -> None:
    found = select_documents(pairs((0, 0, 0.5, 0), (0, 1, 0.4, 0), (1, 0, 0.45, 0), (1, 1, 0.2, 0)))
    assert list(zip(found.src.tolist(), found.tgt.tolist(), strict=True)) == [(0, 0), (1, 1)]


def test_evidence_lowers_the_bar_but_does_not_decide_alone() -> None:
    found = select_documents(pairs((0, 0, 0.1, 0), (1, 1, 0.1, 1), (2, 2, 0.0, 7)), threshold=0.15)
    assert found.src.tolist() == [1]
    assert found.score.tolist() == pytest.approx([0.1])


@given(
    st.lists(
        st.tuples(
            st.integers(0, 5), st.integers(0, 5), st.floats(0, 1, width=32), st.integers(0, 7)
        ),
        min_size=1,
        max_size=30,
        unique_by=lambda row: row[:2],
    )
)
def test_every_document_stands_in_one_pair_at_most(rows) -> None:
    found = select_documents(pairs(*rows))
    assert len(set(found.src.tolist())) == len(set(found.tgt.tolist())) == len(found)
    assert found.src.tolist() == sorted(found.src.tolist())
    shuffled = select_documents(pairs(*rows[::-1]))
    assert shuffled.tgt.tolist() == found.tgt.tolist()
