"""Sentence segmentation with lossless offsets."""

from bitseam.lid.segmentation.segment import Offsets, segment

__all__ = ["Offsets", "segment"]
