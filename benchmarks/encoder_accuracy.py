"""Prints how often a sentence's nearest neighbour is its translation, as a Markdown table.

    python benchmarks/encoder_accuracy.py --encoder static

Forward is from the first language of a pair to the second, by cosine, on the development sets NTREX
(755 segments) and FLORES-200 (510), and on short messages (see short_sentences.py). What is found
counts when its text is that of the translation. Intervals of the mean of both directions are
percentiles of a bootstrap over sentences; a sentence is drawn with both its directions, and for all
encoders the same sentences, so that two of them may be compared.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from shared_data import development_sets, require_shared
from short_sentences import short_pairs

from bitseam.mining.encoders import Encoder, load_encoder

RESAMPLES = 10_000
LEVEL = 95
SEED = 0


def hits(encoder: Encoder, source: Sequence[str], target: Sequence[str]) -> npt.NDArray[np.bool_]:
    """Return `(n, 2)`: whether line `i` is found forward and backward among line-aligned texts."""
    cosines = encoder.encode(source) @ encoder.encode(target).T
    src, tgt = np.array(source, object), np.array(target, object)
    forward = tgt[cosines.argmax(axis=1)] == tgt
    backward = src[cosines.argmax(axis=0)] == src
    return np.stack([forward, backward], axis=1).astype(bool)


def interval(found: npt.NDArray[np.bool_]) -> tuple[float, float]:
    """Return the bootstrap interval of the mean of both directions."""
    chance = np.random.default_rng(SEED)
    both = found.mean(axis=1)
    means = [both[chance.integers(len(both), size=len(both))].mean() for _ in range(RESAMPLES)]
    low, high = np.percentile(means, [50 - LEVEL / 2, 50 + LEVEL / 2])
    return float(low), float(high)


def accuracy_table(encoder: Encoder) -> str:
    """Return the Markdown table of all development sets."""
    short_lb, short_de = zip(*short_pairs(), strict=True)
    sets = {**development_sets(), "short lb-de": (short_lb, short_de)}
    lines = [
        f"| set | pairs | forward | backward | mean | {LEVEL} % of resamples |",
        "|---|---|---|---|---|---|",
    ]
    for name, (source, target) in sets.items():
        found = hits(encoder, source, target)
        forward, backward = found.mean(axis=0)
        low, high = interval(found)
        lines.append(
            f"| {name} | {len(found)} | {forward:.3f} | {backward:.3f} | {found.mean():.3f} "
            f"| {low:.3f}-{high:.3f} |"
        )
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
