"""Translation memories (TMX 1.1 to 1.4, as `mine export` and `mine align` write them) as tables."""

from __future__ import annotations

import logging
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

import pyarrow as pa
from lxml import etree

from bitseam.pipelines.readers.inputs import COMPRESSIONS, InputFile
from bitseam.pipelines.readers.streams import InputStream
from bitseam.pipelines.train.tmx_units import read_units
from bitseam.schemas.errors import BitseamError, DamagedInputError, UserError
from bitseam.schemas.languages import UNDETERMINED, language_named, parse_language, short_code
from bitseam.schemas.named_by_language import language_of

log = logging.getLogger("bitseam")

_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
_CODES = ("{*}bpt", "{*}ept", "{*}it", "{*}ph", "{*}ut")  # of a text's formatting, not text
_BREAKS = ("lb", "pb")  # of lines and pages: `<ph type="lb"/>`
_BREAK = re.compile(r"<\s*/?\s*(br|p|div|li|td|tr)\b|\n|\\n", re.IGNORECASE)
_LONGEST_TAG = 60
_SHOWN = 5
_DOCUMENT = "source-document"  # Bitextor's name, and ours


def read_tmx(path: Path) -> pa.Table:
    """Return one row a unit: a column a language, named by its short code, the commonest first.

    Of two languages, `src_doc` and `tgt_doc` name the documents of the first and of the second,
    where the units tell. A language that a unit has twice counts once: the first. What is left out
    is logged with its number; a unit that is damaged is no row.

    :raises UserError: there is no unit in it with a language that is known.
    :raises BitseamError: the file is damaged outside its units, or is no TMX.
    """
    left_out = _LeftOut()
    units = [_unit(unit, left_out) for unit in _units(path, left_out)]
    counts = Counter(code for texts, _ in units for code in texts)
    codes = sorted(counts, key=lambda code: -counts[code])  # stable: as they came
    if not codes:
        told = "; ".join(["no <tu> with a language (xml:lang)", *left_out.told()])
        raise UserError(f"{path}: {told}: expected TMX")
    if len(codes) == 2:
        left_out.one_sided = sum(len(texts) == 1 for texts, _ in units)
    left_out.warn(path)
    columns = {code: [texts.get(code) for texts, _ in units] for code in codes}
    if len(codes) == 2:
        documents = {
            name: [its.get(code) for _, its in units]
            for name, code in zip(("src_doc", "tgt_doc"), codes, strict=True)
        }
        columns |= {name: found for name, found in documents.items() if any(found)}
    return pa.table({name: pa.array(its, pa.large_string()) for name, its in columns.items()})


def read_segments(path: Path) -> Iterator[list[str]]:
    """Yield the texts of each unit, whatever their languages are; log the units that are damaged.

    :raises BitseamError: the file is damaged outside its units, or is no TMX.
    """
    left_out = _LeftOut()
    for unit in _units(path, left_out):
        yield [_text(segment) for segment in unit.iterfind("{*}tuv/{*}seg")]
    left_out.warn(path)


@dataclass
class _LeftOut:
    """What of a memory is not read, and why."""

    damaged: int = 0
    first: list[str] = field(default_factory=list)  # of them, with their lines
    strange: Counter[str] = field(default_factory=Counter)  # tags of no language
    again: int = 0
    one_sided: int = 0  # they stay: rows with one text are told of by who needs two

    def told(self) -> Iterator[str]:
        """Say how much of each there is."""
        if self.damaged:
            yield f"damaged units, left out: {self.damaged:,} ({'; '.join(self.first)})"
        if self.strange:
            named = ", ".join(f"{tag!r} {n:,}" for tag, n in self.strange.most_common(_SHOWN))
            yield f"texts in languages that are not known, left out: {named}"
        if self.again:
            yield f"further texts in a language that the unit has, left out: {self.again:,}"
        if self.one_sided:
            yield f"units with a text in one language alone: {self.one_sided:,}"

    def warn(self, path: Path) -> None:
        for what in self.told():
            log.warning("%s: %s", path, what)


def _units(path: Path, left_out: _LeftOut) -> Iterator[Any]:
    compression = COMPRESSIONS.get(path.suffix.lower())
    try:
        with InputStream(InputFile(str(path), str(path), "text", compression, None)) as stream:
            for element, line, damage in read_units(stream):
                if element is not None:
                    yield element
                    continue
                left_out.damaged += 1
                if len(left_out.first) < _SHOWN:
                    left_out.first.append(f"line {line:,}: {damage}")
    except DamagedInputError:
        raise
    except BitseamError as error:
        raise BitseamError(f"{path} cannot be read as TMX: {error}") from error


def _unit(unit: Any, left_out: _LeftOut) -> tuple[dict[str, str], dict[str, str]]:
    """Return a unit's texts and documents by language."""
    texts: dict[str, str] = {}
    documents: dict[str, str] = {}
    for variant in unit.iterfind("{*}tuv"):
        segment = variant.find("{*}seg")
        if segment is None:
            continue
        tag = variant.get(_LANG) or variant.get("lang") or ""
        code = _column(tag)
        if code is None:
            left_out.strange[tag[:_LONGEST_TAG]] += 1
        elif code in texts:
            left_out.again += 1
        else:
            texts[code] = _text(segment)
            props = (p.text for p in variant.iterfind("{*}prop") if p.get("type") == _DOCUMENT)
            if place := next(props, None):
                documents[code] = place
    return texts, documents


def _text(segment: Any) -> str:
    for code in segment.iter(*_CODES):
        if code.get("type") in _BREAKS or _BREAK.search(code.text or ""):
            code.tail = f" {code.tail or ''}"  # words of two lines are two words
    etree.strip_elements(segment, *_CODES, with_tail=False)
    return "".join(segment.itertext())


@lru_cache(maxsize=1024)
def _column(tag: str) -> str | None:
    """Return what names the column of a language, so that `language_of` knows it: `lb`, `gsw_Latn`.

    Of a tag that names no language None.
    """
    if len(tag) > _LONGEST_TAG:
        return None
    try:
        language = parse_language(tag)
    except UserError:
        named = language_named(tag)
        if named is None:
            return None
        language = named
    if language == UNDETERMINED:
        return None
    code = short_code(language)
    return code if language_of(code) == language else language
