"""Prints how noise in Luxembourgish lowers retrieval accuracy, and how fast it is made.

    python benchmarks/noise.py --encoder static

The sentences are NTREX's (755), the noise that of `mine evalset noisy --side src`: the German side
stays clean. Accuracy is the mean of both directions over three seeds. A rate is a share of what the
kind can change: of the characters (ocr), of the words that had an older spelling (historical) or
have a capital (case), of the letters with a diacritic. Needs the shared data.
"""

from __future__ import annotations

import argparse
import time

import numpy as np
import pyarrow as pa
from encoder_accuracy import hits
from shared_data import development_sets, require_shared

from bitseam.mining.benchmark.noise import NoiseOptions, Share, add_noise
from bitseam.mining.encoders import Encoder, load_encoder
from bitseam.mining.evaluate.bootstrap import interval
from bitseam.mining.evaluate.statistics import mean

RATES = (0.0, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0)
HIGHEST_OCR = 0.2  # what is worse is no text
SEEDS = (1, 2, 3)
KINDS = {
    "ocr": {"ocr": 1.0},
    "ocr, Fraktur": {"ocr": 1.0, "fraktur": True},
    "historical": {"historical": 1.0},
    "case": {"case": 1.0},
    "diacritics": {"diacritics": 1.0},
}


def options_of(kind: str, rate: float, seed: int) -> NoiseOptions:
    """Return the options of a kind of noise at a rate."""
    asked = {k: v if v is True else v * rate for k, v in KINDS[kind].items()}
    return NoiseOptions(**asked, seed=seed)


def noisy_accuracy(encoder: Encoder, kind: str, rate: float) -> tuple[str, Share]:
    """Return the accuracy with its interval, and the share that was changed."""
    source, target = development_sets()["ntrex lb-de"]
    found, share = [], Share(0, 0)
    for seed in SEEDS if rate else SEEDS[:1]:
        noisy = add_noise(pa.array(source), "ltz_Latn", options_of(kind, rate, seed))
        found.append(hits(encoder, noisy.texts.to_pylist(), target).mean(axis=1))
        for its in noisy.shares.values():
            share = Share(share.changed + its.changed, share.of + its.of)
    accuracy = np.mean(found, axis=0)
    low, high = interval(mean(accuracy))
    return f"{100 * accuracy.mean():.1f} ({100 * low:.1f}-{100 * high:.1f})", share


def accuracy_table(encoder: Encoder) -> str:
    """Return the Markdown table of all kinds and rates."""
    lines = [
        "| noise | " + " | ".join(f"{rate:g}" for rate in RATES) + " |",
        "|---|" + "---:|" * len(RATES),
    ]
    realised = []
    for kind in KINDS:
        rates = [rate for rate in RATES if rate <= HIGHEST_OCR or "ocr" not in kind]
        cells = []
        for rate in rates:
            accuracy, share = noisy_accuracy(encoder, kind, rate)
            cells.append(accuracy)
            realised.append(abs(share.rate - rate))
        cells += ["-"] * (len(RATES) - len(cells))
        lines.append(f"| {kind} | {' | '.join(cells)} |")
    lines += ["", f"Realised rates are within {max(realised):.4f} of those asked for."]
    return "\n".join(lines)


def speed_table(sentences: int) -> str:
    """Return how fast each kind of noise is made, on one thread."""
    source, _ = development_sets()["ntrex lb-de"]
    texts = pa.array((list(source) * (sentences // len(source) + 1))[:sentences])
    characters = sum(map(len, source)) / len(source)
    lines = [
        f"{sentences:,} sentences of {characters:.0f} characters, one thread:",
        "",
        "| noise | sentences/s |",
        "|---|---:|",
    ]
    for kind in KINDS:
        add_noise(texts[:1000], "ltz_Latn", options_of(kind, 0.1, 1))  # compiled
        start = time.perf_counter()
        add_noise(texts, "ltz_Latn", options_of(kind, 0.1, 1))
        lines.append(f"| {kind}, 0.1 | {sentences / (time.perf_counter() - start):,.0f} |")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--encoder", default="static")
    parser.add_argument("--sentences", type=int, default=200_000, help="for the speed")
    options = parser.parse_args()
    require_shared()
    encoder = load_encoder(options.encoder)
    print(f"encoder {encoder.name}, revision {encoder.revision}, NTREX lb-de, noise in lb\n")
    print(accuracy_table(encoder), speed_table(options.sentences), sep="\n\n")


if __name__ == "__main__":
    main()
