"""Strict F1 of sentence aligners as documents have less and less in common.

    VECALIGN=... BERTALIGN=... python benchmarks/align_robustness.py

Documents of `corpora` with merged and split sentences, a growing share of unrelated ones on both
sides, and with paragraphs swapped. All align the same vectors. Prints a Markdown table.
"""

from __future__ import annotations

import numpy as np
from align_corpus import Document, corpora, recombine, swap_paragraphs
from align_peers import aligners, embed
from shared_data import require_shared

from bitseam.align.evaluate import score_beads
from bitseam.mining.encoders.static import StaticEncoder

ROWS = 160
SHARES = (0.0, 0.2, 0.5, 0.8)


def documents() -> dict[str, list[Document]]:
    made: dict[str, list[Document]] = {f"{share:.0%} unrelated": [] for share in SHARES}
    made["paragraphs swapped"] = []
    rng = np.random.default_rng(5)
    for rows in corpora().values():
        at = int(rng.integers(len(rows) - ROWS))
        chosen, others = rows[at : at + ROWS], rows[:at] + rows[at + ROWS :]
        for share in SHARES:
            made[f"{share:.0%} unrelated"].append(recombine(chosen, share, others, rng))
        made["paragraphs swapped"].append(swap_paragraphs(chosen, rng))
    return made


def main() -> None:
    require_shared()
    encoder, found = StaticEncoder(), aligners()
    print("| documents | " + " | ".join(found) + " |")
    print("|---" * (len(found) + 1) + "|")
    for name, made in documents().items():
        sides = [(embed(one.src, encoder), embed(one.tgt, encoder), one.gold) for one in made]
        scores = [
            score_beads((gold, align(src, tgt)) for src, tgt, gold in sides).strict.f1
            for align in found.values()
        ]
        print(f"| {name} | " + " | ".join(f"{score:.3f}" for score in scores) + " |")


if __name__ == "__main__":
    main()
