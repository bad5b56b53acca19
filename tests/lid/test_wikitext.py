from __future__ import annotations

import json
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bitseam.lid.wikitext import hidden_namespaces, strip_markup

CASES = json.loads(Path(__file__).with_name("wikitext_cases.json").read_text("utf-8"))
ENGINES = ("fast", "thorough")


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_labelled_case(case, engine, request):
    if engine in case.get("known_failure", ()):
        request.applymarker(pytest.mark.xfail(strict=True, reason="known failure"))
    hidden = hidden_namespaces(case.get("namespaces", ()))
    assert strip_markup(case["wikitext"], engine, hidden) == case["text"]


def test_the_fast_engine_is_no_worse_than_the_thorough_one_on_the_cases():
    failures = [
        sum(engine in case.get("known_failure", ()) for case in CASES) for engine in ENGINES
    ]
    assert failures[0] <= failures[1]


OPENINGS = (
    *("{{", "{{{", "{{a|", "[[", "[[a|", "[[a:", "[[a[", "[http://a ", "[http://", "[", "{|\n"),
    *("<ref", "<ref>", "<ref>a</", "<b ", "</ref", "<!--", "<nowiki>", "<", "&#1", "&a", "-{a|"),
    *("''", "'", "__A", "_", "=", "\n=", "= ", "\n*", "\n|", "( ", "(,", "; )", " ", "\n ", "]"),
    *("}}", "|}", "]]", "{{[[", "<ref>{{", "{|{{[[<ref>", "--"),
)


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("opening", OPENINGS)
def test_a_long_run_of_openings_takes_no_quadratic_time(opening, engine):
    start = time.process_time()
    strip_markup(opening * (100_000 // len(opening)), engine)
    # A quadratic pattern takes minutes here; the parser, for lists, two seconds.
    assert time.process_time() - start < (1 if engine == "fast" else 8)


@pytest.mark.parametrize("engine", ENGINES)
def test_deep_nesting_is_no_error(engine):
    for opening, closing in (("{{", "}}"), ("[[", "]]"), ("{{{", "}}}"), ("<b>", "</b>")):
        text = f"Vir. {opening * 3000}mëtt{closing * 3000} No."
        assert strip_markup(text, engine).startswith("Vir.")
        assert strip_markup(text, engine).endswith("No.")


WORDS = st.lists(st.sampled_from(["Bam", "Haus", "d'Kand", "Ëmwelt", "pont", "село"]), min_size=1)


@pytest.mark.parametrize("engine", ENGINES)
@given(paragraphs=st.lists(WORDS, min_size=1, max_size=4))
def test_prose_without_markup_is_unchanged(engine, paragraphs):
    text = "\n\n".join(" ".join(words) + "." for words in paragraphs)
    assert strip_markup(text, engine) == text


@given(st.text(alphabet="ab []{}|'<>/=*#:;_-&\n!", max_size=200))
def test_no_input_raises_and_the_fast_engine_invents_no_letters(text):
    letters = iter("".join(filter(str.isalpha, text)))
    kept = filter(str.isalpha, strip_markup(text))
    assert all(letter in letters for letter in kept)  # a subsequence of the input's letters
    strip_markup(text, "thorough")
