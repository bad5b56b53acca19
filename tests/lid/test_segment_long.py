"""Segmentation of long texts and of batches: what is around a paragraph changes nothing in it."""

from __future__ import annotations

import logging
from itertools import cycle, islice

import pyarrow as pa
import pytest
import sentencex
from hypothesis import given, settings
from hypothesis import strategies as st

from bitseam.lid.segmentation import segment, segment_batch
from bitseam.lid.segmentation.base import CHUNK

PARAGRAPHS = {
    "ltz_Latn": [
        "Den Zuch hält um 8.15 Auer. Duerno geet et z. B. op Ettelbréck! Wien fiert mat?",
        "D'Bréck ass al.",
        "De Bäcker mécht den Uewen op; et richt no Brout. „Kommt eran!“, rifft hien.",
    ],
    "eng_Latn": [
        'The ferry was late again. "We wait," said Dr. Hall. Nobody argued with her.',
        "A heading",
        "It cost 3.50 in 1998. Now it costs 7.25! Is that fair? I do not think so.",
    ],
    "cmn_Hans": ["河水很清。孩子们在桥上等船！谁先来？", "第一章", "他说今天不下雨。我们出门吧。"],
    "jpn_Jpan": ["駅前の店は朝早く開く。パンはまだ温かい。", "雨が降るかな？傘を持っていこう。"],
    "hin_Deva": [
        *("नाव देर से आई। सब लोग घाट पर बैठे रहे। अब क्या करें?", "पहला पाठ"),
        "बारिश रुक गई। धूप निकली।",
    ],
    "arb_Arab": [
        *("وصل القطار متأخرا. جلس الناس في المحطة. هل نعود إلى البيت؟", "عنوان"),
        "نزل المطر. فرح الأطفال.",
    ],
}
BETWEEN_PARAGRAPHS = [
    *("\n\n", "\n\n\n\n\n", "\r\n\r\n", "\r\r", "\u2029", "\u2028\u2028", "\x0b\n", "\x85\x85"),
    *("\n \t\n", "\n\u3000\n\n", "\n\xa0\n\n", " \n\n\t"),
]


def sentences(text: str, language: str) -> list[str]:
    starts, ends = segment(text, language)
    return [text[start:end] for start, end in zip(starts.tolist(), ends.tolist(), strict=True)]


def paragraphs_of(language: str, characters: int) -> list[str]:
    """Paragraphs of different lengths, so that chunks end at different places in them."""
    ours = PARAGRAPHS[language]
    size = sum(map(len, ours))
    repeated = [" ".join([paragraph] * (1 + i % 5)) for i, paragraph in enumerate(cycle_of(ours))]
    return list(islice(cycle(repeated), 1 + characters * len(ours) // (3 * size)))


def cycle_of(paragraphs: list[str]) -> list[str]:
    return list(islice(cycle(paragraphs), 5 * len(paragraphs)))


@pytest.mark.parametrize("characters", [1_000, 12_000, 100_000, 1_000_000])
@pytest.mark.parametrize("language", PARAGRAPHS)
def test_a_text_of_paragraphs_gives_the_sentences_of_its_paragraphs(
    language: str, characters: int
) -> None:
    paragraphs = paragraphs_of(language, characters)
    apart = {paragraph: sentences(paragraph, language) for paragraph in {*paragraphs}}
    text = "\n\n".join(paragraphs)
    assert len(text) > characters / 2
    expected = [sentence for paragraph in paragraphs for sentence in apart[paragraph]]
    assert sentences(text, language) == expected


@settings(max_examples=60)
@given(
    st.lists(
        st.tuples(
            st.sampled_from([p for ours in PARAGRAPHS.values() for p in ours]),
            st.integers(1, 40),
            st.sampled_from(BETWEEN_PARAGRAPHS),
        ),
        min_size=1,
        max_size=12,
    ),
    st.sampled_from([*PARAGRAPHS]),
)
def test_any_white_space_parts_paragraphs(rows: list[tuple[str, int, str]], language: str) -> None:
    paragraphs = [" ".join([paragraph] * times) for paragraph, times, _ in rows]
    text = "".join(
        paragraph + between for paragraph, (_, _, between) in zip(paragraphs, rows, strict=True)
    )
    assert sentences(text, language) == [
        sentence for paragraph in paragraphs for sentence in sentences(paragraph, language)
    ]


@settings(max_examples=40)
@given(
    st.lists(
        st.tuples(
            st.sampled_from([*PARAGRAPHS]),
            st.integers(0, 3 * CHUNK),
            st.sampled_from(["\n\n", " "]),
        ),
        max_size=6,
    )
)
def test_a_batch_of_long_texts_gives_the_same_as_text_by_text(
    rows: list[tuple[str, int, str]],
) -> None:
    texts = [between.join(paragraphs_of(name, size))[:size] for name, size, between in rows]
    batch = segment_batch(pa.array(texts, pa.string()), [name for name, _, _ in rows])
    assert batch.unlocated == 0
    found: list[list[str]] = [[] for _ in texts]
    for row, start, end in zip(*(column.tolist() for column in batch[:3]), strict=True):
        found[row].append(texts[row][start:end])
    assert found == [sentences(text, name) for text, (name, _, _) in zip(texts, rows, strict=True)]


@pytest.mark.parametrize("space", ["\t", "\xa0", "\u2009", "\u202f", "\u3000", "  ", " \t "])
def test_any_white_space_parts_sentences(space: str) -> None:
    paragraph = PARAGRAPHS["eng_Latn"][2]
    text = "\n\n".join([paragraph] * 300)
    expected = [sentence.replace(" ", space) for sentence in sentences(text, "eng_Latn")]
    assert len(expected) == 300 * 4
    assert sentences(text.replace(" ", space), "eng_Latn") == expected


def test_a_long_text_without_a_full_stop_is_not_cut_within_a_word() -> None:
    text = "word and word and another word " * 1000
    assert sentences(text, "eng_Latn") == [text.strip()]


BROKEN = {
    "drops white space": lambda text: [piece for piece in text.split(" ") if piece],
    "drops letters": lambda text: [text.replace("o", "")],
    "changes letters": lambda text: [text.upper()],
    "repeats": lambda text: [text, text],
    "says nothing": lambda text: [],
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_library_that_changes_a_text_moves_no_boundary(
    name: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(sentencex, "segment", lambda code, text: BROKEN[name](text))
    paragraphs = ["Mia came early. Who else? No one came!", "第一。第二！"] * 400
    with caplog.at_level(logging.WARNING):
        batch = segment_batch(pa.array(["\n\n".join(paragraphs), "Good. Bye."]), ["eng_Latn"] * 2)
    if name == "drops white space":  # its pieces are still found
        assert batch.unlocated == 0
        return
    assert batch.unlocated > 1
    assert f"sentencex changed {batch.unlocated} parts of texts" in caplog.text
    assert len(batch.starts) == 400 * (3 + 2) + 2
    assert batch.starts[batch.texts == 1].tolist() == [0, 6]
