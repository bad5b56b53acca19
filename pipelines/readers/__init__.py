"""Readers: files of any supported format become batches of documents and rejects."""

from bitseam.pipelines.readers.batches import ReadBatch
from bitseam.pipelines.readers.documents import read_documents
from bitseam.pipelines.readers.inputs import InputFile, distinct_sources, find_inputs
from bitseam.pipelines.readers.options import ReadOptions

__all__ = [
    "InputFile",
    "ReadBatch",
    "ReadOptions",
    "distinct_sources",
    "find_inputs",
    "read_documents",
]
