"""What pairs are worth that something else found: the beads of an alignment, a bitext."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from bitseam.mining.knn import Neighbours
from bitseam.mining.margin import margin_scores, neighbour_means
from bitseam.mining.rescorer.coverage import WordEncoders
from bitseam.mining.rescorer.model import log_odds
from bitseam.mining.rescorer.texts import TEXT_FEATURES, text_features
from bitseam.mining.retrieval import Pairs
from bitseam.schemas.choices import Margin


@dataclass(frozen=True)
class GivenPairs:
    """Pairs of texts, `(p,)`, among the sentences of a corpus that they may be part of.

    :ivar texts: of the sources and of the targets.
    :ivar cosines: `(p,)` float32 of the pairs.
    :ivar neighbours: `(p, k)` of the sources among the corpus' targets; of the targets among its
        sources.
    :ivar own: `(p, k)` each, which of these neighbours are (part of) the pair's other text.
    """

    texts: tuple[pa.Array, pa.Array]
    cosines: NDArray[np.float32]
    neighbours: tuple[Neighbours, Neighbours]
    own: tuple[NDArray[np.bool_], NDArray[np.bool_]]

    def __len__(self) -> int:
        return len(self.cosines)

    def margins(self, margin: Margin) -> NDArray[np.float32]:
        """Return the margins `(p,)`, as of mining."""
        src, tgt = (neighbour_means(its.cosines) for its in self.neighbours)
        return margin_scores(self.cosines, src, tgt, margin)

    def log_odds(self, encode_words: WordEncoders | None) -> NDArray[np.float32]:
        """Return the evidence `(p,)` that each pair is a translation (see `rescorer.model`).

        :param encode_words: as for `text_features`; without, the texts have no say.
        """
        candidates = self.candidates()
        if encode_words is None:
            return log_odds(candidates, None)[: len(self)]
        given = np.arange(len(self))
        evidence = np.full((len(candidates), len(TEXT_FEATURES)), np.nan, np.float32)
        evidence[: len(self)] = text_features(*self.texts, given, given, encode_words)
        return log_odds(candidates, evidence)[: len(self)]

    def candidates(self) -> Pairs:
        """Return the given pairs, in order, and after them their rivals in the corpus.

        Source `i` and target `i` are those of pair `i`; those of the corpus come after them. Only
        cosines and ranks are told of rivals, no margins.
        """
        given = np.arange(len(self))
        forward, backward = (self._rivals(side) for side in (0, 1))
        nowhere = [np.zeros(len(its.pair), np.int16) for its in (forward, backward)]
        cosine = np.concatenate([self.cosines, forward.cosine, backward.cosine])
        return Pairs(
            src=np.concatenate([given, forward.pair, len(self) + backward.row]),
            tgt=np.concatenate([given, len(self) + forward.row, backward.pair]),
            cosine=cosine,
            margin=np.zeros_like(cosine),
            src_rank=np.concatenate([forward.of_given, forward.rank, nowhere[1]]),
            tgt_rank=np.concatenate([backward.of_given, nowhere[0], backward.rank]),
        )

    def _rivals(self, side: int) -> _Rivals:
        """Put each pair into the list of its text's neighbours, in place of its own part there."""
        rows, cosines = self.neighbours[side].rows, self.neighbours[side].cosines
        nearer = cosines > self.cosines[:, None]
        other = ~self.own[side]
        rank = other.cumsum(axis=1) + ~nearer
        of_given = 1 + (other & nearer).sum(axis=1)
        width = max(rows.shape[1], 1)
        at, place = np.nonzero(other & (rank <= width))
        return _Rivals(
            of_given=np.where(of_given <= width, of_given, 0).astype(np.int16),
            pair=at,
            row=rows[at, place],
            cosine=cosines[at, place],
            rank=rank[at, place].astype(np.int16),
        )


class _Rivals(NamedTuple):
    """The rank of each given pair in its list, `(p,)`, and the others that are listed, `(r,)`."""

    of_given: NDArray[np.int16]
    pair: NDArray[np.int64]
    row: NDArray[np.int64]
    cosine: NDArray[np.float32]
    rank: NDArray[np.int16]
