"""Which documents belong together, and to which split each of them goes."""

from __future__ import annotations

import logging
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from bitseam.mining.benchmark.aligned import draw_keys
from bitseam.mining.benchmark.splits import choose_components, connected_documents, drawn_share
from bitseam.pipelines.evalset.texts import by_block
from bitseam.schemas.errors import UserError

log = logging.getLogger("bitseam")

SPLITS = ("dev", "test")
_FAR = 0.1  # from the share that was asked for
_SIDES = ("src_doc", "tgt_doc")


def group_documents(pairs: pl.DataFrame) -> pl.DataFrame:
    """Return the documents of all pairs: `doc`, and `group`, one name for those that pairs connect.

    :param pairs: columns src_doc and tgt_doc, null where not known.
    """
    names = pl.concat([pairs[side] for side in _SIDES]).drop_nulls().unique().sort()
    numbered = pl.DataFrame({"doc": names, "number": np.arange(len(names))})
    first, second = (
        pairs.select(doc=side).join(numbered, on="doc", how="left", maintain_order="left")["number"]
        for side in _SIDES
    )
    src, tgt = (its.fill_null(-1).to_numpy() for its in (first, second))
    groups = connected_documents(src, tgt, len(names))
    return pl.DataFrame({"doc": names, "group": names.gather(groups)})


@dataclass(frozen=True)
class Splits:
    """The split of every document, also of those that are in no pair.

    :ivar groups: see `group_documents`. :ivar chosen: `group` and its `split`, of those with gold.
    :ivar dev_share: of gold, and so of the documents that have none.
    """

    groups: pl.DataFrame
    chosen: pl.DataFrame
    dev_share: float
    seed: int

    def of(self, places: pl.DataFrame) -> pl.Series:
        """Return the split of each place `(n,)`.

        :param places: columns `doc`, null where not known, and `text`, which decides there.
        """
        known = places.join(self.groups, on="doc", how="left", maintain_order="left").join(
            self.chosen, on="group", how="left", maintain_order="left"
        )
        names = known.select(pl.coalesce("group", "doc", "text")).to_series()
        keys = by_block(lambda block: draw_keys(block, "split", self.seed), names)
        drawn = split_names(drawn_share(keys, self.dev_share))
        return known["split"].zip_with(known["split"].is_not_null(), drawn)


def split_pairs(
    gold: pl.DataFrame, groups: pl.DataFrame, dev_share: float, seed: int
) -> tuple[pl.Series, Splits]:
    """Split gold pairs (`src_doc`, `tgt_doc`, `draw`) so that what belongs together stays so.

    Returns the split of each pair, and what tells that of any other document.

    :raises UserError: a split that is asked for would be empty.
    """
    group = _group_of_pairs(gold, groups)
    if group.null_count() and 0 < dev_share < 1:
        log.warning(
            "a document may be in both splits: %s of %s pairs do not tell theirs (--documents)",
            *(f"{count:,}" for count in (group.null_count(), len(gold))),
        )
    # A pair of unknown documents is connected with nothing.
    alone = pl.Series(-1 - np.arange(len(gold)))
    numbers = group.rank("dense").cast(pl.Int64).zip_with(group.is_not_null(), alone).to_numpy()
    in_dev = choose_components(numbers, gold["draw"].to_numpy(), dev_share)
    if (dev_share > 0 and not in_dev.any()) or (dev_share < 1 and in_dev.all()):
        raise UserError(
            f"documents that pairs connect stay in one split, and the {len(gold):,} pairs are of "
            f"{len(np.unique(numbers)):,} groups of such documents: too few for two splits; give "
            "--dev-share 0 to have one split, or pairs of more documents"
        )
    if abs(in_dev.mean() - dev_share) > _FAR:
        log.warning(
            "dev has %.0f %% of the pairs, not %.0f %%: documents that pairs connect stay together",
            *(100 * in_dev.mean(), 100 * dev_share),
        )
    names = split_names(in_dev)
    chosen = pl.DataFrame({"group": group, "split": names}).drop_nulls().unique().sort("group")
    return names, Splits(groups, chosen, float(in_dev.mean()), seed)


def _group_of_pairs(pairs: pl.DataFrame, groups: pl.DataFrame) -> pl.Series:
    """Return the group of each pair's documents, null where none is known."""
    place = pairs.select(doc=pl.coalesce(_SIDES))
    return place.join(groups, on="doc", how="left", maintain_order="left")["group"]


def split_names(in_dev: NDArray[np.bool_]) -> pl.Series:
    """Return `dev` or `test` for each."""
    return pl.select(
        split=pl.when(pl.Series(in_dev)).then(pl.lit(SPLITS[0])).otherwise(pl.lit(SPLITS[1]))
    )["split"]
