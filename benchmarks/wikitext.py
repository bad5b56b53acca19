"""Markup that is left, and prose that is lost, on a dump that holds every kind of difficult markup.

    python benchmarks/wikitext.py

Writes dumps of several wikis, one page for each kind in each wiki, reads them with both engines for
wikitext, and compares each page with the text that it was made of. The counts are per page:

- residue: marks of wikitext or HTML, empty brackets and doubled commas that the text does not have
- lost, added: words (characters of Chinese and Japanese) missing, and words that nobody should see
- fused: lines or blocks of the page that run on in one line
- unmarked: places where something is missing in a sentence and U+FFFC does not say so
"""

from __future__ import annotations

import re
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple
from xml.sax.saxutils import escape

import mwparserfromhell

sys.path.insert(0, str(Path(__file__).resolve().parent))

from wikitext_kinds import KINDS, WIKIS, Wiki

from bitseam.pipelines.readers import ReadOptions, find_inputs, read_documents
from bitseam.schemas.choices import WIKITEXT_ENGINES, WikitextEngine

HOLE = "\ufffc"
TOKEN = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]|[^\W\u3040-\u30ff\u3400-\u9fff]+")
RESIDUE = re.compile(
    r"\[\[|\]\]|[\[\]]|\{\{|\}\}|\{\||\||''|</?[a-zA-Z][^<>]*>?|<!--|-->|-\{|\}-|__[A-Z]+__|~~~|&#?\w+;"
    r"|[(（\[]\s*[,;、/–]*\s*[)）\]]|,\s*,|[(（]\s*[,;、]|[,;:、]\s*[)）]|«\s*»|„\s*“|^[=*#:;!].*",
    re.MULTILINE,
)


class Count(NamedTuple):
    """What is wrong with pages, and how many they are."""

    pages: int = 0
    residue: int = 0
    lost: int = 0
    added: int = 0
    fused: int = 0
    unmarked: int = 0

    def plus(self, other: Count) -> Count:
        return Count(*(a + b for a, b in zip(self, other, strict=True)))


def words(text: str) -> list[str]:
    return TOKEN.findall(text)


def compare(found: str, expected: str) -> Count:
    """Return the counts of one page."""
    marks = Counter(RESIDUE.findall(found)) - Counter(RESIDUE.findall(expected))
    lost = Counter(words(expected)) - Counter(words(found))
    added = Counter(words(found)) - Counter(words(expected))
    lines = [line for line in map(words, expected.split("\n")) if line]
    said = [f" {' '.join(line)} " for line in lines]
    found_lines = [f" {' '.join(words(line))} " for line in found.split("\n")]
    joints = [f" {' '.join(before[-2:] + after[:2])} " for before, after in pairwise(lines)]
    return Count(
        1,
        marks.total(),
        lost.total(),
        added.total(),
        sum(
            any(j in line for line in found_lines) and all(j not in s for s in said) for j in joints
        ),
        max(0, expected.count(HOLE) - found.count(HOLE)),
    )


def dump(wiki: Wiki, pages: Iterable[tuple[str, str]]) -> str:
    """Return the dump of a wiki with pages of a title and wikitext each."""
    names = "".join(
        f'<namespace key="{key}">{name}</namespace>'
        for key, name in (("-2", wiki.media), ("6", wiki.file), ("14", wiki.category))
    )
    base = f"https://{wiki.code}.example.org/wiki/A"
    texts = "".join(
        f"<page><title>{escape(title)}</title><ns>0</ns><id>{number}</id><revision><id>{number}"
        f'</id><model>wikitext</model><text xml:space="preserve">{escape(text)}</text></revision>'
        "</page>\n"
        for number, (title, text) in enumerate(pages, 1)
    )
    return (
        f'<mediawiki xml:lang="{wiki.code}"><siteinfo><base>{base}</base><namespaces>{names}'
        f"</namespaces></siteinfo>\n{texts}</mediawiki>\n"
    )


def measure(folder: Path, engine: WikitextEngine) -> dict[str, Count]:
    """Return the counts of each kind, over all wikis."""
    counts = dict.fromkeys(KINDS, Count())
    for wiki in WIKIS:
        made = {kind: make(wiki) for kind, make in KINDS.items()}
        path = folder / f"{wiki.code}.xml"
        path.write_text(dump(wiki, ((k, page.wikitext) for k, page in made.items())), "utf-8")
        (file,) = find_inputs([str(path)])
        found: dict[str, str] = {}
        for batch in read_documents(file, ReadOptions(wikitext=engine)):
            rows = batch.documents.select(["title", "text"]).to_pylist()
            found |= {row["title"]: row["text"] for row in rows}
        for kind, page in made.items():
            counts[kind] = counts[kind].plus(compare(found.get(kind, ""), page.text))
    return counts


def measure_peer() -> dict[str, Count]:
    """Return the counts of mwparserfromhell alone, which knows no wiki's namespaces."""
    counts = dict.fromkeys(KINDS, Count())
    for wiki in WIKIS:
        for kind, make in KINDS.items():
            page = make(wiki)
            found = str(mwparserfromhell.parse(page.wikitext).strip_code())
            counts[kind] = counts[kind].plus(compare(found, page.text))
    return counts


def print_table(counts: dict[str, Count]) -> None:
    print("| kind | " + " | ".join(Count._fields) + " |\n| --- |" + " --: |" * len(Count._fields))
    total = Count()
    for kind, count in counts.items():
        total = total.plus(count)
        print_row(kind, count)
    print_row("**all**", total)


def print_row(kind: str, count: Count) -> None:
    means = (f"{value / count.pages:.2f}" for value in count[1:])
    print(f"| {kind} | {count.pages} | {' | '.join(means)} |")


def main() -> None:
    """Print a table for each engine, and for a parser alone."""
    with tempfile.TemporaryDirectory() as folder:
        for engine in WIKITEXT_ENGINES:
            print(f"\n`{engine}`\n")
            print_table(measure(Path(folder), engine))
    print("\nmwparserfromhell's `strip_code`\n")
    print_table(measure_peer())


if __name__ == "__main__":
    main()
