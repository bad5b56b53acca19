"""The gold pairs of an evaluation set: good enough, no sentence twice, unseen elsewhere, split."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl
import pyarrow as pa
from numpy.typing import NDArray

from bitseam.lid.identity import SEPARATOR, fold_keys
from bitseam.mining.benchmark.aligned import draw_keys, first_with_key
from bitseam.mining.benchmark.near_duplicates import repeats_by_edit
from bitseam.pipelines.evalset.bitext import SCORES, Bitext, BitextOptions
from bitseam.pipelines.evalset.documents import SPLITS, Splits, group_documents, split_pairs
from bitseam.pipelines.evalset.leaks import Checked, check_leaks
from bitseam.pipelines.evalset.texts import by_block
from bitseam.pipelines.rejects import reject_rows
from bitseam.schemas.errors import UserError
from bitseam.schemas.reasons import Reason

log = logging.getLogger("bitseam")

TEXTS = ("src_text", "tgt_text")
_WORDS = ("source", "target")


@dataclass(frozen=True)
class GoldOptions:
    """Which pairs become gold.

    :ivar pairs: how many, drawn from all that may; None: all.
    :ivar dev_share: of the pairs in the development split, about.
    """

    bitext: BitextOptions
    pairs: int | None = None
    dev_share: float = 0.5
    seed: int = 1

    def told(self) -> dict[str, object]:
        """Return what decides a set, by the names of the command line."""
        return {
            "documents": [*self.bitext.documents],
            "min-precision": self.bitext.min_precision,
            "min-margin": self.bitext.min_margin,
            "pairs": self.pairs or "all",
            "dev-share": self.dev_share,
            "seed": self.seed,
        }


@dataclass(frozen=True)
class Gold:
    """Gold pairs and all that is known of how they came about.

    :ivar pairs: columns as of a bitext, `draw` and `split`, in an order that tells nothing.
    :ivar spare: pairs that were good enough but not drawn; they have no sentence in common.
    :ivar counts: of pairs, by what became of them.
    :ivar rejects: tables of `rejects`.
    """

    pairs: pl.DataFrame
    spare: pl.DataFrame
    splits: Splits
    counts: Mapping[str, int]
    leaks: Checked
    rejects: Sequence[pa.Table]

    def of(self, split: str) -> pl.DataFrame:
        """Return the pairs of one split."""
        return self.pairs.filter(pl.col("split") == split)

    @property
    def split_names(self) -> tuple[str, ...]:
        """The splits that have pairs."""
        return tuple(split for split in SPLITS if len(self.of(split)))


def choose_gold(
    bitext: Bitext,
    options: GoldOptions,
    references: Mapping[str, Sequence[Path]],
    *,
    without_near_repeats: bool,
) -> Gold:
    """Choose the gold pairs of a bitext and split them so that no document is in two splits.

    :param without_near_repeats: whether of pairs nearly alike on a side only the first may stay.
    :raises UserError: no pair is left, or too few for the splits.
    """
    sieve = _Sieve(_best_first(bitext.pairs, options.seed), bitext.name)
    for reason, find in _faults(options.bitext):
        sieve.drop(reason, find(sieve.left))
    checked, leaks = _check(sieve, options.pairs, references, without_near_repeats)
    if not len(checked.left):
        raise UserError(
            f"{bitext.name}: no pair is left of {len(bitext.pairs):,} ({checked.told()}): lower "
            "the bounds, or give another bitext"
        )
    drawn = checked.left.sort("draw").head(options.pairs or len(checked.left))
    if options.pairs and len(drawn) < options.pairs:
        log.warning("%s pairs were asked for, %s are left", f"{options.pairs:,}", f"{len(drawn):,}")
    split, splits = split_pairs(drawn, group_documents(drawn), options.dev_share, options.seed)
    unknown = drawn.select(pl.all_horizontal(pl.col("src_doc", "tgt_doc").is_null()).sum()).item()
    counts = {
        "read": len(bitext.pairs),
        **checked.counts,
        "not drawn": len(bitext.pairs) - sum(checked.counts.values()) - len(drawn),
        "gold": len(drawn),
        "gold of known documents": len(drawn) - unknown,
    }
    spare = sieve.left.join(drawn, on="draw", how="anti")
    return Gold(drawn.with_columns(split=split), spare, splits, counts, leaks, checked.rejects)


def _check(
    sieve: _Sieve,
    pairs: int | None,
    references: Mapping[str, Sequence[Path]],
    without_near_repeats: bool,
) -> tuple[_Sieve, Checked]:
    """Draw pairs until so many are left that have not leaked and are not nearly repeated.

    Only what is drawn is looked at: checks cost more than all else.
    """
    wanted = len(sieve.left) if pairs is None else pairs
    size = wanted
    while True:
        size *= 2
        drawn = sieve.draw(size)
        leaks = check_leaks(drawn.left, references)
        drawn.drop(Reason.LEAKED, leaks.found)
        if without_near_repeats:
            drawn.drop(Reason.NEAR_DUPLICATE, _near_repeats(drawn.left))
        if len(drawn.left) >= wanted or size >= len(sieve.left):
            return drawn, leaks


class _Sieve:
    """Pairs, of which some go for a reason."""

    def __init__(self, pairs: pl.DataFrame, source: str) -> None:
        self.left, self._source = pairs, source
        self.counts: dict[str, int] = {}
        self.rejects: list[pa.Table] = []

    def draw(self, count: int) -> _Sieve:
        """Return a sieve with so many of the pairs, drawn, in their order."""
        drawn = _Sieve(self.left.filter(pl.col("draw").rank("ordinal") <= count), self._source)
        drawn.counts, drawn.rejects = dict(self.counts), [*self.rejects]
        return drawn

    def drop(self, reason: Reason, details: pl.Series) -> None:
        """Drop the pairs with a detail, `(n,)`."""
        gone = self.left.filter(details.is_not_null()).select(
            pl.lit(str(reason)).alias("reason"),
            pl.concat_str(TEXTS, separator="\t").alias("text"),
            pl.col("src_doc").alias("doc_id"),
            details.drop_nulls().alias("detail"),
        )
        self.left = self.left.filter(details.is_null())
        self.counts[reason] = self.counts.get(reason, 0) + len(gone)
        self.rejects.append(reject_rows(gone, what="pair", stage="evalset", source=self._source))

    def told(self) -> str:
        """Say what was dropped."""
        return ", ".join(f"{reason}: {count:,}" for reason, count in self.counts.items() if count)


def _best_first(pairs: pl.DataFrame, seed: int) -> pl.DataFrame:
    """Return the pairs in an order that hangs on themselves alone, with their random numbers."""
    both = pairs.select(pl.concat_str(TEXTS, separator=SEPARATOR)).to_series()
    draw = pl.Series(by_block(lambda block: draw_keys(block, "gold", seed), both))
    order = [*SCORES, "draw", "src_doc", "tgt_doc"]
    return pairs.with_columns(draw=draw).sort(
        order, descending=[name in SCORES for name in order], nulls_last=True
    )


_Fault = Callable[[pl.DataFrame], pl.Series]


def _faults(bounds: BitextOptions) -> Iterator[tuple[Reason, _Fault]]:
    """Yield the reasons to drop a pair, and what tells of each pair why; null of those to keep."""
    if bounds.min_precision is not None:
        yield Reason.BELOW_PRECISION, _below("precision", bounds.min_precision)
    if bounds.min_margin is not None:
        yield Reason.BELOW_THRESHOLD, _below("margin", bounds.min_margin)
    yield Reason.COPY_OF_SOURCE, _copies
    yield Reason.NEAR_DUPLICATE, _repeats


def _below(name: str, bound: float) -> _Fault:
    def find(pairs: pl.DataFrame) -> pl.Series:
        is_enough = (pl.col(name) >= bound).fill_null(False)
        found = pl.col(name).cast(pl.String).fill_null("not known")
        told = pl.format(f"{name} {{}}, at least {bound:g} asked for", found)
        return pairs.select(detail=pl.when(~is_enough).then(told))["detail"]

    return find


def _copies(pairs: pl.DataFrame) -> pl.Series:
    src, tgt = _keys(pairs)
    told = pl.when(pl.Series(src == tgt)).then(
        pl.lit("both sides have the same letters and digits")
    )
    return pairs.select(detail=told)["detail"]


def _repeats(pairs: pl.DataFrame) -> pl.Series:
    found = [first_with_key(keys) for keys in _keys(pairs)]
    others = (pairs["tgt_text"], pairs["src_text"])
    return _told("is that of an earlier pair, with", found, others)


def _near_repeats(pairs: pl.DataFrame) -> pl.Series:
    found = [repeats_by_edit(pairs[name].to_arrow().cast(pa.string())) for name in TEXTS]
    return _told("is nearly that of an earlier pair,", found, [pairs[name] for name in TEXTS])


def _told(
    words: str, originals: Sequence[NDArray[np.int64]], texts: Sequence[pl.Series]
) -> pl.Series:
    """Say what earlier pair each pair is like on a side, `originals` `(n,)` of each; null if -1."""
    told = [
        pl.when(pl.Series(rows >= 0)).then(
            pl.format(f"its {side} {words}: {{}}", its.gather(np.maximum(rows, 0)))
        )
        for side, rows, its in zip(_WORDS, originals, texts, strict=True)
    ]
    return pl.select(detail=pl.coalesce(told))["detail"]


def _keys(pairs: pl.DataFrame) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return numbers `(n,)` of source and target, the same for the same letters and digits."""
    return by_block(fold_keys, pairs["src_text"]), by_block(fold_keys, pairs["tgt_text"])
