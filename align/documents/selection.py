"""From compared candidates to pairs of documents, one to one."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

# Precision first: chosen on the sets of benchmarks/align_documents.py, where 99 in 100 pairs above
# it are right.
THRESHOLD = 0.15
# Where the encoder does not know a language, all scores are low, those of wrong pairs too: at most
# .03 on FLORES-200, cut into documents, of Hungarian, Finnish, Russian, Hindi and Chinese.
THRESHOLD_UNKNOWN = 0.05
# What names, addresses or titles add to a score. Less than the threshold: they never decide alone,
# but where the encoder does not know a language; there they are the best that is known.
_EVIDENCE_BONUS = 0.1


@dataclass(frozen=True, slots=True)
class DocumentPairs:
    """Candidate or selected pairs of documents; every field `(p,)`.

    :ivar src: int64 rows of source documents, :ivar tgt: of target documents.
    :ivar score: float32, see `compare_sentences`.
    :ivar evidence: uint8, bit i for `EVIDENCE[i]`.
    """

    src: NDArray[np.int64]
    tgt: NDArray[np.int64]
    score: NDArray[np.float32]
    evidence: NDArray[np.uint8]

    def __len__(self) -> int:
        return len(self.src)

    def take(self, where: NDArray[np.int64] | NDArray[np.bool_]) -> DocumentPairs:
        """Return the pairs at `where`, in its order."""
        return DocumentPairs(
            self.src[where], self.tgt[where], self.score[where], self.evidence[where]
        )


def select_documents(candidates: DocumentPairs, threshold: float = THRESHOLD) -> DocumentPairs:
    """Return pairs in which every document stands once, in the order of the source documents.

    Greedy: the best score first, raised by any evidence, ties by rows, down to `threshold`.
    """
    raised = candidates.score + np.where(candidates.evidence, np.float32(_EVIDENCE_BONUS), 0)
    order = np.lexsort((candidates.tgt, candidates.src, -raised))
    order = order[raised[order] >= threshold]
    taken: tuple[set[int], set[int]] = set(), set()
    kept = []
    for i in order.tolist():
        src, tgt = int(candidates.src[i]), int(candidates.tgt[i])
        if src not in taken[0] and tgt not in taken[1]:
            taken[0].add(src)
            taken[1].add(tgt)
            kept.append(i)
    rows = np.array(kept, np.int64)
    return candidates.take(rows[np.argsort(candidates.src[rows], kind="stable")])
