"""Sentence segmentation with lossless offsets: `text[start:end]` gives back every sentence.

The library is `sentencex` (Wikimedia): hundreds of languages, small wheels, and by
`benchmarks/segmenters.py` as good as pysbd and blingfire. Around it stand rules for line breaks,
and `abbreviations.py` for what it gets wrong.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import sentencex

from bitseam.lid.segmentation.abbreviations import is_continued, split_at_final_words
from bitseam.schemas.languages import MACRO_TO_INDIVIDUAL, short_code

# sentencex takes quadratic time for unclosed quotation marks: it is given a window at a time.
WINDOW = 4096

# sentencex 1.0.32 panics at an initial, one of these spaces, and a full stop ("M\u00a0.").
_WIDE_SPACE = re.compile("[\xa0\u1680\u2000-\u200a\u202f\u205f\u3000]")
_RARE_LINE_BREAK = re.compile("[\x85\u2028\u2029]")
_BLANK_LINE = re.compile(r"(?<=\n)\s*\n")

# A hard-wrapped text: lines of at most this width, each full but the last of a paragraph.
_WRAP_WIDTHS = range(40, 121)
_LONGEST_WORD = 20  # what is longer is a line of Chinese, or a URL
_SENTENCE_END = tuple(".!?:;…。！？।؟")


class Offsets(NamedTuple):
    """Where the sentences of a text stand, in code points: in order, disjoint, not blank."""

    starts: np.ndarray  # (n,) int64
    ends: np.ndarray  # (n,) int64


def segment(text: str, language: str) -> Offsets:
    """Return the offsets of the sentences of `text`, each without the white space around it.

    A line break ends a sentence, unless the text is hard-wrapped: then only a blank line does.
    What stands between the sentences is white space.
    """
    # One character for one, so that offsets hold.
    plain = _RARE_LINE_BREAK.sub("\n", _WIDE_SPACE.sub(" ", text))
    code = _segmenter_code(language)
    pieces = [
        piece for block in _blocks(plain) for piece in _joined(_pieces(block, code), language)
    ]
    return _trimmed_offsets(split_at_final_words(pieces, language))


def is_hard_wrapped(lines: list[str]) -> bool:
    """Tell whether `lines` were broken at a column, and not where a sentence or an item ends.

    In a wrapped paragraph the first word of the next line would not have fitted into the widest
    line any more, and most lines do not end like a sentence.
    """
    if max(map(len, lines), default=0) not in _WRAP_WIDTHS:
        return False
    stripped = [line.strip() for line in lines]
    width = max(map(len, stripped))
    followed = [(line, after) for line, after in pairwise(stripped) if line and after]
    full = sum(
        len(line) + 1 + len(after[:_LONGEST_WORD].partition(" ")[0]) > width
        for line, after in followed
    )
    ended = sum(line.endswith(_SENTENCE_END) for line, _ in followed)
    return len(followed) > 1 and full >= 0.9 * len(followed) and ended <= 0.5 * len(followed)


def _blocks(text: str) -> Iterable[str]:
    """Split `text` where no sentence goes on; the blocks together are the text."""
    lines = text.splitlines(keepends=True)
    if not is_hard_wrapped(lines):
        return lines
    ends = [match.end() for match in _BLANK_LINE.finditer(text)]
    return [text[start:end] for start, end in pairwise([0, *ends, len(text)])]


def _pieces(block: str, code: str) -> Iterator[str]:
    """Split `block` into sentences with their white space; the pieces together are the block."""
    start = 0
    while start < len(block):
        pieces: list[str] = sentencex.segment(code, block[start : start + WINDOW])
        if start + WINDOW < len(block) and len(pieces) > 1:
            pieces.pop()  # it may go on in the next window
        yield from pieces
        start += sum(map(len, pieces))


def _joined(pieces: Iterator[str], language: str) -> Iterator[str]:
    """Join what was split after an abbreviation or an ordinal number."""
    held = next(pieces, "")
    for piece in pieces:
        if is_continued(held, piece, language):
            held += piece
        else:
            yield held
            held = piece
    yield held


def _trimmed_offsets(pieces: list[str]) -> Offsets:
    """Return the offsets of the pieces that are not blank, without the white space around them."""
    starts, ends = [], []
    before = 0
    for piece in pieces:
        end = before + len(piece.rstrip())
        if end > before:
            starts.append(before + len(piece) - len(piece.lstrip()))
            ends.append(end)
        before += len(piece)
    return Offsets(np.array(starts, np.int64), np.array(ends, np.int64))


@lru_cache(maxsize=512)
def _segmenter_code(language: str) -> str:
    """Return the code that sentencex knows `ltz_Latn` by: `lb`, and `zh` for `cmn_Hans`."""
    code = language.partition("_")[0]
    macro = {individual: macro for macro, individual in MACRO_TO_INDIVIDUAL.items()}
    return short_code(macro.get(code, code))
