"""The compiled n-grams agree with a plain reference, and never change."""

from __future__ import annotations

import json
import unicodedata
from itertools import pairwise
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bitseam.lid.character_classes import (
    IGNORED,
    SEPARATOR,
    SYMBOL,
    UNSPACED,
    WORD,
    character_classes,
    from_runs,
    to_runs,
)
from bitseam.lid.ngrams import (
    MAX_CHARACTERS,
    MAX_WORD,
    NgramConfig,
    as_arrow,
    embed_ngrams,
    ngram_buckets,
    normalise,
)

GOLDEN = json.loads(Path(__file__).with_name("ngrams_golden.json").read_text(encoding="utf-8"))
CONFIG = NgramConfig()
CLASSES = character_classes()
MASK = (1 << 64) - 1

texts_of_any_script = st.text(
    st.characters(exclude_categories=["Cs"]) | st.sampled_from("aäé漢字ไทย 's-12\u00ad"),
    max_size=80,
)


def buckets(text: str, config: NgramConfig = CONFIG) -> list[int]:
    return ngram_buckets([text], config, CLASSES)[0].tolist()


def reference_bucket(start: int, points: list[int], config: NgramConfig) -> int:
    state = start
    for point in points:
        state = (state ^ point) * 0x100000001B3 & MASK
    state = (state ^ (state >> 33)) * 0xFF51AFD7ED558CCD & MASK
    state = (state ^ (state >> 33)) * 0xC4CEB9FE1A85EC53 & MASK
    state ^= state >> 33
    return (state >> 32) * config.buckets >> 32


def reference(text: str, config: NgramConfig = CONFIG) -> list[int]:
    """The features of `text` as the module's docstring words them, one code point at a time."""
    ngram, whole = 0xCBF29CE484222325, 0x9E3779B97F4A7C15
    points = [ord(c) for c in normalise(as_arrow([text])).to_pylist()[0]]
    points = [point for point in points if CLASSES[point] != IGNORED]
    found: list[int] = []
    i = 0
    while i < len(points):
        kind = CLASSES[points[i]]
        end = i + 1
        if kind == WORD:
            while end < len(points) and CLASSES[points[end]] == WORD and end - i < MAX_WORD:
                end += 1
            found.append(reference_bucket(whole, points[i:end], config))
            word = [ord("<"), *points[i:end], ord(">")]
            for start in range(len(word)):
                for size in range(config.shortest, config.longest + 1):
                    if start + size <= len(word):
                        found.append(reference_bucket(ngram, word[start : start + size], config))
        elif kind == SYMBOL:
            found.append(reference_bucket(whole, points[i:end], config))
        elif kind == UNSPACED:
            found.append(reference_bucket(ngram, points[i:end], config))
            if i > 0 and CLASSES[points[i - 1]] == UNSPACED:
                found.append(reference_bucket(ngram, points[i - 1 : end], config))
        i = end
    return found


@pytest.mark.parametrize("case", GOLDEN, ids=lambda case: case["why"])
def test_buckets_never_change(case):
    assert buckets(case["text"]) == case["buckets"]


@given(texts_of_any_script)
@example("x" * (MAX_WORD - 1))
@example("x" * (MAX_WORD + 1))
@example("ﬁn ÅNGSTRÖM İstanbul \u00adsoft\u00adhyphen")
def test_compiled_buckets_are_those_of_the_reference(text):
    assert buckets(text) == reference(text)


@given(st.integers(1, 4), st.integers(0, 4), st.integers(1, 1 << 20), texts_of_any_script)
@settings(max_examples=50)
def test_any_configuration_is_that_of_the_reference(shortest, more, count, text):
    config = NgramConfig(count, shortest, shortest + more)
    assert buckets(text, config) == reference(text, config)


@given(st.lists(st.none() | texts_of_any_script, max_size=12), st.data())
def test_a_slice_of_an_array_has_the_buckets_of_its_texts(texts, data):
    start = data.draw(st.integers(0, len(texts)))
    stop = data.draw(st.integers(start, len(texts)))
    for kind in (pa.string(), pa.large_string(), pa.string_view()):
        part = pa.array(texts, kind).slice(start, stop - start)
        ids, offsets = ngram_buckets(part, CONFIG, CLASSES)
        each = [ids[a:b].tolist() for a, b in pairwise(offsets)]
        assert each == [buckets(text or "") for text in texts[start:stop]]


def test_chunked_and_dictionary_arrays_are_read():
    words = ["eent", None, "zwee", "eent"]
    chunked = pa.chunked_array([words[:1], words[1:]], pa.string())
    expected = ngram_buckets(["eent", "", "zwee", "eent"], CONFIG, CLASSES)
    for array in (chunked, pa.array(words).dictionary_encode(), chunked.dictionary_encode()):
        for found, wanted in zip(ngram_buckets(array, CONFIG, CLASSES), expected, strict=True):
            assert found.tolist() == wanted.tolist()


@pytest.mark.parametrize(
    "texts", [[], pa.array([], pa.string()), pa.chunked_array([], pa.string())]
)
def test_no_texts_have_no_buckets(texts):
    ids, offsets = ngram_buckets(texts, CONFIG, CLASSES)
    assert (ids.shape, offsets.tolist()) == ((0,), [0])


@pytest.mark.parametrize("texts", [pa.array([1, 2]), [1, 2], pa.array([["a"]])])
def test_what_is_no_text_is_refused(texts):
    with pytest.raises(TypeError, match="expected an Arrow string array or strings"):
        ngram_buckets(texts, CONFIG, CLASSES)


def test_a_text_without_space_costs_no_more_than_the_bound():
    assert len(buckets("x" * 1_000_000)) == len(buckets("x" * MAX_CHARACTERS))
    assert len(buckets("x" * MAX_CHARACTERS)) < 4 * MAX_CHARACTERS


def test_case_and_compatibility_forms_make_no_difference():
    assert buckets("ＦＩＮ") == buckets("fin") == buckets("ﬁn")
    assert buckets(unicodedata.normalize("NFD", "Äerdäppel")) == buckets("äerdäppel")


def test_classes_come_back_from_their_runs():
    assert (from_runs(*to_runs(CLASSES)) == CLASSES).all()
    with pytest.raises(ValueError, match="code points"):
        from_runs(np.array([3], np.int32), np.array([WORD], np.uint8))


@pytest.mark.parametrize(
    ("character", "kind"),
    [
        *[("a", WORD), ("7", WORD), ("_", WORD), ("ि", WORD), ("가", WORD)],
        *[("漢", UNSPACED), ("ー", UNSPACED), ("ท", UNSPACED)],
        *[("。", SYMBOL), ("🙂", SYMBOL), ("’", SYMBOL)],
        *[("\u00ad", IGNORED), ("\u200d", IGNORED), ("\x00", SEPARATOR), ("\u3000", SEPARATOR)],
    ],
)
def test_class_of_a_character(character, kind):
    assert CLASSES[ord(character)] == kind


@pytest.mark.parametrize("shape", [(0, 3, 5), (8, 0, 5), (8, 5, 3), (8, 3, 65), (1 << 32, 3, 5)])
def test_impossible_configurations_are_refused(shape):
    with pytest.raises(ValueError, match="expected"):
        NgramConfig(*shape)


def test_embedding_is_the_scaled_sum_at_unit_norm():
    rng = np.random.default_rng(1)
    config = NgramConfig(buckets=512)
    rows = rng.integers(-127, 128, (512, 16)).astype(np.int8)
    scales = rng.random(512).astype(np.float16).astype(np.float32)
    texts = ["De Bësch ass gréng.", "", "漢字とかな", "a\x00b 🙂"]
    ids, offsets = ngram_buckets(texts, config, CLASSES)
    table = rows * scales[:, None]
    sums = np.array([table[ids[a:b]].sum(axis=0) for a, b in pairwise(offsets)])
    norms = np.linalg.norm(sums, axis=1, keepdims=True)
    expected = np.divide(sums, norms, out=np.zeros_like(sums), where=norms > 0)
    found = embed_ngrams(texts, config, CLASSES, rows, scales)
    np.testing.assert_allclose(found, expected, atol=1e-6)


def test_rows_of_another_number_of_buckets_are_refused():
    with pytest.raises(ValueError, match="expected 512 rows"):
        embed_ngrams(
            ["a"], NgramConfig(512), CLASSES, np.zeros((8, 4), np.int8), np.zeros(8, np.float32)
        )
