"""The bitext that an evaluation set is built from: its pairs, where they come from, how good."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl
import pyarrow as pa

from bitseam.pipelines.evalset.texts import cleaned
from bitseam.pipelines.exporters.pairs import open_pairs
from bitseam.pipelines.train.parallel_data import read_columns
from bitseam.schemas.errors import UserError
from bitseam.schemas.languages import UNDETERMINED, parse_language
from bitseam.schemas.named_by_language import language_of, read_language

log = logging.getLogger("bitseam")

DOCUMENTS = ("src_doc", "tgt_doc")
SCORES = ("precision", "margin")
SCHEMA = {
    "src_text": pl.String,
    "tgt_text": pl.String,
    "src_doc": pl.String,
    "tgt_doc": pl.String,
    "precision": pl.Float64,
    "margin": pl.Float64,
}


@dataclass(frozen=True)
class Bitext:
    """Pairs of two languages.

    :ivar languages: source and target, `ltz_Latn`.
    :ivar pairs: columns of `SCHEMA`; texts cleaned and not empty, the rest null where not known.
    :ivar unpaired: rows like them with text on one side only, as alignments have them.
    :ivar run: the folder of the `mine` run that they are from, with the sentences of its documents.
    """

    name: str
    languages: tuple[str, str]
    pairs: pl.DataFrame
    unpaired: pl.DataFrame
    run: Path | None = None

    @property
    def signature(self) -> str | None:
        """What the scores of mined pairs depend on."""
        return open_pairs(self.run).signature if self.run else None


@dataclass(frozen=True)
class BitextOptions:
    """What the user says of a bitext: of a language or a column not told, the file must tell.

    :ivar documents: the columns that name the documents of source and target, or one for both.
    """

    src: str | None = None
    tgt: str | None = None
    columns: Sequence[str] = ()
    documents: Sequence[str] = DOCUMENTS
    min_precision: float | None = None
    min_margin: float | None = None


def read_bitext(path: str, options: BitextOptions) -> Bitext:
    """Read the pairs of a `mine` run, Parquet, TSV, JSON Lines, TMX or Moses.

    :raises UserError: there is no such input, it has not two columns of text, or nothing tells
        their languages, or a bound is set on a score that it does not have.
    """
    also = (*options.documents, *SCORES)
    table = read_columns(path, options.columns, also)
    names = [name for name in table.column_names if name not in also]
    if len(names) != 2:
        raise UserError(
            f"{path}: expected two columns of text, found {', '.join(map(repr, names))}: name two "
            "of them, as in --columns lb,de"
        )
    languages = _languages(path, names, options)
    _check_found(path, table.column_names, options)
    try:
        pairs = _typed(table, names, options.documents)
    except pl.exceptions.InvalidOperationError as error:
        raise UserError(
            f"{path}: documents must be text, scores numbers: {str(error).splitlines()[0]}"
        ) from error
    _check_bounds(path, pairs, options)
    is_pair = (pl.col("src_text") != "") & (pl.col("tgt_text") != "")
    whole, unpaired = pairs.filter(is_pair), pairs.filter(~is_pair)
    if len(unpaired):
        log.info("%s: rows without text on both sides: %s", path, f"{len(unpaired):,}")
    if not len(whole):
        raise UserError(f"{path}: no pair with text on both sides")
    place = Path(path).expanduser()
    run = place if (place / "pairs").is_dir() and (place / "sentences").is_dir() else None
    return Bitext(place.absolute().name, languages, whole, unpaired, run)


def _languages(path: str, names: Sequence[str], options: BitextOptions) -> tuple[str, str]:
    found = []
    for flag, given, name in zip(
        ("--src", "--tgt"), (options.src, options.tgt), names, strict=True
    ):
        told = language_of(name) if given else read_language(name)
        language = parse_language(given) if given else told
        if language in (None, UNDETERMINED):
            raise UserError(
                f"{path}: the column {name!r} does not tell its language: name it with {flag}"
            )
        if told not in (None, language):
            raise UserError(
                f"{path}: {flag} is {language}, but the column is {name!r}: exchange --src and "
                "--tgt, or choose the columns with --columns"
            )
        found.append(language)
    if found[0] == found[1]:
        raise UserError(f"{path}: both sides are {found[0]}: expected two languages")
    return found[0], found[1]


def _check_found(path: str, found: Sequence[str], options: BitextOptions) -> None:
    missing = [name for name in options.documents if name not in found]
    if missing and tuple(options.documents) != DOCUMENTS:
        raise UserError(
            f"{path}: no column {missing[0]!r} (--documents): name the columns that tell the "
            "documents of source and target, or one that tells both"
        )


def _typed(table: pa.Table, names: Sequence[str], documents: Sequence[str]) -> pl.DataFrame:
    """Return the table with the columns of `SCHEMA`: texts cleaned, of scores numbers only."""
    frame = pl.DataFrame(table)
    places = dict(zip(SCHEMA, (*names, documents[0], documents[-1], *SCORES), strict=True))
    typed = frame.select(
        (pl.col(place) if place in frame.columns else pl.lit(None))
        .cast(SCHEMA[name], strict=False)
        .alias(name)
        for name, place in places.items()
    )
    return typed.with_columns(
        *(cleaned(typed[side]) for side in ("src_text", "tgt_text")),
        *(pl.col(name).fill_nan(None) for name in SCORES),  # polars sorts them as the best
    )


def _check_bounds(path: str, pairs: pl.DataFrame, options: BitextOptions) -> None:
    for name in SCORES:
        bound = getattr(options, f"min_{name}")
        if bound is not None and pairs[name].null_count() == len(pairs):
            raise UserError(
                f"{path} has no column {name!r}, or no number in it: leave out --min-{name}"
            )
