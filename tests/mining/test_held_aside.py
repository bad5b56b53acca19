"""Rows held aside stay apart from those to train on, and accuracy means what it says."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bitseam.mining.training import ParallelRows
from bitseam.mining.training.held_aside import (
    MOST_ROWS,
    accuracies,
    hold_aside,
    mean_accuracy,
    without_texts_of,
)

_TEXT = st.sampled_from([None, *"abcdefgh"])
_SOURCES = st.lists(st.lists(st.tuples(_TEXT, _TEXT, _TEXT), max_size=30), min_size=1, max_size=3)


def rows_of(name: str, rows: list[tuple[str | None, ...]]) -> ParallelRows:
    columns = list(zip(*rows, strict=True)) or [(), (), ()]
    arrays = [pa.array(column, pa.large_string()) for column in columns]
    return ParallelRows(name, pa.table(arrays, names=["lb", "de", "fr"][: len(arrays)]))


def texts_of(sources: list[ParallelRows]) -> set[str]:
    return {
        text
        for rows in sources
        for column in rows.table.columns
        for text in column.to_pylist()
        if text is not None
    }


@given(_SOURCES, st.floats(0.01, 0.5))
def test_no_text_held_aside_is_trained_on(tables, share):
    sources = [rows_of(str(i), rows) for i, rows in enumerate(tables)]
    train, held = hold_aside(sources, share)
    assert not texts_of(train) & texts_of(held)
    assert texts_of(train) | texts_of(held) <= texts_of(sources)


def test_a_text_held_aside_is_known_however_it_is_written():
    held = [rows_of("held", [("Eng Réis", "Eine Reise", None)])]
    told = [("Eng Re\u0301is ", "x", None), ("y", "\u00a0Eine Reise", None), ("y", "x", None)]
    (kept,) = without_texts_of([rows_of("all", told)], held)
    assert kept.table.to_pylist() == [{"lb": "y", "de": "x", "fr": None}]


def test_the_share_is_kept_and_the_order_of_rows_is_nothing():
    rows = [(f"lb {i}", f"de {i}", None) for i in range(1000)]
    train, held = hold_aside([rows_of("x", rows)], 0.05)
    assert (train[0].table.num_rows, held[0].table.num_rows) == (950, 50)
    turned, turned_held = hold_aside([rows_of("x", rows[::-1])], 0.05)
    assert texts_of(held) == texts_of(turned_held)
    assert texts_of(train) == texts_of(turned)


def test_of_many_rows_a_bounded_number_is_held_aside():
    rows = [(str(i), f"de {i}", None) for i in range(30_000)]
    _, held = hold_aside([rows_of("x", rows)], 0.5)
    assert held[0].table.num_rows == MOST_ROWS


def test_rows_that_share_any_text_with_others_go():
    rows = [("a", "b", None), ("c", None, "d"), (None, "e", "f")]
    kept = without_texts_of([rows_of("x", rows)], [rows_of("dev", [("z", "y", "d")])])
    assert texts_of(kept) == {"a", "b", "e", "f"}


def test_accuracy_counts_the_nearest_and_what_is_equal_to_it():
    places = {"a": 0, "A": 0, "b": 1, "B": 1, "c": 2, "C": 1, "d": 3, "D": 3}

    def encode(texts: pa.Array) -> np.ndarray:
        return np.eye(4, dtype=np.float32)[[places[text] for text in texts.to_pylist()]]

    rows = [("a", "A", None), ("b", "B", None), ("c", "C", None), ("d", "D", None), ("b", "B", "a")]
    measured = accuracies([rows_of("x", rows)], encode)
    assert [its.pair for its in measured] == ["lb-de"]  # of the others there is one row at most
    lb_de = measured[0]
    # b lies at B and C; c as far from all five texts; D is found from d alone.
    assert lb_de.rows == 5
    assert lb_de.forward == pytest.approx((1 + 1 / 2 + 1 / 5 + 1 + 1 / 2) / 5)
    assert lb_de.backward == pytest.approx(4 / 5)
    assert mean_accuracy(measured) == pytest.approx((lb_de.forward + lb_de.backward) / 2)


def test_a_pair_of_languages_is_one_whatever_the_order_of_its_columns():
    here, there = (
        ParallelRows("x", pa.table({a: [f"{a}1", f"{a}2"], b: [f"{b}1", f"{b}2"]}))
        for a, b in (("lb", "de"), ("de", "lb"))
    )
    measured = accuracies([here, there], lambda texts: np.ones((len(texts), 1), np.float32))
    assert [(its.pair, its.rows) for its in measured] == [("lb-de", 4)]
