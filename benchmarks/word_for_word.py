"""Everyday sentences in Luxembourgish and German, one side made word for word from the other.

The order of words is nearly the same in both, and nothing to an encoder that sums up words. The
lexicon comes from word links in the parallel training data. Messages and dictionaries lack many
forms of frequent words (`bass`, `hues`, `engem`): 720 German ones were translated for this purpose,
in `everyday_words.tsv`.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pyarrow as pa
from shared_data import read_tsv

from bitseam.align.words.lexicon import extract_lexicon
from bitseam.align.words.statistical import Aligner, WordVectors
from bitseam.lid.words import split_words
from bitseam.mining.encoders.static import StaticEncoder

_EVERYDAY = Path(__file__).with_name("everyday_words.tsv")
_TATOEBA = {"eng": "en", "fra": "fr", "ita": "it", "spa": "es", "por": "pt"}
_TATOEBA |= {"dan": "da", "swe": "sv", "nds": "nds"}
_LEAST_SHARE = {1: 0.25, 2: 0.15}  # of the links of a word, by their number
_TRANSLATIONS = 3  # of a word, drawn alike
_LEAST_KNOWN = 0.65  # of the words of a sentence
_LETTER = r"\p{L}"
# A final n falls before a consonant other than n, d, t, z, h (the Eifel rule).
_CONSONANT = r"^[bcfgjklmpqrsvwx]"
_MOBILE_N = r"(e|vu|wa|hu|si|gi|go|nee|kee|mäi|däi|säi|scho)nn?$"


class WordForWord:
    """Translates German to Luxembourgish and back by lexicons learnt from pairs of both."""

    def __init__(self, pairs: pl.DataFrame, encoder: StaticEncoder) -> None:
        """Learn from the columns `de` and `lb`; the encoder's word vectors are the prior."""
        de, lb = (split_words(pairs[name].to_arrow()) for name in ("de", "lb"))
        vectors = WordVectors(encoder.encode(de.forms), encoder.encode(lb.forms))
        links = Aligner(de, lb, vectors=vectors, threads=2).links()
        found = extract_lexicon(links, de, lb, min_count=1).rename({"src": "de", "tgt": "lb"})
        words = found.filter(*(pl.col(name).str.contains(_LETTER) for name in ("de", "lb")))
        table = pl.read_csv(_EVERYDAY, separator="\t")
        everyday = table.with_columns(pl.col("lb").str.split(" | ")).explode("lb")
        self._to_lb = _preferred(everyday, _lexicon(words, "de", "lb", "tgt_given_src"), "de")
        single = everyday.filter(~pl.col("lb").str.contains(" "))
        to_de = _preferred(single, _lexicon(words, "lb", "de", "src_given_tgt"), "lb")
        clipped = to_de.with_columns(pl.col("word").str.replace("nn?$", ""))
        clipped = clipped.unique("word", keep="first", maintain_order=True)
        self._to_de = pl.concat(
            [to_de, clipped.join(to_de, on="word", how="anti", maintain_order="left")]
        )

    def to_lb(self, texts: pl.Series, rng: np.random.Generator) -> pl.Series:
        """Return a sentence for each German one, lower-cased; null where too little is known."""
        words = _translated(texts, self._to_lb, rng)
        following = pl.col("translation").shift(-1).over("text")
        clipped = pl.col("translation").str.replace("nn?$", "")
        falls = following.str.contains(_CONSONANT) & pl.col("translation").str.contains(_MOBILE_N)
        written = pl.when(falls).then(clipped).otherwise("translation")
        return _joined(words.with_columns(translation=written), len(texts))

    def to_de(self, texts: pl.Series, rng: np.random.Generator) -> pl.Series:
        """Return a sentence for each Luxembourgish one, as `to_lb` does."""
        return _joined(_translated(texts, self._to_de, rng), len(texts))


def german_tatoeba(path: Path) -> pl.DataFrame:
    """Return the German sentences of Tatoeba, each with its first translation in a language."""
    table = pl.DataFrame(read_tsv(path))
    both = [
        table.filter(pl.col(lang) == "deu").select(de=text, lang=other_lang, other=other)
        for lang, text, other_lang, other in (
            ("lang1", "text1", "lang2", "text2"),
            ("lang2", "text2", "lang1", "text1"),
        )
    ]
    translations = [
        pl.col("other").filter(pl.col("lang") == code).first().alias(name)
        for code, name in _TATOEBA.items()
    ]
    kept = pl.concat(both).filter(pl.col("lang").is_in([*_TATOEBA]))
    return kept.group_by("de", maintain_order=True).agg(translations)


def _lexicon(words: pl.DataFrame, src: str, tgt: str, share: str) -> pl.DataFrame:
    """The likeliest translations of each word, as rows of `src` and `tgt`."""
    least = pl.col("count").clip(1, 2).replace_strict(_LEAST_SHARE)
    ranked = words.filter(pl.col(share) >= least).sort(
        share, "count", tgt, src, descending=[True, True, False, False]
    )
    return ranked.group_by(src, maintain_order=True).head(_TRANSLATIONS).select(src, tgt)


def _preferred(first: pl.DataFrame, second: pl.DataFrame, src: str) -> pl.DataFrame:
    """The translations of each word by `first`, or else `second`: `word`, `translations`."""
    (tgt,) = {"de", "lb"} - {src}
    rest = second.join(first, on=src, how="anti", maintain_order="left")
    merged = pl.concat([first.select(src, tgt), rest])
    return merged.group_by(pl.col(src).alias("word"), maintain_order=True).agg(translations=tgt)


def _translated(texts: pl.Series, lexicon: pl.DataFrame, rng: np.random.Generator) -> pl.DataFrame:
    """A row for each word: its `text`, the `word`, whether it `is_known`, its `translation`."""
    words = split_words(pa.array(texts, pa.large_string()))
    frame = pl.DataFrame(
        {
            "text": np.repeat(np.arange(len(texts)), np.diff(words.bounds)),
            "word": pl.Series(words.forms, dtype=pl.String).gather(words.ids),
            "draw": rng.random(len(words.ids)),
        }
    )
    found = frame.join(lexicon, on="word", how="left", maintain_order="left")
    drawn = (pl.col("draw") * pl.col("translations").list.len()).floor().cast(pl.Int64)
    return found.select(
        "text",
        "word",
        is_known=pl.col("translations").is_not_null(),
        translation=pl.coalesce(pl.col("translations").list.get(drawn), "word"),
    )


def _joined(words: pl.DataFrame, count: int) -> pl.Series:
    """The `count` texts of the words; null where less than `_LEAST_KNOWN` of them are known."""
    is_word = pl.col("word").str.contains(_LETTER)
    texts = words.group_by("text", maintain_order=True).agg(
        pl.col("translation").str.join(" ").str.replace_all("' ", "'", literal=True),
        known=(pl.col("is_known") & is_word).sum() / is_word.sum(),
        length=is_word.sum(),
    )
    enough = texts.filter(pl.col("known") >= _LEAST_KNOWN, pl.col("length") > 1)
    every = pl.DataFrame({"text": np.arange(count)})
    return every.join(enough, on="text", how="left", maintain_order="left")["translation"]
