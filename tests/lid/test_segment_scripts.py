"""Segmentation in any script: every mark that ends sentences, and rules by paragraph."""

from __future__ import annotations

import time

import pyarrow as pa
import pytest
import regex

from bitseam.lid.divide import divide
from bitseam.lid.identifiers import load_identifier
from bitseam.lid.segmentation import segment, segment_batch
from bitseam.schemas.tables import DOCUMENTS

IDENTIFIER = load_identifier()
CHARACTERS = "".join(map(chr, range(0x110000)))
TERMINATORS = {*regex.findall(r"\p{Sentence_Terminal}", CHARACTERS)}
# Commas, whatever Unicode says; and the full stops of abbreviations.
COMMAS, STOPS = {*"၊꧈᭞"}, {*".․"}


def sentences(text: str, language: str = "und") -> list[str]:
    starts, ends = segment(text, language)
    return [text[start:end] for start, end in zip(starts.tolist(), ends.tolist(), strict=True)]


def divided(text: str, hint: str | None = None) -> list[str]:
    columns = [pa.array([name], pa.string()) for name in ("a", None, None, hint, text)]
    documents = pa.RecordBatch.from_arrays(columns, schema=DOCUMENTS)
    found: list[str] = divide(documents, IDENTIFIER, 500, in_lines=False).texts.to_pylist()
    return found


@pytest.mark.parametrize("language", ["und", "eng_Latn", "deu_Latn", "jpn_Jpan"])
def test_every_terminator_of_unicode_ends_a_sentence(language: str) -> None:
    assert len(TERMINATORS) > 150
    for mark in sorted(TERMINATORS - COMMAS - STOPS):
        first, second = f"აბგდ ევზ{mark}", "თიკ ლმნ"
        assert sentences(f"{first} {second}", language) == [first, second], hex(ord(mark))


@pytest.mark.parametrize("mark", [*"၏၊꧈᭞߸᠂՝՞՜،፣፤,;:׃·"])
def test_marks_within_sentences_end_none(mark: str) -> None:
    text = f"აბგდ ევზ{mark} თიკ ლმნ"
    assert sentences(text) == [text]


# Letters of scripts without capitals, Georgian's of category Ll among them.
CASELESS = [
    "აბგდ",
    "אבגד",
    "ابتث",
    "अकखग",
    "กขคง",
    "ကခဂဃ",
    "ሀለሐመ",
    "ⵣⵎⵔⵏ",
    "ߊߋߌߍ",
    "ᱚᱛᱜᱝ",
    "가나다라",
]


@pytest.mark.parametrize("word", CASELESS)
@pytest.mark.parametrize("mark", [".", "!", "?", "?!", "!!!"])
def test_a_sentence_needs_no_capital_in_a_script_without(word: str, mark: str) -> None:
    if (word, mark) == ("กขคง", "."):
        pytest.skip("in Thai a full stop is of an abbreviation")
    text = f"{word} {word}{mark} {word} {word}{mark}"
    assert sentences(text) == [f"{word} {word}{mark}"] * 2


@pytest.mark.parametrize("word", CASELESS)
def test_numbers_and_hosts_are_no_ends_in_any_script(word: str) -> None:
    text = f"{word} 3.5 {word} 10:30 {word} v2.0.1 {word} https://a.example.org/b.c?d={word}"
    assert sentences(text) == [text]


DE = (
    "Der 3. Versuch gelang erst nach dem 12. Anlauf, wie Dr. Klein berichtet. "
    "Die Leute in der kleinen Stadt am Fluss freuten sich darüber."
)
EN = (
    "The people of the village waited for the ferry and were 3. Nobody else came that morning. "
    "It was, as Mrs. Hill said, quite enough."
)
ZH = "河水很清，孩子们在桥上等船，谁都不说话。“船来了！”姐姐站了起来。大家都笑了，船慢慢地靠了岸。"


def test_rules_follow_the_language_of_the_paragraph() -> None:
    apart = [sentences(DE, "deu_Latn"), sentences(EN, "eng_Latn"), sentences(ZH, "cmn_Hans")]
    assert [len(part) for part in apart] == [2, 3, 4]
    for order in ([0, 1, 2], [2, 1, 0], [1, 0, 2]):
        text = "\n\n".join([DE, EN, ZH][i] for i in order)
        assert divided(text) == [sentence for i in order for sentence in apart[i]]
        assert divided(text, hint="deu_Latn") == divided(text)


def test_a_short_line_is_read_as_its_neighbours() -> None:
    text = f"Kapitel\n{DE}\n1.\n{EN}\nThe end"
    found = divided(text)
    assert found[0] == "Kapitel"
    assert found[3].startswith("1.\nThe people")
    assert found[-1] == "The end"


def test_only_lines_that_are_certain_change_the_rules() -> None:
    def identify(rows: object, starts: object, ends: object) -> list[str | None]:
        return [None, "eng_Latn"]

    text = f"{DE}\n{EN}"
    languages = ["fra_Latn"]
    batch = segment_batch(pa.array([text]), languages, identify=identify)
    told = segment_batch(pa.array([text]), ["eng_Latn"])
    assert [*batch.starts] == [*told.starts]  # the German paragraph goes with the next certain one


UNITS = ["(a. ", "ག ", "፡፡", "|", "“。", "？”", "a: ", "(a b) ", '"。', "॥ १", "…", "(a. b) "]


@pytest.mark.parametrize("unit", UNITS)
def test_time_is_linear_in_the_text(unit: str) -> None:
    def seconds(characters: int) -> float:
        text = unit * (characters // len(unit))
        began = time.process_time()
        segment(text, "und")
        return time.process_time() - began

    assert seconds(400_000) < 8 * seconds(100_000) + 0.2
