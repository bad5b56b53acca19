"""Reads any input as batches of documents and rejects."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from bitseam.pipelines.readers.batches import BatchBuilder, ReadBatch
from bitseam.pipelines.readers.inputs import InputFile
from bitseam.pipelines.readers.jsonl import read_jsonl
from bitseam.pipelines.readers.mediawiki import read_mediawiki
from bitseam.pipelines.readers.options import ReadOptions
from bitseam.pipelines.readers.parquet import read_parquet
from bitseam.pipelines.readers.streams import InputStream
from bitseam.pipelines.readers.text import read_text
from bitseam.pipelines.readers.tsv import read_tsv
from bitseam.schemas.errors import DamagedInputError
from bitseam.schemas.reasons import Reason

Reader = Callable[[InputStream, BatchBuilder, ReadOptions], Iterator[None]]

READERS: dict[str, Reader] = {
    "text": read_text,
    "jsonl": read_jsonl,
    "parquet": read_parquet,
    "tsv": read_tsv,
    "mediawiki": read_mediawiki,
}


def read_documents(file: InputFile, options: ReadOptions) -> Iterator[ReadBatch]:
    """Yield the documents of `file` in batches, in the file's order, with what was rejected.

    Damaged data never raises: what stands before the damage is kept, and the damage is one reject.
    Memory does not grow with the file. An input in which nothing was found is itself a reject.

    :raises BitseamError: the file cannot be opened or its storage fails.
    """
    batch = BatchBuilder(file, options.batch_bytes)
    with InputStream(file) as stream:
        try:
            for _ in READERS[file.format](stream, batch, options):
                if batch.is_full:
                    yield batch.take(stream.stored.bytes_read)
        except DamagedInputError as error:
            batch.add_reject(
                "file",
                Reason(error.reason),
                f"{error.position}: {error.detail}",
                start=stream.position,
            )
        if batch.is_untouched:
            batch.add_reject("file", Reason.EMPTY, "no text in it", start=0, end=stream.position)
        yield batch.take(stream.stored.bytes_read)
