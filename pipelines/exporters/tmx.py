"""TMX 1.4, the exchange format of translation memories.

A `<tu>` is a pair; its `tuid` is `src_id:tgt_id`. Properties: `x-margin` and `x-cosine` of the
unit; `source-document` (Bitextor's name), `x-start` and `x-end` (characters) of each side; the
signature of the scores in the header as `x-signature`. There is no time in it: the same pairs give
the same bytes.
"""

from __future__ import annotations

from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any

import polars as pl
from lxml import etree

from bitseam.pipelines.exporters.pairs import Pairs
from bitseam.pipelines.exporters.sinks import open_sink

_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
# https://www.w3.org/TR/xml/#charsets: no escape can carry these, so they are left out.
_NOT_XML = r"[^\t\n\r\x20-\x{D7FF}\x{E000}-\x{FFFD}\x{10000}-\x{10FFFF}]"
_FREE_TEXT = ("src_text", "tgt_text", "src_doc", "tgt_doc")
_IDS = ("src_id", "tgt_id")


def export(pairs: Pairs, output: Path) -> int:
    """Write one translation unit a pair; characters that XML 1.0 forbids are left out."""
    src, _ = pairs.codes
    with open_sink(output) as file:
        with etree.xmlfile(file, encoding="utf-8") as xml:
            xml.write_declaration()
            with xml.element("tmx", version="1.4"):
                xml.write("\n", _header(src, pairs.signature), pretty_print=True)
                with xml.element("body"):
                    xml.write("\n")
                    for unit in _units(pairs):
                        xml.write(unit, pretty_print=True)
                xml.write("\n")
        file.write(b"\n")
    return pairs.rows


def _header(srclang: str, signature: str) -> Any:
    header = etree.Element(
        "header",
        {
            "creationtool": "bitseam",
            "creationtoolversion": version("bitseam"),
            "segtype": "sentence",
            "o-tmf": "bitseam",
            "adminlang": "en",
            "srclang": srclang,
            "datatype": "plaintext",
        },
    )
    _property(header, "x-signature").text = signature
    return header


def _units(pairs: Pairs) -> Iterator[Any]:
    """Yield a `<tu>` a pair: always the same element, filled anew, which is four times as fast."""
    unit, slots = _empty_unit(*pairs.codes)
    for frame in pairs.frames(*_IDS, *slots):
        for row in _as_text(frame).iter_rows(named=True):
            unit.set("tuid", f"{row['src_id']}:{row['tgt_id']}")
            for column, element in slots.items():
                element.text = row[column]
            yield unit


def _empty_unit(src: str, tgt: str) -> tuple[Any, dict[str, Any]]:
    """Return a unit without content and, by column, the elements to put it in."""
    unit = etree.Element("tu")
    slots = {name: _property(unit, f"x-{name}") for name in ("margin", "cosine")}
    for side, code in (("src", src), ("tgt", tgt)):
        variant = etree.SubElement(unit, "tuv", {_LANG: code})
        slots[f"{side}_doc"] = _property(variant, "source-document")
        slots[f"{side}_start"] = _property(variant, "x-start")
        slots[f"{side}_end"] = _property(variant, "x-end")
        slots[f"{side}_text"] = etree.SubElement(variant, "seg")
    return unit, slots


def _as_text(frame: pl.DataFrame) -> pl.DataFrame:
    legal = pl.col(_FREE_TEXT).str.replace_all(_NOT_XML, "")
    return frame.with_columns(pl.exclude(_FREE_TEXT).cast(pl.String), legal)


def _property(parent: Any, kind: str) -> Any:
    return etree.SubElement(parent, "prop", type=kind)
