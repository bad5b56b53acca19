"""Reads the shared data sets of parallel text; see the README.md beside them for their licences."""

from __future__ import annotations

import gzip
import os
from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa

ROOT = Path(__file__).resolve().parent.parent
SHARED = Path(os.environ.get("BITSEAM_SHARED", ROOT.parent / "shared")) / "data"

NTREX_LANGUAGES = {"lb": "ltz", "de": "deu", "fr": "fra", "en": "eng"}
FLORES_LANGUAGES = {"lb": "ltz_Latn", "de": "deu_Latn", "fr": "fra_Latn", "en": "eng_Latn"}


def read_tsv(path: Path) -> pa.Table:
    """Read a gzipped TSV without quoting: all columns strings, an empty cell a null."""
    with gzip.open(path, "rt", encoding="utf-8", newline="\n") as stream:
        names, *rows = (line.rstrip("\n").split("\t") for line in stream)
    columns = [
        pa.array([row[i] or None if i < len(row) else None for row in rows], pa.large_string())
        for i in range(len(names))
    ]
    return pa.table(dict(zip(names, columns, strict=True)))


def read_lines(path: Path) -> list[str]:
    """Read a line-aligned file; only LF ends a line."""
    return path.read_text(encoding="utf-8").removesuffix("\n").split("\n")


def require_shared() -> None:
    """Stop with a clear line where the shared data is absent."""
    if not SHARED.is_dir():
        raise SystemExit(f"needs the shared data: no folder {SHARED} (set BITSEAM_SHARED)")


def development_sets() -> dict[str, tuple[Sequence[str], Sequence[str]]]:
    """Return the line-aligned sides of each pair of NTREX and FLORES, none of it for training."""
    pairs = [("lb", "de"), ("lb", "en"), ("lb", "fr"), ("de", "en"), ("fr", "en")]
    sets = {}
    for name, languages in (("ntrex", NTREX_LANGUAGES), ("flores200", FLORES_LANGUAGES)):
        lines = {k: read_lines(SHARED / f"{name}_dev" / f"{v}.txt") for k, v in languages.items()}
        sets |= {f"{name} {a}-{b}": (lines[a], lines[b]) for a, b in pairs}
    return sets
