"""The trainer learns a small invented language pair, and the same way each time."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest

from bitseam.lid.character_classes import character_classes
from bitseam.lid.ngram_table import quantise
from bitseam.lid.ngrams import NgramConfig, embed_ngrams
from bitseam.mining.training import ParallelRows, TrainingOptions, train_static_table
from bitseam.mining.training.contrastive import contrastive_loss
from bitseam.mining.training.parallel_rows import (
    NO_TEXT,
    draw_batches,
    draw_pairs,
    index_rows,
    without_repetition,
)

CLASSES = character_classes()
OPTIONS = TrainingOptions(
    ngrams=NgramConfig(4096), dimension=32, epochs=8, batch_size=64, learning_rate=0.1
)


def invented_corpus(rows: int, seed: int) -> tuple[list[str], list[str]]:
    """Sentences of invented words, and their translation word by word in another order."""
    words = np.random.default_rng(99).integers(0, 20, (120, 2, 6))
    consonants, vowels = "bcdfghjklmnpqrstvwxz", "aeiouy"
    spell = [
        ["".join(consonants[c] if i % 2 else vowels[c % 6] for i, c in enumerate(w)) for w in pair]
        for pair in words
    ]
    rng = np.random.default_rng(seed)
    source, target = [], []
    for chosen in rng.integers(0, len(spell), (rows, 6)):
        source.append(" ".join(spell[i][0] for i in chosen))
        target.append(" ".join(spell[i][1] for i in reversed(chosen)))
    return source, target


@pytest.fixture(scope="module")
def corpus() -> list[ParallelRows]:
    source, target = invented_corpus(600, seed=1)
    return [ParallelRows("invented", pa.table({"src": source, "tgt": target}))]


def accuracy(table: np.ndarray) -> float:
    rows, scales = quantise(table)
    source, target = (
        embed_ngrams(side, OPTIONS.ngrams, CLASSES, rows, scales)
        for side in invented_corpus(200, seed=2)
    )
    return float(((source @ target.T).argmax(axis=1) == np.arange(200)).mean())


def test_loss_falls_and_translations_not_trained_on_are_found(corpus):
    losses = []
    untrained = train_static_table(corpus, CLASSES, replace(OPTIONS, epochs=0))
    trained = train_static_table(corpus, CLASSES, OPTIONS, lambda _, loss, __: losses.append(loss))
    assert len(losses) == OPTIONS.epochs
    assert losses[-1] < losses[0] / 10
    assert accuracy(untrained) < 0.1
    assert accuracy(trained) > 0.9


def test_the_seed_decides_every_byte_and_threads_none(corpus):
    options = replace(OPTIONS, epochs=2)
    once = train_static_table(corpus, CLASSES, options).tobytes()
    assert train_static_table(corpus, CLASSES, options).tobytes() == once
    assert train_static_table(corpus, CLASSES, replace(options, threads=3)).tobytes() == once
    assert train_static_table(corpus, CLASSES, replace(options, seed=1)).tobytes() != once


def test_gradient_is_the_slope_of_the_loss():
    rng = np.random.default_rng(3)
    source, target = rng.standard_normal((2, 5, 4)).astype(np.float64)
    _, slope_source, slope_target = contrastive_loss(source, target, 0.5)
    step = 1e-5
    for matrix, slope in ((source, slope_source), (target, slope_target)):
        for cell in np.ndindex(matrix.shape):
            matrix[cell] += step
            above = contrastive_loss(source, target, 0.5)[0]
            matrix[cell] -= 2 * step
            below = contrastive_loss(source, target, 0.5)[0]
            matrix[cell] += step
            assert slope[cell] == pytest.approx((above - below) / (2 * step), abs=1e-4)


def test_loss_of_a_hot_and_a_perfect_batch_is_finite():
    same = np.eye(4, dtype=np.float32)
    loss, *slopes = contrastive_loss(same, same, 0.02)
    assert loss == pytest.approx(0, abs=1e-4)
    assert all(np.isfinite(slope).all() for slope in slopes)
    loss, *slopes = contrastive_loss(same, -same[::-1] * 0, 0.02)
    assert np.isfinite(loss)
    assert all(np.isfinite(slope).all() for slope in slopes)


def test_rows_of_one_text_are_left_out_and_equal_texts_are_one():
    table = pa.table({"lb": ["Haus", "Haus", None, "a"], "de": ["Haus", None, None, "b"]})
    texts, (rows,) = index_rows([ParallelRows("x", table)], {"lb": 3.0})
    spelled = [[texts[i].as_py() for i in row] for row in rows.texts]
    assert spelled == [["Haus", "Haus"], ["a", "b"]]
    assert rows.texts[0, 0] == rows.texts[0, 1]
    assert rows.weights.tolist() == [3.0, 1.0]


def test_pairs_are_two_texts_of_the_row_drawn_by_weight():
    rng = np.random.default_rng(5)
    texts = np.tile(np.array([[0, 1, 2, NO_TEXT]], np.int32), (4000, 1))
    pairs = draw_pairs(texts, np.array([8.0, 1, 1, 1]), rng)
    assert NO_TEXT not in pairs
    assert (pairs[:, 0] != pairs[:, 1]).all()
    assert (pairs == 0).any(axis=1).mean() > 0.95
    assert 0.4 < (pairs == 1).any(axis=1).mean() < 0.6


def test_no_text_stands_twice_in_a_batch():
    pairs = np.array([[1, 2], [3, 3], [2, 4], [5, 1], [6, 7]], np.int32)
    assert without_repetition(pairs).tolist() == [[1, 2], [6, 7]]


def test_a_source_is_seen_as_often_as_it_says():
    tables = [
        pa.table({"a": [f"{s}{i}" for i in range(9)], "b": [f"{i}{s}" for i in range(9)]})
        for s in "xy"
    ]
    sources = [ParallelRows("x", tables[0], repeat=2), ParallelRows("y", tables[1])]
    _, indexed = index_rows(sources, {})
    batches = list(draw_batches(indexed, 9, np.random.default_rng(0)))
    assert sorted(len(batch) for batch in batches) == [9, 9, 9]
    owners = [set((np.isin(batch, indexed[0].texts)).reshape(-1).tolist()) for batch in batches]
    assert sorted(map(sum, owners)) == [0, 1, 1]


def test_a_source_can_be_seen_in_part_anew_in_each_epoch():
    table = pa.table({"a": [f"a{i}" for i in range(40)], "b": [f"b{i}" for i in range(40)]})
    _, indexed = index_rows([ParallelRows("x", table, repeat=0.25)], {})
    rng = np.random.default_rng(0)
    epochs = [np.concatenate(list(draw_batches(indexed, 5, rng))) for _ in range(2)]
    assert [len(pairs) for pairs in epochs] == [10, 10]
    assert {*epochs[0][:, 0].tolist()} != {*epochs[1][:, 0].tolist()}
