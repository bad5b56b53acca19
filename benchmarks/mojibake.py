"""Mojibake made from right sentences: what is repaired, what is harmed; as Markdown tables.

    python benchmarks/mojibake.py

Sentences of FLORES-200 dev, 205 columns (30 each) are written as UTF-8 and read by the wrong
table, as if bytes that stand for nothing in it were control characters. They are repaired alone,
and as documents of five sentences, beside ftfy without further evidence. Right text must not
change at all: every set of right sentences is repaired, too, and so are right sentences of which
one word is in capitals with a mark behind it, the kind that looks like mojibake.
"""

from __future__ import annotations

import gzip
from collections.abc import Iterator

import ftfy
import numpy as np
import pyarrow as pa
from shared_data import SHARED, read_lines, read_tsv, require_shared

from bitseam.lid.hygiene.mojibake import repair

TABLES = ("latin-1", "cp1252", "cp1250", "cp1251", "cp1253", "mac_roman")
SENTENCES = 30  # a language
DOCUMENT = 5  # sentences
MARKS = ("”", "»", "…", "¹", "³", "®", "“", "’")
LATIN_CAPITALS = ("Ã", "Â", "Å", "Ø", "Ä", "Î", "Ù", "Ð", "Ñ")


def main() -> None:
    """Print both tables."""
    require_shared()
    flores = {name: lines[:SENTENCES] for name, lines in _flores().items()}
    print(f"{len(flores)} languages, {SENTENCES} sentences each.\n")
    print("| read by | broken | ftfy alone | Bitseam, sentences | Bitseam, documents |")
    print("|---|---:|---:|---:|---:|")
    for table in TABLES:
        print(_row(table, flores))
    print("\n| right text | sentences | changed by ftfy alone | by Bitseam |\n|---|---:|---:|---:|")
    for name, texts in _right(flores):
        ours = _different(repair(pa.array(texts)).to_pylist(), texts)
        theirs = _different(_by_ftfy(texts), texts)
        print(f"| {name} | {len(texts):,} | {theirs:,} | {ours:,} |")


def _row(table: str, flores: dict[str, list[str]]) -> str:
    meant, broken = [], []
    for texts in flores.values():
        wrong = [_misread(text, table) for text in texts]
        meant += [text for text, its in zip(texts, wrong, strict=True) if its != text]
        broken += [its for text, its in zip(texts, wrong, strict=True) if its != text]
    documents = np.arange(len(broken)) // DOCUMENT
    found = [
        _by_ftfy(broken),
        repair(pa.array(broken)).to_pylist(),
        repair(pa.array(broken), documents).to_pylist(),
    ]
    shares = (1 - _different(its, meant) / len(meant) for its in found)
    return f"| {table} | {len(broken):,} | " + " | ".join(f"{share:.4f}" for share in shares) + " |"


def _misread(text: str, table: str) -> str:
    bytes_ = (bytes([byte]) for byte in text.encode())
    return "".join(byte.decode(table, "ignore") or byte.decode("latin-1") for byte in bytes_)


def _by_ftfy(texts: list[str]) -> list[str]:
    options = {"uncurl_quotes": False, "fix_latin_ligatures": False, "normalization": None}
    options |= {"fix_character_width": False, "fix_line_breaks": False}
    options |= {"remove_control_chars": False, "unescape_html": False, "fix_surrogates": False}
    return [ftfy.fix_text(text, **options) for text in texts]


def _different(found: list[str], expected: list[str]) -> int:
    return sum(a != b for a, b in zip(found, expected, strict=True))


def _right(flores: dict[str, list[str]]) -> Iterator[tuple[str, list[str]]]:
    yield (
        "FLORES-200 dev (its own damage is repaired)",
        [text for texts in _flores().values() for text in texts],
    )
    ntrex = sorted((SHARED / "ntrex_dev").glob("[a-z]*.txt"))
    yield "NTREX dev", [text for path in ntrex for text in read_lines(path)]
    tatoeba = read_tsv(SHARED / "tatoeba_laser" / "tatoeba_laser.tsv.gz")
    yield "Tatoeba, 105 languages", tatoeba["sentence"].drop_null().to_pylist()
    lod = read_tsv(SHARED / "lod" / "examples.tsv.gz")
    yield "LOD, examples", lod["lb_example"].drop_null().to_pylist()
    whole = [text for texts in flores.values() for text in texts]
    whole = [text for text in whole if repair(pa.array([text]))[0].as_py() == text]
    capitals = [
        " ".join([first, f"{word.upper()}{capital}{MARKS[i % len(MARKS)]}", *rest])
        for i, (first, word, *rest) in enumerate(text.split(" ") for text in whole if " " in text)
        for capital in LATIN_CAPITALS
        if word.isascii() and word.isalpha()
    ]
    yield "with a word in capitals and a mark", capitals


def _flores() -> dict[str, list[str]]:
    with gzip.open(SHARED / "flores200_dev" / "all_languages.tsv.gz", "rt", encoding="utf-8") as f:
        names, *rows = (line.rstrip("\n").split("\t") for line in f)
    return {name: [row[i] for row in rows] for i, name in enumerate(names) if "_" in name and i}


if __name__ == "__main__":
    main()
