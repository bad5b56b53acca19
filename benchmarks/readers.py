"""Speed of the readers against their floor: one pass of decompression (and of lxml, for dumps).

    python benchmarks/readers.py [MB of text]

Makes its own inputs in a temporary folder. MB/s are of decompressed data; a ratio of 1.0 would
mean that reading costs nothing beyond the floor. Then the two engines for wikitext are compared,
in speed and on the labelled cases of `tests/lid/wikitext_cases.json`.
"""

from __future__ import annotations

import bz2
import gzip
import json
import lzma
import random
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import IO

import pyarrow as pa
import pyarrow.parquet as pq
import zstandard
from lxml import etree

from bitseam.lid.wikitext import hidden_namespaces, strip_markup
from bitseam.pipelines.readers import ReadOptions, find_inputs, read_documents

CASES = Path(__file__).resolve().parent.parent / "tests" / "lid" / "wikitext_cases.json"
OPEN: dict[str, Callable[[Path, str], IO[bytes]]] = {
    "": lambda path, mode: path.open(mode),
    ".gz": gzip.open,
    ".bz2": bz2.open,
    ".xz": lzma.open,
    ".zst": zstandard.open,
}
WORDS = """
    d'Kand Haus Bam Schoul liesen an op mat enger ganz grousser Bréck iwwer de Floss den
    Noper seet datt muer schéint Wieder gëtt an all Leit op de Maart ginn
"""
ARTICLE = """{{{{Infobox\n| Numm = {title}\n| Leit = {{{{Zuel|{number}}}}}\n}}}}
[[Fichier:{title}.jpg|thumb|Eng [[Bréck]] am Wanter]]
'''{title}''' ass e [[Duerf]] an der [[Gemeng {title}|Gemeng]].<ref>Buch, S. {number}</ref>
{prose} [[Bréck (Bau)|Bréck]] {prose}

== Geschicht ==
{prose}<ref name="a">{{{{Citation|Titel={title}}}}}</ref> {prose} ''{title}'' {prose}

{{| class="wikitable"\n! Joer !! Leit\n|-\n| 1900 || {number}\n|}}

{prose}\n* [[Eent]]\n* [http://example.org Zwee]\n\n[[Kategorie:Duerf]]
"""


def prose(rng: random.Random) -> str:
    """Return a paragraph of about 400 characters."""
    return " ".join(rng.choices(WORDS.split(), k=75)).capitalize() + "."


def write_inputs(folder: Path, megabytes: int) -> dict[str, bytes]:
    """Return the decompressed bytes of one input in each format of text."""
    rng = random.Random(1)
    texts = [prose(rng) for _ in range(megabytes * 2500)]
    pages = []
    for number in range(megabytes * 400):
        wikitext = ARTICLE.format(title=f"Duerf {number}", number=number, prose=prose(rng))
        text = wikitext.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
        head = f"<page><title>Duerf {number}</title><ns>0</ns><id>{number}</id>"
        pages.append(f"{head}<revision><text>{text}</text></revision></page>")
    rows = [json.dumps({"id": i, "text": t}, ensure_ascii=False) for i, t in enumerate(texts)]
    pq.write_table(pa.table({"text": texts}), folder / "a.parquet", compression="zstd")
    return {
        "txt": "\n".join(texts).encode(),
        "jsonl": "\n".join(rows).encode(),
        "tsv": ("id\ttext\n" + "\n".join(f"{i}\t{t}" for i, t in enumerate(texts))).encode(),
        "xml": ("<mediawiki>" + "\n".join(pages) + "</mediawiki>").encode(),
    }


def best(run: Callable[[], object], repeats: int = 3) -> float:
    """Return the least seconds of a few runs."""
    seconds = []
    for _ in range(repeats):
        start = time.perf_counter()
        run()
        seconds.append(time.perf_counter() - start)
    return min(seconds)


def read(path: Path) -> None:
    (file,) = find_inputs([str(path)])
    rejected = sum(b.rejects.num_rows for b in read_documents(file, ReadOptions(text_unit="line")))
    assert rejected == 0, f"{path.name}: {rejected} rejects"


def decompress(path: Path, extension: str) -> None:
    with OPEN[extension](path, "rb") as stream:
        while stream.read(1 << 16):
            pass


def parse(path: Path, extension: str) -> None:
    with OPEN[extension](path, "rb") as stream:
        for _, page in etree.iterparse(stream, tag="page"):
            page.clear()
            while page.getprevious() is not None:
                del page.getparent()[0]


def measure_formats(folder: Path, megabytes: int) -> None:
    print("| input | MB/s | floor | floor MB/s | ratio |\n| --- | --: | --- | --: | --: |")
    for form, data in write_inputs(folder, megabytes).items():
        for extension, open_ in OPEN.items():
            path = folder / f"a.{form}{extension}"
            with open_(path, "wb") as stream:
                stream.write(data)
            floors = {"decompression": decompress}
            if form == "xml":
                floors["and lxml"] = parse
            seconds = best(lambda path=path: read(path))
            for name, floor in floors.items():
                least = best(lambda path=path, floor=floor, e=extension: floor(path, e))
                print_row(path.name, name, len(data), seconds, least)
            path.unlink()
    path = folder / "a.parquet"
    seconds, least = best(lambda: read(path)), best(lambda: pq.read_table(path))
    print_row(path.name, "pyarrow", pq.read_table(path).nbytes, seconds, least)


def print_row(name: str, floor: str, size: int, seconds: float, least: float) -> None:
    speed, limit = size / seconds / 1e6, size / least / 1e6
    print(f"| {name} | {speed:.0f} | {floor} | {limit:.0f} | {speed / limit:.2f} |")


def measure_engines() -> None:
    print("\n| wikitext engine | MB/s | cases right |\n| --- | --: | --: |")
    rng = random.Random(2)
    cases = json.loads(CASES.read_text("utf-8"))
    for engine, pages in (("fast", 400), ("thorough", 20)):
        articles = [ARTICLE.format(title="A", number=n, prose=prose(rng)) for n in range(pages)]
        seconds = best(lambda a=articles, e=engine: [strip_markup(text, e) for text in a])
        size = sum(len(text.encode()) for text in articles)
        right = sum(
            strip_markup(case["wikitext"], engine, hidden_namespaces(case.get("namespaces", ())))
            == case["text"]
            for case in cases
        )
        print(f"| {engine} | {size / seconds / 1e6:.1f} | {right} of {len(cases)} |")


def main() -> None:
    """Print both tables."""
    megabytes = int(sys.argv[1]) if len(sys.argv) > 1 else 20
    with tempfile.TemporaryDirectory() as folder:
        measure_formats(Path(folder), megabytes)
    measure_engines()


if __name__ == "__main__":
    main()
