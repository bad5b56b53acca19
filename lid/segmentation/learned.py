"""Abbreviations of a language that has no list, learned from the words of a corpus.

After Kiss & Strunk 2006, "Unsupervised Multilingual Sentence Boundary Detection"
(https://aclanthology.org/J06-4003), called Punkt: a word is an abbreviation if it is short and
nearly always has a full stop (their equations 3-8, `_stop_scores`). A word that ends sentences, as
verbs do in many languages, has one, too. So what follows must say the same: a small letter, a
comma, a number or a name, rather than the words that begin sentences (`_follow_scores`); and it
stands less often at the end of a line. A text that is repeated is no evidence: what follows counts
once, whatever its number.

As in the paper (section 4.3), words that begin sentences are learned, too: an abbreviation before
one of them may end a sentence. So are short words that do end sentences, words before which a
number with a full stop is an ordinal, and whether a short number is one before any noun, as in
German. Figures: `benchmarks/abbreviations.md`.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import polars as pl
import pyarrow as pa

from bitseam.lid.code_points import code_points
from bitseam.lid.hashing import FNV_PRIME
from bitseam.lid.segmentation.lexicon import (
    AFTER_ORDINAL,
    FINAL,
    MAY_END,
    NEVER_FINAL,
    STARTER,
    Lexicon,
)
from bitseam.lid.segmentation.places import hash_words
from bitseam.lid.segmentation.word_counts import (
    CAPITAL,
    GOES_ON,
    LAST,
    NUMBER,
    NUMBER_KEY,
    SHORT_NUMBER_KEY,
    UNCASED,
    WordCounts,
)

# What is learned: words by their hash as written, and what they are, but for words that follow.
LEARNED = pl.Schema(
    {"language": pl.UInt64, "hash": pl.UInt64, "sections": pl.UInt64, "text": pl.String}
)
NOTHING_LEARNED = pl.DataFrame(schema=LEARNED)

# The paper's threshold (section 4.2) on its score.
_MIN_STOP_SCORE = 0.3
_STOPPED = 0.99  # the share of an abbreviation's occurrences that have a full stop
_MANY = 50.0  # of a more frequent word, occurrences without a full stop are counted per so many
# The least log-likelihood ratio of what follows, and different words that follow.
_MIN_FOLLOW_SCORE, _MIN_FOLLOWERS = 4.0, 3
_LONG = 7  # characters of a word that is taken for none, to learn what follows a sentence
_RARELY_LAST = 0.2  # an abbreviation ends a line so much less often than another word

_CLASSES = ("goes_on", "number", "name", "start")
# How often these follow an abbreviation: a title, and any other.
_TITLE = (0.05, 0.05, 0.85, 0.05)
_OTHER = (0.50, 0.25, 0.17, 0.08)
# How often they follow the end of a sentence, and the sentences that say so before any is seen.
_END, _EXPECTED = np.array((0.02, 0.03, 0.35, 0.60)), 20.0

_MIN_FINAL, _MIN_STARTS, _MIN_ORDINALS, _MIN_ORDINAL_FOLLOWERS = 5, 5, 3, 20


class _Corpus(NamedTuple):
    """The counts of one language, with what follows a stop as a class of `_CLASSES`."""

    words: pl.DataFrame
    stops: pl.DataFrame
    forms: pl.DataFrame
    numbers: tuple[int, int]  # the words that all short numbers are, and all others


def learn(counts: WordCounts) -> pl.DataFrame:
    """Return what is learned of each language, as `LEARNED`: rows in order of the hashes."""
    found = [NOTHING_LEARNED]
    for language in counts.words["language"].unique().sort().to_list():
        corpus = _corpus(counts, language)
        words = _judged_words(corpus)
        starters = _starters(corpus, words.filter(pl.col("sections") & NEVER_FINAL > 0)["word"])
        parts = [
            words.select("hash", "sections", "text"),
            starters.select("hash", sections=pl.lit(STARTER, pl.UInt64), text=None),
            _after_ordinals(corpus, starters).select(
                "hash", sections=pl.lit(AFTER_ORDINAL, pl.UInt64), text=None
            ),
            _ordinals(corpus, language),
        ]
        learned = pl.concat([part.cast({"text": pl.String}) for part in parts])
        learned = learned.group_by("hash").agg(
            pl.col("sections").bitwise_or(), pl.col("text").max()
        )
        found.append(learned.with_columns(language=pl.lit(language, pl.UInt64)))
    return pl.concat(frame.select(*LEARNED).cast(LEARNED) for frame in found).sort("hash")


def abbreviations(learned: pl.DataFrame) -> list[str]:
    """Return the abbreviations among what was learned, in order."""
    found = learned.filter(pl.col("sections") & NEVER_FINAL > 0)
    return found["text"].unique().sort().to_list()


def extended(lexicon: Lexicon, learned: pl.DataFrame) -> Lexicon:
    """Return the lexicon with what was learned."""
    if learned.is_empty():
        return lexicon
    hashes = np.concatenate([lexicon.hashes, learned["hash"].to_numpy()])
    bits = np.concatenate([lexicon.bits, learned["sections"].to_numpy()])
    order = np.argsort(hashes, kind="stable")
    return Lexicon(hashes[order], bits[order])


def _corpus(counts: WordCounts, language: int) -> _Corpus:
    words = counts.words.filter(pl.col("language") == language)
    stops = counts.stops.filter(pl.col("language") == language)
    following = words.select(next_word="word", starts=pl.col("lower") > pl.col("inside"))
    stops = stops.join(following, on="next_word", how="left")
    kind = (
        pl.when(pl.col("follows") == GOES_ON)
        .then(pl.lit("goes_on"))
        .when(pl.col("follows") == NUMBER)
        .then(pl.lit("number"))
        .when((pl.col("follows") == CAPITAL) & pl.col("starts"))
        .then(pl.lit("start"))
        .when(pl.col("follows") == CAPITAL)
        .then(pl.lit("name"))
    )
    short, long = (
        (language ^ key) * int(FNV_PRIME) & 0xFFFFFFFFFFFFFFFF
        for key in (SHORT_NUMBER_KEY, NUMBER_KEY)
    )
    return _Corpus(words, stops.with_columns(kind=kind), counts.forms, (short, long))


def _judged_words(corpus: _Corpus) -> pl.DataFrame:
    """Return the abbreviations, and words that end sentences though short: word, sections, text
    and hash of each as it was written."""
    number = pl.col("word").is_in(corpus.numbers)
    short = corpus.forms.group_by("word").agg(pl.col("text").str.to_lowercase().min())
    follow = _followers(corpus).join(short, on="word", how="left")
    size = pl.col("text").str.replace_all(".", "", literal=True).str.len_chars()
    follow = follow.with_columns(size=size)
    ends = follow.filter(~number & (pl.col("size").is_null() | (pl.col("size") >= _LONG)))
    candidates = follow.filter(~number & pl.col("text").is_not_null())
    candidates = candidates.filter(pl.col("followers") >= _MIN_FOLLOWERS)
    scored = candidates.with_columns(stop_score=_stop_scores(corpus, candidates)).with_columns(
        **_follow_scores(follow, ends, candidates)
    )
    best = pl.max_horizontal("title", "other")
    is_abbreviation = (pl.col("stop_score") >= _MIN_STOP_SCORE) & (best >= _MIN_FOLLOW_SCORE)
    sections = (
        pl.when(is_abbreviation & (pl.col("title") > pl.col("other")))
        .then(NEVER_FINAL)
        .when(is_abbreviation)
        .then(NEVER_FINAL | MAY_END)
        .when((best <= -_MIN_FOLLOW_SCORE) & (pl.col("followers") >= _MIN_FINAL))
        .then(FINAL)
        .otherwise(0)
    )
    chosen = scored.select("word", sections=sections.cast(pl.UInt64))
    chosen = corpus.forms.join(chosen.filter(pl.col("sections") > 0), on="word")
    return chosen.select("word", "sections", "text", hash="form")


def _followers(corpus: _Corpus) -> pl.DataFrame:
    """Return for each word with a full stop how many different words follow it, in all and by
    class, and how often it is the last of a line."""
    numbers = pl.col("follows") == NUMBER
    behind = pl.when(numbers).then("next_form").otherwise("next_word").alias("behind")
    pairs = corpus.stops.filter(pl.col("follows") < LAST).with_columns(behind)
    pairs = pairs.unique(["word", "follows", "behind"])
    by_class = [(pl.col("kind") == name).sum().cast(pl.Int64).alias(name) for name in _CLASSES]
    followers = pairs.group_by("word").agg(pl.len().cast(pl.Int64).alias("followers"), *by_class)
    last = corpus.stops.filter(pl.col("follows") == LAST)
    last = last.group_by("word").agg(last=pl.col("count").sum())
    plain = corpus.words.select("word", "plain")
    joined = followers.join(last, on="word", how="full", coalesce=True)
    return joined.join(plain, on="word", how="left").fill_null(0).sort("word")


def _stop_scores(corpus: _Corpus, words: pl.DataFrame) -> np.ndarray:
    """Return the paper's score of `words` `(n,)`: how sure it is that each has its full stop as
    part of itself, the less the longer it is, and the less the more often it stands without."""
    stops = _sum(corpus.stops.filter(pl.col("follows") < LAST)["count"])
    rate = stops / max(stops + _sum(corpus.words["plain"]), 1)
    rate = min(max(rate, 1e-4), 0.5)
    stopped, plain = words["followers"].to_numpy(), words["plain"].to_numpy()
    ratio = stopped * np.log(_STOPPED / rate) + plain * np.log((1 - _STOPPED) / (1 - rate))
    size = words["size"].to_numpy().astype(np.float64)
    inner = words["text"].str.count_matches(".", literal=True).to_numpy()
    penalty = np.maximum(size, 2) ** -(plain / np.maximum(stopped / _MANY, 1))
    scores: np.ndarray = 2 * ratio * np.exp(-size) * (inner + 1) * penalty
    return scores


def _follow_scores(
    all_words: pl.DataFrame, ends: pl.DataFrame, words: pl.DataFrame
) -> dict[str, np.ndarray]:
    """Return by how much what follows `words` looks like what follows a title, or another
    abbreviation, rather than what follows the end of a sentence: log-likelihood ratios `(n,)`."""
    at_end = np.array([_sum(ends[name]) for name in _CLASSES], np.float64)
    at_end = (at_end + _EXPECTED * _END) / (at_end.sum() + _EXPECTED)
    at_end = np.maximum(at_end, 0.01)
    followers, last = words["followers"].to_numpy(), words["last"].to_numpy()
    of_lines = _sum(all_words["last"])
    share = of_lines / max(of_lines + _sum(all_words["followers"]), 1)
    share = min(max(share, 0.01), 0.9)
    lines = followers * np.log((1 - _RARELY_LAST * share) / (1 - share))
    lines += last * np.log(_RARELY_LAST)
    counts = words.select(*_CLASSES).to_numpy()
    return {
        name: counts @ (np.log(shares) - np.log(at_end)) + lines
        for name, shares in (("title", _TITLE), ("other", _OTHER))
    }


def _starters(corpus: _Corpus, without: pl.Series) -> pl.DataFrame:
    """Return the words, by the hash of their capital form, that have a capital only where a
    sentence begins. None ends with one of the words `without`."""
    stops = corpus.stops.filter(
        (pl.col("kind") == "start")
        & ~pl.col("word").is_in(without.implode())
        & ~pl.col("word").is_in(corpus.numbers)
    )
    after = stops.group_by("next_word", "next_form").agg(before=pl.col("word").n_unique())
    known = corpus.words.select(next_word="word", lower="lower", inside="inside")
    after = after.join(known, on="next_word")
    sure = (pl.col("before") >= _MIN_STARTS) & (pl.col("lower") >= 20 * pl.col("inside"))
    return after.filter(sure).select(hash="next_form", before="before")


def _after_ordinals(corpus: _Corpus, starters: pl.DataFrame) -> pl.DataFrame:
    """Return the words, by their hash, before which a number with a full stop is an ordinal: they
    follow numbers far more often than other sentences."""
    stops = corpus.stops.filter(pl.col("follows").is_in([CAPITAL, UNCASED]))
    numbered = pl.col("word").is_in(corpus.numbers)
    forms = stops.group_by("next_form").agg(
        numbers=pl.col("form").filter(numbered).n_unique(),
        others=pl.col("word").filter(~numbered).n_unique(),
    )
    share = _sum(forms["numbers"]) / max(_sum(forms["others"]), 1)
    sure = pl.col("numbers") >= _MIN_ORDINALS + 5 * share * pl.col("others")
    return forms.filter(sure & ~pl.col("next_form").is_in(starters["hash"].implode())).select(
        hash="next_form"
    )


def _ordinals(corpus: _Corpus, language: int) -> pl.DataFrame:
    """Return the numbers 1 to 99 as abbreviations where a short number before a capital is mostly
    an ordinal, as in German: names and nouns follow, and seldom a word that begins sentences."""
    capitals = corpus.stops.filter(pl.col("kind").is_in(["name", "start"]))
    pairs = capitals.unique(["word", "next_word"])
    numbered = pl.col("word") == corpus.numbers[0]
    ends = _names(pairs.filter(~pl.col("word").is_in(corpus.numbers)))
    found = _names(pairs.filter(numbered))
    expected = _END[2:] * _EXPECTED
    shares = (ends + expected) / (ends.sum() + expected.sum())
    title = np.array(_TITLE[2:]) / sum(_TITLE[2:])
    score = float(found @ (np.log(title) - np.log(shares)))
    if found.sum() < _MIN_ORDINAL_FOLLOWERS or score < _MIN_FOLLOW_SCORE:
        return NOTHING_LEARNED.select("hash", "sections", "text")
    words = [str(number) for number in range(1, 100)]
    hashes = hash_words(code_points(pa.array(words)), np.full(len(words), language, np.uint64))
    bits = np.full(len(words), NEVER_FINAL | MAY_END, np.uint64)
    return pl.DataFrame({"hash": hashes, "sections": bits, "text": [None] * len(words)})


def _names(pairs: pl.DataFrame) -> np.ndarray:
    """Return how many of the pairs have a name or a noun behind, and how many a starter."""
    return np.array([_sum(pairs["kind"] == kind) for kind in ("name", "start")], np.float64)


def _sum(column: pl.Series) -> int:
    return int(column.to_numpy().sum())
