"""Encoders on sentences and their translations."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from bitseam.mining.encoders import Encoder
from bitseam.mining.evaluate.hard_negatives import PER_KIND, hard_negatives
from bitseam.mining.evaluate.ranks import GoldRanks, Vectors, gold_ranks
from bitseam.mining.evaluate.retrieval import (
    accuracy_of_both,
    mean_reciprocal_rank,
    mexa,
    nearest_f1,
    precision_at,
)
from bitseam.mining.evaluate.signature import signature
from bitseam.mining.evaluate.statistics import Ratio
from bitseam.mining.evaluate.xsim import Xsim, errors_by_kind, xsim
from bitseam.pipelines.evaluate.figures import Evaluation, Measure
from bitseam.pipelines.evaluate.files import fingerprint, printable
from bitseam.pipelines.evaluate.retrieval_sets import RetrievalSet
from bitseam.pipelines.evaluate.vectors import encode, encoder_parts, known_language
from bitseam.schemas.choices import Margin
from bitseam.schemas.errors import UserError

RANKS = (5, 10)  # of P@k; P@1 is accuracy


@dataclass(frozen=True)
class RetrievalOptions:
    """How retrieval is measured."""

    k: int = 4
    margins: tuple[Margin, ...] = ("ratio",)
    by_text: bool = True  # a twin of the translation is right, too
    with_negatives: bool = False  # xSIM++


@dataclass(frozen=True)
class _Side:
    name: str
    texts: pa.LargeStringArray
    vectors: Vectors


def evaluate_encoder(
    system: str, encoder: Encoder, sets: Sequence[RetrievalSet], options: RetrievalOptions
) -> Iterator[Evaluation]:
    """Yield the evaluation of each pair of columns of each set; a column is encoded once.

    :param system: what to call the encoder: what the user calls it.
    :raises UserError: two columns have no row in common, or a language is asked for in vain.
    """
    for its in sets:
        names = sorted({name for pair in its.pairs for name in pair})
        vectors = {name: encode(encoder, its.table[name], name) for name in names}
        for pair in its.pairs:
            both = pc.and_(*(pc.is_valid(its.table[name]) for name in pair)).combine_chunks()
            rows = np.flatnonzero(both)
            if not len(rows):
                both_names = " and ".join(pair)
                raise UserError(f"{its.name}: no row with {both_names}: choose others with --pair")
            texts = its.table.filter(both).combine_chunks()
            a, b = (_Side(n, texts[n].combine_chunks(), vectors[n][rows]) for n in pair)
            data = fingerprint(a.texts, b.texts)
            measures = list(_Measuring(encoder, options, data).both_ways(a, b))
            yield Evaluation(printable(f"{its.name} {'-'.join(pair)}"), system, measures)


@dataclass(frozen=True)
class _Measuring:
    encoder: Encoder
    options: RetrievalOptions
    data: str  # fingerprint

    def both_ways(self, a: _Side, b: _Side) -> Iterator[Measure]:
        forward, backward = self._ranks(a, b), self._ranks(b, a)
        pair = f"{a.name}-{b.name}, both"
        yield self._measure("accuracy", pair, accuracy_of_both(forward, backward))
        yield self._measure("MEXA", pair, mexa(forward, backward))
        for src, tgt, ranks in ((a, b, forward), (b, a, backward)):
            direction = f"{src.name}-{tgt.name}"
            yield self._measure("accuracy", direction, precision_at(ranks, 1))
            for k in RANKS:
                yield self._measure(f"P@{k}", direction, precision_at(ranks, k))
            yield self._measure("MRR", direction, mean_reciprocal_rank(ranks))
            yield self._measure("F1 of MTEB", direction, nearest_f1(ranks))
            yield from self._xsim(src, tgt, direction)
            if self.options.with_negatives:
                yield from self._xsim_plus(src, tgt, direction)

    def _ranks(self, src: _Side, tgt: _Side) -> GoldRanks:
        return gold_ranks(src.vectors, tgt.vectors, self._texts(tgt))

    def _xsim(self, src: _Side, tgt: _Side, direction: str) -> Iterator[Measure]:
        for margin in self.options.margins:
            error = self._errors(src, tgt, margin).error
            parts = {"k": self.options.k, "margin": margin}
            yield self._measure(f"xSIM {margin}", direction, error, **parts)

    def _xsim_plus(self, src: _Side, tgt: _Side, direction: str) -> Iterator[Measure]:
        made = hard_negatives(tgt.texts.to_pylist(), known_language(tgt.name, "xSIM++"))
        texts = pa.array(made.texts, pa.large_string())
        vectors = np.concatenate([tgt.vectors, encode(self.encoder, texts, tgt.name)])
        more = _Side(tgt.name, pa.concat_arrays([tgt.texts, texts]), vectors)
        kinds = tuple(dict.fromkeys(made.kinds))
        for margin in self.options.margins:
            found = self._errors(src, more, margin)
            negatives = f"{len(texts)},{'+'.join(kinds)},{PER_KIND}"
            parts = {"k": self.options.k, "margin": margin, "negatives": negatives}
            name = f"xSIM++ {margin}"
            yield self._measure(name, direction, found.error, **parts)
            for kind, share in errors_by_kind(found, made).items():
                yield self._measure(f"{name} {kind}", direction, share, **parts)

    def _errors(self, src: _Side, tgt: _Side, margin: Margin) -> Xsim:
        k, texts = self.options.k, self._texts(tgt)
        return xsim(src.vectors, tgt.vectors, margin=margin, k=k, texts=texts)

    def _texts(self, side: _Side) -> pa.LargeStringArray | None:
        return side.texts if self.options.by_text else None

    def _measure(self, metric: str, direction: str, what: Ratio, **parts: object) -> Measure:
        named = {
            "data": self.data,
            **encoder_parts(self.encoder),
            "direction": direction,
            **parts,
            "right": "text" if self.options.by_text else "row",
        }
        return Measure(metric, printable(direction), what, printable(signature(metric, **named)))
