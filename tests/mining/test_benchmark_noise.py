"""Noise at set rates: the same for the same text, gold rules kept, realised as asked."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bitseam.mining.benchmark.noise import SPELLINGS, UNITS, NoiseOptions, add_noise
from bitseam.mining.benchmark.noise_rules import GROWTH, edits, parse_rules, read_rules

CASES = [
    line.split("\t")
    for line in Path(__file__).with_name("noise_spellings.tsv").read_text("utf-8").splitlines()[1:]
    if not line.startswith("#")
]
SENTENCE = "Der alte Müller öffnet am Morgen die Tür und zählt rund 1350 Säcke."
RATES = (0.02, 0.05, 0.1, 0.2)

texts_of_any_kind = st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=60))
rates = st.floats(0, 1)


def sentences(many: int) -> pa.StringArray:
    """Return different sentences of everyday words."""
    chance = np.random.default_rng(0)
    words = SENTENCE.split()
    return pa.array([" ".join(chance.choice(words, len(words))) for _ in range(many)])


def noisy(texts: list[str] | pa.StringArray, language: str = "deu_Latn", **options) -> list[str]:
    return add_noise(
        pa.array(texts, pa.string()), language, NoiseOptions(**options)
    ).texts.to_pylist()


def edit_distance(a: str, b: str) -> int:
    """Return Levenshtein's distance, a row at a time."""
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        above, row[0] = row[0], i
        for j, y in enumerate(b, 1):
            above, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, above + (x != y))
    return row[-1]


@pytest.mark.parametrize(("language", "today", "older"), CASES)
def test_older_spellings_are_those_of_the_labelled_cases(language, today, older) -> None:
    assert noisy([today], language, historical=1.0) == [older]


@pytest.mark.parametrize("kind", UNITS)
@pytest.mark.parametrize("rate", RATES)
def test_the_realised_rate_is_the_one_asked_for(kind, rate) -> None:
    share = add_noise(sentences(2_000), "deu_Latn", NoiseOptions(**{kind: rate})).shares[kind]
    assert share.of > 1_000
    assert abs(share.rate - rate) <= 4 * (rate * (1 - rate) / share.of) ** 0.5


@pytest.mark.parametrize("fraktur", [False, True])
def test_misread_characters_are_counted_as_the_edits_that_they_are(fraktur) -> None:
    clean = sentences(200)
    done = add_noise(clean, "deu_Latn", NoiseOptions(ocr=0.1, fraktur=fraktur))
    texts = zip(clean.to_pylist(), done.texts.to_pylist(), strict=True)
    measured = sum(edit_distance(a, b) for a, b in texts)
    # Two edits side by side may undo each other.
    assert 0.95 * done.shares["ocr"].changed <= measured <= done.shares["ocr"].changed


def test_each_text_has_its_share_of_misread_characters() -> None:
    clean = sentences(100)
    for text in clean.to_pylist():
        (share,) = add_noise(pa.array([text]), "deu", NoiseOptions(ocr=0.1)).shares.values()
        assert abs(share.changed - 0.1 * len(text)) <= 3


@settings(max_examples=60)
@given(texts_of_any_kind, rates, rates, rates, rates, st.booleans(), st.integers(0, 2**40))
def test_a_text_stays_one_line_and_gets_the_same_noise_in_any_company(
    texts, ocr, historical, case, diacritics, fraktur, seed
) -> None:
    options = {"ocr": ocr, "historical": historical, "case": case, "diacritics": diacritics}
    options |= {"fraktur": fraktur, "seed": seed}
    together = noisy(texts, **options)
    assert noisy(texts[::-1], **options)[::-1] == together
    for before, after in zip(texts, together, strict=True):
        assert noisy([before], **options) == [after]
        assert bool(after.strip()) >= bool(before.strip())
        assert not ({*after} - {*before}) & {"\n", "\t", "\r"}
        assert len(after) <= 4 * GROWTH * max(len(before), 1)


@given(texts_of_any_kind, st.booleans(), st.integers(0, 2**40))
def test_rate_zero_changes_nothing(texts, fraktur, seed) -> None:
    assert noisy(texts, fraktur=fraktur, seed=seed) == texts


@pytest.mark.parametrize("kind", ["historical", "case", "diacritics"])
def test_a_higher_rate_changes_what_a_lower_one_does_and_more(kind) -> None:
    clean = sentences(300)
    levels = [noisy(clean, **{kind: rate}) for rate in (0, *RATES, 1)]
    for lower, higher in pairwise(levels):
        for text, a, b in zip(clean.to_pylist(), lower, higher, strict=True):
            words = zip(text.split(), a.split(), b.split(), strict=True)
            assert all(y == z for x, y, z in words if x != y)
    assert levels[-1] != levels[0]


def test_misreadings_of_a_lower_rate_are_among_those_of_a_higher_one() -> None:
    counts = [
        edit_distance(*(noisy([SENTENCE], ocr=rate)[0] for rate in its)) for its in pairwise(RATES)
    ]
    steps = [(high - low) * len(SENTENCE) for low, high in pairwise(RATES)]
    assert all(found <= step + 3 for found, step in zip(counts, steps, strict=True))


def test_seeds_and_texts_differ_in_their_noise() -> None:
    assert noisy([SENTENCE], seed=1, ocr=0.1) != noisy([SENTENCE], seed=2, ocr=0.1)
    first, second = noisy([SENTENCE, "Heute " + SENTENCE], ocr=0.2)
    assert not second.endswith(first)


def test_case_and_diacritics_are_lost_and_nothing_else() -> None:
    text = "Élan ÄRGER über Çelik und łuk ﬁ Ελλάδα é"  # the last one in two code points
    assert noisy([text], case=1.0) == [text.lower()]
    assert noisy([text], diacritics=1.0) == ["Elan ARGER uber Celik und łuk ﬁ Ελλαδα e"]
    for text in ("kein Ding 123 !?", "a\0b"):
        assert noisy([text], diacritics=1.0) == [text]


def test_marks_that_are_vowels_of_other_scripts_stay() -> None:
    text = "नमस्ते دُنيا สวัสดี"
    assert noisy([text], diacritics=1.0) == [text]


def test_nulls_stay_and_blank_texts_too() -> None:
    texts = pa.array([None, "", " ", "a", "Ein Satz mit einigen Wörtern."])
    done = add_noise(texts, "deu", NoiseOptions(ocr=1.0, case=1.0)).texts
    assert done.to_pylist()[:3] == [None, "", " "]
    assert done.to_pylist()[3].strip()
    assert add_noise(texts[:0], "deu", NoiseOptions(ocr=0.5)).texts.to_pylist() == []


def test_fraktur_takes_the_long_s_for_an_f_but_not_at_the_end_of_a_word() -> None:
    text = "Das Haus steht so lose, dass es etwas fest ist."
    found = "".join(noisy([text], ocr=0.3, fraktur=True, seed=seed)[0] for seed in range(30))
    plain = "".join(noisy([text], ocr=0.3, seed=seed)[0] for seed in range(30))
    assert found.count("fteht") > 5
    assert "Hauf" not in found
    assert "fteht" not in plain


def test_a_language_without_older_spellings_is_refused() -> None:
    with pytest.raises(ValueError, match=r"por_Latn.*deu, eng, fra, ltz"):
        noisy(["Bom dia."], "por_Latn", historical=0.5)
    assert noisy(["Bom dia."], "por_Latn", case=1.0) == ["bom dia."]


@pytest.mark.parametrize("rate", [-0.1, 1.5, float("nan")])
def test_rates_out_of_range_are_refused(rate) -> None:
    with pytest.raises(ValueError, match="from 0 to 1"):
        NoiseOptions(ocr=rate)


@pytest.mark.parametrize("name", ["ocr", *SPELLINGS])
def test_shipped_rules_can_be_read_and_their_costs_are_edit_distances(name) -> None:
    rules = read_rules(name)
    assert len(rules.weight) > 40
    assert (rules.weight > 0).all()
    for i in range(len(rules.weight)):
        text, became = (
            "".join(map(chr, points[bounds[i] : bounds[i + 1]]))
            for points, bounds in ((rules.text, rules.text_at), (rules.became, rules.became_at))
        )
        assert (len(text) > 0 and text == text.lower()) or name == "ocr"
        if name == "ocr":
            assert rules.cost[i] == edit_distance(text, became) == edits(text, became) > 0


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("ab", "unpack"),
        ("a\tb\tsomewhere", "somewhere"),
        ("a\tbbbb", "3 times"),
        ("漢\ta", "U\\+2100"),
    ],
)
def test_a_line_that_is_no_rule_is_named(line, told) -> None:
    with pytest.raises(ValueError, match=told):
        parse_rules([line])
