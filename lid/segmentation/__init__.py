"""Sentence segmentation with lossless offsets."""

from bitseam.lid.segmentation.segment import Offsets, Sentences, segment, segment_batch

__all__ = ["Offsets", "Sentences", "segment", "segment_batch"]
