"""The parallel text the static encoder is trained on, and under which licences it stands."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import polars as pl
import pyarrow as pa
import pyarrow.compute as pc
from shared_data import read_tsv

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


def training_sources(data: Path) -> list[Source]:
    """Read all sources; how often each is seen in an epoch levels their sizes."""
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
