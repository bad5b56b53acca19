"""Hard-wrapped manuals and their translations: sentences cut by lines, and how well they align.

    python benchmarks/wrapped.py FOLDER [NAME ...]

FOLDER holds what `dpkg -x` makes of these Debian packages, all in one; nothing is downloaded:

    apt-get download debian-reference-en debian-reference-de debian-reference-ja \\
        installation-guide-amd64 manpages manpages-dev manpages-de manpages-de-dev
    for package in *.deb; do dpkg -x "$package" FOLDER; done

Each manual is aligned as it lies, in one file a side, by `mine align`. Of each are measured:

- segments that begin in mid-sentence: they begin with a small letter, and the line above, with no
  blank one between, ends with a letter or a comma;
- coverage: the share of the letters of both texts that stand in beads with text on both sides;
- 1-1: the share of these beads that hold one sentence on each side;
- same section: of the beads in sections that are numbered alike on both sides, the share whose
  sides stand in the same one.

Of the man pages, rendered by `man`, both sides hold those that exist in both languages; a section
is a page and its n-th heading.
"""

from __future__ import annotations

import gzip
import os
import re
import subprocess
import sys
import tempfile
from bisect import bisect_right
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pyarrow.parquet as pq

Marks = list[tuple[int, str]]  # where each section begins, and what it is called

REFERENCE = "usr/share/debian-reference/debian-reference.{}.txt.gz"
GUIDE = "usr/share/doc/installation-guide-amd64/{0}/install.{0}.txt.gz"
NUMBERED = re.compile(r"^((?:\d+|[A-Z])(?:\.\d+)+)\.[ \u00a0]+\S", re.MULTILINE)
PAGE_WIDTH, PAGES = 78, 600
MID_LINE = re.compile(r"[\w,][ \t]*\r?\n[ \t]*\Z")


class Manual(NamedTuple):
    """A text and its translation, with their sections."""

    name: str
    languages: tuple[str, str]
    texts: tuple[str, str]
    marks: tuple[Marks, Marks]


def read_manuals(folder: Path) -> Iterator[Manual]:
    """Yield the manuals that lie in `folder`."""
    for name, pattern, target in (
        ("Debian Reference, en-de", REFERENCE, "de"),
        ("Debian Reference, en-ja", REFERENCE, "ja"),
        ("Installation guide, en-de", GUIDE, "de"),
    ):
        texts = tuple(read_gzip(folder / pattern.format(code)) for code in ("en", target))
        yield Manual(name, ("en", target), texts, tuple(map(numbered_sections, texts)))  # type: ignore[arg-type]
    texts, marks = read_pages(folder / "usr/share/man")
    yield Manual("Man pages, en-de", ("en", "de"), texts, marks)


def read_gzip(path: Path) -> str:
    with gzip.open(path, "rt", encoding="utf-8", newline="") as stream:
        return stream.read()


def numbered_sections(text: str) -> Marks:
    """Return where each numbered heading stands for the last time: before, it is in a contents."""
    last = {match[1]: match.start() for match in NUMBERED.finditer(text)}
    return sorted((start, number) for number, start in last.items())


def read_pages(folder: Path) -> tuple[tuple[str, str], tuple[Marks, Marks]]:
    """Return the pages that are in English and German, rendered, one after the other."""
    texts, marks = ["", ""], ([], [])
    found = sorted(path for path in folder.glob("de/man[1-8]/*.gz"))
    both = [path for path in found if (folder / path.parent.name / path.name).is_file()]
    for path in both[:PAGES]:
        for side, source in enumerate((folder / path.parent.name / path.name, path)):
            page = rendered(source)
            heads = re.finditer(r"^\S.*$", page, re.MULTILINE)
            for n, head in enumerate(heads):
                marks[side].append((len(texts[side]) + head.start(), f"{path.name} {n}"))
            texts[side] += page
    return (texts[0], texts[1]), marks


def rendered(path: Path) -> str:
    environment = {**os.environ, "MANWIDTH": str(PAGE_WIDTH), "MAN_KEEP_FORMATTING": ""}
    command = ["man", "-E", "UTF-8", "-l", str(path)]
    done = subprocess.run(command, env=environment, capture_output=True, check=False)
    return done.stdout.decode("utf-8", "replace")


def measure(manual: Manual) -> str:
    """Return the row of a manual for the table."""
    rows = align(manual)
    counts, cut, covered, letters = [], 0, 0, 0
    for side, text in zip(("src", "tgt"), manual.texts, strict=True):
        spans = [(row[f"{side}_start"], row[f"{side}_end"]) for row in rows]
        both = [bool(row["src_text"] and row["tgt_text"]) for row in rows]
        covered += sum(
            count_letters(text[first:last])
            for (first, last), paired in zip(spans, both, strict=True)
            if paired
        )
        letters += count_letters(text)
        starts = segment_starts(manual, side)
        counts.append(len(starts))
        cut += sum(begins_within(text, start) for start in starts)
    sections = [
        tuple(section_of(marks, row[f"{side}_start"]) for side, marks in sides)
        for row in rows
        if row["src_text"] and row["tgt_text"]
        for sides in [list(zip(("src", "tgt"), manual.marks, strict=True))]
    ]
    single = sum(row["type"] == "1-1" for row in rows)
    common = {name for _, name in manual.marks[0]} & {name for _, name in manual.marks[1]}
    known = [pair for pair in sections if pair[0] in common and pair[1] in common]
    same = sum(src == tgt for src, tgt in known) / max(len(known), 1)
    return (
        f"| {manual.name} | {counts[0]:,} + {counts[1]:,} | {cut / sum(counts):.1%} "
        f"| {covered / letters:.3f} | {single / len(sections):.3f} "
        f"| {same:.3f} of {len(known):,} |"
    )


def align(manual: Manual) -> list[dict[str, object]]:
    """Return the rows of the alignment of a manual, by the command line."""
    with tempfile.TemporaryDirectory() as folder:
        files = [Path(folder, f"manual.{code}.txt") for code in manual.languages]
        for file, text in zip(files, manual.texts, strict=True):
            file.write_text(text, "utf-8", newline="")
        output = Path(folder, "beads.parquet")
        src, tgt = manual.languages
        mine = Path(sys.executable).with_name("mine")
        command = [mine, "align", *files, "--src", src, "--tgt", tgt, "--output", output]
        subprocess.run([*map(str, command)], check=True, stderr=subprocess.DEVNULL)
        rows: list[dict[str, object]] = pq.read_table(output).to_pylist()
        return rows


def segment_starts(manual: Manual, side: str) -> list[int]:
    """Return where the segments of a side begin."""
    import pyarrow as pa

    from bitseam.lid.segmentation import segment_batch
    from bitseam.schemas.languages import parse_language

    n = ("src", "tgt").index(side)
    language = parse_language(manual.languages[n])
    starts: list[int] = segment_batch(pa.array([manual.texts[n]]), [language]).starts.tolist()
    return starts


def begins_within(text: str, start: int) -> bool:
    return text[start].islower() and MID_LINE.search(text, max(0, start - 200), start) is not None


def count_letters(text: str) -> int:
    return sum(map(str.isalpha, text))


def section_of(marks: Marks, place: int) -> str | None:
    at = bisect_right(marks, (place, "\U0010ffff")) - 1
    return marks[at][1] if at >= 0 else None


def main() -> None:
    folder, *names = sys.argv[1:]
    print("| manual | segments | begin in mid-sentence | coverage | 1-1 | same section |")
    print("|---|---:|---:|---:|---:|---:|")
    for manual in read_manuals(Path(folder)):
        if not names or any(name in manual.name for name in names):
            print(measure(manual), flush=True)


if __name__ == "__main__":
    main()
