from __future__ import annotations

import os
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from bitseam.align.alignment import Alignment
from bitseam.align.band import Band, search_band
from bitseam.align.bead_model import bead_model
from bitseam.align.beads import best_beads
from bitseam.align.evaluate import to_beads
from bitseam.align.overlaps import Overlaps
from bitseam.align.sentences import AlignOptions, align_sentences
from bitseam.align.similarity import View, centre
from bitseam.align.word_keys import NO_WORDS, WordKeys, shared_words
from bitseam.schemas.errors import BitseamError

LAYERS = 7
DIMENSION = 64


def overlaps(
    sentences: np.ndarray, characters: np.ndarray | None = None, words: WordKeys = NO_WORDS
) -> Overlaps:
    """Overlaps of sentences `(n, d)` whose vectors add up, as those of the static encoder do."""
    n, d = sentences.shape
    characters = np.full(n, 80) if characters is None else characters
    vectors = np.zeros((LAYERS, n, d), np.float32)
    lengths = np.zeros((LAYERS, n), np.int32)
    for layer in range(LAYERS):
        for i in range(n - layer):
            total = sentences[i : i + layer + 1].sum(axis=0)
            vectors[layer, i] = total / max(np.linalg.norm(total), 1e-9)
            lengths[layer, i] = characters[i : i + layer + 1].sum() + layer
    return Overlaps(vectors, lengths, np.zeros_like(vectors[:2]), words)


def meanings(n: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal((n, DIMENSION)).astype(np.float32)


def translated(rows: np.ndarray, seed: int, noise: float = 0.5) -> np.ndarray:
    return rows + noise * meanings(len(rows), seed)


def keys(sentences: list[list[int]]) -> WordKeys:
    """Words that are given by their keys."""
    flat = np.array([word for sentence in sentences for word in sentence], np.int64)
    found, ids = np.unique(flat, return_inverse=True)
    return WordKeys(found, ids, np.cumsum([0, *map(len, sentences)]))


@st.composite
def documents(draw: st.DrawFn) -> tuple[Overlaps, Overlaps]:
    """Two documents that share some sentences and words; some are copies of each other, some empty.

    The first clauses are of any meaning.
    """
    pool = meanings(9, draw(st.integers(0, 3)))
    pool[8] = 0
    sides = []
    for seed in (1, 2):
        rows = draw(st.lists(st.integers(0, 8), max_size=14))
        lengths = draw(st.lists(st.integers(0, 200), min_size=len(rows), max_size=len(rows)))
        noise = draw(st.sampled_from([0.0, 0.4]))
        content = pool[rows] if rows else np.empty((0, DIMENSION), np.float32)
        words = keys([draw(st.lists(st.integers(1, 6), max_size=4)) for _ in rows])
        side = overlaps(translated(content, seed, noise), np.array(lengths, np.int32), words)
        side.clauses[0] = side.vectors[0][::-1]
        sides.append(side)
    return sides[0], sides[1]


def assert_covers(alignment: Alignment, n: int, m: int) -> None:
    for ranges, length in ((alignment.src, n), (alignment.tgt, m)):
        assert np.array_equal(ranges[:-1, 1], ranges[1:, 0])
        if len(ranges):
            assert ranges[0, 0] == 0 and ranges[-1, 1] == length
        else:
            assert length == 0
    sizes = np.diff(alignment.src)[:, 0], np.diff(alignment.tgt)[:, 0]
    one_sided = (sizes[0] == 0) | (sizes[1] == 0)
    assert (sizes[0] + sizes[1])[one_sided].tolist() == [1] * one_sided.sum()
    assert np.array_equal(np.isnan(alignment.cosine), one_sided)


@given(documents())
@settings(max_examples=150)
def test_every_sentence_is_in_one_bead(pair: tuple[Overlaps, Overlaps]) -> None:
    alignment = align_sentences(*pair)

    assert_covers(alignment, len(pair[0]), len(pair[1]))
    assert np.isfinite(alignment.cost).all()


@given(documents())
@settings(max_examples=100)
def test_swapped_documents_give_the_same_beads(pair: tuple[Overlaps, Overlaps]) -> None:
    assume(not _are_equal(*pair))  # of two blank lines one must come first

    alignment, mirrored = align_sentences(*pair), align_sentences(pair[1], pair[0]).swapped()

    assert np.array_equal(alignment.src, mirrored.src)
    assert np.array_equal(alignment.tgt, mirrored.tgt)
    assert np.array_equal(alignment.cost, mirrored.cost)


def _are_equal(side: Overlaps, other: Overlaps) -> bool:
    fields = "vectors", "lengths", "clauses"
    return all(np.array_equal(getattr(side, name), getattr(other, name)) for name in fields)


def _views(pair: tuple[Overlaps, Overlaps]) -> tuple[View, View]:
    """Views that are not centred, so that they do not depend on the rest of the document."""
    zero = np.zeros(DIMENSION, np.float32)
    return tuple(
        centre(side)._replace(
            mean=zero,
            scales=_scales(side.vectors),
            sentences=side.vectors[0],
            clause_scales=_scales(side.clauses),
        )
        for side in pair
    )


def _scales(vectors: np.ndarray) -> np.ndarray:
    return (np.abs(vectors).sum(axis=2) > 0).astype(np.float32)


def _total(pair: tuple[Overlaps, Overlaps]) -> float:
    n, m = len(pair[0]), len(pair[1])
    everything = Band(np.zeros(n + 1, np.int64), np.full(n + 1, m + 1), np.empty((0, 2), np.int32))
    model = bead_model(LAYERS, LAYERS, 8, coverage=0.9)
    words = shared_words(NO_WORDS, NO_WORDS, n, m)
    return float(best_beads(*_views(pair), words, everything, model, 1.0)[1].sum())


@given(st.lists(st.booleans(), min_size=1, max_size=10), st.integers(0, 5))
@settings(max_examples=30)
def test_costs_of_unrelated_parts_add_up(kept: list[bool], seed: int) -> None:
    """With means, length ratio and coverage held fixed, and parts with nothing in common."""
    axes = np.eye(DIMENSION, dtype=np.float32)
    first = axes[: len(kept)], axes[: len(kept)][np.array(kept)]
    second = axes[20 : 25 + seed], axes[20 : 25 + seed]
    parts = [(overlaps(a), overlaps(b)) for a, b in (first, second)]
    whole = tuple(overlaps(np.concatenate(sides)) for sides in zip(first, second, strict=True))

    assert _total(whole) == pytest.approx(sum(map(_total, parts)), abs=1e-3)


@pytest.mark.parametrize(("n", "m"), [(0, 0), (0, 3), (2, 0)])
def test_an_empty_document_leaves_the_other_alone(n: int, m: int) -> None:
    alignment = align_sentences(overlaps(meanings(n)), overlaps(meanings(m)))

    assert_covers(alignment, n, m)
    assert len(alignment) == n + m


def test_a_blank_line_has_no_counterpart() -> None:
    blank = overlaps(np.zeros((1, DIMENSION), np.float32), np.zeros(1, np.int32))
    for src, tgt in ((blank, blank), (blank, overlaps(meanings(1), np.array([3])))):
        assert (1, 1) not in [(len(a), len(b)) for a, b in to_beads(align_sentences(src, tgt))]
        assert (1, 1) not in [(len(a), len(b)) for a, b in to_beads(align_sentences(tgt, src))]


def test_documents_of_one_sentence() -> None:
    rows = meanings(2)

    same = align_sentences(overlaps(rows[:1]), overlaps(translated(rows[:1], 1)))
    assert to_beads(same) == [((0,), (0,))]


def test_merged_split_left_out_and_inserted_sentences() -> None:
    rows = meanings(60)
    src = translated(rows, 1)
    whole = translated(rows, 2)
    halves = meanings(60, 3)
    tgt = [
        *whole[:10],
        whole[10] + whole[11],  # 2-1
        *whole[12:20],
        halves[20],  # 1-2
        whole[20] - halves[20],
        *whole[21:30],
        *whole[32:45],  # 2 deletions
        *meanings(3, 9),  # 3 insertions
        *whole[45:],
    ]
    lengths = np.full(60, 80), np.full(len(tgt), 80)
    lengths[1][10] = 161
    lengths[1][[19, 20]] = 40
    pair = overlaps(src, lengths[0]), overlaps(np.stack(tgt), lengths[1])
    found = to_beads(align_sentences(*pair))

    assert ((10, 11), (10,)) in found
    assert ((20,), (19, 20)) in found
    assert ((30,), ()) in found and ((31,), ()) in found
    assert sum(not bead[0] for bead in found) == 3
    assert sum(len(bead[0]) == len(bead[1]) == 1 for bead in found) == 55


def test_a_moved_block_is_left_out_not_forced() -> None:
    rows = meanings(80)
    order = [*range(30), *range(40, 80), *range(30, 40)]

    found = to_beads(align_sentences(overlaps(rows), overlaps(translated(rows[order], 4))))

    assert sum(bool(src and tgt) for src, tgt in found) == 70
    assert all(((i,), ()) in found for i in range(30, 40))
    assert all(((), (j,)) in found for j in range(70, 80))


def test_beads_grow_no_larger_than_asked() -> None:
    rows = meanings(12)
    merged = rows.reshape(3, 4, -1).sum(axis=1)
    pair = overlaps(rows), overlaps(merged, np.full(3, 320))

    def largest(size: int) -> int:
        alignment = align_sentences(*pair, AlignOptions(size))
        return int((np.diff(alignment.src) + np.diff(alignment.tgt)).max())

    assert largest(8) == largest(5) == 5
    assert largest(3) <= 3
    with pytest.raises(ValueError, match="2 to 16"):
        AlignOptions(1)


def test_the_band_holds_the_diagonal_of_long_documents_with_gaps() -> None:
    rows = meanings(3000)
    kept = np.concatenate([np.arange(1000), np.arange(1400, 3000)])

    sides = rows, translated(rows[kept], 1)
    band = search_band(*(centre(overlaps(side)).sentences for side in sides))

    for j, i in enumerate(kept):
        assert band.lows[i] <= j < band.highs[i]
        assert band.lows[i + 1] <= j + 1 < band.highs[i + 1]
    assert (band.highs - band.lows).mean() < 30


def test_sides_of_different_dimension_are_refused() -> None:
    with pytest.raises(ValueError, match="one dimension, got 64 and 32"):
        align_sentences(overlaps(meanings(3)), overlaps(meanings(3)[:, :32]))


def test_sentences_that_end_elsewhere_stay_in_one_bead() -> None:
    """The second sentence of one side ends with what begins the third of the other."""
    rows, moved = meanings(20), 1.5 * meanings(1, 7)[0]
    src, tgt = translated(rows, 1, 0.2), translated(rows, 2, 0.2)
    whole = to_beads(align_sentences(overlaps(src), overlaps(tgt)))
    src[9] += moved
    tgt[10] += moved
    pair = overlaps(src, np.full(20, 80)), overlaps(tgt, np.full(20, 80))
    for side, sentence, end in ((pair[0], 9, 1), (pair[1], 10, 0)):
        side.clauses[end, sentence] = moved / np.linalg.norm(moved)

    assert whole == [((i,), (i,)) for i in range(20)]
    assert ((9, 10), (9, 10)) in to_beads(align_sentences(*pair))


def test_shared_words_tell_which_sentence_a_translation_is() -> None:
    """Of two sentences that their vectors put equally far from that of the other side."""
    rows = meanings(12)
    tgt = np.insert(translated(rows, 1, 0.2), 5, meanings(1, 8)[0], axis=0)
    tgt[6] = tgt[5]

    def partners(with_words: int) -> list[int]:
        ours: list[list[int]] = [[] for _ in range(12)]
        theirs: list[list[int]] = [[] for _ in range(13)]
        ours[5] = theirs[with_words] = list(range(8))
        pair = overlaps(rows, words=keys(ours)), overlaps(tgt, words=keys(theirs))
        found = to_beads(align_sentences(*pair))
        return next(list(theirs) for ours, theirs in found if 5 in ours)

    assert partners(5) == [5]
    assert partners(6) == [6]


def test_debris_is_left_alone() -> None:
    rows = meanings(30)
    src, tgt = rows, np.insert(translated(rows, 1), 15, rows[14] + 2 * meanings(1, 5)[0], axis=0)
    lengths = np.full(30, 80), np.insert(np.full(30, 80), 15, 3)

    found = to_beads(align_sentences(overlaps(src, lengths[0]), overlaps(tgt, lengths[1])))

    assert ((), (15,)) in found


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_vectors_without_a_value_are_refused(value: float) -> None:
    rows = meanings(3)
    broken = overlaps(rows)
    broken.vectors[2, 0, 5] = value

    with pytest.raises(BitseamError, match="NaN or infinite"):
        align_sentences(overlaps(rows), broken)


def test_the_result_does_not_depend_on_the_number_of_threads() -> None:
    program = """
import zlib
import numpy as np
from bitseam.align.overlaps import Overlaps
from bitseam.align.sentences import align_sentences
rng = np.random.default_rng(0)
rows = rng.standard_normal((7, 700, 64)).astype(np.float32)
near = rows + rng.standard_normal(rows.shape).astype(np.float32)
unit = [v / np.linalg.norm(v, axis=2, keepdims=True) for v in (rows, near)]
found = align_sentences(*(Overlaps(v, np.full((7, 700), 80, np.int32), v[:2]) for v in unit))
parts = found.src, found.tgt, found.cost, found.cosine
print(zlib.crc32(b"".join(part.tobytes() for part in parts)), len(found))
"""
    names = "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS"
    printed = {
        subprocess.run(
            [sys.executable, "-c", program],
            env=os.environ | dict.fromkeys(names, threads),
            capture_output=True,
            check=True,
            text=True,
        ).stdout
        for threads in ("1", "4")
    }

    assert len(printed) == 1
