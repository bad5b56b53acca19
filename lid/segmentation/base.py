"""What sentencex (Wikimedia) says of a text, called so that it takes linear time.

It reads 10 KB at a time and drops white space between two such chunks, and takes quadratic time for
quotation marks and brackets that nothing closes. So it gets less at once: whole lines of texts in
one language, or windows of a long line. Its pieces are located in what it got, so that nothing it
does to one chunk moves a boundary of the next.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import accumulate, pairwise
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import sentencex

from bitseam.lid.segmentation.lines import Lines
from bitseam.lid.segmentation.plain import mark_beginnings
from bitseam.schemas.languages import MACRO_TO_INDIVIDUAL, short_code

CHUNK = 2560  # characters: 10 KB at four bytes each
# What divides a chunk that sentencex did not give back whole.
_PLAINLY = re.compile(r"[.!?…‥؟۔։።।॥][\"'”’»)\]]*\s+|[。！？｡][”』」）]*\s*|\n+")

Integers = npt.NDArray[np.int64]

# What it has a list of abbreviations for. All else it reads by the rules of English, or of another
# language of the country: their abbreviations are words there.
_KNOWN = frozenset(
    (
        *("am", "bg", "bn", "ca", "da", "de", "el", "en", "es", "fi", "fr", "gu", "it"),
        *("kk", "kn", "ml", "mr", "nl", "pa", "pl", "pt", "ru", "sk", "ta", "te", "uk"),
    )
)
# Languages near to one of these.
_NEAR = {
    **dict.fromkeys(("lb", "bar", "gsw", "ksh", "nds", "pfl"), "de"),
    **dict.fromkeys(("af", "fy", "zea"), "nl"),
    **dict.fromkeys(("nb", "nn", "no"), "da"),
    **dict.fromkeys(("ast", "gl"), "es"),
    "oc": "fr",
    "be": "ru",
    "cs": "sk",
}


class Base(NamedTuple):
    """Where a sentence begins by what sentencex, or the marks alone, say of n code points."""

    beginnings: npt.NDArray[np.bool_]  # (n,), whether a sentence begins at this one
    plain: npt.NDArray[np.bool_]  # (texts,), which are read by their marks alone
    unlocated: int  # chunks in which its pieces were not found: they are divided plainly


def base_beginnings(lines: Lines, bounds: Integers, languages: Sequence[str]) -> Base:
    """Return at which code points a sentence begins: by sentencex in the languages that it knows.

    :param bounds: `(texts + 1,)`, where the texts begin and end.
    """
    plain = lines.plain
    # A line break behind every text, and each of them doubled: it reads on over a single one.
    text_ends = bounds[1:] + np.arange(len(languages))
    ended = np.insert(plain, bounds[1:], ord("\n"))
    breaks = np.flatnonzero(ended == ord("\n"))
    doubles = breaks + np.arange(1, len(breaks) + 1)
    joined = ended.astype("<u4").tobytes().decode("utf-32-le").replace("\n", "\n\n")

    codes = [_segmenter_code(language) for language in languages]
    stops = doubles[np.searchsorted(breaks, text_ends)] + 1
    found: list[int] = []
    unlocated = 0
    for start, stop, code in _chunks(doubles + 1, _runs(codes, stops)):
        if not code:
            continue
        for first, ends, located in _read(joined, start, stop, code):
            found += [first + end for end in ends]
            unlocated += not located

    places = np.array(found, np.int64)
    places -= np.searchsorted(doubles, places)
    places -= np.searchsorted(text_ends, places)
    beginnings = np.zeros(len(plain) + 1, np.bool_)
    beginnings[places] = True
    unknown = np.array([not code for code in codes], np.bool_)
    mark_beginnings(plain, lines.kinds, bounds, unknown, beginnings)
    return Base(beginnings[:-1], unknown, unlocated)


def _runs(codes: Sequence[str], stops: Integers) -> list[tuple[int, str]]:
    """Return where each run of texts with one code ends, and the code."""
    last = [a != b for a, b in pairwise([*codes, None])]
    return [(stops[row], codes[row]) for row in np.flatnonzero(last).tolist()]


def _chunks(lines: Integers, runs: list[tuple[int, str]]) -> Iterator[tuple[int, int, str]]:
    """Yield where a chunk begins and ends, and its code: as many lines as fit, or a longer one.

    :param lines: where the lines end.
    """
    start = 0
    for run_end, code in runs:
        while start < run_end:
            after = np.searchsorted(lines, min(start + CHUNK, run_end), side="right")
            stop = int(lines[after - 1]) if after else start
            if stop == start:
                stop = int(lines[after])
            yield start, stop, code
            start = stop


def _read(text: str, start: int, stop: int, code: str) -> Iterator[tuple[int, list[int], bool]]:
    """Yield for every window where it begins, where sentences end in it, and if they were located.

    The end of a window is no end of a sentence: what it cuts is read again in the next one.
    """
    while start < stop:
        last = min(start + CHUNK, stop)
        ends, located = _piece_ends(text[start:last], code)
        if last < stop:
            ends.pop()
            if ends and last - start - ends[-1] < CHUNK // 2:
                last = start + ends[-1]
        yield start, ends, located
        start = last


def _piece_ends(window: str, code: str) -> tuple[list[int], bool]:
    """Return where the pieces of `window` end, the last one with it, and if they are located."""
    pieces: list[str] = sentencex.segment(code, window)
    if "".join(pieces) == window:
        return list(accumulate(map(len, pieces))), True
    ends = _located_ends(pieces, window)
    if ends is None:
        return [*(match.end() for match in _PLAINLY.finditer(window)), len(window)], False
    return ends, True


def _located_ends(pieces: Sequence[str], window: str) -> list[int] | None:
    """Return where the pieces of `window` end if only white space was left out between them."""
    starts = []
    at = 0
    for piece in pieces:
        start = window.find(piece, at)
        if start < 0 or window[at:start].strip():
            return None
        starts.append(start)
        at = start + len(piece)
    return None if window[at:].strip() else [*starts[1:], len(window)]


@lru_cache(maxsize=512)
def _segmenter_code(language: str) -> str:
    """Return the code of the language whose rules sentencex has for `ltz_Latn`: `de`; or none."""
    code = language.partition("_")[0]
    macro = {individual: macro for macro, individual in MACRO_TO_INDIVIDUAL.items()}
    short = short_code(macro.get(code, code))
    near = _NEAR.get(short, short)
    return near if near in _KNOWN else ""
