"""`--bootstrap`: an encoder adapted to the run's own surest pairs, used only if it helps.

FOLDER/model.safetensors    the adapted encoder, for `--encoder`
FOLDER/README.md            its card
FOLDER/pairs.parquet        what it was trained on, and the pairs held aside: src, tgt
"""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl
import pyarrow as pa

from bitseam.mining.encoders import Encoder, in_language
from bitseam.mining.encoders.coverage import coverage_warning, unknown_languages
from bitseam.mining.encoders.mapped import NeedsLanguage
from bitseam.mining.encoders.static import BUNDLED_MODEL, StaticEncoder
from bitseam.pipelines.atomic import replacing
from bitseam.pipelines.parquet import write_table
from bitseam.pipelines.units import readable_time
from bitseam.schemas.choices import Bootstrap
from bitseam.schemas.languages import bcp47_codes

if TYPE_CHECKING:
    from bitseam.mining.training.bootstrap import Adapted

log = logging.getLogger("bitseam")

MODEL = "model.safetensors"
_CARD = "README.md"
PAIRS = "pairs.parquet"
MOST_PAIRS = 20_000  # that are learnt from: more would cost minutes
_MOST_SENTENCES = 3  # in a bead that is learnt from, both sides together
_SUREST = 0.9  # of these, by their cost
# On two cores; a pilot would take as long as most trainings.
_SECONDS, _SECONDS_A_PAIR = 2.0, 0.002


def is_wanted(choice: Bootstrap, encoder: Encoder, languages: Sequence[str]) -> bool:
    """Whether an encoder is to be adapted for a pair of languages.

    A linear map was made for its two languages: it is used as it is.
    """
    if isinstance(encoder, NeedsLanguage):
        return False
    return choice == "on" or (choice == "auto" and bool(unknown_languages(encoder, languages)))


def by_words(encoder: Encoder, languages: Sequence[str]) -> bool:
    """Whether documents are aligned by lengths and words first.

    The encoder does not know a language, or an earlier run has adapted it to some text of it.
    """
    card = encoder.model.card if isinstance(encoder, StaticEncoder) else {}
    adapted_to = card.get("bootstrap", {}).get("languages", ())
    return bool(unknown_languages(encoder, languages)) or set(adapted_to) == set(languages)


def surest_beads(beads: pl.DataFrame) -> pa.Table:
    """Return the texts of the beads that an encoder may learn from, columns src and tgt, in order.

    They have two sides of few sentences, and cost little for their sentences.

    :param beads: as `ALIGNMENTS`.
    """
    size = pl.col("src_ids").list.len() + pl.col("tgt_ids").list.len()
    texts = pl.col("src_text"), pl.col("tgt_text")
    fit = (
        beads.with_row_index("row")
        .with_columns(size=size)
        .filter(*(text.is_not_null() & (text != "") for text in texts), texts[0] != texts[1])
        .filter(pl.col("size") <= _MOST_SENTENCES)
        .sort(pl.col("cost") / pl.col("size"), "row")
    )
    return _named_texts(fit.head(min(MOST_PAIRS, int(_SUREST * len(fit)))).sort("row"))


def surest_pairs(pairs: pl.DataFrame) -> pa.Table:
    """Return the texts of the pairs of the highest estimated precision, columns src and tgt.

    :param pairs: as `PAIRS`, those that a run keeps.
    """
    best = pairs.sort("precision", "src_id", "tgt_id", descending=[True, False, False])
    return _named_texts(best.head(MOST_PAIRS))


def _named_texts(rows: pl.DataFrame) -> pa.Table:
    texts = rows.select(src="src_text", tgt="tgt_text").to_arrow()
    return texts.cast(pa.schema({"src": pa.string(), "tgt": pa.string()})).combine_chunks()


def warn_of_coverage(
    choice: Bootstrap, encoder: Encoder, languages: Sequence[str], first: str
) -> None:
    """Say that the encoder does not know a language, and what is done about it.

    :param first: what is done without the encoder.
    """
    then = ", and an encoder is adapted to the surest pairs" if choice != "off" else ""
    if warning := coverage_warning(encoder, languages, first + then):
        log.warning("%s", warning)


def training_seconds(pairs: int) -> float:
    """Return about how long a training on so many pairs takes."""
    return _SECONDS + _SECONDS_A_PAIR * pairs


def adapt_encoder(pairs: pa.Table, encoder: Encoder, languages: tuple[str, str]) -> Adapted | None:
    """Return an encoder adapted to `pairs`, columns src and tgt; None if they are too few.

    A static encoder is adapted itself, instead of another one the bundled one; the pairs held aside
    are looked for with what is used so far.
    """
    from bitseam.mining.training.bootstrap import FEWEST_PAIRS, adapt_static

    if len(pairs) < FEWEST_PAIRS:
        log.info(
            "bootstrap: %s sure pairs: %s or more can be learnt from", len(pairs), FEWEST_PAIRS
        )
        return None
    log.info(
        "bootstrap: training on the %s surest pairs, about %s",
        f"{len(pairs):,}",
        readable_time(training_seconds(len(pairs))),
    )
    began = time.monotonic()
    base = encoder if isinstance(encoder, StaticEncoder) else StaticEncoder(BUNDLED_MODEL)
    src, tgt = (in_language(encoder, language) for language in languages)
    adapted = adapt_static(
        base.model,
        pairs,
        _card(base, languages),
        before=(src.encode, tgt.encode),
        threads=os.cpu_count() or 1,
    )
    held = adapted.held_out
    log.info(
        "bootstrap: of %s pairs held aside %s finds %.1f %%, adapted (%s) %.1f %%: %s",
        f"{held.pairs:,}",
        encoder.name,
        100 * held.before,
        readable_time(time.monotonic() - began),
        100 * held.after,
        "it is used" if held.helps else "it does not help enough and is not used",
    )
    return adapted


def write_encoder(folder: Path, adapted: Adapted, pairs: pa.Table) -> Path:
    """Write an adapted encoder, its card and its pairs into `folder`; return the model's path."""
    from bitseam.mining.encoders.static_model import to_bytes

    path = folder / MODEL
    with replacing(path) as temporary:
        temporary.write_bytes(to_bytes(adapted.model))
    write_table(folder / PAIRS, pairs)
    with replacing(folder / _CARD) as temporary:
        temporary.write_text(_readme(adapted), "utf-8")
    return path


def is_ours(folder: Path) -> bool:
    """Whether a folder holds what `write_encoder` leaves there, or nothing."""
    found = {path.name for path in folder.iterdir()}
    return not found or ({MODEL, _CARD, PAIRS} >= found and MODEL in found)


def _card(base: StaticEncoder, languages: tuple[str, str]) -> dict[str, object]:
    before = base.model.card
    return {
        **before,
        "languages": sorted({*before.get("languages", []), *bcp47_codes(*languages)}),
        "bootstrap": {"base": base.revision, "languages": list(languages)},
        "licence": "not stated: that of the base and of the texts it was adapted to",
    }


def _readme(adapted: Adapted) -> str:
    held, about = adapted.held_out, adapted.model.card["bootstrap"]
    src, tgt = about["languages"]
    return f"""\
# A static sentence encoder adapted to one run

The static encoder of revision `{about["base"]}`, trained on by `bitseam` {version("bitseam")} with
the surest pairs of a run of {src} and {tgt}. Nobody has checked these pairs (`{PAIRS}`).

Of {held.pairs:,} pairs held aside the encoder of before finds {held.before:.1%}, this one
{held.after:.1%}: the nearest text of the other side is the translation, the mean of both
directions.

    mine align SRC TGT --src {src} --tgt {tgt} --encoder {MODEL}

Licence: {adapted.model.card["licence"]}.
"""
