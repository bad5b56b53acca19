"""Mining tasks drawn from pools of parallel text: sizes, shares of gold and encoders of all kinds.

What an encoder does is varied as well, so that the fit learns from more than one: vectors of weaker
encoders (fewer epochs, fewer dimensions, noise), of better ones (the two texts of a pair drawn
together, whether or not both are in the task), and of ones whose cosines are all high (a constant
added to each vector).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from rescorer_corpora import Pool, near_translations

from bitseam.mining.encoders.static import StaticEncoder
from bitseam.mining.knn import Neighbours, mutual_neighbours
from bitseam.mining.rescorer.texts import text_features
from bitseam.mining.retrieval import Pairs, candidate_pairs

THREADS = 2
_SIZES = (300, 20_000)
_SHARES = (0.005, 0.7)
_ENCODERS = (0.65, 0.2, 0.15)  # how readily each is drawn, the best one first

Floats = NDArray[np.float32]
Rows = NDArray[np.int64]


@dataclass(frozen=True)
class Candidates:
    """The candidates of one task, what their texts say, and which are right.

    :ivar unclear: pairs of which one text is nearly the other's translation: not judged.
    """

    pairs: Pairs
    texts: Floats
    right: NDArray[np.bool_]
    unclear: NDArray[np.bool_]


def mine_candidates(x: Floats, y: Floats, k: int = 4) -> Pairs:
    """Return the candidates of the vectors of both sides."""
    ids, cosines, back_ids, back_cosines = mutual_neighbours(x, y, k, threads=THREADS)
    forward, backward = Neighbours(ids, cosines), Neighbours(back_ids, back_cosines)
    return candidate_pairs(forward, backward, "ratio")


def evidence_of(src: list[str], tgt: list[str], pairs: Pairs, encoder: StaticEncoder) -> Floats:
    """Return what the texts of the candidates say."""
    sides = (pa.array(texts, pa.large_string()) for texts in (src, tgt))
    encode = encoder.encode, encoder.encode
    return text_features(*sides, pairs.src, pairs.tgt, encode, threads=THREADS)


def draw_tasks(
    pools: list[Pool], encoders: list[StaticEncoder], count: int, seed: int
) -> Iterator[Candidates]:
    """Yield `count` tasks, each of one pair of languages."""
    rng = np.random.default_rng(seed)
    by_languages: Mapping[tuple[str, str], list[Pool]] = _by_languages(pools)
    languages = sorted(by_languages)
    for _ in range(count):
        of_pair = by_languages[languages[rng.integers(len(languages))]]
        if rng.random() < 0.4:
            of_pair = [of_pair[rng.integers(len(of_pair))]]
        encoder = encoders[rng.choice(len(encoders), p=_ENCODERS)]
        yield _draw_task(of_pair, encoder, rng)


def _by_languages(pools: list[Pool]) -> dict[tuple[str, str], list[Pool]]:
    found = defaultdict(list)
    for pool in pools:
        found[pool.languages].append(pool)
        found[pool.languages[::-1]].append(pool.swapped())
    return found


def _draw_task(pools: list[Pool], encoder: StaticEncoder, rng: np.random.Generator) -> Candidates:
    size = int(np.exp(rng.uniform(*np.log(_SIZES))))
    joined = int(rng.integers(1, 4)) if rng.random() < 0.3 else 1
    rows = _mixed([_sample(pool, 2 * size, joined, rng) for pool in pools], rng)
    src_rows, tgt_rows = _sides(len(rows.src), size, rng)
    x, y = (encoder.encode(texts) for texts in (rows.src, rows.tgt))
    x, y = _as_other_encoder(x, y, rng)
    pairs = mine_candidates(x[src_rows], y[tgt_rows], int(rng.choice([3, 4, 4, 4, 4, 4, 8, 16])))
    src, tgt = src_rows[pairs.src], tgt_rows[pairs.tgt]
    right = src == tgt
    unclear = np.zeros(len(pairs), bool)
    doubted = np.flatnonzero(~right & ((pairs.src_rank == 1) | (pairs.tgt_rank == 1)))
    unclear[doubted] = near_translations(rows, src[doubted], tgt[doubted])
    sides = [rows.src[i] for i in src_rows], [rows.tgt[i] for i in tgt_rows]
    return Candidates(pairs, evidence_of(*sides, pairs, encoder), right, unclear)


def _sample(pool: Pool, size: int, joined: int, rng: np.random.Generator) -> Pool:
    """Draw rows; of Tatoeba, whose sentences are short, perhaps several as one."""
    rows = rng.permutation(len(pool.src))
    if not pool.name.startswith("tatoeba"):
        joined = 1
    groups = rows[: min(size, len(rows) // joined) * joined].reshape(-1, joined)
    src, tgt = (
        [" ".join(texts[i] for i in its) for its in groups] for texts in (pool.src, pool.tgt)
    )
    return Pool(pool.name, pool.languages, src, tgt)


def _mixed(pools: list[Pool], rng: np.random.Generator) -> Pool:
    src, tgt = ([text for pool in pools for text in getattr(pool, side)] for side in ("src", "tgt"))
    order = rng.permutation(len(src))
    name = "+".join(pool.name for pool in pools)
    return Pool(name, pools[0].languages, [src[i] for i in order], [tgt[i] for i in order])


def _sides(total: int, size: int, rng: np.random.Generator) -> tuple[Rows, Rows]:
    """Return which rows are on either side."""
    sizes = np.full(2, min(size, total), np.float64)
    if rng.random() < 0.4:  # unequal sides
        sizes[rng.integers(2)] *= np.exp(rng.uniform(np.log(0.1), 0))
    share = np.exp(rng.uniform(*np.log(_SHARES))) if rng.random() < 0.85 else rng.uniform(0.5, 1)
    gold = max(3.0, share * sizes.min())
    fit = min(1.0, total / (sizes.sum() - gold))
    n, m = (int(its * fit) for its in sizes)
    both = min(int(gold * fit) + 1, n, m)
    src = rng.permutation(np.arange(n))
    tgt = rng.permutation(np.concatenate([np.arange(both), np.arange(n, n + m - both)]))
    return src, tgt[tgt < total]


def _as_other_encoder(x: Floats, y: Floats, rng: np.random.Generator) -> tuple[Floats, Floats]:
    kind = rng.choice(["same", "same", "better", "better", "shorter", "noisy", "high"])
    if kind == "better":
        pull = rng.uniform(0.05, 0.45)
        x, y = x + pull * (y - x), y + pull * (x - y)
    elif kind == "shorter":
        kept = int(rng.choice([48, 96, 160]))
        x, y = x[:, :kept], y[:, :kept]
    elif kind == "noisy":
        level = rng.uniform(0.2, 0.8) / np.sqrt(x.shape[1])
        x, y = (its + level * rng.standard_normal(its.shape) for its in (x, y))
    elif kind == "high":
        same = rng.standard_normal(x.shape[1])
        same *= rng.uniform(0.5, 3) / np.linalg.norm(same)
        x, y = x + same, y + same
    return _unit(x), _unit(y)


def _unit(vectors: Floats) -> Floats:
    norms = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.ascontiguousarray(vectors / np.maximum(norms, 1e-9), np.float32)
