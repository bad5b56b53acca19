"""Strict and lax F1 of sentence aligners on Text+Berg and on constructed documents.

    VECALIGN=... BERTALIGN=... python benchmarks/align_accuracy.py

All align the same vectors of the bundled encoder. Prints a Markdown table.
"""

from __future__ import annotations

import numpy as np
from align_corpus import corpora, recombine
from align_fit_corpus import read_gold
from align_peers import aligners, embed
from shared_data import SHARED, read_lines, require_shared

from bitseam.align.evaluate import Bead, score_beads
from bitseam.align.overlaps import Overlaps
from bitseam.mining.encoders.static import StaticEncoder

DOCUMENTS, ROWS = 5, 150  # of each constructed set

Case = tuple[Overlaps, Overlaps, list[Bead]]


def sets(encoder: StaticEncoder) -> dict[str, list[Case]]:
    berg = SHARED / "text_berg"
    sides = [embed(read_lines(berg / f"dev.{k}"), encoder) for k in ("de", "fr")]
    cases = {"Text+Berg dev": [(sides[0], sides[1], read_gold(berg / "dev.gold"))]}
    rng = np.random.default_rng(11)
    for name, rows in corpora().items():
        cases[name] = []
        for _ in range(DOCUMENTS):
            at = int(rng.integers(len(rows) - ROWS))
            made = recombine(rows[at : at + ROWS], 0, rows, rng)
            cases[name].append((embed(made.src, encoder), embed(made.tgt, encoder), made.gold))
    return cases


def main() -> None:
    require_shared()
    cases, found = sets(StaticEncoder()), aligners()
    print("| set | " + " | ".join(found) + " |")
    print("|---" * (len(found) + 1) + "|")
    for name, documents in cases.items():
        row = [name]
        for align in found.values():
            score = score_beads((gold, align(src, tgt)) for src, tgt, gold in documents)
            row.append(f"{score.strict.f1:.3f} / {score.lax.f1:.3f}")
        print("| " + " | ".join(row) + " |")


if __name__ == "__main__":
    main()
