"""Tells the encoding of bytes that are no UTF-8, where two witnesses agree; else it stays unknown.

chardet ranks the encodings; the language identifier must then read the text as one language, and
none of the next encodings as a language more surely. A wrong encoding is worse than none: the bar
was set by benchmarks/encodings.py.
"""

from __future__ import annotations

import codecs
import re
from collections import Counter
from collections.abc import Iterable
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pyarrow as pa

from bitseam.pipelines.readers.codec_names import known_codec
from bitseam.pipelines.readers.sampling import SAMPLE_BYTES, Sample

if TYPE_CHECKING:
    from bitseam.lid.identifiers import Identifier

FEWEST = 6  # characters beyond ASCII
FEWEST_OF_HINT = 3  # where the text is in the language that it should be in
LEAST_SCORE = 0.5  # of the language
CLOSE = 0.05  # another encoding may seem so much more of a language
_RIVALS = 4
_LINES = 200  # that the identifier reads
_GROUPS = 8  # of lines, where a damaged byte spoils the whole
_LEAST_SOUND = 0.9  # of lines
# Of encodings that read a text alike, what its language is mostly written in; else its script's.
_USUAL = {
    **dict.fromkeys(("ekk", "lit", "lvs", "ltg"), ("cp1257",)),
    **dict.fromkeys(("pol", "ces", "slk", "slv", "hun", "hrv", "bos", "ron"), ("cp1250",)),
    **dict.fromkeys(("tur", "azj"), ("cp1254",)),
    **dict.fromkeys(("mlt", "epo"), ("iso8859-3",)),
    "cym": ("iso8859-14",),
    "vie": ("cp1258",),
    "ukr": ("cp1251", "koi8-u"),
}
_USUAL_OF_SCRIPT = {
    "Cyrl": ("cp1251", "koi8-r"),
    "Grek": ("cp1253",),
    "Hebr": ("cp1255",),
    "Arab": ("cp1256",),
}
_COMMON = ("cp1252",)
_ONE_IN = 50  # damaged characters
_NOT_ASCII = re.compile(rb"[\x80-\xff]")
_CONTROL = re.compile(rb"[\0-\x08\x0e-\x1a\x1c-\x1f]")
_MOST_CONTROLS = 0.01  # of bytes
_PRINTABLE = re.compile(rb"[ -~\n\r\t]+")
_MOST_PRINTABLE = 0.75  # of the bytes of UTF-16: half are, in Chinese and in English
_FEWEST_WIDE = 12  # characters
_NO_TEXT = re.compile("[\0-\x08\x0e-\x1a\x1c-\x1f\x7f-\x84\x86-\x9f\ue000-\uf8ff\ufffe\uffff]")


class Detected(NamedTuple):
    """What was found: the codec where it is sure, and the best guess where it is not."""

    codec: str | None
    guess: str | None = None


class _Reading(NamedTuple):
    codec: str
    text: str


def detect(sample: Sample, hint: str | None) -> Detected:
    """Return the encoding of a sample that is no UTF-8.

    :param hint: the language that it should be in, as `ltz_Latn`.
    """
    skipped = _plain_start(sample.data)
    data = sample.data[skipped : skipped + SAMPLE_BYTES]
    whole = _sure(data, sample.is_start and not skipped, hint)
    if whole.codec or sample.data.count(b"\n") < 2:
        return whole
    return _by_groups(data, hint, whole.guess)


def _plain_start(data: bytes) -> int:
    """Return how many bytes of whole lines of ASCII come first: they tell nothing."""
    first = _NOT_ASCII.search(data)
    start = data.rfind(b"\n", 0, first.start()) + 1 if first else 0
    return 0 if b"\0" in data[:start] else start  # it may be UTF-16


def _by_groups(data: bytes, hint: str | None, guess: str | None) -> Detected:
    """Let groups of lines tell, so that a damaged one does not spoil the others."""
    lines = [line for line in data.split(b"\n") if not line.isascii()]
    if not lines:
        return Detected(None, guess)
    size = -(-len(lines) // _GROUPS)
    groups = [b"\n".join(lines[i : i + size]) for i in range(0, len(lines), size)]
    votes = Counter(_sure(group, False, hint).codec for group in groups)
    (codec, count), *_ = votes.most_common(1)
    if codec is None or 2 * count < len(groups) or len(votes - Counter([None] * len(groups))) > 1:
        return Detected(None, guess)
    sound = sum(_decode(line, codec) is not None for line in lines)
    return Detected(codec, codec) if sound >= _LEAST_SOUND * len(lines) else Detected(None, guess)


def _sure(data: bytes, is_start: bool, hint: str | None) -> Detected:
    if is_start and len(_CONTROL.findall(data)) > _MOST_CONTROLS * len(data):
        return _sure_of_wide(data)
    readings, doubtful = _readings(data)
    if not readings:
        return Detected(None)
    best, *rivals = readings
    language, score = _language_of(best.text)
    codec = _usual_codec(data, best, (hint, language))
    if codec is None:
        return Detected(None)
    characters = sum(not character.isascii() for character in best.text)
    others = [_language_of(rival.text)[1] for rival in rivals if known_codec(rival.codec)]
    sure = (
        characters >= (FEWEST_OF_HINT if language == hint else FEWEST)
        and score >= LEAST_SCORE
        and not language.startswith("und_")
        and score >= max(others, default=0.0) - CLOSE
        and not any(_contradicts(text, best.text) for text in doubtful)
    )
    is_likely = hint is None or _script(hint) == _script(language)
    return Detected(codec if sure else None, codec if sure or is_likely else None)


def _usual_codec(data: bytes, best: _Reading, languages: Iterable[str | None]) -> str | None:
    """Return the encoding that people use, of those that read the bytes alike; None: not known.

    What follows the sample may tell them apart: German is the same in windows-1252 and -1257.
    """
    usual: list[str] = []
    for language in filter(None, languages):
        usual += _USUAL.get(language.partition("_")[0], ())
        usual += _USUAL_OF_SCRIPT.get(_script(language), _COMMON)
    for codec in (*usual, *_COMMON):
        if _decode(data, codec) == best.text:
            return codec
    return known_codec(best.codec)


def _script(language: str) -> str:
    return language.partition("_")[2]


def _sure_of_wide(data: bytes) -> Detected:
    """Try UTF-16 and UTF-32, both ways: its bytes are controls and worse to any other encoding."""
    found = []
    printable = sum(map(len, _PRINTABLE.findall(data)))
    if len(data) < 2 * _FEWEST_WIDE or printable > _MOST_PRINTABLE * len(data):
        return Detected(None)  # a text with NULs in it
    for codec in ("utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"):
        text = codecs.getincrementaldecoder(codec)("replace").decode(data)
        bad = text.count("\ufffd") + len(_NO_TEXT.findall(text))
        if bad * _ONE_IN <= len(text):
            language, score = _language_of(text)
            found.append((0.0 if language.startswith("und_") else score, codec))
    if not found:
        return Detected(None)
    score, best = max(found)
    return Detected(best if score >= LEAST_SCORE else None, best)


def _readings(data: bytes) -> tuple[list[_Reading], list[str]]:
    """Return the best readings of the bytes that differ, best first.

    Also texts that would be better still, but for a few characters that no text has.
    """
    import chardet

    found: list[_Reading] = []
    doubtful: list[str] = []
    for answer in chardet.detect_all(data, ignore_threshold=True):
        codec = answer["encoding"]
        if not codec or codec.lower().startswith("utf"):
            continue
        text = _decode(data, codec)
        if text is None:
            continue
        bad = len(_NO_TEXT.findall(text))
        if bad:
            others = sum(not character.isascii() for character in text)
            if not found and bad * _ONE_IN <= others:
                doubtful.append(text)
        elif all(text != other.text for other in found):
            found.append(_Reading(codec, text))
        if len(found) == _RIVALS:
            break
    return found, doubtful


def _contradicts(doubtful: str, best: str) -> bool:
    """Whether two readings differ in more than the characters that are no text."""
    if len(doubtful) != len(best):
        return True
    pairs = zip(doubtful, best, strict=True)
    return any(a != b and not _NO_TEXT.match(a) for a, b in pairs)


def _decode(data: bytes, codec: str) -> str | None:
    """Return the text, whose last character may be cut off; None where it is no text."""
    try:
        return codecs.getincrementaldecoder(codec)().decode(data)
    except (UnicodeDecodeError, LookupError):
        return None


def _language_of(text: str) -> tuple[str, float]:
    """Return the language of the lines beyond ASCII, and its mean probability over them."""
    lines = [line for line in text.split("\n") if not line.isascii()]
    lines = lines or [line for line in text.split("\n") if line.strip()]
    if not lines:
        return "und_Zyyy", 0.0
    identifier = _identifier()
    lines = [line[:2000] for line in lines[:: max(1, len(lines) // _LINES)][:_LINES]]
    predicted = identifier.predict(pa.array(lines))
    weights = np.array([[len(line)] for line in lines], dtype=np.float64)
    totals = np.bincount(
        predicted.languages.ravel(),
        weights=(predicted.probabilities * weights).ravel(),
        minlength=len(identifier.languages),
    )
    best = int(totals.argmax())
    return identifier.languages[best], float(totals[best] / weights.sum())


@cache
def _identifier() -> Identifier:
    """The bundled one, whatever the run uses: what a byte means must not depend on it."""
    from bitseam.lid.identifiers import DEFAULT_MODEL, load_identifier

    return load_identifier(DEFAULT_MODEL)
