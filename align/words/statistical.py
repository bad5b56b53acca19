"""Word links learnt from the pairs themselves: IBM model 1 with a diagonal, then an HMM.

Both directions are trained together and agree on every count, so that a single table of word pairs
serves both (Liang, Taskar & Klein 2006). Where vectors of single words are known they are the
prior of the table, which is most of the knowledge where pairs are few.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from bitseam.align.words import kernels, table_passes
from bitseam.align.words.links import Links
from bitseam.align.words.model import FREE, MAX_WORDS, UNIT, Bitext, Counts, Parameters
from bitseam.align.words.symmetrise import NONE, Choices, symmetrise
from bitseam.align.words.windows import Side, join, overlapping, touching
from bitseam.lid.words import Words
from bitseam.schemas.choices import Symmetrisation

_SMALLEST_TABLE = 1 << 12
_DECAY, _REACH = 0.5, 8  # of jumps before training: exp(-0.5 |jump - 1|), from 8 places on the same
_FAR = 40
_TINY = np.float32(1e-30)

_Result = TypeVar("_Result")


class WordVectors(NamedTuple):
    """Unit vectors of the words of both vocabularies in one space, float32."""

    src: NDArray[np.float32]  # (src vocabulary, d)
    tgt: NDArray[np.float32]  # (tgt vocabulary, d)


@dataclass(frozen=True, slots=True)
class AlignerOptions:
    """How the statistical aligner is trained.

    :ivar independent_rounds: rounds in which every word chooses by itself.
    :ivar hidden_rounds: rounds of the hidden Markov model after them.
    :ivar diagonal: how strongly words at equal shares of their sentences attract each other in the
        independent rounds (Dyer et al. 2013).
    :ivar sparsity: prior count of every word pair that occurs; small: few translations a word.
    :ivar similarity: prior count of two words with the same vector; others by squared cosine.
    :ivar null_share: the probability that a word has no counterpart.
    :ivar null_prior: prior count of every word as one without a counterpart.
    """

    independent_rounds: int = 4
    hidden_rounds: int = 4
    diagonal: float = 4.0
    sparsity: float = 0.01
    similarity: float = 1.0
    null_share: float = 0.15
    null_prior: float = 0.1


class Aligner:
    """A statistical aligner trained on a bitext, for the words of that bitext."""

    def __init__(
        self,
        src: Words,
        tgt: Words,
        *,
        vectors: WordVectors | None = None,
        options: AlignerOptions | None = None,
        threads: int = 1,
    ) -> None:
        """Train on the pairs of `src[i]` and `tgt[i]`.

        The result is the same for any number of threads. Memory grows with the number of word
        pairs that occur together in a window of 512 words.

        :raises ValueError: the sides differ in length.
        """
        if len(src.bounds) != len(tgt.bounds):
            raise ValueError(
                f"{len(src.bounds) - 1} source and {len(tgt.bounds) - 1} target sentences: "
                "expected one for one"
            )
        options = options or AlignerOptions()
        self._sides = Side(src.ids, src.bounds), Side(tgt.ids, tgt.bounds)
        self._windows = overlapping(*self._sides)
        src_bounds, tgt_bounds = touching(src.bounds, tgt.bounds)
        self._bitext = Bitext(src.ids, src_bounds, tgt.ids, tgt_bounds)
        self._threads = threads
        keys = _table(Bitext(*self._windows.src, *self._windows.tgt))
        prior = _prior(keys, vectors, options)
        self._model = _start(keys, prior, (len(src.forms), len(tgt.forms)), options)
        for step in range(options.independent_rounds + options.hidden_rounds):
            counts = self._expect(hidden=step >= options.independent_rounds)
            counts.pairs[:] += prior
            self._model = _maximise(self._model, counts, options)

    def links(self, method: Symmetrisation = "grow-diag-final-and") -> Links:
        """Return the links of all pairs; the same with the sides swapped, mirrored.

        A link's probability is the geometric mean of both directions' posteriors.
        """
        windows = self._windows
        bitext = Bitext(*windows.src, *windows.tgt)
        src = _no_choices(bitext.src_bounds, len(bitext.src_ids))
        tgt = _no_choices(bitext.tgt_bounds, len(bitext.tgt_ids))
        n = len(windows.pair)
        self._map(lambda first, last: kernels.decide(bitext, first, last, self._model, src, tgt), n)
        return join(symmetrise(src, tgt, method), windows, *self._sides)

    def _expect(self, *, hidden: bool) -> Counts:
        """Return the expected counts under the model."""

        def count_shard(first: int, last: int) -> Counts:
            src_scale, tgt_scale = self._model.scales
            counts = Counts(
                np.zeros(len(self._model.keys), np.int64),
                (np.zeros(len(src_scale), np.int64), np.zeros(len(tgt_scale), np.int64)),
                np.zeros(self._model.jumps.shape, np.int64),
            )
            kernels.expect(self._bitext, first, last, self._model, hidden, counts)
            return counts

        total, *others = self._map(count_shard, len(self._bitext.src_bounds) - 1)
        for counts in others:
            total.pairs[:] += counts.pairs
            total.jumps[:] += counts.jumps
            for ours, theirs in zip(total.nulls, counts.nulls, strict=True):
                ours += theirs
        return total

    def _map(self, work: Callable[[int, int], _Result], n: int) -> list[_Result]:
        """Do the work for a range of n pairs a thread."""
        edges = np.linspace(0, n, self._threads + 1).astype(np.int64)
        with ThreadPoolExecutor(self._threads) as pool:
            return list(pool.map(work, edges[:-1], edges[1:]))


def _no_choices(bounds: NDArray[np.int64], words: int) -> Choices:
    return Choices(bounds, np.full(words, NONE, np.int32), np.zeros(words, np.float32))


def _table(bitext: Bitext) -> NDArray[np.uint64]:
    """Return the hash table of all word pairs that occur."""
    n = len(bitext.src_bounds) - 1
    keys = np.full(_SMALLEST_TABLE, FREE, np.uint64)
    done = used = 0
    while True:
        done, used = kernels.insert(bitext, done, keys, used)
        if done == n:
            return keys
        larger = np.full(2 * len(keys), FREE, np.uint64)
        kernels.rehash(keys, larger)
        keys = larger


def _prior(
    keys: NDArray[np.uint64], vectors: WordVectors | None, options: AlignerOptions
) -> NDArray[np.int64]:
    """Return the prior count of every word pair in units of 1 / `UNIT`."""
    alike = np.zeros(len(keys), np.float32)
    if vectors is not None:
        table_passes.similarities(keys, vectors.src, vectors.tgt, alike)
    counts = ((options.sparsity + options.similarity * alike) * UNIT).astype(np.int64)
    counts[keys == FREE] = 0
    return counts


def _start(
    keys: NDArray[np.uint64],
    prior: NDArray[np.int64],
    sizes: tuple[int, int],
    options: AlignerOptions,
) -> Parameters:
    """Return the model that knows the prior alone."""
    away = np.abs(np.arange(-MAX_WORDS, MAX_WORDS + 1) - 1)
    jumps = np.exp(-_DECAY * np.minimum(away, _REACH)).astype(np.float32)
    totals = np.zeros(sizes[0], np.int64), np.zeros(sizes[1], np.int64)
    table_passes.add_up(keys, prior, totals)
    src_scale, tgt_scale = ((UNIT / np.maximum(total, 1)).astype(np.float32) for total in totals)
    src_null, tgt_null = (np.full(size, 1 / max(size, 1), np.float32) for size in sizes)
    return Parameters(
        keys,
        (prior / UNIT).astype(np.float32),
        (src_scale, tgt_scale),
        (src_null, tgt_null),
        *_and_reverse(np.stack([jumps, jumps])),
        np.float32(options.diagonal),
        np.float32(options.null_share),
    )


def _maximise(model: Parameters, counts: Counts, options: AlignerOptions) -> Parameters:
    """Return the model that follows from the counts, prior included.

    Variational Bayes with a Dirichlet prior (Riley & Gildea 2012): what was seen half a time or
    less loses most of it, so that rare words do not collect what nothing else explains.
    """
    totals = np.zeros(len(model.scales[0]), np.int64), np.zeros(len(model.scales[1]), np.int64)
    table_passes.add_up(model.keys, counts.pairs, totals)
    weights = np.empty(len(model.keys), np.float32)
    table_passes.exp_digamma(counts.pairs, weights)
    src_scale, tgt_scale = (np.reciprocal(np.maximum(_damped(total), _TINY)) for total in totals)
    src_null, tgt_null = (_null_shares(found, options) for found in counts.nulls)
    jumps = (model.jumps, model.reverse)
    if counts.jumps.any():
        jumps = _and_reverse(_jump_shares(counts.jumps))
    return Parameters(
        model.keys,
        weights,
        (src_scale, tgt_scale),
        (src_null, tgt_null),
        *jumps,
        model.diagonal,
        model.null_share,
    )


def _damped(counts: NDArray[np.int64]) -> NDArray[np.float32]:
    damped = np.empty(len(counts), np.float32)
    table_passes.exp_digamma(counts, damped)
    return damped


def _null_shares(counts: NDArray[np.int64], options: AlignerOptions) -> NDArray[np.float32]:
    found = counts + int(options.null_prior * UNIT)
    shares: NDArray[np.float32] = _damped(found) / _damped(found.sum(keepdims=True))
    return shares


def _jump_shares(counts: NDArray[np.int64]) -> NDArray[np.float32]:
    """Each jump seen once more than it was; those beyond `_FAR` places share what they have."""
    found = counts / UNIT + 1
    far = np.abs(np.arange(-MAX_WORDS, MAX_WORDS + 1)) > _FAR
    found[:, far] = found[:, far].mean(axis=1, keepdims=True)
    shares: NDArray[np.float32] = (found / found.sum(axis=1, keepdims=True)).astype(np.float32)
    return shares


def _and_reverse(jumps: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    return jumps, np.ascontiguousarray(jumps[:, ::-1])
