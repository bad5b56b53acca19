from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bitseam.mining.encoders import load_encoder
from bitseam.mining.given_pairs import GivenPairs
from bitseam.mining.knn import Neighbours, nearest_neighbours
from bitseam.mining.precision import estimate_precision
from bitseam.mining.retrieval import candidate_pairs

GOLD = Path(__file__).resolve().parents[2] / "examples" / "lb-de" / "gold.tsv"


def unit(seed: int, rows: int) -> np.ndarray:
    vectors = np.random.default_rng(seed).standard_normal((rows, 8)).astype(np.float32)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def among_corpus(src, tgt, pairs, k, texts=None) -> GivenPairs:
    """Pairs of rows of a corpus, as if something else than mining had found them."""
    rows = np.array(pairs).T
    cosines = (src[rows[0]] * tgt[rows[1]]).sum(axis=1, dtype=np.float64).astype(np.float32)
    forward, backward = (
        nearest_neighbours(src[rows[0]], tgt, k),
        nearest_neighbours(tgt[rows[1]], src, k),
    )
    own = forward.rows == rows[1][:, None], backward.rows == rows[0][:, None]
    blank = pa.array([""] * len(pairs))
    return GivenPairs(texts or (blank, blank), cosines, (forward, backward), own)


@settings(max_examples=50)
@given(st.integers(0, 1000), st.integers(1, 12), st.integers(1, 12), st.integers(1, 6), st.data())
def test_a_pair_of_the_corpus_has_the_ranks_and_rivals_of_mining(seed, n, m, k, data) -> None:
    src, tgt = unit(seed, n), unit(seed + 1, m)
    mined = candidate_pairs(
        nearest_neighbours(src, tgt, k), nearest_neighbours(tgt, src, k), "ratio"
    )
    place = data.draw(st.integers(0, len(mined) - 1))
    i, j = int(mined.src[place]), int(mined.tgt[place])
    its = among_corpus(src, tgt, [(i, j)], k)
    found = its.candidates()
    assert (found.src_rank[0], found.tgt_rank[0]) == (mined.src_rank[place], mined.tgt_rank[place])
    assert its.margins("ratio")[0] == pytest.approx(mined.margin[place], rel=1e-5)
    listed = (mined.src == i) & (mined.src_rank > 0) & (mined.tgt != j)
    rivals = {(t + 1, r) for t, r in zip(mined.tgt[listed], mined.src_rank[listed], strict=True)}
    ours = (found.src == 0) & (found.src_rank > 0) & (np.arange(len(found)) > 0)
    assert set(zip(found.tgt[ours], found.src_rank[ours], strict=True)) == rivals


def test_a_bead_is_no_rival_of_its_own_sentences() -> None:
    neighbours = Neighbours(np.array([[4, 7, 1]]), np.array([[0.9, 0.8, 0.3]], np.float32))
    own = np.array([[True, False, False]])
    texts = pa.array(["a"]), pa.array(["b"])
    its = GivenPairs(texts, np.array([0.85], np.float32), (neighbours, neighbours), (own, own))
    found = its.candidates()
    assert found.src_rank.tolist() == [1, 2, 3, 0, 0]
    assert found.tgt_rank.tolist() == [1, 0, 0, 2, 3]
    assert found.tgt.tolist() == [0, 8, 2, 0, 0]
    assert found.src.tolist() == [0, 0, 0, 8, 2]


def test_translations_are_told_from_other_pairs() -> None:
    gold = pl.read_csv(GOLD, separator="\t", quote_char=None)
    sides = [gold[name].to_arrow().cast(pa.string()) for name in ("src_text", "tgt_text")]
    encoder = load_encoder("static")
    src, tgt = (encoder.encode(side) for side in sides)
    n = len(gold)
    pairs = [(i, i) for i in range(n)] + [(i, (i + 9) % n) for i in range(n)]
    rows = np.array(pairs).T
    texts = sides[0].take(pa.array(rows[0])), sides[1].take(pa.array(rows[1]))
    odds = among_corpus(src, tgt, pairs, 4, texts).log_odds((encoder.encode,) * 2)
    precision = estimate_precision(odds)
    right, wrong = precision[:n], precision[n:]
    assert (right[:, None] > wrong).mean() > 0.98
    assert right.mean() > 0.85
    assert wrong.mean() < 0.15


def test_no_pairs_are_legal() -> None:
    none = Neighbours(np.zeros((0, 4), np.int64), np.zeros((0, 4), np.float32))
    own = np.zeros((0, 4), bool)
    blank = pa.array([], pa.string())
    its = GivenPairs((blank, blank), np.zeros(0, np.float32), (none, none), (own, own))
    assert len(its.log_odds((load_encoder("static").encode,) * 2)) == 0
    assert len(its.margins("ratio")) == 0
