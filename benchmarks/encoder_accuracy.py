"""Prints how often a sentence's nearest neighbour is its translation, as a Markdown table.

    python benchmarks/encoder_accuracy.py --encoder static

Forward is from the first language of a pair to the second, on the development sets NTREX (755
segments) and FLORES-200 (510 segments), by cosine.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence

import numpy as np
from shared_data import development_sets, require_shared

from bitseam.mining.encoders import Encoder, load_encoder


def accuracies(
    encoder: Encoder, source: Sequence[str], target: Sequence[str]
) -> tuple[float, float]:
    """Return forward and backward nearest-neighbour accuracy of line-aligned sentences."""
    cosines = encoder.encode(source) @ encoder.encode(target).T
    right = np.arange(len(source))
    forward = (cosines.argmax(axis=1) == right).mean()
    backward = (cosines.argmax(axis=0) == right).mean()
    return float(forward), float(backward)


def accuracy_table(encoder: Encoder) -> str:
    """Return the Markdown table of all development sets."""
    lines = ["| set | forward | backward |", "|---|---|---|"]
    for name, (source, target) in development_sets().items():
        forward, backward = accuracies(encoder, source, target)
        lines.append(f"| {name} | {forward:.3f} | {backward:.3f} |")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--encoder", default="static")
    options = parser.parse_args()
    require_shared()
    encoder = load_encoder(options.encoder)
    print(f"encoder {encoder.name}, revision {encoder.revision}, {encoder.dimension} dimensions\n")
    print(accuracy_table(encoder))


if __name__ == "__main__":
    main()
