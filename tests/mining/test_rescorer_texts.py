"""What texts say of candidate pairs: labelled cases, plain reference formulas, invariants."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bitseam.mining.encoders import load_encoder
from bitseam.mining.rescorer import coverage as cover
from bitseam.mining.rescorer import texts
from bitseam.mining.rescorer.numbers import numbers_alone
from bitseam.mining.rescorer.texts import TEXT_FEATURES, text_features
from bitseam.mining.rescorer.words import words_of

NUMBERS = json.loads(Path(__file__).with_name("rescorer_numbers.json").read_text("utf-8"))

LB = [
    "Den Hond leeft duerch de Gaart.",
    "Wéi vill kascht dat Buch do?",
    "Muer fuere mir mam Zuch an d'Stad.",
    "Den Hond schléift am Haus.",
    "D'Mëllech steet am Frigo.",
    "Hatt huet 1.250 Euro bezuelt.",
]
DE = [
    "Der Hund läuft durch den Garten.",
    "Wie viel kostet dieses Buch?",
    "Morgen fahren wir mit dem Zug in die Stadt.",
    "Der Hund schläft im Haus.",
    "Die Milch steht im Kühlschrank.",
    "Sie hat 1 250 Euro bezahlt.",
]
EVERY = tuple(np.divmod(np.arange(36), 6))  # each of six sources with each of six targets

WORDS = ["Haus", "Hond", "12", "buch", "Zuch!", "?", "中", "文", "d'eau", "…"]
words = st.lists(st.sampled_from(WORDS), max_size=9)
sentences = st.lists(words.map(" ".join), min_size=1, max_size=5, unique=True)


@pytest.fixture(scope="module")
def encode():
    return load_encoder("static").encode


def column(features: np.ndarray, name: str) -> np.ndarray:
    return features[:, TEXT_FEATURES.index(name)]


def of_pairs(src: list[str], tgt: list[str], pairs=None, encode=None, **options) -> np.ndarray:
    rows = pairs or np.divmod(np.arange(len(src) * len(tgt)), len(tgt))
    encoders = encode and (encode, encode)
    return text_features(pa.array(src), pa.array(tgt), *rows, encoders, **options)


@pytest.mark.parametrize("case", NUMBERS, ids=lambda case: case["why"])
def test_numbers_are_compared_whatever_their_notation(case):
    row = np.zeros(1, np.int64)
    found = numbers_alone(pa.array([case["src"]]), pa.array([case["tgt"]]), row, row)
    expected = np.nan if case["alone"] is None else case["alone"]
    np.testing.assert_array_equal(found, [expected])


def test_translations_cover_more_words_than_their_rivals(encode):
    features = of_pairs(LB, DE, EVERY, encode)
    right = EVERY[0] == EVERY[1]
    assert column(features, "coverage")[right].min() > column(features, "coverage")[~right].max()
    assert (column(features, "coverage_lead")[right] > 0).all()
    assert (column(features, "coverage_lead")[~right] < 0).all()


def test_other_words_in_the_same_frame_cost_coverage(encode):
    pairs = np.array([0, 0]), np.array([0, 3])  # the dog runs / the dog sleeps
    same, other = column(of_pairs(LB, DE, pairs, encode), "coverage")
    assert same > other + 0.2


def test_partners_in_another_order_are_disorder(encode):
    src = ["Haus Garten Milch Zug"]
    tgt = ["Haus Garten Milch Zug", "Zug Milch Garten Haus", "Garten Haus Zug Milch"]
    straight, reverse, swapped = column(of_pairs(src, tgt, encode=encode), "disorder")
    assert straight == 0
    assert reverse > swapped > 0


def test_usual_length_is_that_of_translations_not_of_the_corpora(encode, monkeypatch):
    monkeypatch.setattr(texts, "_LEAST_SURE", 6)
    longer = [" ".join(DE[i:] + DE[:i]) for i in range(6)]  # no translation of anything
    alone = column(of_pairs(LB, DE, EVERY, encode), "length_difference")
    n = np.arange(6)
    pairs = np.concatenate([EVERY[0]] + [n] * 40), np.concatenate([EVERY[1]] + [n + 6] * 40)
    among = column(of_pairs(LB, DE + longer, pairs, encode), "length_difference")
    np.testing.assert_allclose(among[:36], alone, atol=0.1)


def test_without_vectors_words_say_nothing_and_the_rest_does():
    features = of_pairs(LB, DE, EVERY)
    silent = np.isnan(features).all(axis=0)
    assert [name for name, is_silent in zip(TEXT_FEATURES, silent, strict=True) if is_silent] == [
        "coverage",
        "coverage_lead",
        "disorder",
    ]


@pytest.mark.parametrize(
    ("src", "tgt", "apart"),
    [
        ("Kommt hien?", "他来吗？", 0),
        ("Kommt hien?", "Er kommt.", 2),
        ("„Jo!“", "« Oui ! »", 0),
        ("Eng Lëscht: 3.5 %", "Une liste : 3,5%", 0),
        ("Um 8:30, dann nees...", "Um 8.30 dann wieder …", 0),
        ("Nei (nach net).", "Nein, noch nicht", 3),
        ("", "", 0),
    ],
)
def test_marks_compare_across_scripts_and_notations(src, tgt, apart):
    assert column(of_pairs([src], [tgt]), "marks_apart").tolist() == [apart]


def test_texts_without_words_and_no_candidates(encode):
    features = of_pairs(["...", "", "42"], ["?", "Haus"], encode=encode)
    assert np.isnan(column(features, "coverage")).all()
    none = np.zeros(0, np.int64)
    assert of_pairs(LB, DE, (none, none), encode).shape == (0, len(TEXT_FEATURES))
    assert of_pairs([], [], (none, none), encode).shape == (0, len(TEXT_FEATURES))


def test_same_bytes_for_any_order_and_number_of_threads(encode, monkeypatch):
    features = of_pairs(LB, DE, EVERY, encode, threads=1)
    monkeypatch.setattr(cover, "_PAIRS_A_TASK", 5)
    assert of_pairs(LB, DE, EVERY, encode, threads=3).tobytes() == features.tobytes()
    order = np.random.default_rng(5).permutation(36)
    shuffled = of_pairs(LB, DE, (EVERY[0][order], EVERY[1][order]), encode)
    assert shuffled.tobytes() == features[order].tobytes()


def test_coverage_is_what_its_formula_says(encode):
    sides = [cover.side_of(pa.array(its), encode) for its in (LB, DE)]
    found = cover.coverage(*sides, *EVERY, threads=1)
    mean, deviation = cover._by_chance(*sides)
    vectors = [encode(words_of(pa.array(its)).forms) for its in (LB, DE)]
    for c, rows in enumerate(zip(*EVERY, strict=True)):
        a, b = (s.ids[s.bounds[r] : s.bounds[r + 1]] for s, r in zip(sides, rows, strict=True))
        cosines = vectors[0][a] @ vectors[1][b].T
        shares = [
            np.average(1 / (1 + np.exp(-2 * (best - mean) / deviation)), weights=side.weights[ids])
            for side, ids, best in ((sides[0], a, cosines.max(1)), (sides[1], b, cosines.max(0)))
        ]
        assert found.least[c] == pytest.approx(min(shares), abs=0.02)  # of eight bits


def test_an_encoder_whose_cosines_all_lie_high_tells_the_same(encode):
    def narrow(forms):
        rows = np.pad(encode(forms), ((0, 0), (0, 1)), constant_values=2)  # cosines from 0.6 up
        return rows / np.linalg.norm(rows, axis=1, keepdims=True)

    one, other = (of_pairs(LB, DE, EVERY, its)[:, :3] for its in (encode, narrow))
    np.testing.assert_allclose(one, other, atol=0.06)


@settings(max_examples=40)
@given(sentences, sentences)
def test_every_feature_is_the_same_with_the_sides_swapped(src, tgt):
    encode = load_encoder("static").encode
    rows = np.divmod(np.arange(len(src) * len(tgt)), len(tgt))
    one = of_pairs(src, tgt, rows, encode)
    other = of_pairs(tgt, src, (rows[1], rows[0]), encode)
    # The sentences by chance are drawn anew: what counts as a partner shifts a little, and with it
    # which pairs tell the usual length.
    by_words = TEXT_FEATURES.index("length_difference")
    np.testing.assert_allclose(one[:, :by_words], other[:, :by_words], atol=0.35)
    np.testing.assert_allclose(one[:, by_words + 1 :], other[:, by_words + 1 :], atol=1e-6)
    covered = column(one, "coverage")
    assert ((covered >= 0) & (covered <= 1) | np.isnan(covered)).all()


@given(
    st.lists(
        st.tuples(st.integers(0, 3), st.integers(0, 3), st.sampled_from([0.0, 0.5, 1.0, np.nan])),
        max_size=12,
        unique_by=lambda pair: pair[:2],
    )
)
def test_lead_is_over_the_best_other_pair_of_either_side(pairs):
    src, tgt = (np.array([pair[i] for pair in pairs], np.int64) for i in (0, 1))
    values = np.array([pair[2] for pair in pairs], np.float32)
    expected = []
    for c, value in enumerate(values):
        rivals = [
            values[o]
            for o in range(len(values))
            if o != c and (src[o] == src[c] or tgt[o] == tgt[c]) and not np.isnan(values[o])
        ]
        expected.append(value - max(rivals) if rivals else np.nan)
    np.testing.assert_array_equal(texts._lead(values, src, tgt), np.array(expected, np.float32))
