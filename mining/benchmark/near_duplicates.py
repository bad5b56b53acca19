"""Sentences that are nearly those of a list: by edit similarity, none missed, and by embedding.

The edit similarity of two texts is 1 - d / m, where d is their Levenshtein distance and m the
length of the longer one, both in lower case. Only the pairs are compared that can be similar enough
(see `common_runs`).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from bitseam.lid.code_points import code_points
from bitseam.mining.benchmark.common_runs import (
    ROUNDING,
    Rows,
    find_candidates,
    index_runs,
)
from bitseam.mining.knn import mutual_neighbours

# That of the evaluation sets for historical Luxembourgish.
EDIT_SIMILARITY = 0.85

_TEXTS = 1 << 16  # compared at a time
_COMPARED_WITH_ALL = 1024

Vectors = npt.NDArray[np.float32]
Similarities = npt.NDArray[np.float64]


class Nearest(NamedTuple):
    """What each of n texts is a near-duplicate of.

    :ivar rows: `(n,)` int64 row of the list, the most similar one, among equals the first; or -1.
    :ivar similarities: `(n,)` float64; 0 where there is none.
    """

    rows: Rows
    similarities: Similarities


def near_by_edit(
    texts: pa.StringArray, listed: pa.StringArray, similarity: float = EDIT_SIMILARITY
) -> Nearest:
    """Find all of `texts` `(n,)` that have that edit similarity to any of `listed` `(g,)`.

    :raises UserError: `similarity` is not from 0.7 to 1.
    """
    found = Nearest(np.full(len(texts), -1), np.zeros(len(texts)))
    for mine, theirs, similar in _alike(texts, listed, similarity):
        order = np.lexsort((theirs, -similar, mine))
        rows, best = np.unique(mine[order], return_index=True)
        found.rows[rows] = theirs[order][best]
        found.similarities[rows] = similar[order][best]
    return found


def repeats_by_edit(texts: pa.StringArray, similarity: float = EDIT_SIMILARITY) -> Rows:
    """Return, for each text `(n,)`, the earlier one that stays and is this similar to it, or -1.

    In order: a text stays unless it is like an earlier one that stays; there are no chains.
    """
    # Of sentences that one template made, all but these are compared with the few that stay.
    if len(texts) > _COMPARED_WITH_ALL:
        return _repeats_by_halves(texts, similarity)
    earlier: dict[int, list[int]] = {}
    for mine, theirs, _ in _alike(texts, texts, similarity):
        for later, original in zip(mine.tolist(), theirs.tolist(), strict=True):
            if original < later:
                earlier.setdefault(later, []).append(original)
    originals = np.full(len(texts), -1)
    for later in sorted(earlier):
        originals[later] = min((row for row in earlier[later] if originals[row] < 0), default=-1)
    return originals


def _repeats_by_halves(texts: pa.StringArray, similarity: float) -> Rows:
    half = len(texts) // 2
    before, after = texts.slice(0, half), texts.slice(half)
    originals = np.full(len(texts), -1)
    originals[:half] = repeats_by_edit(before, similarity)
    stay = np.flatnonzero(originals[:half] < 0)
    first = np.full(len(after), len(stay))
    for mine, theirs, _ in _alike(after, before.take(pa.array(stay)), similarity):
        np.minimum.at(first, mine, theirs)
    is_new = first == len(stay)
    originals[half:][~is_new] = stay[first[~is_new]]
    new = half + np.flatnonzero(is_new)
    among_new = repeats_by_edit(texts.take(pa.array(new)), similarity)
    originals[new] = np.where(among_new < 0, -1, new[among_new])
    return originals


def near_by_embedding(vectors: Vectors, listed: Vectors, cosine: float) -> Nearest:
    """Find which of the unit rows `(n, d)` have that cosine with any of the unit rows `(g, d)`."""
    if not len(vectors) or not len(listed):
        return Nearest(np.full(len(vectors), -1), np.zeros(len(vectors)))
    rows, cosines, _, _ = mutual_neighbours(vectors, listed, 1)
    near = cosines[:, 0] >= cosine
    return Nearest(np.where(near, rows[:, 0], -1), np.where(near, cosines[:, 0], 0.0))


def _alike(
    texts: pa.StringArray, listed: pa.StringArray, least: float
) -> Iterator[tuple[Rows, Rows, Similarities]]:
    """Yield rows of both and their edit similarities, all pairs of a text at once."""
    if not len(listed):
        return
    listed = pc.utf8_lower(listed)
    index = index_runs(code_points(listed), least)
    for at in range(0, len(texts), _TEXTS):
        part = pc.utf8_lower(texts.slice(at, _TEXTS))
        for mine, theirs in find_candidates(code_points(part), index, least):
            similar = _similarities(part.take(pa.array(mine)), listed.take(pa.array(theirs)), least)
            alike = similar >= least - ROUNDING
            yield at + mine[alike], theirs[alike], similar[alike]


def _similarities(texts: pa.StringArray, others: pa.StringArray, least: float) -> Similarities:
    """Return the edit similarity of each two texts; of those below `least` perhaps 0."""
    from rapidfuzz.distance import Levenshtein
    from rapidfuzz.process import cpdist

    similar: Similarities = cpdist(
        texts.to_pylist(),
        others.to_pylist(),
        scorer=Levenshtein.normalized_similarity,
        score_cutoff=least - 1e-6,  # at the bound itself its answer hangs on rounding
        dtype=np.float64,
    )
    return similar
