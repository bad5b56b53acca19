"""Vectors of texts whose language a column or a file is named by."""

from __future__ import annotations

import pyarrow as pa

from bitseam.mining.encoders import Encoder, in_language
from bitseam.mining.encoders.mapped import NeedsLanguage
from bitseam.mining.evaluate.ranks import Vectors
from bitseam.schemas.errors import UserError
from bitseam.schemas.named_by_language import read_language


def encode(encoder: Encoder, texts: pa.Array | pa.ChunkedArray, name: str) -> Vectors:
    """Return `(n, d)` vectors; `name` tells the language to encoders that ask for it.

    :raises UserError: the encoder asks, and the name does not tell.
    """
    return speaking(encoder, name).encode(texts)


def speaking(encoder: Encoder, name: str) -> Encoder:
    """Return the encoder for texts whose language, if the encoder asks for it, `name` tells.

    :raises UserError: the encoder asks, and the name does not tell.
    """
    if not isinstance(encoder, NeedsLanguage):
        return encoder
    return in_language(encoder, known_language(name, f"the encoder {encoder.name}"))


def encoder_parts(encoder: Encoder) -> dict[str, object]:
    """Return what a signature says of an encoder and its vectors."""
    return {"encoder": f"{encoder.name}@{encoder.revision}", "norm": "l2"}


def known_language(name: str, asked_by: str) -> str:
    """Return the language of a column, `ltz_Latn`.

    :raises UserError: it has none; `asked_by` says who wants to know.
    """
    language = read_language(name)
    if language is None:
        raise UserError(
            f"{asked_by} depends on the language, and the column {name!r} does not tell its own: "
            "name the columns by languages (lb, de, ltz_Latn)"
        )
    return language
