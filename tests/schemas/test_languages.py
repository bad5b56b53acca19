from __future__ import annotations

import csv
from pathlib import Path

import pytest

from bitseam.schemas.errors import UserError
from bitseam.schemas.languages import parse_language, short_code

CASES = list(
    csv.DictReader(
        Path(__file__).with_name("languages.tsv").read_text("utf-8").splitlines(), delimiter="\t"
    )
)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["tag"])
def test_every_code_of_a_language_means_the_same(case) -> None:
    assert parse_language(case["tag"]) == case["language"]
    assert short_code(case["language"]) == case["short"]
    assert parse_language(case["language"]) == case["language"]


@pytest.mark.parametrize("tag", ["", "xx", "klingonisch", "lb\x00", "l b", "123"])
def test_what_is_no_language_is_refused_with_examples(tag) -> None:
    with pytest.raises(UserError, match="expected a BCP-47 or ISO 639 code"):
        parse_language(tag)
