from __future__ import annotations

import json
import time
from pathlib import Path

import pytest
import regex
from hypothesis import given
from hypothesis import strategies as st

from bitseam.lid.character_classes import CODE_POINTS, SENTENCE_ENDS
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


def test_the_ends_of_sentences_are_those_of_unicode_but_for_commas():
    ends = regex.findall(r"\p{Sentence_Terminal}", "".join(map(chr, range(CODE_POINTS))))
    assert set(ends) - set(SENTENCE_ENDS) == set("၊꧈᭞")
    assert set("…‥⋯༎།") <= set(SENTENCE_ENDS)
    assert not set(",;:，；：、،؛-–|/") & set(SENTENCE_ENDS)


OPENINGS = (
    *("{{", "{{{", "{{a|", "[[", "[[a|", "[[a:", "[[a[", "[http://a ", "[http://", "[", "{|\n"),
    *("<ref", "<ref>", "<ref>a</", "<b ", "</ref", "<!--", "<nowiki>", "<", "&#1", "&a", "-{a|"),
    *("''", "'", "__A", "_", "=", "\n=", "= ", "\n*", "\n|", "( ", "(,", "; )", " ", "\n ", "]"),
    *("}}", "|}", "]]", "{{[[", "<ref>{{", "{|{{[[<ref>", "--"),
    *("-{", "-{zh:a;", "}-", "<!--\n", "<code><!--", "<math>\n\n", "<ref>\n==", "<ref/>", "<s>"),
    *("<sup>", "<sup>1", "<ruby><rt>", "<span display:none", "\n:<math>x</math>"),
    *('<ref name="a" b="',),
    *("[[File:a|", "[[a]", "[[a] [b]]", "[http://a[b", "[[http://a|", ", ,", "(a:", "« ", "~~~"),
    *("''''", "l''a", "\n;a:", ":;", "\n!", "{{a\n|", "--[[a]] ", "\n\ufffc", "\ufffc.\n", "&amp;"),
)


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("opening", OPENINGS)
def test_a_long_run_of_openings_takes_no_quadratic_time(opening, engine):
    start = time.process_time()
    strip_markup(opening * (100_000 // len(opening)), engine)
    # A quadratic pattern takes minutes here; the parser, for lists, half a second.
    assert time.process_time() - start < (1 if engine == "fast" else 4)


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


# Not a bare bracket: `{{(}}` is a template that shows a brace.
MARKUP = (
    *("[[", "]]", "{{", "}}", "{|", "|}", "|", "{{{", "[", "]", "[http://x ", "File:", "a", "b c"),
    *("\n", " ", "\n|", "\n!", "\n{|", "\n|}", "''", "'''", "=", "==", "*", "#", ":", ";", "."),
    *("<ref>", "</ref>", "<!--", "-->", "<math>", "</math>", "<gallery>", "<br>", "<sup>", "2"),
    *("</sup>", "<table>", "</table>", "<s>", "</s>", "<ruby>", "<rt>", "<code>", "</code>"),
    *("-{", "}-", "zh-hans:", "H|", "(,", ",)", ",", "__TOC__", "\ufffc", "~~~~", "«", "»"),
)


@pytest.mark.parametrize("engine", ENGINES)
@given(pieces=st.lists(st.sampled_from(MARKUP), max_size=40))
def test_no_brackets_of_markup_are_left(engine, pieces):
    text = strip_markup("".join(pieces), engine)
    assert not any(mark in text for mark in ("[[", "]]", "{{", "}}", "{|", "|}", "  ", "\n\n\n"))


@pytest.mark.parametrize("engine", ENGINES)
@given(text=st.text(alphabet="ab[]{}|'<>=*#:;_-(),!~\"", min_size=1, max_size=60))
def test_literal_text_stays_as_it_is(engine, text):
    shown = strip_markup(f"Vir <nowiki>{text}</nowiki> no.", engine)
    assert shown == f"Vir {text} no."


BLOCKS = (
    *(
        "{|\n| x\n|}",
        "{{Infobox\n| a = b\n}}",
        "[[File:A.jpg|thumb|Bild]]",
        "<!-- x -->",
        "== A ==",
    ),
    *("<gallery>\nA.jpg|x\n</gallery>", "<table><tr><td>x</td></tr></table>", "----", "<br>"),
    *("[[Category:A]]", "__NOTOC__", "<math>x</math>", "<div>x</div>", "{|\n! x", "* x", "<hr />"),
    *(
        "<syntaxhighlight>x</syntaxhighlight>",
        "<references />",
        "<score>c</score>",
        "<!-- x",
        "; x : y",
    ),
)


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("block", BLOCKS)
@pytest.mark.parametrize("end", ["\n", "\n\n"])
def test_lines_around_a_block_never_become_one(engine, block, end):
    text = strip_markup(f"Den Duerf läit{end}{block}{end}um breede Floss.", engine)
    lines = text.split("\n")
    assert lines[0].startswith("Den Duerf läit")
    assert lines[-1].endswith("um breede Floss.")
    assert not any("läit" in line and "um breede" in line for line in lines)


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_a_page_around_a_case_loses_nothing(case, engine):
    first, last = "Hei steet de Bësch.", "Do fléisst de Floss."
    wikitext = f"{first}\n\n{case['wikitext']}\n\n== Ortschaft ==\n{last}"
    lines = strip_markup(wikitext, engine).split("\n")
    assert (lines[0], lines[-3:]) == (first, ["Ortschaft", "", last])
