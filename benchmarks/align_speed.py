"""CPU time and memory of sentence aligners by the length of the documents.

    VECALIGN=... BERTALIGN=... python benchmarks/align_speed.py

Made-up vectors of 256 numbers, the same for all, clauses and words for ours; one thread; each run
in a process of its own, the aligners by turns. Time is the best of the rounds after a first one
that compiles; memory is what the peak exceeds that of the loaded vectors. Prints a Markdown table.
"""

from __future__ import annotations

import ctypes
import json
import os
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
from align_peers import LAYERS, aligners
from numpy.typing import NDArray

from bitseam.align.overlaps import Overlaps
from bitseam.align.word_keys import WordKeys

SIZES = (500, 5_000, 50_000)
PEERS_SIZES = {"bertalign": 5_000, "bertalign, beads to 8": 5_000}  # their search grows faster
ROUNDS = 3
DIMENSION = 256
WORDS, SHARED_WORDS = 18, 4  # of a sentence; shared ones are in its translation too
FORMS = 100_000  # different words, by Zipf's law


def made_up(n: int) -> tuple[Overlaps, Overlaps]:
    """Return translations of `n` sentences; a fortieth is missing on each side."""
    rng = np.random.default_rng(1)
    meaning = rng.standard_normal((n, DIMENSION), np.float32)
    shared = _zipf(rng, (n, SHARED_WORDS))
    sides = []
    for side in range(2):
        kept = rng.random(n) > 1 / 40
        noise = rng.standard_normal((int(kept.sum()), DIMENSION), np.float32)
        lengths = rng.integers(40, 160, n)[kept]
        own = _zipf(rng, (n, WORDS - SHARED_WORDS)) + (side + 1) * FORMS
        words = np.concatenate([shared, own], axis=1)[kept]
        keys, ids = np.unique(np.repeat(words, 2), return_inverse=True)
        its_words = WordKeys(keys, ids.ravel(), np.arange(len(words) + 1) * 2 * WORDS)
        sides.append(_overlaps(meaning[kept] + noise * np.float32(0.8), lengths, its_words))
    return sides[0], sides[1]


def _zipf(rng: np.random.Generator, shape: tuple[int, int]) -> NDArray[np.int64]:
    return np.floor(FORMS ** rng.random(shape)).astype(np.int64)


def _overlaps(
    sentences: NDArray[np.float32], characters: NDArray[np.int64], words: WordKeys
) -> Overlaps:
    n = len(sentences)
    vectors = np.zeros((LAYERS, n, DIMENSION), np.float32)
    lengths = np.zeros((LAYERS, n), np.int32)
    total, length = np.zeros_like(sentences), np.zeros(n, np.int64)
    for layer in range(LAYERS):
        total[: n - layer] += sentences[layer:]
        length[: n - layer] += characters[layer:]
        whole = total[: n - layer]
        vectors[layer, : n - layer] = whole / np.linalg.norm(whole, axis=1, keepdims=True)
        lengths[layer, : n - layer] = length[: n - layer]
    clauses = sentences + np.random.default_rng(2).standard_normal((2, n, DIMENSION), np.float32)
    clauses /= np.linalg.norm(clauses, axis=2, keepdims=True)
    return Overlaps(vectors, lengths, clauses, words)


def run_here(name: str, n: int) -> None:
    """Print seconds and bytes of one run as JSON."""
    align = aligners()[name]
    align(*made_up(60))  # compile
    src, tgt = made_up(n)
    ctypes.CDLL("libc.so.6").malloc_trim(0)  # what making them up has left would be used again
    Path("/proc/self/clear_refs").write_text("5")  # the peak begins anew (Linux)
    before = _peak()
    start = time.process_time()
    align(src, tgt)
    print(json.dumps([time.process_time() - start, _peak() - before]))


def _peak() -> int:
    status = Path("/proc/self/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0]) * 1024


def measured(name: str, n: int) -> tuple[float, float]:
    one_thread = {f"{k}_NUM_THREADS": "1" for k in ("OMP", "OPENBLAS", "NUMBA", "MKL")}
    done = subprocess.run(
        [sys.executable, __file__, name, str(n)],
        env=os.environ | one_thread,
        capture_output=True,
        check=True,
        text=True,
    )
    seconds, memory = json.loads(done.stdout.splitlines()[-1])
    return seconds, memory


def main() -> None:
    names = list(aligners())
    print("| aligner | sentences | CPU s | to ours | MB | growth of time |")
    print("|---|---|---|---|---|---|")
    best: dict[tuple[str, int], tuple[float, float]] = {}
    for n in SIZES:
        chosen = [name for name in names if n <= PEERS_SIZES.get(name, n)]
        for _ in range(ROUNDS if n < SIZES[-1] else 1):
            for name in chosen:
                found = measured(name, n)
                best[name, n] = min(best.get((name, n), found), found)
        for name in chosen:
            seconds, memory = best[name, n]
            ratio = seconds / best["bitseam", n][0]
            smaller = best.get((name, n // 10))
            growth = f"{np.log10(seconds / smaller[0]):.2f}" if smaller else ""
            print(
                f"| {name} | {n:,} | {seconds:.3f} | {ratio:.1f} | {memory / 1e6:.0f} | {growth} |"
            )


if __name__ == "__main__":
    if len(sys.argv) == 3:
        run_here(sys.argv[1], int(sys.argv[2]))
    else:
        main()
