"""Ids and keys are what files hold: the same on every machine, apart for different texts."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
from xxhash import xxh3_64_intdigest

from bitseam.lid.identity import fold_keys, sentence_ids


def test_an_id_is_the_signed_hash_of_language_and_text() -> None:
    expected = xxh3_64_intdigest(b"ltz_Latn\x1fMoien alleguer")
    ids = sentence_ids("ltz_Latn", pa.array(["Moien alleguer"]))
    assert ids.dtype == np.int64
    assert int(ids[0]) % 2**64 == expected


def test_an_id_tells_languages_texts_and_case_apart() -> None:
    texts = pa.array(["Tag", "Tag", "tag", "Tag"])
    ids = sentence_ids(pa.array(["deu_Latn", "ltz_Latn", "deu_Latn", "deu_Latn"]), texts)
    assert len({*ids.tolist()}) == 3
    assert ids[0] == ids[3]


def test_a_key_folds_case_and_punctuation() -> None:
    keys = fold_keys(pa.array(["Hello, World 2!", "hello world2", "hello worlds 2", "", "..."]))
    assert keys[0] == keys[1] != keys[2]
    assert keys[3] == keys[4]


def test_a_key_keeps_the_vowels_of_hindi() -> None:
    keys = fold_keys(pa.array(["कल", "काल"]))
    assert keys[0] != keys[1]


def test_no_texts_have_no_ids() -> None:
    none = pa.array([], pa.string())
    assert sentence_ids("ltz_Latn", none).shape == fold_keys(none).shape == (0,)
