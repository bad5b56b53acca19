"""Parallel text of public packages that the static encoder is trained on, beside the shared data.

They are read from one folder, as they come:

    DIR/mediawiki/      /usr/share/mediawiki of Debian's `mediawiki` 1.39
    DIR/openttd/        /usr/share/games/openttd/lang of Debian's `openttd-data` 13.0
    DIR/geany/          /usr/share/locale of Debian's `geany-common` 1.38
    DIR/homeassistant/  homeassistant/components of PyPI's `homeassistant` 2021.12.10
    DIR/hass_frontend/  hass_frontend/static/translations of PyPI's `home-assistant-frontend`
                        20211229.1
    DIR/cldr/           npm's `cldr-localenames-full` 48.2.0
    DIR/ding/           /usr/share/trans of Debian's `trans-de-en` 1.9
    DIR/freedict/       /usr/share/dictd of Debian's `dict-freedict-*` 2022
"""

from __future__ import annotations

import gettext
import gzip
import json
import re
import struct
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa

LANGUAGES = ("lb", "de", "fr", "en", "nl")
NEIGHBOURS = ("da", "sv", "nb", "es", "it", "pt", "af", "nds", "fy", "is")
ALL = LANGUAGES + NEIGHBOURS
# The dictionaries of FreeDict and their licences.
FREEDICT = {
    "deu-fra": "CC BY-SA 3.0",
    "fra-deu": "CC BY-SA 3.0",
    "nld-deu": "GPL-2.0",
    "deu-nld": "GPL-2.0",
    "eng-fra": "GPL-2.0",
    "fra-eng": "GPL-2.0",
    "eng-nld": "GPL-2.0",
    "fra-nld": "GPL-2.0",
    "nld-fra": "GPL-2.0",
}

# One text: language, key, text. The texts of a key are translations of each other.
Message = tuple[str, object, str]

_OPENTTD = {
    "lb": "luxembourgish",
    "de": "german",
    "fr": "french",
    "en": "english",
    "nl": "dutch",
    "da": "danish",
    "sv": "swedish",
    "nb": "norwegian_bokmal",
    "es": "spanish",
    "it": "italian",
    "pt": "portuguese",
    "af": "afrikaans",
    "fy": "frisian",
    "is": "icelandic",
}
_OPENTTD_COUNTS, _OPENTTD_TABS, _OPENTTD_HEADER = 88, 32, 572  # bytes, tables, bytes
_FREEDICT_CODES = {"deu": "de", "fra": "fr", "eng": "en", "nld": "nl"}
_BASE64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"

_MARKUP = [
    (re.compile(r"<[^>]*>|https?:\S+|\$\d|&\w+;|''+|%\w"), " "),
    (re.compile(r"\{\{(?:PLURAL|GENDER|GRAMMAR)[^{}|]*\|([^{}|]*)[^{}]*\}\}", re.I), r"\1"),
    (re.compile(r"\{[^{}]*\}|[\ue000-\uf8ff]"), " "),
    (re.compile(r"\[\[(?:[^\]|]*\|)?([^\]]*)\]\]"), r"\1"),
    (re.compile(r"\[\S+ ([^\]]*)\]"), r"\1"),
    (re.compile(r"[{}|=]"), " "),
]
_NOTE = re.compile(r"\{[^}]*\}|\([^)]*\)|\[[^\]]*\]|<[^>]*>|/[^/]*/|^\s*\d+\. ")
_BROKEN = re.compile(r"[\x00-\x08\x0b-\x1f\ufffd]")
_LETTER = re.compile(r"[^\W\d_]")


# ---------------------------------------------------------------------------------- user interfaces


def _files(folder: Path, pattern: str) -> Iterator[tuple[str, Path]]:
    """Yield the files of each language; what is called `no` is Bokmål."""
    for code in ALL:
        for name in (code, "no") if code == "nb" else (code,):
            for file in sorted(folder.glob(pattern.format(name))):
                yield code, file


def mediawiki(folder: Path) -> Iterator[Message]:
    for code, file in _files(folder, "**/i18n/**/{}.json"):
        for key, text in _leaves(json.loads(file.read_text("utf-8"))):
            yield code, (file.parent, key), text


def home_assistant(folder: Path) -> Iterator[Message]:
    for pattern in ("*/translations/{}.json", "*/translations/sensor.{}.json"):
        for code, file in _files(folder, pattern):
            for key, text in _leaves(json.loads(file.read_text("utf-8"))):
                yield code, (pattern, file.parent, key), text


def home_assistant_frontend(folder: Path) -> Iterator[Message]:
    for code, file in _files(folder, f"**/{{}}-{'[0-9a-f]' * 32}.json"):
        for key, text in _leaves(json.loads(file.read_text("utf-8"))):
            yield code, (file.parent, key), text


def geany(folder: Path) -> Iterator[Message]:
    for code, path in _files(folder, "{}/LC_MESSAGES/geany.mo"):
        with path.open("rb") as file:
            catalogue = vars(gettext.GNUTranslations(file))["_catalog"]
        for english, text in catalogue.items():
            if isinstance(english, str) and english:  # else a plural, or the header
                yield "en", english, english.replace("_", "")
                yield code, english, text.replace("_", "")


def openttd(folder: Path) -> Iterator[Message]:
    """The strings of OpenTTD, compiled: after a header one after the other, each with its length.

    Those with codes for plurals or cases, which are no text, are left out.
    """
    for code, name in _OPENTTD.items():
        data = (folder / f"{name}.lng").read_bytes()
        count = sum(struct.unpack_from(f"<{_OPENTTD_TABS}H", data, _OPENTTD_COUNTS))
        position = _OPENTTD_HEADER
        for key in range(count):
            length, position = data[position], position + 1
            if length >= 0xC0:  # in two bytes
                length, position = ((length & 0x3F) << 8) + data[position], position + 1
            text = data[position : position + length].decode("utf-8", "replace")
            position += length
            if not _BROKEN.search(text):
                yield code, key, text


def cldr(folder: Path) -> Iterator[Message]:
    """Names of countries, languages and scripts."""
    for what in ("territories", "languages", "scripts"):
        for code, file in _files(folder, f"main/{{}}/{what}.json"):
            (locale,) = json.loads(file.read_text("utf-8"))["main"].values()
            for key, text in locale["localeDisplayNames"][what].items():
                if key.lower() != text.lower():  # else it has no name in this language
                    yield code, (what, key), text


def _leaves(tree: Mapping[str, Any], path: tuple[str, ...] = ()) -> Iterator[tuple[object, str]]:
    for key, value in tree.items():
        if isinstance(value, str):
            yield (*path, key), value
        elif isinstance(value, dict):
            yield from _leaves(value, (*path, key))


def multi_way(messages: Iterable[Message]) -> pa.Table:
    """Return a row for each key, and a column for each language, without markup.

    What is the same as in English was not translated and is left out.
    """
    rows: dict[object, dict[str, str]] = defaultdict(dict)
    for code, key, text in messages:
        if clean := _without_markup(text):
            rows[key][code] = clean
    different = {}
    for row in rows.values():
        english = row.get("en")
        kept = {code: text for code, text in row.items() if code == "en" or text != english}
        different[tuple(kept.items())] = kept
    found = [row for row in different.values() if len(row) > 1]
    return pa.table(
        {code: pa.array([row.get(code) for row in found], pa.large_string()) for code in ALL}
    )


def _without_markup(text: str) -> str:
    for pattern, replacement in _MARKUP:
        text = pattern.sub(replacement, text)
    text = " ".join(text.split())
    return text if len(_LETTER.findall(text)) > 1 else ""


# ------------------------------------------------------------------------------------- dictionaries


def ding(folder: Path) -> pa.Table:
    """Ding: words, their forms, phrases and sentences; of several in one place the first."""
    pairs: dict[tuple[str, str], None] = {}
    for line in (folder / "de-en").read_text("utf-8").splitlines():
        german, _, english = line.partition("::")
        sides = german.split("|"), english.split("|")
        if not line.startswith("#") and len(sides[0]) == len(sides[1]):
            for de, en in zip(*sides, strict=True):
                pairs[_without_notes(de.split(";")[0]), _without_notes(en.split(";")[0])] = None
    return _two_columns(pairs, "de", "en")


def freedict(folder: Path, pair: str) -> pa.Table:
    """A dictionary of FreeDict: headwords and the first two translations of their first sense."""
    data = gzip.decompress((folder / f"freedict-{pair}.dict.dz").read_bytes())
    pairs: dict[tuple[str, str], None] = {}
    for line in (folder / f"freedict-{pair}.index").read_text("utf-8").splitlines():
        word, start, length = line.split("\t")[:3]
        if not word.startswith("00"):  # what is said of the dictionary
            begin = _number(start)
            entry = data[begin : begin + _number(length)].decode("utf-8", "replace")
            head, sense, *_ = [*entry.split("\n"), ""]
            for translation in _without_notes(sense).split(", ")[:2]:
                pairs[_without_notes(head), translation.strip()] = None
    src, tgt = (_FREEDICT_CODES[code] for code in pair.split("-"))
    return _two_columns(pairs, src, tgt)


def _without_notes(text: str) -> str:
    return " ".join(_NOTE.sub(" ", text).split())


def _number(digits: str) -> int:
    number = 0
    for digit in digits:
        number = number * 64 + _BASE64.index(digit)
    return number


def _two_columns(pairs: Iterable[tuple[str, str]], src: str, tgt: str) -> pa.Table:
    filled = [pair for pair in pairs if all(pair)]
    sides = zip(*filled, strict=True)
    return pa.table(
        {
            name: pa.array(side, pa.large_string())
            for name, side in zip((src, tgt), sides, strict=True)
        }
    )
