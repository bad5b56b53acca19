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
from shared_data import development_sets, require_shared
from short_sentences import short_pairs

from bitseam.mining.encoders import Encoder, load_encoder
from bitseam.mining.evaluate.bootstrap import LEVEL, interval
from bitseam.mining.evaluate.ranks import gold_ranks
from bitseam.mining.evaluate.statistics import Floats, mean


def hits(encoder: Encoder, source: Sequence[str], target: Sequence[str]) -> Floats:
    """Return `(n, 2)`: the share of line `i` found forward and backward, 0 or 1 but for ties."""
    x, y = encoder.encode(source), encoder.encode(target)
    ranks = gold_ranks(x, y, target), gold_ranks(y, x, source)
    return np.stack([its.within(1) for its in ranks], axis=1)


def accuracy_table(encoder: Encoder) -> str:
    """Return the Markdown table of all development sets."""
    short_lb, short_de = zip(*short_pairs(), strict=True)
    sets = {**development_sets(), "short lb-de": (short_lb, short_de)}
    lines = [
        f"| set | pairs | forward | backward | mean | {100 * LEVEL:g} % of resamples |",
        "|---|---|---|---|---|---|",
    ]
    for name, (source, target) in sets.items():
        found = hits(encoder, source, target)
        forward, backward = found.mean(axis=0)
        low, high = interval(mean(found.mean(axis=1)))
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
