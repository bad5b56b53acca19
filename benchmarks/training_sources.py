"""The parallel text the static encoder is trained on, and under which licences it stands."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import encoder_packages as packages
import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.compute as pc
from shared_data import read_tsv
from word_for_word import WordForWord, german_tatoeba

from bitseam.mining.encoders.static import StaticEncoder
from bitseam.mining.training import ParallelRows

# Nothing non-commercial, nothing under a network copyleft, nothing whose licence is not stated.
PERMITTED_LICENCE = re.compile(r"(MIT|Apache|GPL|LGPL)\b")

_LOD_LANGUAGES = ["lb", "de", "fr", "en", "pt"]


@dataclass(frozen=True, slots=True)
class Source:
    """Rows to train on and what the model card says of them."""

    rows: ParallelRows
    origin: str
    licence: str
    languages: str


def shared_sources(data: Path) -> list[Source]:
    """Read those of the shared data; how often each is seen in an epoch levels their sizes."""
    return [
        Source(
            ParallelRows("l10n", _localisation(data / "l10n"), repeat=3),
            "user interface messages of software repositories",
            "MIT, Apache-2.0, LGPL, GPL-2.0, GPL-3.0, by repository",
            "lb de fr en nl",
        ),
        Source(
            ParallelRows("lod", _senses(data / "lod" / "lexicon.tsv.gz"), repeat=2),
            "headwords of the Lëtzebuerger Online Dictionnaire",
            "CC0",
            "lb de fr en pt",
        ),
        Source(
            ParallelRows("lod-forms", _inflected_forms(data / "lod")),
            "inflected forms of the same dictionary, with the translations of the headword",
            "CC0",
            "lb de fr en pt",
        ),
        Source(
            ParallelRows("tatoeba", _tatoeba(data / "tatoeba_pairs" / "tatoeba_pairs.tsv.gz")),
            "Tatoeba, as in the OPUS-MT test sets of 2021-08-07",
            "CC BY 2.0 FR",
            "de en fr es it pt da sv nb nds is yi fy",
        ),
        Source(
            ParallelRows("bible", _bible(data / "bible" / "bible.tsv.gz")),
            "Bible translations, verse by verse",
            "public domain by age",
            "de en fr nl da sv nb es it",
        ),
    ]


def package_sources(folder: Path) -> list[Source]:
    """Read those of public packages, see encoder_packages.py."""
    messages = _messages(folder)
    lb = messages.filter(pc.is_valid(messages["lb"])).select([*packages.LANGUAGES])
    others = messages.drop_columns(["lb"])
    what = "messages of MediaWiki, OpenTTD, Home Assistant and Geany, names of CLDR"
    licence = "GPL-2.0, Apache-2.0, Unicode-3.0"
    ding = ParallelRows("ding", packages.ding(folder / "ding"), repeat=1 / 3)
    return [
        Source(ParallelRows("messages-lb", lb, repeat=2), what, licence, " ".join(lb.column_names)),
        Source(
            ParallelRows("messages", others),
            f"{what}, without their Luxembourgish",
            licence,
            " ".join(others.column_names),
        ),
        Source(ding, "Ding 1.9: words, their forms, phrases and sentences", "GPL-2.0+", "de en"),
        *(_dictionary(folder, pair, licence) for pair, licence in packages.FREEDICT.items()),
    ]


def synthetic_sources(data: Path, sources: list[Source], encoder: StaticEncoder) -> list[Source]:
    """Make sentences word for word, by words learnt from `sources`, see word_for_word.py."""
    pairs = [pl.DataFrame(source.rows.table) for source in sources]
    known = pl.concat(
        [table.select("lb", "de") for table in pairs if {"lb", "de"} <= {*table.columns}]
    )
    translator = WordForWord(known.drop_nulls().unique(maintain_order=True), encoder)
    rng = np.random.default_rng(0)
    tatoeba = german_tatoeba(data / "tatoeba_pairs" / "tatoeba_pairs.tsv.gz")
    everyday = tatoeba.with_columns(lb=translator.to_lb(tatoeba["de"], rng)).drop_nulls("lb")
    examples = pl.DataFrame(read_tsv(data / "lod" / "examples.tsv.gz"))
    lb = examples["lb_example"].drop_nulls().unique(maintain_order=True)
    dictionary = pl.DataFrame({"lb": lb, "de": translator.to_de(lb, rng)}).drop_nulls()
    return [
        Source(
            ParallelRows("tatoeba-lb", everyday.to_arrow()),
            "German Tatoeba sentences, their translations, and Luxembourgish made word for word",
            "CC BY 2.0 FR",
            " ".join(everyday.columns),
        ),
        Source(
            ParallelRows("lod-examples", dictionary.to_arrow()),
            "examples of the same dictionary, and German made word for word",
            "CC0",
            "lb de",
        ),
    ]


def _messages(folder: Path) -> pa.Table:
    readers = {
        "mediawiki": packages.mediawiki,
        "openttd": packages.openttd,
        "homeassistant": packages.home_assistant,
        "hass_frontend": packages.home_assistant_frontend,
        "geany": packages.geany,
        "cldr": packages.cldr,
    }
    return pa.concat_tables(
        [packages.multi_way(read(folder / name)) for name, read in readers.items()]
    )


def _dictionary(folder: Path, pair: str, licence: str) -> Source:
    table = packages.freedict(folder / "freedict", pair)
    repeat = 1 / 3 if "nl" in table.column_names else 1
    rows = ParallelRows(f"freedict-{pair}", table, repeat)
    return Source(rows, "a dictionary of FreeDict", licence, " ".join(table.column_names))


def _localisation(folder: Path) -> pa.Table:
    lines = (folder / "sources.tsv").read_text(encoding="utf-8").splitlines()[1:]
    licences = {name: licence for name, _, licence in (line.split("\t") for line in lines)}
    permitted = [name for name, text in licences.items() if PERMITTED_LICENCE.match(text)]
    table = read_tsv(folder / "l10n.tsv.gz")
    kept = table.filter(pc.is_in(table["source"], pa.array(permitted, pa.large_string())))
    return kept.select(["lb", "de", "fr", "en", "nl"])


def _senses(path: Path) -> pa.Table:
    """The dictionary, one row an alternative of a sense.

    Where a sense has more alternatives in one language than in another, the last is repeated.
    """
    table = read_tsv(path).select(_LOD_LANGUAGES)
    columns: dict[str, list[str | None]] = {name: [] for name in _LOD_LANGUAGES}
    for sense in table.to_pylist():
        alternatives = {name: (text or "").split(" | ") for name, text in sense.items()}
        for i in range(max(map(len, alternatives.values()))):
            for name, texts in alternatives.items():
                columns[name].append(texts[min(i, len(texts) - 1)] or None)
    return pa.table({name: pa.array(texts, pa.large_string()) for name, texts in columns.items()})


def _inflected_forms(folder: Path) -> pa.Table:
    """The inflected forms of the dictionary, each with the translations of its headword.

    A headword of several senses lends those of its first, and the first alternative of each.
    """
    lexicon = pl.from_arrow(read_tsv(folder / "lexicon.tsv.gz"))
    forms = pl.from_arrow(read_tsv(folder / "forms.tsv.gz"))
    assert isinstance(lexicon, pl.DataFrame)
    assert isinstance(forms, pl.DataFrame)
    headwords = lexicon.unique("lb", keep="first", maintain_order=True).select(
        "lb", pl.col("de", "fr", "en", "pt").str.split(" | ").list.first()
    )
    inflected = forms.filter(pl.col("form") != pl.col("lb")).join(
        headwords, on="lb", how="inner", maintain_order="left"
    )
    return inflected.select(pl.col("form").alias("lb"), "de", "fr", "en", "pt").to_arrow()


def _tatoeba(path: Path) -> pa.Table:
    return read_tsv(path).select(["text1", "text2"])


def _bible(path: Path) -> pa.Table:
    """All versions but the Portuguese one, whose edition is not identified."""
    return read_tsv(path).drop_columns(["verse", "por"])
