"""What sentencex (Wikimedia) says of a text, called so that it takes linear time.

It reads lines one by one, and a long line in windows: it takes quadratic time for quotation marks
and East Asian brackets that nothing closes.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache

import numpy as np
import numpy.typing as npt
import sentencex

from bitseam.schemas.languages import MACRO_TO_INDIVIDUAL, short_code

WINDOW = 4096  # characters


def base_beginnings(
    plain: npt.NDArray[np.uint32], bounds: npt.NDArray[np.int64], languages: Sequence[str]
) -> npt.NDArray[np.bool_]:
    """Return at which code points sentencex begins a sentence, `(code points,)`.

    :param plain: the code points of all texts, the lines parted by `\\n` alone.
    :param bounds: `(n + 1,)`, where the texts begin and end.
    """
    joined = plain.astype("<u4").tobytes().decode("utf-32-le")
    pieces: list[str] = []
    edges = bounds.tolist()
    for start, end, language in zip(edges[:-1], edges[1:], languages, strict=True):
        pieces += _pieces(joined[start:end], _segmenter_code(language))
    ends = np.cumsum(np.fromiter(map(len, pieces), np.int64, len(pieces)))
    # A line break was doubled: the breaks before a piece count half.
    breaks = np.flatnonzero(plain == ord("\n"))
    ends -= np.searchsorted(breaks + np.arange(len(breaks)), ends)
    beginnings = np.zeros(len(plain) + 1, np.bool_)
    beginnings[ends] = True
    return beginnings[:-1]


def _pieces(text: str, code: str) -> Sequence[str]:
    """Split `text`, its line breaks doubled, into sentences with their white space."""
    paragraphs = text.replace("\n", "\n\n")  # sentencex reads on over a single break
    if len(text) <= WINDOW or max(map(len, text.split("\n"))) <= WINDOW:
        pieces: list[str] = sentencex.segment(code, paragraphs)
        return pieces
    return [piece for line in paragraphs.splitlines(True) for piece in _in_windows(line, code)]


def _in_windows(line: str, code: str) -> Iterator[str]:
    start = 0
    while start < len(line):
        pieces: list[str] = sentencex.segment(code, line[start : start + WINDOW])
        if start + WINDOW < len(line) and len(pieces[-1]) < WINDOW // 2:
            pieces.pop()  # it may go on in the next window
        yield from pieces
        start += sum(map(len, pieces))


@lru_cache(maxsize=512)
def _segmenter_code(language: str) -> str:
    """Return the code that sentencex knows `ltz_Latn` by: `lb`, and `zh` for `cmn_Hans`."""
    code = language.partition("_")[0]
    macro = {individual: macro for macro, individual in MACRO_TO_INDIVIDUAL.items()}
    return short_code(macro.get(code, code))
