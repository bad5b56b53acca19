"""Mining tasks made of parallel text, of which the gold is known: what the re-scorer is fitted on.

Drawn from Tatoeba, Bible translations and software messages, whose licences permit to ship what is
fitted. Half of each is held aside from the training of the encoder that embeds them: pairs it has
been trained on would look too easy. Of every sentence without a counterpart in the task the
translation is known nonetheless, so that near-translations among the distractors can be told.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import polars as pl
import xxhash
from numpy.typing import NDArray
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components
from shared_data import SHARED, read_tsv
from training_sources import shared_sources

from bitseam.mining.training import ParallelRows

NEAR = 0.6  # of trigrams in common: such texts say nearly the same, and no one can judge the pair
FEWEST_ROWS = 400  # of a pool

_BIBLES = {
    "de": "deu_menge deu_luth1912",
    "en": "eng_web eng_bbe",
    "fr": "fra_lsg",
    "nl": "nld",
    "da": "dan",
    "es": "spa",
    "it": "ita",
}
_CODES = {"deu": "de", "eng": "en", "fra": "fr", "spa": "es", "ita": "it", "dan": "da"}
# Of those the encoder has not seen: kin of what it has, near and far.
_OTHER_LANGUAGES = ["ces", "epo", "lat"]


@dataclass(frozen=True)
class Pool:
    """Parallel texts of one kind in two languages, none of which stands in two rows."""

    name: str
    languages: tuple[str, str]
    src: list[str]
    tgt: list[str]

    def swapped(self) -> Pool:
        """Return the same with source and target exchanged."""
        return Pool(self.name, self.languages[::-1], self.tgt, self.src)


def held_rows() -> list[ParallelRows]:
    """Return the half of the parallel text that the encoder of the fit must not be trained on."""
    tatoeba, bible, messages = _tatoeba(), _bible(), _messages()
    tables = {
        "tatoeba": tatoeba.select("text1", "text2"),
        "bible": bible.drop("verse"),
        "l10n": messages,
    }
    return [ParallelRows(name, table.to_arrow()) for name, table in tables.items()]


def pools() -> list[Pool]:
    """Return the held rows by kind and pair of languages, in a fixed order."""
    return [pool for pool in _pools() if len(pool.src) >= FEWEST_ROWS]


def near_translations(
    pool: Pool, src: NDArray[np.int64], tgt: NDArray[np.int64]
) -> NDArray[np.bool_]:
    """Mark pairs of rows `(p,)` of which one text is nearly the other's translation."""
    near = np.zeros(len(src), bool)
    for texts in (pool.src, pool.tgt):
        overlaps = [trigram_overlap(texts[i], texts[j]) for i, j in zip(src, tgt, strict=True)]
        near |= np.array(overlaps) >= NEAR
    return near


def trigram_overlap(one: str, other: str) -> float:
    """Return the share of character trigrams that two texts have in common (Dice)."""
    a, b = (
        {text[i : i + 3] for i in range(len(text) - 2)} for text in (one.lower(), other.lower())
    )
    return 2 * len(a & b) / max(len(a) + len(b), 1)


def _pools() -> Iterator[Pool]:
    yield from _tatoeba_pools()
    bible = _bible()
    for one, other in combinations(_BIBLES, 2):
        if "en" in (one, other) or "de" in (one, other):
            versions = zip(_BIBLES[one].split(), _BIBLES[other].split(), strict=False)
            for a, b in versions:
                yield _pool("bible", (one, other), bible[a], bible[b])
    messages = _messages()
    for one, other in combinations(messages.columns, 2):
        yield _pool("l10n", (one, other), messages[one], messages[other])


def _tatoeba_pools() -> Iterator[Pool]:
    tatoeba = _tatoeba()
    few = pl.col("laser") & ~pl.col("lang1").is_in(_OTHER_LANGUAGES)
    rows = tatoeba.filter(~few).unique("meaning", keep="first", maintain_order=True)
    for languages, part in rows.group_by("lang1", "lang2", maintain_order=True):
        yield _pool("tatoeba", languages, part["text1"], part["text2"])


def _pool(name: str, languages: tuple[object, ...], src: pl.Series, tgt: pl.Series) -> Pool:
    rows = pl.DataFrame({"src": src, "tgt": tgt}).drop_nulls()
    for side in ("src", "tgt"):
        rows = rows.unique(side, keep="first", maintain_order=True)
    rows = rows.filter((pl.col("src") != pl.col("tgt")) & (pl.col("src").str.len_chars() >= 8))
    one, other = (_CODES.get(str(language), str(language)) for language in languages)
    return Pool(f"{name} {one}-{other}", (one, other), rows["src"].to_list(), rows["tgt"].to_list())


def _tatoeba() -> pl.DataFrame:
    """Half of the meanings, a meaning being all sentences that translations link."""
    pairs = pl.DataFrame(read_tsv(SHARED / "tatoeba_pairs" / "tatoeba_pairs.tsv.gz"))
    laser = pl.DataFrame(read_tsv(SHARED / "tatoeba_laser" / "tatoeba_laser.tsv.gz")).select(
        lang1="lang", lang2=pl.lit("eng"), text1="sentence", text2="eng"
    )
    rows = pl.concat(
        [pairs.with_columns(laser=pl.lit(False)), laser.with_columns(laser=pl.lit(True))],
        how="diagonal_relaxed",
    ).drop_nulls()
    texts = pl.concat([rows["text1"], rows["text2"]])
    number = texts.rank("dense").to_numpy().astype(np.int64) - 1
    one, other = np.split(number, 2)
    size = int(number.max()) + 1
    links = coo_matrix((np.ones(len(one)), (one, other)), shape=(size, size))
    meaning = connected_components(links, directed=False)[1][one]
    held = [_half(str(texts[int(first)])) for first in np.unique(meaning, return_index=True)[1]]
    return rows.with_columns(meaning=meaning).filter(pl.Series(np.array(held)[meaning]))


def _bible() -> pl.DataFrame:
    """Every other book."""
    bible = pl.DataFrame(read_tsv(SHARED / "bible" / "bible.tsv.gz")).drop("por")
    return bible.filter(pl.col("verse").str.slice(0, 2).cast(pl.Int64) % 2 == 0)


def _messages() -> pl.DataFrame:
    (source,) = (its for its in shared_sources(SHARED) if its.rows.name == "l10n")
    rows = pl.DataFrame(source.rows.table)
    first = rows.select(pl.coalesce("en", "lb", "de").fill_null("")).to_series()
    return rows.filter(pl.Series([_half(text) for text in first]))


def _half(text: str) -> bool:
    return xxhash.xxh3_64_intdigest(text.casefold().encode()) % 2 == 0
