"""Plain text: a file is one document, or each line is one."""

from __future__ import annotations

from collections.abc import Iterator

from bitseam.pipelines.readers.batches import BatchBuilder
from bitseam.pipelines.readers.lines import Block, decode_row, line_blocks
from bitseam.pipelines.readers.options import ReadOptions
from bitseam.pipelines.readers.streams import InputStream
from bitseam.schemas.errors import DamagedInputError


def read_text(stream: InputStream, batch: BatchBuilder, options: ReadOptions) -> Iterator[None]:
    """Fill `batch` from plain text; yields after every block of lines."""
    unit = _read_lines if options.text_unit == "line" else _read_document
    return unit(stream, batch, options)


def _read_lines(stream: InputStream, batch: BatchBuilder, options: ReadOptions) -> Iterator[None]:
    source = stream.file.source
    for block in line_blocks(stream, batch, options.max_line_bytes):
        lines = _decode_block(block, batch).split("\n")
        kept = [(n, line) for n, line in enumerate(lines, block.number) if line.strip()]
        batch.add_documents([f"{source}#{n}" for n, _ in kept], [line for _, line in kept])
        yield


def _decode_block(block: Block, batch: BatchBuilder) -> str:
    """Return the block's text with LF endings; rejected lines are left empty in it.

    An empty line is a paragraph's end: the text on both sides of a rejected line is not joined.
    """
    if b"\0" not in block.data:
        try:
            return block.data.decode().replace("\r\n", "\n")
        except UnicodeDecodeError:
            pass
    lines = [decode_row(row, batch) or "" for row in block.rows()]
    return "\n".join(lines) + ("\n" if block.data.endswith(b"\n") else "")


def _read_document(
    stream: InputStream, batch: BatchBuilder, options: ReadOptions
) -> Iterator[None]:
    document = _Document(stream.file.source, batch, options.max_document_bytes)
    try:
        for block in line_blocks(stream, batch, options.max_line_bytes):
            document.add(_decode_block(block, batch))
            yield
    except DamagedInputError:
        document.finish()  # the text before the damage is good
        raise
    document.finish()


class _Document:
    """The text of one file, given out as several documents where it exceeds the limit."""

    def __init__(self, source: str, batch: BatchBuilder, limit: int) -> None:
        self._source, self._batch, self._limit = source, batch, limit
        self._pieces: list[str] = []
        self._length = 0
        self._parts = 0

    def add(self, text: str) -> None:
        if self._pieces and self._length + len(text) > self._limit:
            self._cut()
        self._pieces.append(text)
        self._length += len(text)

    def _cut(self) -> None:
        """Give out the whole paragraphs, or the whole lines where there is no blank line."""
        text = "".join(self._pieces)
        end = text.rfind("\n\n") + 2 if "\n\n" in text else len(text)
        self._give_out(text[:end], f"{self._source}#{self._parts + 1}")
        self._pieces = [text[end:]]
        self._length = len(text) - end

    def finish(self) -> None:
        suffix = f"#{self._parts + 1}" if self._parts else ""
        self._give_out("".join(self._pieces), self._source + suffix)

    def _give_out(self, text: str, doc_id: str) -> None:
        if text.strip():
            self._batch.add_document(doc_id, text)
            self._parts += 1
