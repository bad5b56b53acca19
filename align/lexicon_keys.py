"""Words that are translations of each other as words that two documents share.

What a first alignment pairs teaches which words translate each other (`words.statistical`); such
a pair of words gets a key of its own, which both documents then have in common where it stands.
A second alignment finds by them what lengths alone could not tell (as hunalign does, Varga et al.
2005, and after Moore 2002, doi:10.1007/3-540-45820-4_14).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import polars as pl
import pyarrow as pa
from numpy.typing import NDArray

from bitseam.align.word_keys import WordKeys
from bitseam.lid.identity import sentence_ids
from bitseam.lid.words import split_words

MOST_PAIRS = 50_000  # of texts that a lexicon is learnt from: more would cost time and tell little
_LEAST_COUNT = 2  # links of two words: what stands once in a wrong bead is not learnt from it
_HIDDEN_ROUNDS = 2


class Lexicon(NamedTuple):
    """Words that translate each other, `(e,)` each.

    :ivar src: lower-cased source words, :ivar tgt: their translations; a word may come twice.
    :ivar keys: int64 of each entry, as of `WordKeys`.
    """

    src: pa.StringArray
    tgt: pa.StringArray
    keys: NDArray[np.int64]


def learn_lexicon(src: pa.Array | pa.ChunkedArray, tgt: pa.Array | pa.ChunkedArray) -> Lexicon:
    """Return the words that translate each other in pairs of texts, of `MOST_PAIRS` at most.

    The same pairs in the same order give the same entries, for any number of threads.
    """
    from bitseam.align.words.lexicon import extract_lexicon
    from bitseam.align.words.statistical import Aligner, AlignerOptions

    rows = pa.array(_spread(len(src), MOST_PAIRS))
    ours, theirs = split_words(src.take(rows)), split_words(tgt.take(rows))
    aligner = Aligner(ours, theirs, options=AlignerOptions(hidden_rounds=_HIDDEN_ROUNDS))
    found = extract_lexicon(aligner.links("intersection"), ours, theirs, _LEAST_COUNT)
    forms, others = (found[side].to_arrow().cast(pa.string()) for side in ("src", "tgt"))
    return Lexicon(forms, others, sentence_ids(forms, others))


def with_lexicon(
    words: WordKeys, sentences: pa.Array | pa.ChunkedArray, lexicon: Lexicon, side: str
) -> WordKeys:
    """Return the words of the sentences of a document with the entries that they stand for.

    :param side: "src" or "tgt".
    """
    every = split_words(sentences)
    forms = pl.DataFrame({"form": pl.Series(every.forms, dtype=pl.String)}).with_row_index("id")
    entries = pl.DataFrame(
        {"form": pl.Series(getattr(lexicon, side), dtype=pl.String), "key": lexicon.keys}
    )
    of_forms = forms.join(entries, on="form").sort("id", "key")
    counts = np.bincount(of_forms["id"].to_numpy(), minlength=len(forms))
    firsts = np.cumsum(counts) - counts
    repeats = counts[every.ids]
    within = np.arange(repeats.sum()) - np.repeat(np.cumsum(repeats) - repeats, repeats)
    added = of_forms["key"].to_numpy()[np.repeat(firsts[every.ids], repeats) + within]
    n = len(every.bounds) - 1
    places = np.repeat(np.arange(n), np.diff(every.bounds))  # the sentence of each word
    places = np.repeat(places, repeats)
    places = np.concatenate([np.repeat(np.arange(n), np.diff(words.bounds)), places])
    order = np.argsort(places, kind="stable")
    keys, ids = np.unique(np.concatenate([words.keys[words.ids], added]), return_inverse=True)
    bounds = np.searchsorted(places[order], np.arange(n + 1))
    return WordKeys(keys, ids.ravel()[order], bounds.astype(np.int64))


def _spread(n: int, most: int) -> NDArray[np.int64]:
    return np.unique(np.linspace(0, max(n - 1, 0), min(n, most)).astype(np.int64))
