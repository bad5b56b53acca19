"""Wrapped lines in 205 languages: how many line breaks are joined that should be, or should not.

    python benchmarks/wrapped_languages.py

Needs the shared data. The segments of FLORES-200 (dev) are paragraphs of one or three segments,
wrapped at 60, 72 or 80 columns by a greedy wrapper that breaks scripts without spaces at any
letter; they stand in one document with blank lines between, or each is a document. What must not be
joined: the segments as they lie, one a line.
"""

from __future__ import annotations

import gzip
import random

import numpy as np
import pyarrow as pa
from shared_data import SHARED, require_shared

from bitseam.lid.code_points import code_points
from bitseam.lid.paragraphs.classes import CLOSE, MARK, PAUSE, STOP, UNSPACED, line_classes
from bitseam.lid.paragraphs.roles import WRAP, find_roles

CLASSES = line_classes()


def main() -> None:
    require_shared()
    texts = read_languages()
    print("| documents | breaks | joined | languages with 95 % | with 90 % | least |")
    print("|---|---:|---:|---:|---:|---|")
    for name, size, apart in (
        ("paragraphs of three segments", 3, False),
        ("paragraphs of one segment", 1, False),
        ("three segments, alone", 3, True),
        ("one segment, alone", 1, True),
    ):
        draw = random.Random(3)
        shares, joined, breaks = [], 0, 0
        for language, segments in texts.items():
            counts = joined_breaks(documents(segments, size, apart, draw.choice([60, 72, 80])))
            shares.append((counts[0] / counts[1], language))
            joined, breaks = joined + counts[0], breaks + counts[1]
        least = ", ".join(f"{language} {share:.2f}" for share, language in sorted(shares)[:3])
        good = [sum(share >= bound for share, _ in shares) for bound in (0.95, 0.9)]
        print(f"| {name} | {breaks:,} | {joined / breaks:.4f} | {good[0]} | {good[1]} | {least} |")
    lines = [joined_breaks(["\n".join(segments)]) for segments in texts.values()]
    joined, breaks = (sum(column) for column in zip(*lines, strict=True))
    print(f"\nSentences one a line: {joined:,} of {breaks:,} breaks joined.")


def read_languages() -> dict[str, list[str]]:
    path = SHARED / "flores200_dev" / "all_languages.tsv.gz"
    with gzip.open(path, "rt", encoding="utf-8") as stream:
        head, *rows = (line.rstrip("\n").split("\t") for line in stream)
    columns = list(zip(*rows, strict=True))
    return {
        name: [*filter(None, column)] for name, column in zip(head[1:], columns[1:], strict=True)
    }


def documents(segments: list[str], size: int, apart: bool, width: int) -> list[str]:
    parts = [" ".join(segments[i : i + size]) for i in range(0, len(segments), size)]
    wrapped = ["\n".join(wrap(part, width)) for part in parts]
    return wrapped if apart else ["\n\n".join(wrapped)]


def wrap(text: str, width: int) -> list[str]:
    lines, line, used = [], "", 0
    for unit in units(text):
        needed = sum(int(CLASSES.columns[ord(character)]) for character in unit)
        if used + needed > width and line.strip() and unit != " ":
            lines.append(line.rstrip())
            line, used = "", 0
        if line or unit != " ":
            line, used = line + unit, used + needed
    return [*lines, line.rstrip()]


def units(text: str) -> list[str]:
    """Return words and spaces, and letters of scripts without spaces with the marks behind them."""
    result = [""]
    for character in text:
        kind, script = CLASSES.kind[ord(character)], CLASSES.script[ord(character)]
        if character == " ":
            result += [" ", ""]
        elif script == UNSPACED and kind not in (MARK, STOP, PAUSE, CLOSE):
            result += [character]
        else:
            result[-1] += character
    return [unit for unit in result if unit]


def joined_breaks(texts: list[str]) -> tuple[int, int]:
    """Return how many breaks between two lines of `texts` are joined, and how many there are."""
    points = code_points(pa.array(texts, pa.string()))
    roles = find_roles(points)
    at = np.flatnonzero(points.points == ord("\n"))
    inner = (points.points[at - 1] != ord("\n")) & (points.points[at + 1] != ord("\n"))
    return int(np.sum(roles[at[inner]] == WRAP)), int(np.sum(inner))


if __name__ == "__main__":
    main()
