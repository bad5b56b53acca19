"""Near-duplicate documents, and segments that a corpus speaks against."""

from __future__ import annotations

import random
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bitseam.lid.code_points import lowered
from bitseam.lid.extract import ExtractOptions, extract_sentences
from bitseam.lid.hygiene import minhash, near_documents
from bitseam.lid.hygiene.documents import CorpusFacts, gather_facts
from bitseam.lid.hygiene.minhash import shared_buckets
from bitseam.lid.hygiene.near_documents import BANDS, find_originals, sign
from bitseam.lid.identifiers import load_identifier
from bitseam.schemas.tables import DOCUMENTS

OPTIONS = ExtractOptions(src="ltz_Latn", tgt="deu_Latn")
FOOTER = "Dës Säit gouf de 3. Mee fir d'lescht geännert."
TEXT = "Mir hunn haut de Moien laang op de Bus gewaart, awer et koum keen."
CHANCE = random.Random(8)


def words(count: int) -> list[str]:
    return ["".join(CHANCE.choices("abcdefghijklmno", k=6)) for _ in range(count)]


def originals(texts: list[str]) -> list[int]:
    """Return for each text which other one it repeats, -1 for none."""
    signatures = sign(lowered(pa.array(texts)))
    bands = np.ascontiguousarray(signatures.bands.T)
    buckets = np.stack([shared_buckets(band) for band in bands])
    found = find_originals(buckets, signatures.minhashes)
    result = np.full(len(texts), -1)
    result[signatures.rows] = np.where(found >= 0, signatures.rows[found], -1)
    return result.tolist()


def documents(*texts: str) -> pa.RecordBatch:
    rows = [{"doc_id": f"a#{i}", "text": text} for i, text in enumerate(texts)]
    return pa.RecordBatch.from_pylist(rows, DOCUMENTS)


def test_the_first_of_near_duplicates_stays() -> None:
    text = words(300)
    changed = [*text[:150], "another", *text[151:]]
    other = words(300)
    shouted = " ".join(text).upper() + "!"
    texts = [" ".join(part) for part in (other, text, changed)]
    assert originals([*texts, shouted, " ".join(other)]) == [-1, -1, 1, 1, 0]


@pytest.mark.parametrize(("share", "least", "most"), [(0.95, 1, 1), (0.86, 0.9, 1), (0.6, 0, 0.02)])
def test_documents_are_found_by_their_similarity(share: float, least: float, most: float) -> None:
    texts = []
    for _ in range(100):
        text = words(400)
        # Of two texts of w shingles that share s of them, s / (2 w - s) are in common.
        kept = round(400 * 2 * share / (1 + share))
        texts += [" ".join(text), " ".join(text[:kept] + words(400 - kept))]
    found = np.mean(np.array(originals(texts)[1::2]) >= 0)
    assert least <= found <= most


def test_the_estimate_is_not_biased() -> None:
    text = words(2000)
    signatures = sign(lowered(pa.array([" ".join(text), " ".join(text[:1500])])))
    estimate = (signatures.minhashes[0] == signatures.minhashes[1]).mean()
    assert estimate == pytest.approx(0.75, abs=4 * (0.75 * 0.25 / 120) ** 0.5)


def test_short_documents_are_not_judged() -> None:
    short = " ".join(words(near_documents.MIN_SHINGLES + 3))
    assert originals([short, short]) == [-1, -1]
    assert originals([f"{short} end", f"{short} end"]) == [-1, 0]


def test_documents_without_spaces_are_judged_by_their_letters() -> None:
    text = "".join(chr(0x4E00 + CHANCE.randrange(2000)) for _ in range(200))
    assert originals([text, text[:100] + "你" + text[101:], text[::-1]]) == [-1, 0, -1]


def test_equal_digits_matter() -> None:
    text = words(100)
    with_years = [" ".join(f"{word} {year}" for word in text) for year in (1998, 1999)]
    assert originals(with_years) == [-1, -1]


@given(st.lists(st.lists(st.integers(0, 3), min_size=BANDS, max_size=BANDS), max_size=12))
def test_a_document_stays_unless_it_is_like_one_that_stays(rows: list[list[int]]) -> None:
    hashes = np.repeat(np.array(rows, np.uint16).reshape(-1, BANDS), minhash.ROWS, axis=1)
    bands = hashes[:, :: minhash.ROWS].astype(np.uint64)
    buckets = np.stack([shared_buckets(bands[:, i]) for i in range(BANDS)])
    found = find_originals(buckets, hashes)
    for i, original in enumerate(found.tolist()):
        stays = [j for j in range(i) if found[j] < 0]
        alike = [j for j in stays if (hashes[i] == hashes[j]).mean() >= near_documents.SIMILARITY]
        assert original == (alike[0] if alike else -1)


def test_documents_that_differ_in_numbers_alone_are_different() -> None:
    text = words(150)
    reports = [" ".join([*text, "at", number, "degrees"]) for number in ("8", "9", "8", "")]
    assert originals(reports) == [-1, -1, 0, -1]
    moved = " ".join(["3", *text, "17"]), " ".join(["17", *text, "3"])
    assert originals([*moved]) == [-1, 0]  # the same numbers


LINE, ITEM = "De Buergermeeschter begréisst all Bierger aus der Gemeng.", "Haaptsäit vun der Gemeng"


def kept_copies(batch: pa.RecordBatch, facts: CorpusFacts, line: str) -> list[tuple[str, int]]:
    """Return the documents that keep a line, and where it begins."""
    found = extract_sentences(batch, load_identifier(), OPTIONS, facts).sentences.to_pylist()
    return [(row["doc_id"], row["start"]) for row in found if row["text"] == line]


def test_the_document_that_keeps_a_line_keeps_it_once() -> None:
    batch = documents(LINE, f"{TEXT}\n{LINE}\n{ITEM}\n{LINE}", TEXT, f"{LINE}\n{TEXT}")
    keys = gather_facts(pa.array([f"{LINE}\n{ITEM}"])).line_key
    facts = CorpusFacts(keys, np.array([9, 9]), keepers=np.array([11, 11]))
    assert kept_copies(batch, facts.about(10, 4), LINE) == [("a#1", len(TEXT) + 1)]
    assert kept_copies(batch, facts.about(10, 4), ITEM) == []
    assert kept_copies(batch, facts.about(20, 4), LINE) == []
    # Rows are counted before the documents go that repeat others.
    repeats = replace(facts.about(10, 4), originals=pa.array(["x", None, None, None]))
    assert kept_copies(batch, repeats, LINE) == [("a#1", len(TEXT) + 1)]


def test_banners_are_kept_by_no_document() -> None:
    banner = "Mir späicheren Cookien op Ärem Computer."
    keys = gather_facts(pa.array([banner])).line_key
    facts = CorpusFacts(keys, np.array([9]), keepers=np.array([0]))
    assert kept_copies(documents(f"{banner}\n{TEXT}"), facts, banner) == []


def test_gathering_does_not_depend_on_the_batch() -> None:
    texts = [TEXT, "", f"{FOOTER}\n{TEXT}\n{FOOTER}", " ".join(words(80))]
    whole = gather_facts(pa.array(texts))
    single = [gather_facts(pa.array([text])) for text in texts]
    assert whole.line_key.tolist() == [key for facts in single for key in facts.line_key]
    assert whole.line_document.tolist() == [0, 2, 2]  # the last one is too long
    assert whole.signatures.rows.tolist() == [3]
    assert (whole.signatures.minhashes == single[3].signatures.minhashes).all()


def test_boilerplate_repeats_and_menus_are_rejected_with_their_reasons() -> None:
    menu = "\n".join(f"Menüpunkt Nummer {name}" for name in ("eent", "zwee", *"abcdef"))
    batch = documents(f"{menu}\n{TEXT}\n{FOOTER}", TEXT, "All rights reserved. " + TEXT)
    key = gather_facts(pa.array([FOOTER.upper().replace(".", " -")])).line_key
    corpus = CorpusFacts(key, np.array([57]), pa.array([None, "a#0", None]))
    found = extract_sentences(batch, load_identifier(), OPTIONS, corpus)
    assert found.sentences["text"].to_pylist() == [TEXT, TEXT]
    told = [
        (row["reason"], row["text"], row["detail"])
        for row in found.rejects.to_pylist()
        if row["reason"] != "menu"
    ]
    assert told == [
        ("boilerplate", FOOTER, "in 57 documents"),
        ("boilerplate", "All rights reserved.", "phrase of web pages"),
        ("near_duplicate_document", TEXT, "a#0"),
    ]
    assert found.rejects["reason"].to_pylist().count("menu") == 8

    without = replace(OPTIONS, hygiene=False), replace(OPTIONS, text_unit="line", max_chars=80)
    for options in without:
        reasons = extract_sentences(batch, load_identifier(), options).rejects["reason"]
        assert not {"boilerplate", "menu"} & set(reasons.to_pylist())
