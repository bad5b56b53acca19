"""Reads 1,000 damaged inputs: no exception, no silent loss, no invented text, bounded memory.

    python benchmarks/fuzz_readers.py [number of seeds]

A seed makes one input: a format, a compression and one kind of damage, to the rows (then it is
known which of them must come out) or to the bytes as stored (then rows in = documents + rejects,
or the file itself is rejected; and every row before the damage must come out).
"""

from __future__ import annotations

import bz2
import gzip
import io
import json
import lzma
import random
import resource
import sys
import tarfile
import tempfile
import zipfile
import zlib
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import zstandard

from bitseam.pipelines.readers import ReadOptions, find_inputs, read_documents, streams
from bitseam.schemas.reasons import Reason

BOMB_BYTES = 4 << 20  # for `streams.BOMB_BYTES`, so that a bomb need not be large to be one
OPTIONS = ReadOptions(text_unit="line", max_line_bytes=32 << 10)

FORMATS = ("txt", "jsonl", "tsv", "xml", "parquet", "csv", "json")
COMPRESS: dict[str, Callable[[bytes], bytes]] = {
    "": lambda data: data,
    ".gz": lambda data: gzip.compress(data, mtime=0),
    ".bz2": bz2.compress,
    ".xz": lzma.compress,
    ".zst": zstandard.compress,
    ".lzma": lambda data: lzma.compress(data, lzma.FORMAT_ALONE),
}
ARCHIVES = ("", ".zip", ".tar", ".tar.gz")
ROW_DAMAGES = ("nul", "utf8", "long", "malformed", "empty", "repeated", "none")
FILE_DAMAGES = ("truncated", "flipped", "renamed", "appended", "bomb", "noise", "spliced")


@dataclass
class Case:
    """One damaged input and what must come of it."""

    name: str
    stored: bytes
    start: list[str] = field(default_factory=list)  # texts that must come out first
    exact: bool = False  # no other texts may come out
    rows: int | None = None  # documents + rejects, unless the file is rejected
    rejected: bool = False  # the file itself must be rejected


def make_case(seed: int) -> Case:
    """Return the input of this seed."""
    rng = random.Random(seed)
    form = FORMATS[seed % len(FORMATS)]
    extension = list(COMPRESS)[seed // len(FORMATS) % len(COMPRESS)]
    texts = [_text(rng, number) for number in range(rng.choice((5, 40, 3000)))]
    if rng.random() < 0.5 and form != "parquet":
        return _row_case(rng, form, extension, texts)
    return _file_case(rng, form, extension, texts)


def check(case: Case, folder: Path) -> Counter[str]:
    """Read the input, assert what must hold, and return the reasons of its rejects."""
    path = folder / case.name
    path.write_bytes(case.stored)
    (file,) = find_inputs([str(path)])
    batches = list(read_documents(file, OPTIONS))
    path.unlink()
    texts = [text for batch in batches for text in batch.documents["text"].to_pylist()]
    rejects = [reject for batch in batches for reject in batch.rejects.to_pylist()]
    reasons = Counter(str(Reason(reject["reason"])) for reject in rejects)
    file_rejected = any(reject["what"] == "file" for reject in rejects)
    assert texts[: len(case.start)] == case.start, f"{case.name}: lost text"
    assert not case.exact or len(texts) == len(case.start), f"{case.name}: invented text"
    assert not case.rejected or file_rejected, f"{case.name}: damage not reported"
    if case.rows is not None and not file_rejected:
        assert len(texts) + len(rejects) == case.rows, f"{case.name}: rows lost"
    assert texts or rejects, f"{case.name}: nothing came out"
    assert all(reject["detail"] and "\n" not in reject["detail"] for reject in rejects)
    return reasons


def _text(rng: random.Random, number: int) -> str:
    words = rng.choices(("Bam", "d'Haus", "Ëmwelt", "село", "橋", "naïve", "Wee", "x" * 9), k=8)
    return f"Saz {number} {' '.join(words)}."


def _row(form: str, number: int, text: str) -> bytes:
    if form in ("jsonl", "json"):
        return json.dumps({"id": number, "text": text}, ensure_ascii=False).encode()
    if form == "tsv":
        return f"{number}\t{text}".encode()
    if form == "csv":
        quoted = text.replace('"', '""')
        return f'{number},"{quoted}"'.encode()
    if form == "xml":
        head = f"<page>\n<title>Säit {number}</title>\n<ns>0</ns>\n<id>{number}</id>\n"
        return f"{head}<revision><text>{text}</text></revision>\n</page>".encode()
    return text.encode()


def _assemble(form: str, rows: list[bytes], ending: bytes = b"\n") -> bytes:
    head, tail = {
        "tsv": (b"id\ttext", b""),
        "csv": (b"id,text", b""),
        "xml": (b"<mediawiki>", b"</mediawiki>"),
        "json": (b"[", b"]"),
    }.get(form, (b"", b""))
    if form == "json":
        rows = [row + b"," for row in rows[:-1]] + rows[-1:]
    return b"".join(part + ending for part in (head, *rows, tail) if part)


def _row_case(rng: random.Random, form: str, extension: str, texts: list[str]) -> Case:
    rows = [_row(form, number, text) for number, text in enumerate(texts)]
    damage = rng.choice(ROW_DAMAGES)
    victims = set(rng.sample(range(len(rows)), k=rng.randint(1, min(30, len(rows) // 2))))
    if damage == "repeated":
        first = rng.randrange(len(rows))
        rows += rows[first:]
        texts = texts + texts[first:]
    elif damage != "none":
        for victim in sorted(victims):
            rows[victim] = _damaged_row(rng, damage, form, rows[victim], texts[victim])
        texts = [text for number, text in enumerate(texts) if number not in victims]
    data = _assemble(form, rows, ending=rng.choice((b"\n", b"\r\n")))
    if rng.random() < 0.2:
        data = b"\xef\xbb\xbf" + data
    archive = rng.choice(ARCHIVES) if rng.random() < 0.3 else ""
    name = f"{damage}.{form}{extension}"
    case = Case(name, COMPRESS[extension](data), texts, exact=True, rows=len(rows))
    return _archived(case, archive) if archive else case


def _archived(case: Case, archive: str) -> Case:
    """Put the input into an archive, which leaves all that is expected of it as it is."""
    sink = io.BytesIO()
    if archive == ".zip":
        with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as file:
            file.writestr(zipfile.ZipInfo(case.name), case.stored, zipfile.ZIP_DEFLATED)
    else:
        with tarfile.open(fileobj=sink, mode="w") as file:
            info = tarfile.TarInfo(case.name)
            info.size = len(case.stored)
            file.addfile(info, io.BytesIO(case.stored))
    data = sink.getvalue()
    stored = COMPRESS[".gz"](data) if archive.endswith(".gz") else data
    return replace(case, name=f"{case.name}{archive}", stored=stored)


def _damaged_row(rng: random.Random, damage: str, form: str, row: bytes, text: str) -> bytes:
    if damage in ("malformed", "empty") and form != "txt":
        if damage == "empty":
            return row.replace(text.encode(), b"")
        wrong = {
            "jsonl": row[: rng.randrange(1, len(row))],
            "json": row[: rng.randrange(1, len(row))],
            "tsv": row.replace(b"\t", b" "),
            "csv": row[:-1],
        }
        return wrong.get(form, row.replace(b"</text>", b""))
    inside = row.index(text.encode()) + 1  # so that only the text is hit
    no_utf8 = rng.choice((b"\xff", b"\xc3(", b"\xed\xa0\x80", b"\xe2\x82"))
    wrong_bytes = {"nul": b"\0", "utf8": no_utf8}.get(damage, b"long" * 10_000)
    return row[:inside] + wrong_bytes + row[inside:]


def _file_case(rng: random.Random, form: str, extension: str, texts: list[str]) -> Case:
    if form == "parquet":
        data = _parquet(texts)
    else:
        data = _assemble(form, [_row(form, i, text) for i, text in enumerate(texts)])
    damage = rng.choice(FILE_DAMAGES)
    stored = COMPRESS[extension](data)
    case = Case(f"{damage}.{form}{extension}", stored)
    if damage == "truncated":
        case.stored = stored[: rng.randrange(len(stored))]
        intact = _readable_prefix(extension, case.stored) if form != "parquet" else b""
        case.start = _whole_rows(form, intact, texts)
        case.rejected = bool(extension) or form in ("parquet", "xml", "json")
        case.exact = bool(extension)
    elif damage == "renamed":
        others = [other for other in COMPRESS if other != extension]
        case.name = f"{damage}.{form}{rng.choice(others)}"
        case.start = texts  # the bytes tell what it is
        case.exact = True
    elif damage == "appended":
        case.stored = stored + bytes(rng.choices(range(1, 256), k=rng.randint(1, 300)))
        case.start = [] if form == "parquet" else texts
        case.rejected = bool(extension) and extension != ".lzma"
        if form in ("csv", "json"):
            case.rejected, case.start = False, texts[:-1]
    elif damage == "bomb":
        case.stored = COMPRESS[extension](b"a" * (6 << 20)) if extension else b"a" * (6 << 20)
    elif damage == "noise":
        case.stored = rng.randbytes(rng.randint(1, 5000))
    else:
        case.stored = _flip(rng, stored) if damage == "flipped" else _splice(rng, stored)
        case.rows = _countable_rows(form, extension, case.stored, len(texts))
    return case


def _flip(rng: random.Random, data: bytes) -> bytes:
    flipped = bytearray(data)
    for _ in range(rng.randint(1, 4)):
        flipped[rng.randrange(len(data))] ^= 1 << rng.randrange(8)
    return bytes(flipped)


def _splice(rng: random.Random, data: bytes) -> bytes:
    start, end = sorted(rng.choices(range(len(data)), k=2))
    return data[:end] + data[start:]


def _parquet(texts: list[str]) -> bytes:
    sink = io.BytesIO()
    pq.write_table(pa.table({"text": texts}), sink, row_group_size=500)
    return sink.getvalue()


def _readable_prefix(extension: str, stored: bytes) -> bytes:
    """What a decompressor makes of the stored bytes when it is given all of them at once."""
    new = {
        ".gz": lambda: zlib.decompressobj(wbits=31),
        ".bz2": bz2.BZ2Decompressor,
        ".xz": lzma.LZMADecompressor,
        ".zst": lambda: zstandard.ZstdDecompressor().decompressobj(),
        ".lzma": lambda: lzma.LZMADecompressor(lzma.FORMAT_ALONE),
    }.get(extension)
    return stored if new is None else new().decompress(stored)  # type: ignore[no-untyped-call]


def _whole_rows(form: str, data: bytes, texts: list[str]) -> list[str]:
    if form == "xml":
        return texts[: data.count(b"</page>")]
    return texts[: max(0, data.count(b"\n") - (form in ("tsv", "csv", "json")))]


def _countable_rows(form: str, extension: str, stored: bytes, rows: int) -> int | None:
    """The number of rows in damaged bytes, where their damage leaves no doubt about it."""
    if form == "parquet":
        return rows
    if form in ("xml", "csv", "json"):
        return None
    try:
        data = _readable_prefix(extension, stored)
    except (OSError, ValueError, EOFError, zlib.error, lzma.LZMAError, zstandard.ZstdError):
        return None  # the file must be rejected, or nothing is lost
    return sum(bool(line.strip()) for line in data.split(b"\n")) - (form == "tsv")


def main() -> None:
    """Read the inputs of all seeds and print what was rejected, and the peak of memory."""
    seeds = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    streams.BOMB_BYTES = BOMB_BYTES
    reasons: Counter[str] = Counter()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with tempfile.TemporaryDirectory() as folder:
        for seed in range(seeds):
            reasons += check(make_case(seed), Path(folder))
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    print(f"{seeds} damaged inputs: no exception, no silent loss; memory grew {grown >> 10} MiB")
    for reason, count in sorted(reasons.items()):
        print(f"{count:8d} {reason}")


if __name__ == "__main__":
    main()
