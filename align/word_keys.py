"""Words that two documents share as they are written: names, numbers, cognates.

A word counts twice, whole and by its first letters, so that `Kathmandus` and `Katmandou` have
nothing and `Expedition` and `expéditions` have half in common. `lexicon_keys` adds words that are
translations of each other.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from bitseam.lid.identity import fold_keys, sentence_ids
from bitseam.lid.words import split_words

_STEM = 5  # letters
_WORD = r"...|\p{N}"  # shorter ones are shared by chance
_LETTER = r"[\p{L}\p{M}\p{N}]"
_ACCENTS = r"[\x{0300}-\x{036F}]+"

# A word as frequent as a twentieth of the sentences says little of where one belongs; in a short
# document one of a few may. Where words are most of what is known, more of them are looked at.
SENTENCES_A_WORD, LEAST_SENTENCES_A_WORD, _FEW = 20, 4, 4


class WordKeys(NamedTuple):
    """The words of `n` sentences: those of sentence `i` are `ids[bounds[i] : bounds[i + 1]]`.

    :ivar keys: `(k,)` int64 of each word, the same in all documents, rising.
    :ivar ids: `(w,)` int64 places in `keys`.
    :ivar bounds: `(n + 1,)` int64.
    """

    keys: NDArray[np.int64]
    ids: NDArray[np.int64]
    bounds: NDArray[np.int64]


NO_WORDS = WordKeys(np.empty(0, np.int64), np.empty(0, np.int64), np.zeros(1, np.int64))


def word_keys(sentences: pa.Array | pa.ChunkedArray, *, every: bool = False) -> WordKeys:
    """Return the words and their beginnings, but for case and accents.

    :param every: short words and marks, too.
    """
    words = split_words(sentences)
    forms = pc.replace_substring_regex(pc.utf8_normalize(words.forms, "NFKD"), _ACCENTS, "")
    forms = forms.cast(pa.string())
    pattern = "." if every else _WORD
    is_kept = pc.match_substring_regex(forms, pattern).to_numpy(zero_copy_only=False)[words.ids]
    stems = pc.utf8_slice_codeunits(forms, 0, _STEM)
    both = np.stack([fold_keys(forms), fold_keys(stems)], axis=1)
    if every:  # a mark has no folded form
        is_mark = pc.invert(pc.match_substring_regex(forms, _LETTER)).to_numpy(zero_copy_only=False)
        both[is_mark] = sentence_ids("", forms.filter(is_mark))[:, None]
    keys, ids = np.unique(both, return_inverse=True)
    before = np.concatenate([[0], np.cumsum(is_kept)])
    kept = ids.reshape(-1, 2)[words.ids[is_kept]]
    return WordKeys(keys, kept.ravel(), 2 * before[words.bounds])


class SharedWords(NamedTuple):
    """Where the words stand that two documents share, numbered; each once for a sentence.

    :ivar src_words: `(s,)` int64 of the source sentences in order, :ivar src_previous: the last
        sentence before that has the word, -1 for none.
    :ivar src_bounds: `(n + 1,)` int64 where those of each sentence begin and end.
    :ivar tgt_sentences: `(t,)` int64 of each word in order, :ivar tgt_bounds: `(k + 1,)` int64
        where those of each word begin and end.
    :ivar weights: `(k,)` float32 of each word, the rarer the higher.
    """

    src_words: NDArray[np.int64]
    src_previous: NDArray[np.int64]
    src_bounds: NDArray[np.int64]
    tgt_sentences: NDArray[np.int64]
    tgt_bounds: NDArray[np.int64]
    weights: NDArray[np.float32]


def shared_words(
    src: WordKeys, tgt: WordKeys, n: int, m: int, sentences_a_word: int = SENTENCES_A_WORD
) -> SharedWords:
    """Return the words that both documents, of `n` and `m` sentences, have and neither has often,
    weighed by the mean of the logarithms of their inverse frequencies.

    :param sentences_a_word: often is more than once in so many sentences.
    """
    _, *places = np.intersect1d(src.keys, tgt.keys, assume_unique=True, return_indices=True)
    rare = np.ones(len(places[0]), bool)
    weights = np.zeros(len(rare))
    for side, place, length in zip((src, tgt), places, (n, m), strict=True):
        counts = np.bincount(side.ids, minlength=len(side.keys))[place]
        rare &= (counts > 0) & (counts <= max(length // sentences_a_word, _FEW))
        weights += np.log((length + 1) / (counts + 0.5)) / 2
    i, i_words = _places(src, places[0][rare])
    j, j_words = _places(tgt, places[1][rare])
    order = np.argsort(j_words, kind="stable")
    return SharedWords(
        i_words,
        _previous(i, i_words),
        np.searchsorted(i, np.arange(n + 1)),
        j[order],
        np.searchsorted(j_words[order], np.arange(rare.sum() + 1)),
        weights[rare].astype(np.float32),
    )


def _places(
    side: WordKeys, chosen: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return sentence and number among the chosen of each chosen word, in order."""
    numbers = np.full(len(side.keys), -1)
    numbers[chosen] = np.arange(len(chosen))
    at = np.flatnonzero(numbers[side.ids] >= 0)
    sentences = np.searchsorted(side.bounds, at, side="right") - 1
    width = max(len(chosen), 1)
    found = np.unique(sentences * width + numbers[side.ids[at]])
    return found // width, found % width


def _previous(sentences: NDArray[np.int64], words: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the sentence before that has the same word, -1 where there is none."""
    order = np.argsort(words, kind="stable")
    previous = np.full(len(words), -1)
    same = words[order[1:]] == words[order[:-1]]
    previous[order[1:][same]] = sentences[order[:-1][same]]
    return previous
