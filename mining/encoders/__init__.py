"""Encoders: sentences in, unit vectors out."""

from bitseam.mining.encoders.loading import load_encoder
from bitseam.mining.encoders.mapped import in_language
from bitseam.mining.encoders.protocol import Encoder

__all__ = ["Encoder", "in_language", "load_encoder"]
