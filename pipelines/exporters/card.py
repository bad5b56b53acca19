"""The dataset card of a Hugging Face export: `card.md` filled in."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from string import Template

import polars as pl

from bitseam.pipelines.exporters.pairs import Pairs
from bitseam.schemas.languages import short_code

COLUMN_NOTES = {
    "src_id": "hash of the source language and sentence",
    "tgt_id": "hash of the target language and sentence",
    "src_text": "source sentence",
    "tgt_text": "target sentence",
    "margin": "score: the higher, the likelier a translation",
    "cosine": "cosine of the two embeddings",
    "src_rank": "1: the target is the nearest neighbour of the source; 0: not among its k",
    "tgt_rank": "1: the source is the nearest neighbour of the target; 0: not among its k",
    "src_lang": "source language, ISO 639-3 and script",
    "tgt_lang": "target language, ISO 639-3 and script",
    "src_lang_score": "probability of the source language",
    "tgt_lang_score": "probability of the target language",
    "src_doc": "document of the source sentence's first occurrence",
    "src_start": "first character in that document's text",
    "src_end": "character after the last in that document's text",
    "tgt_doc": "document of the target sentence's first occurrence",
    "tgt_start": "first character in that document's text",
    "tgt_end": "character after the last in that document's text",
    "src_count": "occurrences of the source sentence",
    "tgt_count": "occurrences of the target sentence",
    "alignment": "found among all sentences, in aligned documents, or both",
    "precision": "estimated probability that it is a translation",
}
# The Hub's size categories: the first whose limit is above the number of rows.
_SIZES = {
    1_000: "n<1K",
    10_000: "1K<n<10K",
    100_000: "10K<n<100K",
    1_000_000: "100K<n<1M",
    10_000_000: "1M<n<10M",
    100_000_000: "10M<n<100M",
    1_000_000_000: "100M<n<1B",
}


def dataset_card(pairs: Pairs) -> str:
    """Return the text of `README.md`, with the front matter the Hub and `datasets` read."""
    src, tgt = pairs.languages
    src_code, tgt_code = pairs.codes
    template = Template(Path(__file__).with_name("card.md").read_text("utf-8"))
    return template.substitute(
        # Quoted, since YAML takes a bare `no` for false.
        yaml_languages="\n".join(
            f'- "{code}"' for code in dict.fromkeys((short_code(src), short_code(tgt)))
        ),
        size=size_category(pairs.rows),
        src=src,
        tgt=tgt,
        src_code=src_code,
        tgt_code=tgt_code,
        counts=_table(_counts(pairs)),
        columns=_table(
            (f"`{field.name}`", str(field.type), COLUMN_NOTES.get(field.name, ""))
            for field in pairs.schema
        ),
        signature=pairs.signature,
        parts=_table((f"`{k}`", f"`{v}`") for k, v in signature_parts(pairs.signature).items()),
    )


def signature_parts(signature: str) -> dict[str, str]:
    """Split `k:4|margin:ratio` into its names and values."""
    parts = (part.partition(":") for part in signature.split("|"))
    return {name: value for name, _, value in parts}


def size_category(rows: int) -> str:
    """Return the Hub's name for datasets of this size."""
    return next((name for limit, name in _SIZES.items() if rows < limit), "n>1B")


def _counts(pairs: Pairs) -> Iterator[tuple[str, str]]:
    batches = pl.concat(
        frame.select(
            src=pl.col("src_text").str.len_chars().sum(),
            tgt=pl.col("tgt_text").str.len_chars().sum(),
            lowest=pl.col("margin").min(),
            highest=pl.col("margin").max(),
        )
        for frame in pairs.frames("src_text", "tgt_text", "margin")
    )
    src, tgt, lowest, highest = batches.select(
        pl.col("src", "tgt").sum(), pl.col("lowest").min(), pl.col("highest").max()
    ).row(0)
    yield "pairs", f"{pairs.rows:,}"
    yield "characters, source", f"{src:,}"
    yield "characters, target", f"{tgt:,}"
    yield "margin", f"{lowest:.4f} to {highest:.4f}"


def _table(rows: Iterable[Sequence[str]]) -> str:
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)
