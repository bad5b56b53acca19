"""Fits the weights of `align/bead_model.py`.

    python benchmarks/fit_bead_model.py [ENCODER.safetensors]

The documents of `align_fit_corpus` become lattices of the beads that the present weights leave in
reach; L-BFGS maximises the probability of the gold beads in them (a conditional random field,
Lafferty et al. 2001). Prints the weights, and strict F1 on Text+Berg of weights fitted without it
and without the half that is scored.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from align_fit_corpus import FitDocument, fit_documents
from align_lattice import FEATURES, Lattice, lattice
from numpy.typing import NDArray
from scipy.optimize import minimize
from shared_data import require_shared

from bitseam.align.evaluate import score_beads
from bitseam.mining.encoders.static import BUNDLED_MODEL, StaticEncoder

SEED = 7
L2 = 0.5


def fit(lattices: Sequence[Lattice]) -> NDArray[np.float64]:
    """Return the weights under which the gold beads are most probable."""

    def loss(weights: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        total, slope = L2 / 2 * weights @ weights, L2 * weights
        for one in lattices:
            scores = one.features @ weights
            every, gold = one.expect(scores), one.expect(np.where(one.gold, scores, -1e31))
            total += one.weight * (every[0] - gold[0])
            slope += one.weight * ((every[1] - gold[1]) @ one.features)
        return total, slope

    start = np.zeros(len(FEATURES))
    found: NDArray[np.float64] = minimize(loss, start, jac=True, method="L-BFGS-B").x
    return found


def halves(document: FitDocument) -> list[FitDocument]:
    """Return the halves of a document, cut between two beads."""
    at = len(document.blocks) // 2
    cut = []
    for blocks in (document.blocks[:at], document.blocks[at:]):
        i, j = (min(k for block in blocks for k in block[side]) for side in (0, 1))
        n, m = (max(k for block in blocks for k in block[side]) + 1 for side in (0, 1))
        moved = [(tuple(k - i for k in a), tuple(k - j for k in b)) for a, b in blocks]
        cut.append(
            FitDocument(document.name, document.src[i:n], document.tgt[j:m], moved, document.weight)
        )
    return cut


def main() -> None:
    require_shared()
    encoder = StaticEncoder(Path(sys.argv[1]) if len(sys.argv) > 1 else BUNDLED_MODEL)
    *made, berg = fit_documents(SEED)
    lattices = [found for one in made if (found := lattice(one, encoder))]
    print(f"{len(lattices)} of {len(made)} documents have their gold in reach")
    whole = lattice(berg, encoder)
    assert whole
    found = whole.best(whole.features @ fit(lattices))
    print(f"Text+Berg, not fitted: {score_beads([(whole.blocks, found)]).strict.f1:.4f} strict")
    parts = [lattice(half, encoder) for half in halves(berg)]
    scored = []
    for held_out, other in (parts, parts[::-1]):
        assert held_out and other
        weights = fit([*lattices, other])
        scored.append((held_out.blocks, held_out.best(held_out.features @ weights)))
    print(f"Text+Berg, other half fitted: {score_beads(scored).strict.f1:.4f} strict")
    for name, weight in zip(FEATURES, fit([*lattices, whole]), strict=True):
        print(f"{name:20} {weight:7.3f}")


if __name__ == "__main__":
    main()
