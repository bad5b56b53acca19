"""Pairs of sides of unit vectors for the benchmarks of the neighbour search."""

from __future__ import annotations

import numpy as np
from corpus import made_up_lines
from numpy.typing import NDArray

from bitseam.mining.encoders.loading import load_encoder

Vectors = NDArray[np.float32]
KINDS = ("clustered", "gaussian", "sentences")
CLUSTER_ROWS = 50  # rows of a cluster, on average
_PAIRED = 0.7  # of all rows have a partner on the other side


def make_sides(kind: str, rows: int, dimension: int) -> tuple[Vectors, Vectors]:
    """Make two sides `(rows, dimension)`; `sentences` have the bundled encoder's dimension."""
    if kind == "sentences":
        return sentences("lb", rows), sentences("de", rows)
    rng = np.random.default_rng(rows + dimension)
    if kind == "gaussian":
        return unit(normal(rng, (rows, dimension))), unit(normal(rng, (rows, dimension)))
    return clustered(rng, rows, dimension)


def clustered(rng: np.random.Generator, rows: int, dimension: int) -> tuple[Vectors, Vectors]:
    """As of encoders: the spectrum falls, all share a mean, clusters differ in size."""
    spectrum = (1 + np.arange(dimension) / (dimension / 16)).astype(np.float32) ** -0.5
    spectrum /= np.sqrt(np.mean(spectrum**2))
    clusters = max(2, rows // CLUSTER_ROWS)
    centres = normal(rng, (clusters, dimension)) * spectrum * np.float32(0.6)
    shares = np.arange(1, clusters + 1) ** -0.8
    mean = normal(rng, dimension) * spectrum * np.float32(0.35)
    paired = int(rows * _PAIRED)

    def meanings(n: int) -> Vectors:
        cluster = rng.choice(clusters, n, p=shares / shares.sum())
        return centres[cluster] + normal(rng, (n, dimension)) * spectrum * np.float32(0.65)

    common = meanings(paired)
    sides = []
    for _ in range(2):
        side = np.concatenate([common, meanings(rows - paired)])[rng.permutation(rows)]
        side += mean + normal(rng, (rows, dimension)) * np.float32(0.35)
        sides.append(unit(side))
    # The shuffles differ: a partner stands anywhere on the other side.
    return sides[0], sides[1]


def sentences(lang: str, rows: int) -> Vectors:
    """Encode made-up lines: halves of real sentences, recombined."""
    encoded = load_encoder("static").encode(list(made_up_lines(lang, rows)))
    return np.ascontiguousarray(encoded, np.float32)


def normal(rng: np.random.Generator, shape: int | tuple[int, ...]) -> Vectors:
    return rng.standard_normal(shape, dtype=np.float32)


def unit(vectors: Vectors) -> Vectors:
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return vectors
