"""Word links: error rates and CPU time beside fast_align and eflomal, as Markdown tables.

    python benchmarks/align_words.py

Error rates on the hand-made links of `tests/align/word_links.tsv` (dev, test), each aligner trained
on those sentences and the shared parallel text in their languages, all on the same lower-cased
words, both directions joined by grow-diag-final-and. The peers are run where `fast_align`, `atools`
and `eflomal-align` are on the PATH.
"""

from __future__ import annotations

import os
import resource
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pyarrow as pa
from shared_data import ROOT, SHARED, read_tsv, require_shared

from bitseam.align.evaluate import alignment_error_rate
from bitseam.align.words.links import Links, pharaoh
from bitseam.align.words.similarity import Vectors, links_by_similarity
from bitseam.align.words.statistical import Aligner, WordVectors
from bitseam.lid.words import Words, number_words, split_words
from bitseam.mining.encoders.static import StaticEncoder

SOURCES = {
    "lb-de": ("l10n", "lod"),
    "lb-fr": ("l10n", "lod"),
    "de-en": ("newstest", "tatoeba"),
    "fr-en": ("newstest", "tatoeba"),
}
FEW = (0, 1000, 10_000)  # pairs to learn from, of lb-de
SPEED = (10_000, 50_000, 150_000)  # pairs, of de-en; the Bible in two translations fills them up
LONG_CODES = {"de": "deu", "en": "eng", "fr": "fra"}

Rows = list[tuple[str, str]]
Cells = set[tuple[int, int]]
Result = tuple[str, list[Cells], float]


# -------------------------------------------------------------------------------------------- texts


def parallel(pair: str, source: str) -> Rows:
    """Return the rows of a shared data set in both languages of the pair."""
    src, tgt = pair.split("-")
    if source == "tatoeba":
        return tatoeba(LONG_CODES[src], LONG_CODES[tgt])
    files = {
        "l10n": "l10n/l10n.tsv.gz",
        "lod": "lod/lexicon.tsv.gz",
        "newstest": "newstest/newstest.tsv.gz",
    }
    table = read_tsv(SHARED / files[source])
    if source == "l10n":
        table = pa.table(pl.DataFrame(table).filter(pl.col("placeholder") == "0"))
    columns = (table[src].to_pylist(), table[tgt].to_pylist())
    rows = [(a, b) for a, b in zip(*columns, strict=True) if a and b]
    if source == "lod":  # alternatives are joined by " | "
        rows = [(a.replace("_", " "), each) for a, b in rows for each in b.split(" | ")[:2]]
    return rows


def tatoeba(src: str, tgt: str) -> Rows:
    table = read_tsv(SHARED / "tatoeba_pairs/tatoeba_pairs.tsv.gz")
    rows = zip(*(table[name].to_pylist() for name in table.column_names), strict=True)
    return [
        (a, b) if (one, other) == (src, tgt) else (b, a)
        for one, other, a, b in rows
        if {one, other} == {src, tgt}
    ]


def gold(pair: str) -> pl.DataFrame:
    path = ROOT / "tests/align/word_links.tsv"
    rows = pl.read_csv(path, separator="\t", quote_char=None).fill_null("")
    return rows.filter(pl.col("pair") == pair)


def bible(count: int) -> Rows:
    """Return verses in every pair of German and English translations, `count` of them."""
    table = read_tsv(SHARED / "bible/bible.tsv.gz")
    columns = {
        code: [name for name in table.column_names if name.startswith(code)]
        for code in ("de", "en")
    }
    rows: Rows = []
    for de in columns["de"]:
        for en in columns["en"]:
            both = zip(table[de].to_pylist(), table[en].to_pylist(), strict=True)
            rows += [(a, b) for a, b in both if a and b]
    return rows[:count]


def forms(texts: list[str]) -> list[list[str]]:
    words = split_words(texts)
    flat = words.forms.take(pa.array(words.ids)).to_pylist()
    return [flat[a:b] for a, b in zip(words.bounds[:-1], words.bounds[1:], strict=True)]


# ----------------------------------------------------------------------------------------- aligners


def cells(line: str) -> Cells:
    return {(int(i), int(j)) for i, j in (link.split("-") for link in line.split())}


def as_cells(links: Links) -> list[Cells]:
    return [cells(line) for line in pharaoh(links).to_pylist()]


def ours(src: Words, tgt: Words, encoder: StaticEncoder) -> Iterator[Result]:
    began = time.process_time()
    vectors = WordVectors(encoder.encode(src.forms), encoder.encode(tgt.forms))
    sides = Vectors(vectors.src, src.ids, src.bounds), Vectors(vectors.tgt, tgt.ids, tgt.bounds)
    links = links_by_similarity(*sides, "argmax")
    yield "argmax of word vectors, untrained", as_cells(links), time.process_time() - began
    for name, prior in (("ours, without vectors", None), ("ours", vectors)):
        began = time.process_time()
        links = Aligner(src, tgt, vectors=prior).links()
        yield name, as_cells(links), time.process_time() - began


def cpu_of(*command: object, output: Path | None = None) -> float:
    """Run a command; return the CPU time it took."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    with (output or Path(os.devnull)).open("wb") as file:
        subprocess.run(
            [*map(str, command)],
            stdout=file,
            stderr=subprocess.DEVNULL,
            check=True,
            env=environment,
        )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime


def peers(src: list[list[str]], tgt: list[list[str]]) -> Iterator[Result]:
    if not shutil.which("atools"):
        return
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        text, joined = folder / "text", folder / "joined"
        lines = (f"{' '.join(a)} ||| {' '.join(b)}\n" for a, b in zip(src, tgt, strict=True))
        text.write_text("".join(lines), "utf-8")
        for peer in ("fast_align", "eflomal"):
            there, back = folder / f"{peer}.there", folder / f"{peer}.back"
            if peer == "fast_align" and shutil.which(peer):
                options = ("fast_align", "-i", text, "-d", "-o", "-v")
                cpu = cpu_of(*options, output=there) + cpu_of(*options, "-r", output=back)
            elif peer == "eflomal" and shutil.which("eflomal-align"):
                cpu = cpu_of("eflomal-align", "-i", text, "-f", there, "-r", back)
            else:
                continue
            cpu_of("atools", "-i", there, "-j", back, "-c", "grow-diag-final-and", output=joined)
            yield peer, [cells(line) for line in joined.read_text().splitlines()], cpu


# ------------------------------------------------------------------------------------------- tables


def measure(pair: str, rows: Rows, encoder: StaticEncoder) -> Iterator[tuple[str, str, str, float]]:
    """Yield each aligner with its error rates on dev and test and its CPU seconds."""
    marked = gold(pair)
    src = forms([*marked["src"], *(a for a, _ in rows)])
    tgt = forms([*marked["tgt"], *(b for _, b in rows)])
    filled = [k for k, (a, b) in enumerate(zip(src, tgt, strict=True)) if a and b]
    src, tgt = [src[k] for k in filled], [tgt[k] for k in filled]
    sides = number_words(pa.array(src)), number_words(pa.array(tgt))
    for name, found, cpu in (*ours(*sides, encoder), *peers(src, tgt)):
        rates = []
        for part in ("dev", "test"):
            at = [k for k, its in enumerate(marked["set"]) if its == part]
            sure, possible = (
                [cells(marked[column][k]) for k in at] for column in ("sure", "possible")
            )
            rates.append(f"{alignment_error_rate([found[k] for k in at], sure, possible):.3f}")
        yield name, *rates, cpu


def main() -> None:
    require_shared()
    encoder = StaticEncoder(threads=1)
    warm = number_words(pa.array([["a", "b"]]))
    Aligner(warm, warm).links()  # compiled now, not while the clock runs
    print("| pair | learnt from | aligner | AER dev | AER test | CPU s |")
    print("|---|---:|---|---:|---:|---:|")
    for pair, sources in SOURCES.items():
        rows = [row for source in sources for row in parallel(pair, source)]
        for count in (*FEW, len(rows)) if pair == "lb-de" else (len(rows),):
            for name, dev, test, cpu in measure(pair, rows[:count], encoder):
                print(f"| {pair} | {count:,} | {name} | {dev} | {test} | {cpu:.1f} |", flush=True)
    print("\n| pairs | words | aligner | CPU s |\n|---:|---:|---|---:|")
    for count in SPEED:
        rows = bible(count)
        src, tgt = forms([a for a, _ in rows]), forms([b for _, b in rows])
        sides = number_words(pa.array(src)), number_words(pa.array(tgt))
        for name, _, cpu in (*ours(*sides, encoder), *peers(src, tgt)):
            print(f"| {len(rows):,} | {sum(map(len, src)):,} | {name} | {cpu:.1f} |", flush=True)


if __name__ == "__main__":
    main()
