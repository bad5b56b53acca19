"""The file of a static encoder: a table of n-gram rows and a card for people."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

from bitseam.lid.ngram_table import NgramTable, read_table, table_bytes

METADATA_KEY = "bitseam.static"
FORMAT = 1


class StaticModel(NamedTuple):
    """The table whose embeddings are the sentence vectors."""

    table: NgramTable
    card: dict[str, Any]  # languages, sources, licence ...: for people, no influence on vectors
    revision: str = ""  # of the file it was read from


def to_bytes(model: StaticModel) -> bytes:
    """Return the model as a safetensors file; the same model gives the same bytes."""
    return table_bytes(model.table, METADATA_KEY, {"format": FORMAT, "card": model.card})


def is_static_model(path: Path) -> bool:
    """Whether the file is the model of a static encoder, by its header."""
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(path, framework="numpy") as file:
            return METADATA_KEY in (file.metadata() or {})
    except (SafetensorError, OSError):
        return False


def read_static_model(path: Path) -> StaticModel:
    """Map a model file into memory; processes that read the same file share its rows.

    :raises UserError: no such file, or not the model of a static encoder.
    """
    file = read_table(path, METADATA_KEY, FORMAT, "the model of a static encoder")
    return StaticModel(file.table, file.description["card"], file.revision)
