"""Abbreviations learned from a corpus: what is learned, what is not; batches do not matter."""

from __future__ import annotations

from itertools import product

import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bitseam.lid.identifiers import load_identifier
from bitseam.lid.segmentation import segment_batch
from bitseam.lid.segmentation.learned import (
    NOTHING_LEARNED,
    abbreviations,
    extended,
    learn,
)
from bitseam.lid.segmentation.lexicon import (
    AFTER_ORDINAL,
    FINAL,
    STARTER,
    has_file,
    read_lexicon,
    seed_of,
)
from bitseam.lid.segmentation.word_counts import count_words, in_sample, merge_counts
from bitseam.lid.word_facts import gather_words, to_be_learned
from bitseam.schemas.tables import DOCUMENTS

LANGUAGE = "qaa_Latn"  # private use: nobody adds a file of abbreviations

NAMES = ["Jón", "Anna", "Helga", "Sigrún", "Ólafur", "Katrín", "Björn", "Guðrún"]
PLACES = ["Reykjavík", "Akureyri", "Húsavík", "Selfoss", "Ísafjörður"]
VERBS = ["keypti", "seldi", "fann", "málaði", "lagaði"]
THINGS = ["bátinn", "húsið", "hestinn", "borðið", "bílinn"]


def article(number: int) -> str:
    """Eight sentences; some hold "dr. Anna", "t.d. bátinn" and "nr. 12"."""
    name, other = NAMES[number % 8], NAMES[(3 * number + 1) % 8]
    place, verb, thing = PLACES[number % 5], VERBS[(number // 5) % 5], THINGS[(number // 3) % 5]
    parts = [
        f"Síðan kom {name} til {place} og {verb} {thing}.",
        f"Hann hitti dr. {other} síðan á torginu.",
        f"Þar var margt að sjá, t.d. {thing} og fleira.",
        f"Hún býr á Laugavegi nr. {number + 2} og hann þar líka.",
        f"Svo {verb} {other} {thing} aftur.",
        f"Þetta gerði {name} svo oft.",
        f"Þar sá hún hann og {verb} svo þetta eða {thing}.",
        f"Síðan fór dr. {name} heim.",
    ]
    turn = number % len(parts)
    return " ".join(parts[turn:] + parts[:turn])


ARTICLES = [article(number) for number in range(40)]


def learned(*texts: str, language: str = LANGUAGE) -> pl.DataFrame:
    return learn(count_words(pa.array(texts, pa.string()), [language] * len(texts)))


def sentences(text: str, found: pl.DataFrame, language: str = LANGUAGE) -> list[str]:
    batch = segment_batch(pa.array([text]), [language], learned=found)
    return [text[a:b] for a, b in zip(batch.starts, batch.ends, strict=True)]


def test_titles_and_other_abbreviations_are_learned_and_nothing_else() -> None:
    assert abbreviations(learned(*ARTICLES)) == ["dr", "nr", "t.d"]


def test_what_is_learned_joins_what_was_cut() -> None:
    text = "Við fundum dr. Helgu heima. Hún opnaði strax."
    assert sentences(text, NOTHING_LEARNED)[0] == "Við fundum dr."
    assert sentences(text, learned(*ARTICLES)) == [
        "Við fundum dr. Helgu heima.",
        "Hún opnaði strax.",
    ]


def test_an_abbreviation_may_end_a_sentence_before_a_word_that_begins_them() -> None:
    found = learned(*ARTICLES)
    starters = found.filter(pl.col("sections") & STARTER > 0)
    assert 1 <= len(starters) <= 8
    text = "Hann á margt, báta t.d. Síðan fór hann."
    assert sentences(text, found) == ["Hann á margt, báta t.d.", "Síðan fór hann."]


def test_a_capital_form_is_learned_with_the_small_one() -> None:
    lexicon = extended(read_lexicon(frozenset([LANGUAGE])), learned(*ARTICLES))
    assert len(lexicon.hashes) > len(read_lexicon(frozenset([LANGUAGE])).hashes)
    assert (lexicon.hashes[1:] >= lexicon.hashes[:-1]).all()


@pytest.mark.parametrize(
    "text",
    [
        "Allin p'unchay qoyllur. Kay runa llaqtaman rirqan. Chaymanta kutimurqan.",
        "Zu. Der Laden ist zu. Der Laden ist zu. Morgen auf.",
        "",
        "...",
        "1. 2. 3. 4. 5.",
    ],
)
@pytest.mark.parametrize("copies", [1, 3, 200])
def test_a_text_repeated_teaches_nothing(text: str, copies: int) -> None:
    assert learned(*[text] * copies).is_empty()
    assert learned("\n".join([text] * copies)).is_empty()


def test_a_short_word_that_ends_sentences_is_no_abbreviation() -> None:
    subjects = [
        f"{first}{last}" for first, last in product("KLMNPRST", ["ana", "ilu", "oro", "esi"])
    ]
    lines = [
        f"{a} {b.lower()} wo. {('Eta', 'Mido')[at % 3 > 0]} {a.lower()} {b.lower()} mido eta wo."
        for at, (a, b) in enumerate(product(subjects, subjects[:9]))
    ]
    texts = [" ".join(lines[at : at + 4]) for at in range(0, len(lines), 4)]
    found = learned(*texts, language="qab_Latn")
    assert abbreviations(found) == []
    assert found.filter(pl.col("sections") & FINAL > 0)["text"].to_list() == ["wo"]


def test_words_before_which_a_number_is_an_ordinal_are_learned() -> None:
    days = [
        f"Dat war den {day}. Juuli an der Stad. Duerno koum {name}."
        for day, name in zip(range(1, 30), NAMES * 4, strict=False)
    ]
    found = learned(*days, language="qac_Latn")
    ordinals = found.filter(pl.col("sections") & AFTER_ORDINAL > 0)
    assert len(ordinals) == 1
    assert sentences("Mir kommen de 7. Juuli erëm.", found, "qac_Latn") == [
        "Mir kommen de 7. Juuli erëm."
    ]


def test_languages_are_learned_apart() -> None:
    counts = count_words(
        pa.array([*ARTICLES, ARTICLES[0]]), [LANGUAGE] * len(ARTICLES) + ["qad_Latn"]
    )
    found = learn(counts)
    assert {*found["language"].to_list()} == {seed_of(LANGUAGE)}
    text = "Við fundum dr. Helgu heima."
    assert sentences(text, found, "qad_Latn") == sentences(text, NOTHING_LEARNED, "qad_Latn")


PIECES = [
    "dr. Anna",
    "t.d. hús",
    "\n",
    "Hann kom.",
    "nr. 5",
    "e.t.c.",
    "x",
    "2. maí",
    "(sic.)",
    "„Já.“",
]


@settings(max_examples=50)
@given(
    st.lists(st.lists(st.sampled_from(PIECES), max_size=12).map(" ".join), max_size=8),
    st.integers(0, 8),
)
def test_counts_are_the_same_in_any_batches_and_order(texts: list[str], cut: int) -> None:
    def count(part: list[str]):
        return count_words(pa.array(part, pa.string()), [LANGUAGE] * len(part))

    whole = count(texts)
    parts = merge_counts([count(texts[cut:]), count(texts[:cut])])
    assert all(a.equals(b) for a, b in zip(whole, parts, strict=True))
    assert learn(whole).equals(learn(parts))


def test_a_sample_hangs_on_the_texts_alone() -> None:
    texts = pa.array(ARTICLES)
    sample = in_sample(texts, 2)
    assert 0 < sample.sum() < len(texts) / 2
    assert (in_sample(texts.take(pa.array([5, 3])), 2) == sample[[5, 3]]).all()
    assert not (in_sample(texts, 3) & ~sample).any()
    assert in_sample(texts, 0).all()


def test_only_documents_of_unlisted_languages_are_counted() -> None:
    assert to_be_learned(["ltz_Latn", LANGUAGE, "gsw_Latn"]) == (LANGUAGE,)
    assert has_file("deu_Latn")
    icelandic = "isl_Latn"  # as the identifier calls the third document
    row = {"url": None, "title": None}
    rows = [
        {"doc_id": "a", "lang_hint": icelandic, "text": ARTICLES[0], **row},
        {"doc_id": "b", "lang_hint": "deu_Latn", "text": "Das ist z.B. Hans.", **row},
        {"doc_id": "c", "lang_hint": None, "text": " ".join(ARTICLES[:3]), **row},
    ]
    documents = pa.RecordBatch.from_pylist(rows, DOCUMENTS)
    counts = gather_words(documents, load_identifier(), [icelandic])
    assert {*counts.words["language"].to_list()} == {seed_of(icelandic)}
    alone = count_words(pa.array([rows[0]["text"], rows[2]["text"]]), [icelandic] * 2)
    assert counts.words.equals(alone.words)


NOUNS = [
    "Stack",
    "Gank",
    "Bezierk",
    "Dag",
    "Plaz",
    "Grupp",
    "Spill",
    "Lach",
    "Ronn",
    "Klass",
    "Weltkrich",
    "Auto",
    "Kapp",
]


def test_short_numbers_are_ordinals_where_nouns_with_capitals_follow_them() -> None:
    texts = [
        f"Hie wunnt um {number % 30 + 1}. {noun} vun eis. Duerno koum dat duerno. Et war esou."
        for number, noun in enumerate(NOUNS * 3)
    ]
    texts += [f"Dat war {noun}. Et koum duerno och esou. Duerno war et." for noun in NOUNS]
    more = [f"{noun}{end}" for noun in NOUNS for end in ("er", "en")]
    texts += [f"Et ass den {at % 30 + 1}. {noun} hei." for at, noun in enumerate(more)]
    text = "Mir stinn um 44. Zockerbierg zesummen."
    assert len(sentences(text, NOTHING_LEARNED)) == 2
    assert sentences(text, learned(*texts)) == [text]
    plain = [f"Et sinn {number % 90 + 1}. Duerno koum dat. Et war esou." for number in range(90)]
    assert len(sentences(text, learned(*plain))) == 2
