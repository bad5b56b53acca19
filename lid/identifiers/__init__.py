"""Language identification: texts -> the few most probable languages of each."""

from bitseam.lid.identifiers.loading import DEFAULT_MODEL, load_identifier
from bitseam.lid.identifiers.protocol import (
    MIN_PROBABILITY,
    TOP,
    Identifier,
    Prediction,
    merged,
)

__all__ = [
    "DEFAULT_MODEL",
    "MIN_PROBABILITY",
    "TOP",
    "Identifier",
    "Prediction",
    "load_identifier",
    "merged",
]
