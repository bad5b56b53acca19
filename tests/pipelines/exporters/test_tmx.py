"""TMX: valid, complete, and the text comes back."""

from __future__ import annotations

import re
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from bitseam.pipelines.exporters import export_pairs

MakeRun = Callable[..., Path]
MakeTable = Callable[..., pa.Table]

LANG = "{http://www.w3.org/XML/1998/namespace}lang"
NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def parsed(run: Path) -> Any:
    """Export `run`, check the file against the standard's rules and return its root."""
    output = run / "out.tmx"
    export_pairs(run, "tmx", output)
    root = etree.parse(output, etree.XMLParser(resolve_entities=False)).getroot()
    dtd = etree.DTD(Path(__file__).with_name("tmx14-subset.dtd"))
    assert dtd.validate(root), dtd.error_log.filter_from_errors()
    return root


def segments(root: Any) -> list[tuple[str, str]]:
    units = [[seg.text or "" for seg in unit.iter("seg")] for unit in root.iter("tu")]
    return [(src, tgt) for src, tgt in units]


def test_nasty_texts_come_back_but_for_what_xml_forbids(
    nasty_run: Path, nasty_texts: list[tuple[str, str]]
) -> None:
    found = segments(parsed(nasty_run))
    assert found == [(NOT_XML.sub("", src), NOT_XML.sub("", tgt)) for src, tgt in nasty_texts]
    assert ("abcde", "abcde (illegal in XML)") in found


@settings(max_examples=60)
@given(text=st.text(st.characters(exclude_categories=["Cs"]) | st.sampled_from("<>&]\r\n\t\x0b")))
def test_any_text_survives(make_run: MakeRun, pairs_table: MakeTable, text: str) -> None:
    expected = NOT_XML.sub("", text)
    assert segments(parsed(make_run(pairs_table([(text, text)])))) == [(expected, expected)]


def test_an_empty_table_is_a_valid_memory(make_run: MakeRun, pairs_table: MakeTable) -> None:
    root = parsed(make_run(pairs_table([])))
    assert root.find("header").get("srclang") == "lb"
    assert len(root.find("body")) == 0


def test_the_header_names_tool_languages_and_signature(nasty_run: Path, signature: str) -> None:
    header = parsed(nasty_run).find("header")
    assert dict(header.attrib) == {
        "creationtool": "bitseam",
        "creationtoolversion": version("bitseam"),
        "segtype": "sentence",
        "o-tmf": "bitseam",
        "adminlang": "en",
        "srclang": "lb",
        "datatype": "plaintext",
    }
    assert {prop.get("type"): prop.text for prop in header} == {"x-signature": signature}


def test_a_unit_tells_scores_and_where_its_texts_stand(
    make_run: MakeRun, pairs_table: MakeTable
) -> None:
    (unit,) = parsed(make_run(pairs_table([("Moien.", "Hallo!")], [1.1]))).iter("tu")

    def properties(element: Any) -> dict[str, str]:
        return {prop.get("type"): prop.text for prop in element.iterchildren("prop")}

    assert unit.get("tuid") == f"{-(2**62)}:{2**62}"
    assert properties(unit) == {"x-margin": "1.1", "x-cosine": "0.7"}
    assert [(tuv.get(LANG), properties(tuv)) for tuv in unit.iter("tuv")] == [
        ("lb", {"source-document": "lbwiki:0 <&> ", "x-start": "0", "x-end": "6"}),
        ("de", {"source-document": "dewiki:0", "x-start": "0", "x-end": "6"}),
    ]
