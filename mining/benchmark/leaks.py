"""Whether sentences of a set stand in other data: as they are, or nearly (see `lid.hygiene`)."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from bitseam.lid.hygiene.minhash import find_listed, list_sets
from bitseam.lid.hygiene.near_sentences import gram_sets, sign_sentences
from bitseam.lid.identity import fold_keys

# Jaccard similarity of runs of three characters: a word of twelve may be another one.
NEAR = 0.7

Rows = npt.NDArray[np.int64]


class Leaks(NamedTuple):
    """Sentences found in other data: m of them, ascending, each once.

    :ivar rows: `(m,)` of the set.
    :ivar references: `(m,)` row of the other data: the first equal one, else the first near one.
    :ivar exact: `(m,)` whether letters and digits are the same; else nearly.
    """

    rows: Rows
    references: Rows
    exact: npt.NDArray[np.bool_]


class LeakCheck:
    """The sentences of a set, ready to be looked for in other data, a batch of it at a time.

    Near are sentences of equal digits whose sets of runs of three characters have the Jaccard
    similarity `NEAR`; MinHash finds them, the sets themselves decide.
    """

    def __init__(self, texts: pa.StringArray) -> None:
        keys = fold_keys(texts)
        self._order = np.argsort(keys, kind="stable")
        self._keys = keys[self._order]
        signed = sign_sentences(texts, NEAR)
        self._signed_rows = signed.rows
        self._listed = list_sets(gram_sets(texts).take(signed.rows), signed.bands)

    def find(self, references: pa.StringArray) -> Leaks:
        """Return the sentences of the set that are in `references`."""
        exact, exact_others = self._equal(fold_keys(references))
        signed = sign_sentences(references, NEAR)
        grams = gram_sets(references).take(signed.rows)
        alike = find_listed(self._listed, grams, signed.bands, NEAR)
        near, near_others = self._signed_rows[alike >= 0], signed.rows[alike[alike >= 0]]
        is_exact = np.isin(near, exact)
        rows = np.concatenate([exact, near[~is_exact]])
        others = np.concatenate([exact_others, near_others[~is_exact]])
        order = np.argsort(rows)
        return Leaks(rows[order], others[order], (np.arange(len(rows)) < len(exact))[order])

    def _equal(self, keys: npt.NDArray[np.int64]) -> tuple[Rows, Rows]:
        """Return the rows whose key is among `keys`, and the first place of each one's there."""
        known, first = np.unique(keys, return_index=True)
        if not len(known):
            return np.empty(0, np.int64), np.empty(0, np.int64)
        places = np.minimum(np.searchsorted(known, self._keys), len(known) - 1)
        equal = known[places] == self._keys
        return self._order[equal], first[places[equal]]
