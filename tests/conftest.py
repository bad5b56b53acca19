"""What tests of every room share: the example corpus, the shared data, the command line."""

from __future__ import annotations

import json
import os
import re
import shutil
import struct
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest
from hypothesis import settings

# How long an example takes says nothing: the machine may be busy, or a function compiled first.
# Every run tries the same examples; `--hypothesis-profile=search` looks for others.
settings.register_profile("search", deadline=None)
settings.register_profile("bitseam", deadline=None, derandomize=True)
settings.load_profile("bitseam")

ROOT = Path(__file__).resolve().parent.parent
EXAMPLE = ROOT / "examples" / "lb-de"

BROWSERS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome", "chrome")

Mine = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of gold data, which is not part of the repository."""
    folder = Path(os.environ.get("BITSEAM_SHARED", ROOT.parent / "shared")) / "data"
    if not folder.is_dir():
        pytest.skip(f"needs the shared gold data: no folder {folder} (set BITSEAM_SHARED)")
    return folder


@pytest.fixture(scope="session")
def chromium() -> str:
    """A Chromium that can run without a window."""
    named = os.environ.get("BITSEAM_CHROMIUM")
    found = named or next(filter(None, map(shutil.which, BROWSERS)), None)
    if not found:
        pytest.skip(
            f"needs Chromium: none of {', '.join(BROWSERS)} on the PATH (or set BITSEAM_CHROMIUM)"
        )
    return found


@pytest.fixture(scope="session")
def mine() -> Mine:
    """Run the `mine` command in a process of its own."""
    command = Path(sys.executable).with_name("mine")

    def run(*arguments: object, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [command, *map(str, arguments)],
            capture_output=True,
            text=True,
            cwd=cwd,
            timeout=300,
            check=False,
        )

    return run


class Done(NamedTuple):
    """How a command ended, and what it printed."""

    code: int
    out: str
    err: str


@pytest.fixture
def mine_here(capsys, monkeypatch) -> Callable[..., Done]:
    """Run the `mine` command in this process: what it imports is imported once."""
    from bitseam.pipelines.cli import main

    def run(*arguments: object) -> Done:
        monkeypatch.setattr(sys, "argv", ["mine", *map(str, arguments)])
        with pytest.raises(SystemExit) as left:
            main()
        return Done(left.value.code or 0, *capsys.readouterr())

    return run


@pytest.fixture(scope="session")
def write_fasttext() -> Callable[[Path, dict[str, str]], Path]:
    """Write a tiny fastText classifier: a label for each word that it knows.

    The layout is that of fastText's `saveModel`, version 12: options, dictionary, two matrices.
    """

    def entry(text: str, count: int, kind: int) -> bytes:
        return text.encode() + b"\0" + struct.pack("<qb", count, kind)

    def matrix(rows: int, columns: int, values: list[float]) -> bytes:
        return struct.pack(f"<?2q{len(values)}f", False, rows, columns, *values)

    def write(path: Path, labels_of_words: dict[str, str]) -> Path:
        labels = [*dict.fromkeys(labels_of_words.values())]
        d, words = len(labels), len(labels_of_words)
        options = (d, 5, 1, 1, 5, 1, 3, 3, 0, 0, 0, 100)  # softmax, supervised, no n-grams
        head = struct.pack("<2i12id", 793712314, 12, *options, 1e-4)
        sizes = struct.pack("<3i2q", words + d, words, d, 100 * words, -1)
        entries = [entry(word, 100, 0) for word in labels_of_words]
        entries += [entry(f"__label__{label}", 100, 1) for label in labels]
        inner = [float(label == its) for its in labels_of_words.values() for label in labels]
        outer = [5.0 * (i == j) for i in range(d) for j in range(d)]
        matrices = matrix(words, d, inner) + matrix(d, d, outer)
        path.write_bytes(head + sizes + b"".join(entries) + matrices)
        return path

    return write


@pytest.fixture(scope="session")
def example_arguments() -> list[str]:
    """The arguments that mine the example corpus, but for --output."""
    return [
        *("--src", "lb", "--tgt", "de"),
        *("--input", str(EXAMPLE / "lbwiki.xml")),
        *("--input", str(EXAMPLE / "dewiki.jsonl")),
    ]


class Ciphered(NamedTuple):
    """A German text and its translation into a language that nobody knows.

    :ivar gold: the beads, each the places of its sentences on both sides.
    """

    src: list[str]
    tgt: list[str]
    gold: list[tuple[tuple[int, ...], tuple[int, ...]]]


def encipher(text: str) -> str:
    """Return a text with all letters exchanged, words of other lengths, and in another order."""
    vowels, consonants = "aeiouäöü", "bcdfghjklmnpqrstvwxyzß"
    table = {
        letter: letters[(i * 3 + 1) % len(letters)]
        for letters in (vowels[:5], consonants)
        for i, letter in enumerate(letters)
    }
    table |= {letter.upper(): other.upper() for letter, other in table.items()}
    endings = ("", "a", "", "on", "iske", "")
    words = []
    for word in re.findall(r"\w+", text):
        other = "".join(table.get(letter, letter) for letter in word)
        words.append(other if word.isdigit() else other + endings[sum(map(ord, word.lower())) % 6])
    half = len(words) // 2
    return " ".join([*words[half:], *words[:half]]) + text[-1]


@pytest.fixture(scope="session")
def ciphered() -> Ciphered:
    """The German sentences of the example: every 12th and 17th is missing on a side, others are
    two in one.
    """
    documents = map(json.loads, (EXAMPLE / "dewiki.jsonl").read_text("utf-8").splitlines())
    parts = (re.split(r"(?<=[.!?])\s+", document["text"]) for document in documents)
    joined = (" ".join(its.split()) for part in parts for its in part)  # titles have a line end
    sentences = [*dict.fromkeys(its for its in joined if len(its) > 20)]
    made = Ciphered([], [], [])
    at = 0
    while at < len(sentences):
        taken = 2 if at % 10 == 3 and at + 1 < len(sentences) else 1
        src = sentences[at : at + taken]
        tgt = [encipher(its) for its in src]
        if taken == 2:
            tgt = [" ".join(tgt)]
        elif at % 12 == 7:
            src = []
        elif at % 17 == 5:
            tgt = []
        places = [
            tuple(range(len(side), len(side) + len(its)))
            for side, its in ((made.src, src), (made.tgt, tgt))
        ]
        made.gold.append((places[0], places[1]))
        made.src.extend(src)
        made.tgt.extend(tgt)
        at += taken
    return made


@pytest.fixture(scope="session", name="encipher")
def encipher_fixture() -> Callable[[str], str]:
    """Translate a text into the language that nobody knows."""
    return encipher
