"""Languages that the bundled encoder does not know: `mine align` beside other aligners.

    HUNALIGN=... python benchmarks/bootstrap.py [ROWS ...]

HUNALIGN names a checkout of hunalign, built in place; its hand-aligned books are measured, too. Of
FLORES-200 and Tatoeba documents are made by merging, splitting and leaving out; verses of the
Bible are enciphered. ROWS: how many of its rows a document is made of, 30 100 500 by default.
Prints a Markdown table of strict / lax F1.
"""

from __future__ import annotations

import itertools
import os
import random
import re
import string
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
import polars as pl
import pyarrow as pa
from align_corpus import Document, Rows, split
from align_peers import embed
from length_only import align_by_lengths
from shared_data import SHARED, read_tsv, require_shared

from bitseam.align.alignment import Alignment
from bitseam.align.evaluate import Bead, score_beads, to_beads
from bitseam.align.overlaps import Overlaps
from bitseam.align.sentences import align_sentences
from bitseam.lid.identity import sentence_ids
from bitseam.mining.encoders.static import StaticEncoder
from bitseam.mining.encoders.static_model import to_bytes
from bitseam.mining.training.bootstrap import FEWEST_PAIRS, adapt_static
from bitseam.pipelines.align.beads import DocumentPair, align_documents
from bitseam.pipelines.align.collection import SENTENCES
from bitseam.pipelines.align.first_pass import FirstPass, align_by_words
from bitseam.pipelines.bootstrap import surest_beads

FLORES = ("hun_Latn", "fin_Latn", "tur_Latn", "rus_Cyrl", "ell_Grek", "hin_Deva", "zho_Hans",
          "eus_Latn")  # fmt: skip
TATOEBA = ("hun", "rus", "ell", "eus")
BOOKS = {"1984.hu": "latin2", "1984.ro.utf8": "utf8", "steinbeck.huntoken.nopara": "latin2",
         "dtm": "latin2"}  # fmt: skip
# Shares of the beads that lack a side, are merged, and are split.
NOISE = {"clean": (0.03, 0.06, 0.06), "noisy": (0.10, 0.10, 0.10)}
DOCUMENTS = {30: 4, 100: 2, 500: 1}
_TOKEN = re.compile(r"\w+|[^\w\s]")


class Case(NamedTuple):
    """Document pairs of one kind."""

    name: str
    documents: list[Document]


def constructed(rows: Rows, noise: tuple[float, float, float], seed: int) -> Document:
    """Return a document pair of rows, of which some lack a side, are merged or split."""
    rng, document, at = np.random.default_rng(seed), Document([], [], []), 0
    alone, merged, parted = np.cumsum(noise)
    while at < len(rows):
        side, kind = int(rng.integers(2)), rng.random()
        taken = 2 if alone <= kind < merged and at + 1 < len(rows) else 1
        bead = [[row[k] for row in rows[at : at + taken]] for k in (0, 1)]
        if kind < alone:
            bead[side].clear()
        elif taken == 2:
            bead[side][:] = [" ".join(bead[side])]
        elif merged <= kind < parted:
            bead[side][:] = split(bead[side][0], 2, rng)
        document.add(*bead)
        at += taken
    return document


def cases(sizes: list[int]) -> Iterator[Case]:
    flores = read_tsv(SHARED / "flores200_dev" / "all_languages.tsv.gz")
    tatoeba = read_tsv(SHARED / "tatoeba_laser" / "tatoeba_laser.tsv.gz").to_pylist()
    english = flores["eng_Latn"].to_pylist()
    for name, noise in NOISE.items():
        for size in sizes:
            for language in FLORES:
                rows = list(zip(flores[language].to_pylist(), english, strict=True))
                parts = [rows[k * size : (k + 1) * size] for k in range(DOCUMENTS.get(size, 1))]
                made = [constructed(part, noise, seed) for seed, part in enumerate(parts)]
                yield Case(f"FLORES {language[:3]}-eng, {size} rows, {name}", made)
        for language in TATOEBA:
            rows = [(r["sentence"], r["eng"]) for r in tatoeba if r["lang"] == language]
            yield Case(f"Tatoeba {language}-eng, 1,000 rows, {name}", [constructed(rows, noise, 0)])
        yield Case(f"Bible, enciphered, 2,000 rows, {name}", [constructed(verses(), noise, 0)])
    yield from books()


def verses() -> Rows:
    """Return French verses with their letters exchanged, and German ones."""
    table = read_tsv(SHARED / "bible" / "bible.tsv.gz")
    sides = [next(k for k in table.column_names if k.startswith(side)) for side in ("fr", "de")]
    rows = zip(*(table[side].to_pylist() for side in sides), strict=True)
    rng, letters = random.Random(1), {}
    for group in ("aeiou", "".join(sorted(set(string.ascii_lowercase) - set("aeiou")))):
        letters |= dict(zip(group, rng.sample(group, len(group)), strict=True))
    table = str.maketrans(letters | {a.upper(): b.upper() for a, b in letters.items()})
    return [(src.translate(table), tgt) for src, tgt in rows if src and tgt][8_000:10_000]


def books() -> Iterator[Case]:
    """Yield the hand-aligned texts of hunalign's repository."""
    folder = os.environ.get("HUNALIGN")
    if folder is None:
        print("HUNALIGN names no checkout: it and its books are left out", file=sys.stderr)
        return
    for name, encoding in BOOKS.items():
        place = Path(folder) / "regtest" / "handaligns" / name
        src, tgt = (
            (place / f"{side}.sen").read_bytes().decode(encoding).replace("\r", "").split("\n")[:-1]
            for side in ("hu", "en")
        )
        rungs = [
            line.split()[:2] for line in (place / "hand.ladder").read_text("latin1").splitlines()
        ]
        yield Case(name, [Document(src, tgt, _beads(rungs, 0, 0))])


def _beads(rungs: list[list[str]], *ends: int) -> list[Bead]:
    places = sorted({(0, 0), *((int(i), int(j)) for i, j in filter(None, rungs))})
    if any(ends):
        places.append((ends[0], ends[1]))
    return [
        (tuple(range(*src)), tuple(range(*tgt)))
        for src, tgt in (zip(a, b, strict=True) for a, b in itertools.pairwise(places))
    ]


def hunalign(document: Document) -> list[Bead]:
    """Align without a dictionary, and once more with the one of its own (-realign)."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        for name, lines in (("src", document.src), ("tgt", document.tgt)):
            texts = (" ".join(_TOKEN.findall(line.lower())) or "." for line in lines)
            (folder / name).write_text("".join(f"{text}\n" for text in texts), "utf-8")
        (folder / "none.dic").touch()
        command = Path(os.environ["HUNALIGN"]).resolve() / "src" / "hunalign" / "hunalign"
        done = subprocess.run(
            [command, "-utf", "-realign", *(folder / k for k in ("none.dic", "src", "tgt"))],
            capture_output=True, text=True, check=True, cwd=folder,  # it leaves files there
        )  # fmt: skip
    rungs = [line.split("\t")[:2] for line in done.stdout.splitlines()]
    found = _beads(rungs, len(document.src), len(document.tgt))
    return [single for bead in found for single in _singles(bead)]


def _singles(bead: Bead) -> list[Bead]:
    if all(bead):
        return [bead]
    return [((i,), ()) for i in bead[0]] + [((), (j,)) for j in bead[1]]


def pair_of(document: Document) -> DocumentPair:
    sides = []
    for lines in (document.src, document.tgt):
        texts, n = pa.array(lines, pa.string()), len(lines)
        zeros = pa.array(np.zeros(n, np.int32))
        numbers = pa.array(np.arange(n, dtype=np.int32))
        ids = pa.array(sentence_ids("und", texts))
        sides.append(pa.table([ids, texts, numbers, zeros, zeros], schema=SENTENCES))
    return DocumentPair("src", "tgt", *sides)


def adapted(first: FirstPass, encoder: StaticEncoder, rounds: int = 1) -> tuple[list[Bead], str]:
    """Return the beads after so many rounds of training, and what the pairs held aside say."""
    told = ""
    for _ in range(rounds):
        pairs = surest_beads(pl.DataFrame(pa.concat_tables(first.rows())))
        if len(pairs) < FEWEST_PAIRS:
            break
        began = time.process_time()
        made = adapt_static(encoder.model, pairs, {})
        held = made.held_out
        told = f"{held.before:.2f} -> {held.after:.2f}, {time.process_time() - began:.0f} s"
        if not held.helps:
            break
        first = FirstPass(first.pairs, _again(first, to_bytes(made.model)), first.lexicon)
    return to_beads(first.alignments[0]), told


def _again(first: FirstPass, model: bytes) -> list[Alignment]:
    found: list[Alignment] = []

    def align_pair(pair: DocumentPair, src: Overlaps, tgt: Overlaps) -> Alignment:
        found.append(first.align_again(pair, src, tgt))
        return found[-1]

    with tempfile.NamedTemporaryFile(suffix=".safetensors") as file:
        file.write(model)
        file.flush()
        better = StaticEncoder(Path(file.name))
        list(align_documents(first.pairs, (better, better), align_pair))
    return found


def measure(case: Case, encoder: StaticEncoder) -> tuple[dict[str, str], str]:
    """Return what each aligner scores, and what was told of the training."""
    firsts = [align_by_words([pair_of(document)]) for document in case.documents]
    second = [adapted(first, encoder) for first in firsts]
    aligners: dict[str, Callable[[Document], list[Bead]]] = {
        "vectors": lambda one: to_beads(
            align_sentences(embed(one.src, encoder), embed(one.tgt, encoder))
        ),
        "lengths": lambda one: align_by_lengths(one.src, one.tgt),
    }
    if "HUNALIGN" in os.environ:
        aligners["hunalign"] = hunalign
    found = {name: [align(one) for one in case.documents] for name, align in aligners.items()}
    found["words"] = [to_beads(first.alignments[0]) for first in firsts]
    found["adapted"] = [beads for beads, _ in second]
    row = {}
    for name, beads in found.items():
        scored = zip((one.gold for one in case.documents), beads, strict=True)
        score = score_beads(scored)
        row[name] = f"{score.strict.f1:.3f} / {score.lax.f1:.3f}"
    return row, second[0][1]


def main() -> None:
    require_shared()
    encoder = StaticEncoder()
    sizes = [int(size) for size in sys.argv[1:]] or [30, 100, 500]
    names: list[str] = []
    for case in cases(sizes):
        row, told = measure(case, encoder)
        if not names:
            names = [*row]
            print("| set | " + " | ".join(names) + " | held out, training |")
            print("|---" * (len(names) + 2) + "|")
        print(f"| {case.name} | " + " | ".join(row.values()) + f" | {told} |", flush=True)


if __name__ == "__main__":
    main()
