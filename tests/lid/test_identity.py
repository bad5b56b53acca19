"""Ids and keys are what files hold: the same on every machine, apart for different texts."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
from xxhash import xxh3_64_intdigest

from bitseam.lid.identity import fold_keys, sentence_ids, text_keys


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


def test_a_key_tells_numbers_apart() -> None:
    texts = ["Et steet 3:1.", "Et steet 31.", "Et steet -3:1", "Et steet 3:1:2", "Et steet 3:12"]
    assert len({*fold_keys(pa.array(texts)).tolist()}) == 5
    same = fold_keys(pa.array(["Et steet 3 : 1!", "ET STEET 3-1", "10.000 Leit", "10,000 Leit"]))
    assert same[0] == same[1] == fold_keys(pa.array(texts))[0]
    assert same[2] == same[3]


def test_texts_are_the_same_however_their_spaces_and_accents_are_written() -> None:
    texts = ["Eng Rees", " Eng\u00a0Rees ", "Eng Re\u00ades\u200b", "\ufeffEng  Rees\r", "Eng Réis"]
    keys = text_keys(pa.array(texts))
    assert len({*keys[:4].tolist()}) == 1
    assert keys[4] not in keys[:4]
    assert text_keys(pa.array(["Eng Re\u0301is"]))[0] == keys[4]
    assert (text_keys(pa.chunked_array([texts[:2], texts[2:]])) == keys).all()
    assert (text_keys(pa.array(texts).dictionary_encode()) == keys).all()
    assert (
        text_keys(pa.array([None, ""], pa.large_string())).tolist()
        == [text_keys(pa.array([" "]))[0]] * 2
    )
    assert text_keys(pa.array([], pa.string())).shape == (0,)


def test_a_key_keeps_the_vowels_of_hindi() -> None:
    keys = fold_keys(pa.array(["कल", "काल"]))
    assert keys[0] != keys[1]


def test_no_texts_have_no_ids() -> None:
    none = pa.array([], pa.string())
    assert sentence_ids("ltz_Latn", none).shape == fold_keys(none).shape == (0,)
