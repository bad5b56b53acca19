"""Alignment by lengths and words alone, of a language that nobody knows."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bitseam.align.alignment import Alignment
from bitseam.align.evaluate import score_beads, to_beads
from bitseam.align.length_band import band_around, length_band
from bitseam.align.lexicon_keys import Lexicon, learn_lexicon, with_lexicon
from bitseam.align.overlaps import Overlaps, overlap_lengths, overlap_texts
from bitseam.align.sentences import AlignOptions, align_sentences
from bitseam.align.word_keys import NO_WORDS, word_keys

BY_WORDS = AlignOptions(by_words=True)
LAYERS = BY_WORDS.largest - 1


def without_vectors(sentences: list[str]) -> Overlaps:
    texts = pa.array(sentences, pa.string())
    return Overlaps.without_vectors(overlap_lengths(texts, LAYERS), word_keys(texts, every=True))


def f1(gold, found: Alignment) -> float:
    return score_beads([(gold, to_beads(found))]).strict.f1


def paired(found: Alignment) -> int:
    return sum(bool(src and tgt) for src, tgt in to_beads(found))


@pytest.fixture(scope="module")
def first(ciphered) -> Alignment:
    return align_sentences(without_vectors(ciphered.src), without_vectors(ciphered.tgt), BY_WORDS)


@pytest.fixture(scope="module")
def lexicon(ciphered, first) -> Lexicon:
    """What the first alignment teaches."""
    beads = [bead for bead in to_beads(first) if all(bead)]
    sides = (
        pa.array([" ".join(lines[i] for i in bead[side]) for bead in beads], pa.string())
        for side, lines in enumerate((ciphered.src, ciphered.tgt))
    )
    return learn_lexicon(*sides)


def test_every_sentence_is_in_one_bead(ciphered, first) -> None:
    for side, lines in enumerate((ciphered.src, ciphered.tgt)):
        assert [i for bead in to_beads(first) for i in bead[side]] == [*range(len(lines))]
    assert np.isnan(first.cosine).all()
    assert np.isfinite(first.cost).all()


def test_lengths_and_words_find_most_beads(ciphered, first) -> None:
    assert f1(ciphered.gold, first) > 0.88


def test_words_help_and_leave_no_more_alone(ciphered, first) -> None:
    blind = [replace(without_vectors(side), words=NO_WORDS) for side in ciphered[:2]]
    by_lengths = align_sentences(*blind)
    right = sum(bool(src and tgt) for src, tgt in ciphered.gold)
    assert paired(first) >= min(paired(by_lengths), right)
    assert f1(ciphered.gold, first) > f1(ciphered.gold, by_lengths)


def test_words_that_translate_each_other_are_learnt(ciphered, encipher) -> None:
    words = sorted({word.lower() for text in ciphered.src for word in text[:-1].split()})
    words = [word for word in words if word.isalpha()][:40]
    rng = np.random.default_rng(1)
    src = [" ".join(rng.choice(words, 6)) + "." for _ in range(300)]
    tgt = [encipher(text) for text in src]
    tgt[::10] = tgt[5::10]  # a tenth of the pairs is wrong
    lexicon = learn_lexicon(pa.array(src), pa.array(tgt))
    found = {*zip(lexicon.src.to_pylist(), lexicon.tgt.to_pylist(), strict=True)}
    right = {(word, encipher(f"{word}.")[:-1]) for word in words}
    assert right <= found
    assert len(found) < 1.3 * len(right)


def test_the_words_learnt_find_more_beads(ciphered, first, lexicon) -> None:
    sides = [without_vectors(side) for side in ciphered[:2]]
    for k, name in enumerate(("src", "tgt")):
        texts = pa.array(ciphered[k], pa.string())
        sides[k] = replace(sides[k], words=with_lexicon(sides[k].words, texts, lexicon, name))
    second = align_sentences(*sides, BY_WORDS)
    assert f1(ciphered.gold, second) > max(0.92, f1(ciphered.gold, first))
    third = align_sentences(*sides, BY_WORDS, near=second)
    assert f1(ciphered.gold, third) > f1(ciphered.gold, second) - 0.02
    mirrored = align_sentences(sides[1], sides[0], BY_WORDS, near=second.swapped())
    assert to_beads(mirrored.swapped()) == to_beads(third)


def test_an_empty_lexicon_changes_nothing() -> None:
    texts = pa.array(["Eins zwei.", "", "Drei!"], pa.string())
    words = word_keys(texts, every=True)
    found = with_lexicon(words, texts, learn_lexicon(texts.slice(0, 0), texts.slice(0, 0)), "src")
    assert found.bounds.tolist() == words.bounds.tolist()
    assert found.keys[found.ids].tolist() == words.keys[words.ids].tolist()


def test_an_entry_stands_where_its_words_stand() -> None:
    src, tgt = pa.array(["das Haus", "ein Baum", "Haus und Haus"]), pa.array(["la domo", "arbo"])
    lexicon = learn_lexicon(pa.array(["haus"] * 3), pa.array(["domo"] * 3))
    assert [*zip(lexicon.src.to_pylist(), lexicon.tgt.to_pylist(), strict=True)] == [
        ("haus", "domo")
    ]
    ours, theirs = (
        with_lexicon(word_keys(texts), texts, lexicon, name)
        for name, texts in (("src", src), ("tgt", tgt))
    )
    key = lexicon.keys[0]
    counts = [(side.keys[side.ids[a:b]] == key).sum() for side in (ours, theirs)
              for a, b in zip(side.bounds, side.bounds[1:], strict=False)]  # fmt: skip
    assert counts == [1, 0, 2, 1, 0]


@given(st.lists(st.text("ab ", max_size=6).map(str.strip), min_size=1, max_size=9))
@settings(max_examples=60)
def test_lengths_are_those_of_the_overlaps(sentences: list[str]) -> None:
    texts = overlap_texts(pa.array(sentences, pa.string()), LAYERS)
    expected = pc.utf8_length(texts.fill_null("")).to_numpy().reshape(LAYERS, -1).copy()
    for layer in range(LAYERS):
        for i in range(len(sentences)):
            if "" in sentences[i : i + layer + 1]:
                expected[layer, i] = 0
    assert overlap_lengths(pa.array(sentences, pa.string()), LAYERS).tolist() == expected.tolist()


def test_marks_are_words_where_all_are_looked_at() -> None:
    sides = [word_keys(pa.array([text]), every=True) for text in ("Ja ?", "No ?")]
    assert len(np.intersect1d(*(side.keys[side.ids] for side in sides))) == 1


def test_the_band_of_a_long_document_holds_the_path() -> None:
    rng = np.random.default_rng(3)
    n = 5_000
    sizes = rng.integers(20, 200, n)
    kept = rng.random((2, n)) > 0.04
    kept[1, 2_000:2_150] = False  # a chapter was not translated
    sides = []
    for side in (0, 1):
        lengths = np.zeros((LAYERS, int(kept[side].sum())), np.int32)
        lengths[0] = (sizes * rng.uniform(0.85, 1.15, n))[kept[side]]
        for layer in range(1, LAYERS):
            lengths[layer, :-layer] = lengths[layer - 1, :-layer] + lengths[0, layer:]
        sides.append(Overlaps.without_vectors(lengths, NO_WORDS))
    band = length_band(*sides)
    rows, columns = (np.cumsum(kept[side]) for side in (0, 1))
    inside = (band.lows[rows] <= columns) & (columns < band.highs[rows])
    assert inside.mean() > 0.97
    assert (band.highs - band.lows).mean() < n / 10
    assert (np.diff(band.lows) >= 0).all()
    assert (np.diff(band.highs) >= 0).all()


def test_a_band_around_a_path_holds_all_its_cells() -> None:
    ranges = np.array([[0, 1, 0, 0], [1, 3, 0, 2], [3, 3, 2, 900], [3, 700, 900, 901]], np.int32)
    band = band_around(ranges, 700, 901)
    assert (band.lows[0], band.highs[-1]) == (0, 902)
    for i, _, j, _ in ranges.tolist():
        assert band.lows[i] <= j < band.highs[i]
    assert band.highs[3] == 902  # the row where 898 target sentences are alone
