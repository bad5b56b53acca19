"""Templates: what they show, and what is left where that is not known."""

from __future__ import annotations

import itertools
import json
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bitseam.lid.wikitext import strip_markup
from bitseam.lid.wikitext.holes import HOLE
from bitseam.lid.wikitext.templates import (
    OwnTemplates,
    Templates,
    expand_templates,
    expansion,
    pages,
    redirect_target,
)
from bitseam.lid.wikitext.templates.arithmetic import evaluate, shown
from bitseam.lid.wikitext.templates.braces import named, outer_spans, parts
from bitseam.lid.wikitext.templates.locales import find_locale
from bitseam.lid.wikitext.templates.words import magic_word, table

CASES = json.loads(Path(__file__).with_name("template_cases.json").read_text("utf-8"))


def own(templates: dict[str, str]) -> OwnTemplates:
    found = OwnTemplates()
    for title, body in templates.items():
        found.add(f"Template:{title}", body)
    return found


def strip(wikitext: str, lang: str | None = "lb", engine: str = "fast", **templates: str) -> str:
    return strip_markup(wikitext, engine, templates=Templates(lang, own(templates)), title="Titel")


@pytest.mark.parametrize("engine", ["fast", "thorough"])
@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_labelled_case(case, engine):
    found = strip(case["wikitext"], case.get("lang"), engine, **case.get("templates", {}))
    assert found == case["text"]


# --- hostile pages

BOMBS = {f"X{i}": f"{{{{X{i + 1}}}}}{{{{X{i + 1}}}}}" for i in range(60)}


@pytest.mark.parametrize(
    ("wikitext", "templates"),
    [
        ("{" * 1_000_000, {}),
        ("{" * 500_000 + "}" * 500_000, {}),
        ("{{nowrap|" * 100_000 + "x" + "}}" * 100_000, {}),
        ("{{{1|" * 100_000 + "x" + "}}}" * 100_000, {}),
        ("{{#if:x|" * 50_000 + "y" + "}}" * 50_000, {}),
        ("{{" + "{{lc:a}}" * 50_000 + "}}", {}),
        ("{{D|" * 50 + "x" + "}}" * 50, {"D": "{{{1}}}{{{1}}}"}),
        ("{{X0}} " * 50, {**BOMBS, "X60": "boom"}),
        ("{{Big}} " * 2_000, {"Big": "x" * 100_000}),
        ("{{S|9999}} " * 3_000, {"S": "{{#switch:{{{1}}}" + "|1=a" * 20_000 + "}}"}),
        ("a {{nowrap" + "|x" * 500_000 + "}}", {}),
        ("{{nowrap|[[" + "=" * 500_000 + "}}", {}),
        ("{{nowrap|" + "[[" * 300_000 + "|x}}", {}),
        ("{{#expr:" + "(" * 100_000 + "}} {{#expr:9^9^9^9}}", {}),
        ("{{u}}\n" * 100_000, {}),
        ("x {{u}} " * 100_000, {}),
        ("(" * 1_000_000 + HOLE, {}),
        ("x " + HOLE * 1_000_000, {}),
        ("{{A}}", {"A": "<noinclude>" * 10_000 + "<!--" * 20_000}),
        ("{{A}}", {"A": "<a class=" * 10_000 + "noprint"}),
        ("{{convert|" + "9" * 100_000 + "|m|ft}} {{convert|1e99|m|ft|99999999}}", {}),
        ("{{Q|a b c}}\n" * 200, {"Q": "<div " + "class=a " * 10_000 + ">{{{1}}}"}),
        ("{{Q|a b c}}\n" * 200, {"Q": "!:" * 20_000 + '.""' * 10_000 + "{{{1}}}"}),
    ],
    ids=range(23),
)
def test_a_hostile_page_costs_little_time_and_memory(wikitext, templates):
    start = time.process_time()
    text = strip(wikitext, **templates)
    assert time.process_time() - start < 5  # each takes less than one; the bombs would not end
    assert len(text) <= len(wikitext) + expansion.MAX_CHARACTERS


def test_beyond_a_bound_there_are_holes_and_no_text_is_invented(monkeypatch):
    monkeypatch.setattr(expansion, "MAX_EXPANSIONS", 10)
    text = strip("De Bam {{nowrap|a}} do. " * 20)
    assert text.count("De Bam a do.") == 5  # a template and its parameter each
    assert text.count(f"De Bam {HOLE} do.") == 15


def test_templates_too_long_or_too_many_are_left_out_and_counted(monkeypatch):
    monkeypatch.setattr(pages, "MAX_BODY", 50)
    monkeypatch.setattr(pages, "MAX_ALL", 60)
    found = own({"A": "x" * 51, "B": "y" * 40, "C": "z" * 40, "D": "d"})
    assert sorted(found.bodies) == ["B", "D"]
    assert found.left_out == 2


MARKUP = st.text(alphabet="ab1=|{}[]#:-<>!'\n. ", max_size=120)


@given(MARKUP, MARKUP, MARKUP)
def test_nothing_raises_and_the_same_gives_the_same(wikitext, first, second):
    templates = Templates("fr", own({"A": first, "B": second, "Ab": "{{a|{{b}}}}"}))
    page = wikitext + "{{a|" + wikitext + "}}{{ab|1=" + first + "}}"
    assert expand_templates(page, templates) == expand_templates(page, templates)
    strip_markup(page, templates=templates)


@given(st.text(alphabet="ab {}", max_size=60))
def test_spans_are_in_order_apart_and_balanced(text):
    spans = outer_spans(text)
    assert all(a.end <= b.start for a, b in itertools.pairwise(spans))
    for start, end, braces in spans:
        assert text.startswith("{" * braces, start)
        assert text[start:end].endswith("}" * braces)


@given(st.text(alphabet="a|[]{}-", max_size=40))
def test_parts_are_all_of_the_text(text):
    assert "|".join(parts(text)) == text


# --- small pieces


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a|b", ["a", "b"]),
        ("a|[[b|c]]|d", ["a", "[[b|c]]", "d"]),
        ("{{a|b}}|c", ["{{a|b}}", "c"]),
        ("-{a|b}-|c", ["-{a|b}-", "c"]),
        ("-{{{1|x}}}|c", ["-{{{1|x}}}", "c"]),
        ("", [""]),
    ],
)
def test_parts(text, expected):
    assert list(parts(text)) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a=b=c", ("a", "b=c")),
        ("b", None),
        ("{{a|x=1}}", None),
        ("{{a|x=1}}=2", ("{{a|x=1}}", "2")),
        ("[[a=b]]", None),
        ("=b", ("", "b")),
    ],
)
def test_a_name_ends_at_the_first_free_sign_of_equality(text, expected):
    assert named(text) == expected


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("1+2*3", "7"),
        ("(1+2)*3", "9"),
        ("7 / 2", "3.5"),
        ("7 mod 4", "3"),
        ("2^10", "1024"),
        ("-2^2", "4"),
        ("1.005 round 2", "1.01"),
        ("12.5 round 0", "13"),
        ("-12.5 round 0", "-13"),
        ("3 > 2 and not 0", "1"),
        ("trunc 3.9", "3"),
        ("1=2 or 3<>3", "0"),
        ("1e3", "1000"),
    ],
)
def test_arithmetic(expression, value):
    assert shown(evaluate(expression)) == value


@pytest.mark.parametrize(
    "expression", ["", "1+", "a", "1/0", "9^9^9^9", "(1", "1)", "1 2", "sqrt(-1)", "1" * 600]
)
def test_what_is_no_expression_has_no_value(expression):
    assert evaluate(expression) is None


@given(st.text(alphabet="0123456789.+-*/^() eround<>=andotmrsq", max_size=60))
def test_arithmetic_never_raises(expression):
    value = evaluate(expression)
    assert value is None or abs(value) < 1e15


@pytest.mark.parametrize(
    ("text", "target"),
    [
        ("#REDIRECT [[Bam]]", "Bam"),
        ("#WEITERLEITUNG [[Bam#A|x]]", "Bam"),
        ("\n#redirection:[[Bam]]", "Bam"),
        ("#重定向 [[树]]", "树"),
        ("#転送[[木]]", "木"),
        ("#перенаправление [[Дом]]\n{{R}}", "Дом"),
        ("#تحويل [[بيت]]", "بيت"),
        ("#VIIDEERUULEID [[Maja]]", "Maja"),
        ("＃転送 [[木]]", "木"),
        ("#Eent [[Bam]]\n#Zwee [[Haus]]", None),
        ("# [[Bam]]", None),
        ("De #REDIRECT [[Bam]]", None),
        ("#REDIRECT", None),
        ("", None),
    ],
)
def test_redirects_are_known_by_their_first_line(text, target):
    assert redirect_target(text) == target


@pytest.mark.parametrize(
    ("word", "name"),
    [
        ("#wechsle", "#switch"),
        ("#если", "#if"),
        ("KLEIN", "lc"),
        ("SEITENNAME", "pagename"),
        ("#x", "#x"),
    ],
)
def test_words_of_other_languages(word, name):
    assert magic_word(word) == name


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("fr", "1234567.8", "1\u00a0234\u00a0567,8"),
        ("pl", "1234", "1234"),
        ("pl", "12345", "12\u00a0345"),
        ("en", "-1234.50", "−1,234.50"),
        ("de", "12 Meter", "12 Meter"),
        ("xx", "1234", "1,234"),
    ],
)
def test_numbers_by_language(language, text, expected):
    assert find_locale(language).number(text) == expected


@pytest.mark.parametrize(
    ("language", "parts", "expected"),
    [
        ("de", ("3", "5", "1921"), "3. Mai 1921"),
        ("ru", ("3", "5", "1921"), "3 мая 1921"),
        ("ja", ("3", "5", "1921"), "1921年5月3日"),
        ("hu", ("3", "5", "1921"), "1921. május 3."),
        ("ca", ("3", "4", "1921"), "3 d'abril de 1921"),
        ("lv", ("3", "5", "1921"), "1921. gada 3. maija"),
        ("es", ("", "5", "1921"), "mayo de 1921"),
        ("ru", ("", "5", "1921"), "май 1921"),
        ("fr", ("1", "mai", ""), "1er mai"),
        ("fi", ("3", "5", "1921"), "3. toukokuuta 1921"),
        ("ja", ("", "5", "1921"), "1921年5月"),
    ],
)
def test_dates_by_language(language, parts, expected):
    assert find_locale(language).date(*parts) == expected


def test_every_line_of_the_data_file_can_be_read():
    languages = {language for row in table("templates.tsv") for language in row[0].split(",")}
    assert "fr" in languages
    for language in languages:
        assert strip("De {{nowrap|al Bam}} do.", language) == "De al Bam do."
    for languages_, names, shown_ in table("templates.tsv"):
        assert languages_.strip() and names.strip() and shown_.strip()
        assert shown_.count("{") == shown_.count("}"), names
