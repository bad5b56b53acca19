"""`--threshold auto`: the margin of the highest expected F1, from the scores alone.

Selected pairs are a mixture: translations, and for each sentence without one the best of its wrong
neighbours. What wrong neighbours score is known without gold: the best *other* candidate of every
sentence is wrong whether or not the selected one is right (the decoys of target-decoy search, Elias
& Gygi 2007, doi:10.1038/nmeth1019). A decoy is mostly a second-best wrong neighbour, so that the
best ones lie a little higher and wider: `_SHIFT` and `_SPREAD` decoy standard deviations, measured
on four language pairs (benchmarks/mining_f1.py). They are the prior of the wrong component of a
two-component Gaussian mixture fitted by expectation-maximisation; the other component is free. The
prior holds the fit together when nearly all pairs are right, or nearly all wrong.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from bitseam.mining.retrieval import Pairs
from bitseam.schemas.choices import Margin

Floats = NDArray[np.float64]

# Too few pairs or decoys to tell. For ratio the lower end of what sentence-transformers advises;
# among few sentences, where neighbours are far, wrong pairs pass LASER's 1.04 and stopes' 1.06.
DEFAULTS: dict[Margin, float] = {"ratio": 1.2, "distance": 0.1, "absolute": 0.7}

_SHIFT, _SPREAD = 0.8, 1.35
_PRIOR = 0.5  # weight of the prior, in shares of the number of pairs
_FEWEST = 20  # pairs or decoys
_ROUNDS = 300


def auto_threshold(candidates: Pairs, selected: Pairs, margin: Margin) -> float:
    """Return the lowest margin to keep.

    :param candidates: all scored candidates; :param selected: the chosen ones, best first.
    :returns: the margin among `selected` at which the expected F1 is highest, or the margin's
        default where there are too few pairs to tell.
    """
    wrong = decoys(candidates, selected)
    if len(selected) < _FEWEST or len(wrong) < _FEWEST or wrong.std() == 0:
        return DEFAULTS[margin]
    scores = selected.margin.astype(np.float64)
    right = _posteriors(scores, wrong.mean() + _SHIFT * wrong.std(), _SPREAD * wrong.std())
    kept = np.arange(1, len(scores) + 1)
    expected_f1 = 2 * np.cumsum(right) / (kept + right.sum())
    return float(selected.margin[int(expected_f1.argmax())])


def decoys(candidates: Pairs, selected: Pairs) -> Floats:
    """Return the margin of every row's best candidate that was not selected, `(r,)`."""
    size = int(candidates.tgt.max(initial=0)) + 1
    other = ~np.isin(candidates.src * size + candidates.tgt, selected.src * size + selected.tgt)
    best = []
    for rows, ranks in (
        (candidates.src, candidates.src_rank),
        (candidates.tgt, candidates.tgt_rank),
    ):
        where = np.flatnonzero(other & (ranks > 0))  # best first
        _, first = np.unique(rows[where], return_index=True)
        best.append(candidates.margin[where[first]])
    return np.concatenate(best).astype(np.float64)


def _posteriors(scores: Floats, prior_mean: float, prior_sd: float) -> Floats:
    """Return each score's probability of being a translation's, `(n,)`; see the module's text."""
    strength = _PRIOR * len(scores)
    wrong_mean, wrong_sd = prior_mean, prior_sd
    right_mean = max(float(np.quantile(scores, 0.95)), prior_mean + 4 * prior_sd)
    right_sd = max(prior_sd, (float(scores.max()) - prior_mean) / 6)
    share = 0.5
    for _ in range(_ROUNDS):
        wrong = (1 - share) * _density(scores, wrong_mean, wrong_sd)
        right = share * _density(scores, right_mean, right_sd)
        # The wide component has the longer tails on both sides: neither may win the other's end.
        right = np.where(scores < wrong_mean, 0.0, right)
        wrong = np.where(scores > right_mean, np.minimum(wrong, 1e-9 * right), wrong)
        posterior = right / (wrong + right + 1e-300)
        weight = 1 - posterior
        if posterior.sum() < 1:
            break
        share = float(posterior.mean())
        total = weight.sum() + strength
        wrong_mean = float((weight @ scores + strength * prior_mean) / total)
        spread = weight @ (scores - wrong_mean) ** 2
        prior_spread = strength * (prior_sd**2 + (wrong_mean - prior_mean) ** 2)
        wrong_sd = float(np.sqrt((spread + prior_spread) / total))
        right_mean = float(posterior @ scores / posterior.sum())
        right_sd = float(np.sqrt(posterior @ (scores - right_mean) ** 2 / posterior.sum()))
        right_sd = max(right_sd, prior_sd)
    return posterior


def _density(scores: Floats, mean: float, sd: float) -> Floats:
    return np.exp(-0.5 * ((scores - mean) / sd) ** 2) / sd
