"""Translation memories (TMX 1.4, as `mine export` and `mine align` write them, too) as tables.

Nothing outside the file is opened and no entity expanded: one of the file's own stays as written.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

import pyarrow as pa
from lxml import etree

from bitseam.pipelines.readers.inputs import COMPRESSIONS, InputFile
from bitseam.pipelines.readers.storage import one_line
from bitseam.pipelines.readers.streams import InputStream
from bitseam.schemas.errors import BitseamError, UserError
from bitseam.schemas.languages import UNDETERMINED, parse_language, short_code
from bitseam.schemas.named_by_language import language_of

log = logging.getLogger("bitseam")

_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
_CODES = ("{*}bpt", "{*}ept", "{*}it", "{*}ph", "{*}ut")  # of a text's formatting, not text
_DOCUMENT = "source-document"  # Bitextor's name, and ours


def read_tmx(path: Path) -> pa.Table:
    """Return one row a unit: a column a language, named by its short code, the commonest first.

    Of two languages, `src_doc` and `tgt_doc` name the documents of the first and of the second,
    where the units tell. A language that a unit has twice counts once: the first.

    :raises UserError: there is no unit in it with a language that is known.
    :raises BitseamError: the file is damaged, or no XML.
    """
    strange: Counter[str] = Counter()
    units = [_unit(unit, strange) for unit in _units(path)]
    counts = Counter(code for texts, _ in units for code in texts)
    codes = sorted(counts, key=lambda code: -counts[code])  # stable: as they came
    if not codes:
        raise UserError(f"{path}: no <tu> with a language (xml:lang): expected TMX")
    if strange:
        named = ", ".join(f"{tag!r} {count:,}" for tag, count in strange.most_common(5))
        log.warning("%s: texts in languages that are not known, left out: %s", path, named)
    columns = {code: [texts.get(code) for texts, _ in units] for code in codes}
    if len(codes) == 2:
        documents = {
            name: [its.get(code) for _, its in units]
            for name, code in zip(("src_doc", "tgt_doc"), codes, strict=True)
        }
        columns |= {name: found for name, found in documents.items() if any(found)}
    return pa.table({name: pa.array(its, pa.large_string()) for name, its in columns.items()})


def read_segments(path: Path) -> Iterator[list[str]]:
    """Yield the texts of each unit, whatever their languages are.

    :raises BitseamError: the file is damaged, or no XML.
    """
    for unit in _units(path):
        yield [_text(segment) for segment in unit.iterfind("{*}tuv/{*}seg")]


def _units(path: Path) -> Iterator[Any]:
    """Yield the element of each unit, which is gone when the next one is asked for."""
    parser = etree.XMLPullParser(
        events=("end",),
        tag="{*}tu",  # some tools write a namespace
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
    )
    compression = COMPRESSIONS.get(path.suffix.lower())
    try:
        with InputStream(InputFile(str(path), str(path), "text", compression, None)) as stream:
            for chunk in stream.chunks():
                parser.feed(chunk)
                for _, unit in parser.read_events():
                    yield unit
                    _release(unit)
        parser.close()
    except etree.XMLSyntaxError as error:
        raise BitseamError(f"{path} cannot be read as TMX: {one_line(error)}") from error


def _unit(unit: Any, strange: Counter[str]) -> tuple[dict[str, str], dict[str, str]]:
    """Return a unit's texts and documents by language; count the tags that name none."""
    texts: dict[str, str] = {}
    documents: dict[str, str] = {}
    for variant in unit.iterfind("{*}tuv"):
        segment = variant.find("{*}seg")
        if segment is None:
            continue
        tag = variant.get(_LANG) or variant.get("lang") or ""
        code = _column(tag)
        if code is None:
            strange[tag] += 1
        elif code not in texts:
            texts[code] = _text(segment)
            props = (p.text for p in variant.iterfind("{*}prop") if p.get("type") == _DOCUMENT)
            if place := next(props, None):
                documents[code] = place
    return texts, documents


def _text(segment: Any) -> str:
    etree.strip_elements(segment, *_CODES, with_tail=False)
    return "".join(segment.itertext())


@lru_cache(maxsize=1024)
def _column(tag: str) -> str | None:
    """Return what names the column of a language, so that `language_of` knows it: `lb`, `gsw_Latn`.

    Of a tag that names no language None.
    """
    try:
        language = parse_language(tag)
    except UserError:
        return None
    if language == UNDETERMINED:
        return None
    code = short_code(language)
    return code if language_of(code) == language else language


def _release(unit: Any) -> None:
    """Free a unit and those before it: a memory is read in the room of one unit."""
    unit.clear()
    while unit.getprevious() is not None:
        del unit.getparent()[0]
